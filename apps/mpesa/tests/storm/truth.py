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
from apps.mpesa import operations
from apps.mpesa.models import MpesaTransaction, ReconciliationBreak
from apps.notifications.models import Message
from apps.payments.models import NostroBreak, Payment, PaymentReturn
from apps.payments.operations.banks import nostro
from apps.users.queries import system_user

LIVE = ["AWAITING_CONFIRMATION", "HELD", "INITIATED", "PENDING", "CHECKING"]


def what_is_open():
    """Payments and requests whose end nobody knows yet, each with where it stands."""
    return {
        *MpesaTransaction.objects.filter(status__in=LIVE).values_list("kind", "status", "public_id"),
        *Payment.objects.filter(status__in=LIVE).values_list("rail", "status", "public_id"),
    }


def assert_honest():
    """Before people decide: what is open is what nobody can be asked about, and nothing was left lying.

    A prompt or a payment to a business, whose answer was lost with the worker or on the way; airtime whose name was.
    """
    mine = MpesaTransaction.objects.filter(status__in=LIVE)
    assert {(row.kind, row.receipt) for row in mine} <= {("STK_PUSH", None), ("B2B", None)}
    assert not mine.filter(status="INITIATED", sent_at=None).exists()
    carried = MpesaTransaction.objects.filter(kind="B2B", status__in=LIVE).values_list("payment_reference", flat=True)
    for payment in Payment.objects.filter(status__in=LIVE):
        nameless = payment.rail == "airtime" and payment.airtime.request_id is None
        assert payment.status == "CHECKING"
        assert nameless or f"payments/{payment.public_id}" in set(carried), payment


def theirs(safaricom):
    """What M-Pesa carried out between us and others."""
    rows = [row for row in safaricom.truth()["transactions"] if row["status"] == "Completed"]
    return [row for row in rows if row["product"] in {"stk", "c2b", "b2c", "b2b"}]


def assert_the_same(safaricom):
    """Receipts, transfers and airtime: each side's list is the other's, and the settlement accounts hold their sum."""
    ours = MpesaTransaction.objects.filter(status="COMPLETED").exclude(receipt=None)
    assert dict(ours.values_list("receipt", "amount_minor")) == {r["receipt"]: r["cents"] for r in theirs(safaricom)}
    signed = {"STK_PUSH": 1, "C2B": 1, "B2C": -1, "B2B": -1}
    assert _settled("mpesa:settlement") == sum(signed[row.kind] * row.amount_minor for row in ours)

    store, out = safaricom.house.store, Payment.objects.filter(status__in=["COMPLETED", "REVERSED"])
    sent = {row["reference"]: row["minor"] for row in store.rows("SELECT * FROM ib_transfer WHERE status = 'ACSC'")}
    assert dict(out.filter(rail="pesalink").values_list("reference", "amount_minor")) == sent
    entries = store.row("SELECT coalesce(sum(minor), 0) AS minor FROM ib_entry WHERE channel = 'pesalink'")
    assert _settled("pesalink:settlement") == entries["minor"]

    loaded = store.rows("SELECT phone, cents FROM airtime WHERE state = 'LOADED'")
    bought = out.filter(rail="airtime").values_list("destination__phone", "amount_minor")
    assert sorted(bought) == sorted((row["phone"], row["cents"]) for row in loaded)


def assert_statements_agree(safaricom):
    """M-Pesa's statement of the day and the switch's: compared as every morning, with nothing left to explain."""
    day = local_date(now())
    csv = safaricom.web.get("/daraja/statement/174379.csv", params={"account": "all", "day": f"{day}"})
    operations.reconcile(day=day, statement=csv.content.decode(), by=system_user(), at=now())
    assert not ReconciliationBreak.objects.filter(resolved_at=None).exists()
    nostro.compare_yesterday(at=now() + timedelta(days=1))
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
    failed = OutboxEvent.objects.filter(name="mpesa.payment.failed").values_list("payload__transaction_id", flat=True)
    pushes = {pk for pk in set(failed) if people[pk].kind == "STK_PUSH"}
    assert pushes >= {
        pk for pk, row in people.items() if row.kind == "STK_PUSH" and row.status in {"FAILED", "CANCELLED"}
    }
    came = [row for row in people.values() if row.kind in {"STK_PUSH", "C2B"} and row.receipt and row.account]
    out = Payment.objects.select_related("to_account")
    done = out.filter(status__in=["COMPLETED", "REVERSED"])
    should = Counter(("mpesa.received", row.account.owner_id) for row in came)
    should += Counter(("mpesa.not_done", people[pk].user_id) for pk in pushes)
    should += Counter(("payments.sent", one.payer_id) for one in done)
    should += Counter(("payments.received", one.to_account.owner_id) for one in done if one.to_account)
    should += Counter(("payments.failed", one.payer_id) for one in out.filter(status="FAILED"))
    should += Counter(
        ("payments.returned", one.payment.payer_id) for one in PaymentReturn.objects.select_related("payment")
    )
    told = Message.objects.filter(channel="SMS", code__regex="^(mpesa|payments)[.]")
    assert Counter(told.values_list("code", "user_id")) == should


def _settled(purpose):
    key = ledger.gl(purpose, "KES").id
    return balances([key])[key].posted.minor


def _minor(rows):
    return sum(rows.values_list("amount_minor", flat=True))
