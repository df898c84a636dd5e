"""Payments to other banks: the switch and news beside the bank under test, which do as a test says."""

import pytest

from apps.accounts.models import Transaction
from apps.accounts.queries import holding
from apps.accounts.testing import balance_of, kes
from apps.audit_trail.models import AuditLog
from apps.fraud.models import FraudCheck
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.ledger import operations as ledger
from apps.ledger.errors import TransferTied
from apps.notifications.testing import messages_to
from apps.payments import iso20022 as iso
from apps.payments import rails
from apps.payments.banks import places, reasons
from apps.payments.errors import BadBankAccount, BankNotFound, OutsideBankLimits, PayeeNotFound
from apps.payments.models import BankNews, BankOrder, Channel, OutRail, Payment, PaymentReturn
from apps.payments.operations import banks
from apps.payments.operations.banks import orders
from apps.payments.tests.banks.desk import settles_at, sound
from apps.payments.tests.banks.incoming import load_sanctions
from apps.payments.tests.banks.orders import begin, sent
from apps.users.testing import make_staff


def test_pesalink_names_the_payee_and_settles_at_once(payer, others):
    payment = begin(payer)
    assert payment.payee_name
    assert payment.payee_address == "KCB Bank •••3217"
    payment = sent(payer)
    assert payment.status == "COMPLETED"
    assert payment.provider_reference.startswith("T")
    assert balance_of(payer) == f"{500_000 - 1000 - 15 - 2.25:.2f}"
    assert settles_at("pesalink:settlement") == -100_000
    assert BankOrder.objects.get(payment=payment).status == "SETTLED"
    sound()


@pytest.mark.parametrize("code", sorted(reasons.SENTENCES))
def test_every_reason_has_its_words(code):
    assert reasons.why(code).endswith(".")
    assert code == "NARR" or reasons.why(code) != reasons.OTHERWISE


@pytest.mark.parametrize("code", ["AC01", "AC04", "AM04", "RR04", "ZZ99"])
def test_a_rejected_payment_gives_all_of_it_back_and_says_why(payer, others, code):
    others.plan("REJECT", reason=code)
    payment = sent(payer)
    assert (payment.status, payment.failed_because) == ("FAILED", reasons.why(code))
    assert balance_of(payer) == "500000.00" == f"{holding(payer).available.amount:f}"
    assert settles_at("pesalink:settlement") == 0
    sound()


@pytest.mark.parametrize("outcome", ["TIMEOUT", "GARBAGE", "STRANGER", "HTTP_500", "LOST"])
def test_what_nobody_knows_is_checked_then_found_and_never_paid_twice(payer, others, outcome):
    others.plan(outcome)
    payment = sent(payer, name="Grace Akinyi")
    assert payment.status == "CHECKING"
    assert balance_of(payer) == "500000.00"
    assert holding(payer).available < kes("499000")
    others.plan("")
    for _nth in range(2):
        rails.rail("pesalink").ask(payment=payment, at=now())
    payment.refresh_from_db()
    assert payment.status == "COMPLETED"
    assert settles_at("pesalink:settlement") == -100_000
    sound()


def test_a_duplicate_status_changes_nothing_and_an_opposite_one_is_kept_for_a_person(payer, others):
    others.plan("TWICE")
    payment = sent(payer)
    order = BankOrder.objects.get(payment=payment)
    orders.heard(order, iso.Told(payment.reference, "ACSC"), at=now())
    orders.heard(order, iso.Told(payment.reference, "RJCT", "AC04"), at=now())
    payment.refresh_from_db()
    assert (payment.status, settles_at("pesalink:settlement")) == ("COMPLETED", -100_000)
    assert AuditLog.objects.filter(action="payments.bank_order.disputed").count() == 1
    sound()


def test_a_payee_elsewhere_who_may_be_on_a_sanctions_list_is_looked_at_before_anything_leaves(payer, others):
    others.plan("NO_NAME")
    load_sanctions()
    payment = sent(payer, name="Zubair Warsame")
    assert (payment.status, payment.held_because) == ("HELD", "REVIEW")
    assert settles_at("pesalink:settlement") == 0
    assert FraudCheck.objects.latest("pk").reasons == ["SANCTIONS_OPEN"]
    assert sent(payer, name="Grace Akinyi Odhiambo", key="form-2").status == "COMPLETED"
    sound()


def test_they_have_it_already_is_no_refusal(payer, others):
    others.plan("REJECT", reason="AM05")
    payment = sent(payer)
    assert payment.status == "PENDING"
    assert holding(payer).available < kes("499000")


def test_that_the_switch_cannot_be_reached_gives_it_back(payer, settings):
    settings.INTERBANK_URLS = {"pesalink": "http://127.0.0.1:9", "bank": "http://127.0.0.1:9", "abroad": ""}
    payment = sent(payer, name="Grace Akinyi")
    assert (payment.status, payment.failed_because) == ("FAILED", reasons.UNREACHED)
    assert f"{holding(payer).available.amount:f}" == "500000.00"
    sound()


def test_a_late_return_is_booked_back_once_and_told(payer, others):
    payment = sent(payer)
    others.send_back(payment, "AC04")
    banks.hear_news(channel=Channel.PESALINK, at=now())
    banks.hear_news(channel=Channel.PESALINK, at=now())
    payment.refresh_from_db()
    assert (payment.status, payment.failed_because) == ("REVERSED", reasons.why("AC04"))
    assert settles_at("pesalink:settlement") == 0
    assert balance_of(payer) == f"{500_000 - 15 - 2.25:.2f}"  # the fee was for what was done
    back = PaymentReturn.objects.get()
    assert back.given == kes("1000")
    with pytest.raises(TransferTied, match="sent this payment back"):
        ledger.ask_reversal(transfer_id=back.transfer_id, reason="Wrong", by=make_staff("ADMIN"), at=now())
    assert Transaction.objects.filter(account=payer, txn_type="REFUND").count() == 1
    deliver_events()
    assert any("CAME BACK" in one.body for one in messages_to(str(payer.owner.phone)))
    sound()


def test_more_than_was_sent_is_kept_for_a_person(payer, others):
    payment = sent(payer)
    others.send_back(payment, minor=100_001)
    banks.hear_news(channel=Channel.PESALINK, at=now())
    assert [one["of"] for one in BankNews.objects.latest("sequence").disputed] == [payment.reference]
    payment.refresh_from_db()
    assert payment.status == "COMPLETED"
    sound()


def test_news_that_cannot_be_read_is_asked_for_again(payer, others):
    payment = sent(payer)
    others.send_back(payment)
    others.plan("GARBAGE")
    assert banks.hear_news(channel=Channel.PESALINK, at=now()) == 0
    others.plan("")
    assert banks.hear_news(channel=Channel.PESALINK, at=now()) == 2


@pytest.mark.parametrize(
    ("asked", "amount", "error"),
    [
        ({"bank": "98"}, "1000", BankNotFound),
        ({"account": "12"}, "1000", BadBankAccount),
        ({"account": "01100000000"}, "1000", PayeeNotFound),
        ({}, "1000000", OutsideBankLimits),
        ({"bank": "16"}, "1000", OutsideBankLimits),
    ],
    ids=["bank", "account", "nobody", "amount", "not in PesaLink"],
)
def test_a_wrong_destination_is_refused_before_anything(payer, others, asked, amount, error):
    with pytest.raises(error):
        begin(payer, amount, **asked)
    assert not Payment.objects.exists()


def test_a_bank_that_does_not_tell_the_name_has_the_payer_write_it(payer, others):
    others.plan("NO_NAME")
    with pytest.raises(BadBankAccount):
        begin(payer)
    assert begin(payer, name="Grace  Akinyi").payee_name == "Grace Akinyi"


def test_the_way_follows_the_bank_and_the_amount(db):
    ways = [
        places.rail_for(code=code, amount=kes(amount), at=now())
        for code, amount in (("01", "999999"), ("16", "5000"), ("01", "999999.01"))
    ]
    assert ways == [OutRail.PESALINK, OutRail.EFT, OutRail.RTGS]
