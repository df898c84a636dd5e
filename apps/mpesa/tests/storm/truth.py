"""What must be true after the storm: the bank, each provider and each customer tell the same."""

from collections import Counter
from datetime import timedelta

from apps.accounts.queries import holding
from apps.kernel.clock import local_date, now
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import deliver_events
from apps.ledger import operations as ledger
from apps.ledger import verification
from apps.ledger.queries import balances
from apps.mpesa import operations, rules
from apps.mpesa.models import MpesaTransaction, ReconciliationBreak
from apps.notifications.models import Message
from apps.payments.models import BankFile, NostroBreak, Payment, PaymentReturn, Settlement
from apps.payments.operations.banks import nostro
from apps.users.queries import system_user

LIVE = ["AWAITING_CONFIRMATION", "HELD", "INITIATED", "PENDING", "CHECKING"]


def what_is_open():
    """Payments, requests and files whose end nobody knows yet, each with where it stands."""
    return {
        *MpesaTransaction.objects.filter(status__in=LIVE).values_list("kind", "status", "public_id"),
        *open_payments().values_list("rail", "status", "public_id"),
        *BankFile.objects.filter(status__in=["CUT", "SENT"]).values_list("rail", "status", "message_id"),
    }


def open_payments():
    """Whose money may still move: not those of who came too late, for a sale that somebody has paid."""
    late = Payment.objects.filter(status="AWAITING_CONFIRMATION", sale__status="PAID")
    return Payment.objects.filter(status__in=LIVE).exclude(pk__in=late)


def assert_honest():
    """Before people decide: what is open is what nobody can be asked about, and nothing was left lying.

    A prompt or a payment to a business, whose answer was lost with the worker or on the way; airtime whose name was.
    """
    mine = MpesaTransaction.objects.filter(status__in=LIVE)
    assert {(row.kind, row.receipt) for row in mine} <= {("STK_PUSH", None), ("B2B", None)}
    assert not mine.filter(status="INITIATED", sent_at=None).exists()
    carried = MpesaTransaction.objects.filter(kind="B2B", status__in=LIVE).values_list("payment_reference", flat=True)
    for payment in open_payments():
        nameless = payment.rail == "airtime" and payment.airtime.request_id is None
        assert payment.status == "CHECKING", _told_of(payment)
        assert nameless or f"payments/{payment.public_id}" in set(carried), _told_of(payment)


def _told_of(payment):
    """Where a payment stands, and what M-Pesa knows of it, for whoever reads why the storm failed."""
    known = MpesaTransaction.objects.filter(payment_reference=f"payments/{payment.public_id}")
    return payment.rail, payment.kind, payment.status, payment.reference, payment.sent_at, list(known.values())


def assert_every_kind_occurred():
    """Each kind was paid, and each rail carried something: what never arrives shows nothing."""
    made = set(Payment.objects.values_list("rail", "kind"))
    assert made == {
        *(("mpesa", kind) for kind in ("MOBILE_MONEY", "BILL_PAYMENT", "MERCHANT_PAYMENT")),
        *((rail, "EXTERNAL_TRANSFER") for rail in ("pesalink", "eft", "rtgs")),
        *(("abroad", "INTERNATIONAL_REMITTANCE"), ("airtime", "AIRTIME")),
        *(("internal", "P2P_TRANSFER"), ("internal", "QR_PAYMENT")),
    }
    done = Payment.objects.filter(status__in=["COMPLETED", "REVERSED"])
    assert set(done.values_list("rail", "kind")) >= {pair for pair in made if pair[0] != "mpesa"}
    assert {"STK_PUSH", "C2B"} <= set(MpesaTransaction.objects.filter(receipt__gt="").values_list("kind", flat=True))


def theirs(safaricom):
    """What M-Pesa carried out between us and others."""
    rows = [row for row in safaricom.truth()["transactions"] if row["status"] == "Completed"]
    return [row for row in rows if row["product"] in {"stk", "c2b", "b2c", "b2b"}]


def assert_the_same(safaricom):
    """Receipts and airtime: each side's list is the other's, and the settlement account holds their sum."""
    ours = MpesaTransaction.objects.filter(status="COMPLETED").exclude(receipt=None)
    assert dict(ours.values_list("receipt", "amount_minor")) == {r["receipt"]: r["cents"] for r in theirs(safaricom)}
    signed = {"STK_PUSH": 1, "C2B": 1, "B2C": -1, "B2B": -1}
    assert settled("mpesa:settlement") == sum(signed[row.kind] * row.amount_minor for row in ours)

    loaded = safaricom.house.store.rows("SELECT phone, cents FROM airtime WHERE state = 'LOADED'")
    bought = Payment.objects.filter(rail="airtime", status="COMPLETED")
    bought = [(payment.destination["phone"], payment.amount_minor) for payment in bought]
    assert sorted(bought) == sorted((row["phone"], row["cents"]) for row in loaded)


def assert_statements_agree(safaricom):
    """M-Pesa's statement of the day and other banks': compared as every morning, with nothing left to explain."""
    day = local_date(now())
    csv = safaricom.web.get("/daraja/statement/174379.csv", params={"account": "all", "day": f"{day}"})
    operations.reconcile(day=day, statement=csv.content.decode(), by=system_user(), at=now())
    assert not ReconciliationBreak.objects.filter(resolved_at=None).exists()
    made = nostro.compare_ended_days(at=now() + timedelta(days=1))
    entries = safaricom.house.store.rows("SELECT channel, currency, count(*) AS n FROM ib_entry GROUP BY 1, 2")
    assert {(one.channel, one.currency, one.matched) for one in made} == {tuple(row.values()) for row in entries}
    assert not NostroBreak.objects.filter(healed_at=None).exists()
    assert verification.verify() == []


def assert_each_has_what_is_theirs(accounts, opened_with):
    """What came less what went, by the lists that were just compared with the providers'."""
    for account in accounts:
        came = _minor(MpesaTransaction.objects.filter(account=account, kind__in=["STK_PUSH", "C2B"], receipt__gt=""))
        came += _minor(account.payments_in.filter(status="COMPLETED"))
        came += sum(PaymentReturn.objects.filter(payment__from_account=account).values_list("given_minor", flat=True))
        went = sum(one.total.minor for one in account.payments_out.filter(status__in=["COMPLETED", "REVERSED"]))
        held = holding(account)
        assert held.posted.minor == held.available.minor == opened_with.minor + came - went


def assert_each_was_told_once():
    """Who got money, paid it or could not is told so by one SMS; nobody is told anything else."""
    deliver_events()
    people = {row.pk: row for row in MpesaTransaction.objects.select_related("account__owner", "user")}
    failed = OutboxEvent.objects.filter(name="mpesa.payment.failed")
    because = dict(failed.values_list("payload__transaction_id", "payload__because"))
    pushes = {pk for pk in because if people[pk].kind == "STK_PUSH"}
    assert pushes >= {
        pk for pk, row in people.items() if row.kind == "STK_PUSH" and row.status in {"FAILED", "CANCELLED"}
    }
    came = [row for row in people.values() if row.kind in {"STK_PUSH", "C2B"} and row.receipt and row.account]
    out = Payment.objects.select_related("to_account", "merchant")
    done = out.filter(status__in=["COMPLETED", "REVERSED"])
    should = Counter(("mpesa.received", row.account.owner_id) for row in came)
    should += Counter(
        ("mpesa.with_us" if because[pk] == rules.ELSEWHERE else "mpesa.not_done", people[pk].user_id) for pk in pushes
    )
    should += Counter(("payments.sent", one.payer_id) for one in done)
    should += Counter(("payments.received", one.to_account.owner_id) for one in done if one.to_account)
    should += Counter(("payments.failed", one.payer_id) for one in out.filter(status="FAILED"))
    should += Counter(
        ("payments.sale_paid", one.merchant.owner_id) for one in done if one.merchant and one.merchant.alerts == "EVERY"
    )
    should += Counter(("payments.settled", row.account.owner_id) for row in Settlement.objects.filter(net_minor__gt=0))
    should += Counter(
        ("payments.returned", one.payment.payer_id) for one in PaymentReturn.objects.select_related("payment")
    )
    told = Message.objects.filter(channel="SMS", code__regex="^(mpesa|payments)[.]")
    assert Counter(told.values_list("code", "user_id")) == should


def settled(purpose, currency="KES"):
    """What an account of the bank holds."""
    key = ledger.gl(purpose, currency).id
    return balances([key])[key].posted.minor


def _minor(rows):
    return sum(rows.values_list("amount_minor", flat=True))
