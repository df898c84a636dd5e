"""A payment moves money once, for exactly what was proven, and a refusal moves nothing."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountNotActive, LimitExceeded
from apps.accounts.models import Account, LargePaymentFloor, LimitUse
from apps.accounts.testing import balance_of, give, kes, make_account, spend
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import local_date, now
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications import operations as notifications
from apps.notifications.models import Alert, Message
from apps.notifications.testing import messages_to
from apps.payments import operations
from apps.payments.errors import BadQr, KeyReused, PayeeCannotReceive, PayeeNotFound, PaymentExpired, ToYourself
from apps.payments.models import Payment
from apps.payments.operations.ask import payload
from apps.payments.rules import ke_qr
from apps.payments.testing import raise_tier
from apps.users import operations as people
from apps.users.errors import StepUpRequired
from apps.users.models import StepUpChallenge
from apps.users.testing import make_customer


def begin(payer: Account, to: str, amount: Money | None = None, *, key: str = "form-1", note: str = "") -> Payment:
    return operations.start(payer=payer.owner, from_account=payer, to=to, amount=amount, key=key, note=note, at=now())


def prove(payment: Payment):
    challenge = operations.challenge(payment=payment, by=payment.payer, at=now())
    code = re.search(r"\b(\d{6})\b", Message.objects.order_by("-pk").first().body)[1]
    return people.answer(challenge_id=challenge.pk, user=payment.payer, answer=code, at=now())


def pay(payment: Payment) -> Payment:
    return operations.confirm(payment=payment, challenge_id=prove(payment).pk, by=payment.payer, at=now())


@pytest.mark.django_db
def test_pays_by_phone_and_tells_both():
    payer, payee = make_account(balance="5000"), make_account()
    done = pay(begin(payer, payee.owner.phone, kes("1290"), note="Lunch"))
    assert done.status == "COMPLETED"
    assert (balance_of(payer), balance_of(payee)) == ("3710.00", "1290.00")
    assert AuditLog.objects.filter(action="payments.payment.completed").count() == 1
    deliver_events()
    assert done.reference in messages_to(payer.owner.phone)[-1].body
    assert done.reference in messages_to(payee.owner.phone)[-1].body
    assert payee.number not in messages_to(payer.owner.phone)[-1].body
    assert_books_balance()


@pytest.mark.django_db
def test_a_large_payment_stands_among_the_alerts_of_who_paid_once():
    payer, payee = make_account(balance="200000"), make_account()
    raise_tier(payer.owner), raise_tier(payee.owner)
    notifications.subscribe(user=payer.owner, type="LARGE_PAYMENT", channel="SMS", is_on=True, at=now())
    pay(begin(payer, payee.number, kes("9999.99")))
    LargePaymentFloor.objects.create(amount_minor=10_000_00, valid_from=local_date(now()))
    done = pay(begin(payer, payee.number, kes("10000"), key="2"))
    deliver_events()
    raised = Alert.objects.get(type="LARGE_PAYMENT")
    assert (raised.user, raised.about) == (payer.owner, f"payments/{done.public_id}")
    assert "KES 10,000.00 left your account" in raised.message
    assert done.reference in raised.message
    said = [one for one in messages_to(payer.owner.phone) if done.reference in str(one.body)]
    assert len(said) == 1, "the message of the payment tells it; the alert sends no second one"
    accounts.tell_of_large_payment(
        holder=payer.owner, amount=kes("10000"), payee="x", reference="x", about=raised.about, at=now()
    )
    assert Alert.objects.filter(type="LARGE_PAYMENT").count() == 1


@pytest.mark.django_db
def test_shows_the_payee_before_any_proof_without_telling_everything():
    payer = make_account(balance="10")
    payee = make_account(make_customer(full_name="Grace Achieng Odhiambo", phone="+254722000114"))
    payment = begin(payer, "\u202a0722\u00a0000 114\u202c", kes("1"), note="Lunch\n\u202eXYZ")  # as phone books copy it
    assert payment.note == "Lunch XYZ"
    assert (payment.payee_name, payment.payee_address) == ("Grace A. O.", "0722 ••• 114")
    assert begin(payer, payee.number, kes("1"), key="2").payee_address == f"•••• {payee.number[-4:]}"


@pytest.mark.django_db
def test_the_same_form_is_one_payment_and_with_other_figures_it_is_refused():
    payer, payee = make_account(balance="100"), make_account()
    first = begin(payer, payee.number, kes("10"))
    assert begin(payer, payee.number, kes("10")).pk == first.pk
    with pytest.raises(KeyReused):
        begin(payer, payee.number, kes("11"))


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["0799 000 000", "001000000000", "nonsense", "", "\u202e0712", "0" * 40])
def test_refuses_payees_nobody_is(to):
    with pytest.raises(PayeeNotFound):
        begin(make_account(balance="10"), to, kes("1"))
    assert not Payment.objects.exists()


@pytest.mark.django_db
def test_refuses_oneself_closed_accounts_other_currencies_nothing_and_other_peoples_accounts():
    payer, payee = make_account(balance="10"), make_account()
    own = make_account(payer.owner, product="SAVINGS")
    closed, dollars = make_account(), make_account(payee.owner, product="USD_CURRENT")
    accounts.close(account=closed, by=closed.owner, at=now())
    with pytest.raises(ToYourself):
        begin(payer, own.number, kes("1"))
    with pytest.raises(ToYourself):
        begin(payer, payer.owner.phone, kes("1"))
    with pytest.raises(PayeeCannotReceive):
        begin(payer, closed.number, kes("1"))
    with pytest.raises(CurrencyMismatch):
        begin(payer, dollars.number, kes("1"))
    with pytest.raises(CurrencyMismatch):
        begin(payer, payee.number, Money.of("1", "USD"))
    with pytest.raises(BadAmount):
        begin(payer, payee.number, kes("0"))
    with pytest.raises(BadAmount):
        begin(payer, payee.number, kes("-5"))
    with pytest.raises(NotFound):
        operations.start(payer=payee.owner, from_account=payer, to=own.number, amount=kes("1"), key="x", at=now())
    assert not Payment.objects.exists()


@pytest.mark.django_db
def test_an_unanswered_or_foreign_proof_moves_nothing():
    payer, payee, other = make_account(balance="100"), make_account(), make_account()
    payment, second = begin(payer, payee.number, kes("10")), begin(payer, other.number, kes("10"), key="2")
    unanswered = operations.challenge(payment=payment, by=payer.owner, at=now())
    for challenge_id in (unanswered.pk, None, prove(second).pk):
        with pytest.raises(StepUpRequired):
            operations.confirm(payment=payment, challenge_id=challenge_id, by=payer.owner, at=now())
    with pytest.raises(NotFound):
        operations.confirm(payment=payment, challenge_id=unanswered.pk, by=payee.owner, at=now())
    assert (balance_of(payer), balance_of(payee)) == ("100.00", "0.00")


@pytest.mark.django_db
def test_a_proof_for_another_amount_moves_nothing():
    payer, payee = make_account(balance="100"), make_account()
    payment = begin(payer, payee.number, kes("10"))
    proof = prove(payment)
    Payment.objects.filter(pk=payment.pk).update(amount_minor=99_00)
    with pytest.raises(StepUpRequired):
        operations.confirm(payment=payment, challenge_id=proof.pk, by=payer.owner, at=now())
    assert balance_of(payer) == "100.00"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("balance", "amount", "refusal", "words"),
    [
        ("40000", "40000.01", InsufficientFunds, "KES 40,000.00 is free"),
        ("90000", "50000.01", LimitExceeded, "at most KES 50,000.00 on your tier"),
        ("100", "50000.01", LimitExceeded, "at most KES 50,000.00 on your tier"),
        ("90000", "49000", LimitExceeded, "KES 48,000.00 left today. No money moved. From midnight"),
    ],
)
def test_sends_no_code_for_what_would_be_refused_and_says_why(balance, amount, refusal, words):
    payer, payee = make_account(balance=balance), make_account(balance="0")
    LimitUse.objects.create(user=payer.owner, on_date=local_date(now()), currency="KES", used_minor=52_000_00)
    payment = begin(payer, payee.number, kes(amount))
    with pytest.raises(refusal, match=words) as no:
        operations.challenge(payment=payment, by=payer.owner, at=now())
    assert "No money moved" in str(no.value)
    assert not StepUpChallenge.objects.exists()
    assert not messages_to(payer.owner.phone)
    payment.refresh_from_db()
    assert (payment.status, payment.challenge) == ("AWAITING_CONFIRMATION", None)
    assert operations.foreseen(payment, now()).code == refusal.code


@pytest.mark.django_db
def test_asks_for_proof_once_the_money_is_there():
    payer, payee = make_account(balance="99"), make_account()
    payment = begin(payer, payee.number, kes("100"))
    with pytest.raises(InsufficientFunds):
        operations.challenge(payment=payment, by=payer.owner, at=now())
    give(payer, "1")
    assert pay(payment).status == "COMPLETED"
    assert_books_balance()


@pytest.mark.django_db
def test_asks_no_code_of_a_frozen_account():
    payer, payee = make_account(balance="100"), make_account()
    payment = begin(payer, payee.number, kes("10"))
    accounts.freeze(account=payer, by=payer.owner, at=now())
    payment.from_account.refresh_from_db()
    with pytest.raises(AccountNotActive):
        operations.challenge(payment=payment, by=payer.owner, at=now())
    assert not StepUpChallenge.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "refusal"), [("spent", InsufficientFunds), ("counted", LimitExceeded)])
def test_a_refused_payment_stays_open_and_its_proof_is_not_spent(change, refusal):
    payer, payee = make_account(balance="90000"), make_account()
    payment = begin(payer, payee.number, kes("40000"))
    proof = prove(payment)
    if change == "spent":
        spend(payer, "50000.01")
    else:
        LimitUse.objects.create(user=payer.owner, on_date=local_date(now()), currency="KES", used_minor=60_000_01)
    with pytest.raises(refusal):
        operations.confirm(payment=payment, challenge_id=proof.pk, by=payer.owner, at=now())
    payment.refresh_from_db()
    assert (payment.status, balance_of(payee)) == ("AWAITING_CONFIRMATION", "0.00")
    assert not OutboxEvent.objects.filter(name="payments.payment.completed").exists()


@pytest.mark.django_db
def test_a_frozen_account_pays_nobody():
    payer, payee = make_account(balance="100"), make_account()
    payment = begin(payer, payee.number, kes("10"))
    proof = prove(payment)
    accounts.freeze(account=payer, by=payer.owner, at=now())
    with pytest.raises(AccountNotActive):
        operations.confirm(payment=payment, challenge_id=proof.pk, by=payer.owner, at=now())
    assert balance_of(payer) == "100.00"


@pytest.mark.django_db
def test_a_late_or_cancelled_payment_is_not_confirmed():
    payer, payee = make_account(balance="100"), make_account()
    late, dropped = begin(payer, payee.number, kes("10")), begin(payer, payee.number, kes("10"), key="2")
    with pytest.raises(PaymentExpired):
        operations.confirm(payment=late, challenge_id=None, by=payer.owner, at=now() + timedelta(minutes=16))
    proof = prove(dropped)
    operations.cancel(payment=dropped, by=payer.owner, at=now())
    with pytest.raises(IllegalMove):
        operations.confirm(payment=dropped, challenge_id=proof.pk, by=payer.owner, at=now())
    assert balance_of(payer) == "100.00"


@pytest.mark.django_db
def test_a_done_payment_cannot_be_cancelled():
    payer, payee = make_account(balance="100"), make_account()
    done = pay(begin(payer, payee.number, kes("10")))
    with pytest.raises(IllegalMove):
        operations.cancel(payment=done, by=payer.owner, at=now())


@pytest.mark.django_db(transaction=True)
def test_ten_confirms_at_once_move_the_money_once():
    payer, payee = make_account(balance="100"), make_account()
    payment = begin(payer, payee.number, kes("10"))
    proof = prove(payment)

    def confirm():
        return operations.confirm(
            payment=Payment.objects.get(pk=payment.pk), challenge_id=proof.pk, by=payer.owner, at=now()
        )

    results = at_once(*[confirm] * 10)
    assert refusals(results) == []
    assert {result.status for result in results} == {"COMPLETED"}
    assert (balance_of(payer), balance_of(payee)) == ("90.00", "10.00")
    assert OutboxEvent.objects.filter(name="payments.payment.completed").count() == 1
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_ten_times_at_once_is_one_payment():
    payer, payee = make_account(balance="100"), make_account()
    results = at_once(*[lambda: begin(payer, payee.number, kes("10"))] * 10)
    assert refusals(results) == []
    assert len({payment.pk for payment in results}) == 1


@pytest.mark.django_db
def test_pays_an_open_code_any_amount_and_the_same_code_is_shown_again():
    payer, payee = make_account(balance="100"), make_account()
    code = operations.ask_by_qr(account=payee, amount=None, by=payee.owner, at=now())
    assert operations.ask_by_qr(account=payee, amount=None, by=payee.owner, at=now()).pk == code.pk
    done = pay(begin(payer, payload(code), kes("25")))
    assert (done.kind, balance_of(payee)) == ("QR_PAYMENT", "25.00")


@pytest.mark.django_db(transaction=True)
def test_a_code_for_an_amount_is_paid_once_by_whoever_comes_first():
    payee, payers = make_account(), [make_account(balance="100") for _nth in range(2)]
    code = operations.ask_by_qr(account=payee, amount=kes("40"), by=payee.owner, at=now())
    payments = [begin(payer, payload(code)) for payer in payers]
    proofs = [prove(payment) for payment in payments]
    acts = [
        lambda payment=payment, proof=proof: operations.confirm(
            payment=payment, challenge_id=proof.pk, by=payment.payer, at=now()
        )
        for payment, proof in zip(payments, proofs, strict=True)
    ]
    results = at_once(*acts)
    assert [type(refusal) for refusal in refusals(results)] == [BadQr]
    assert balance_of(payee) == "40.00"
    assert_books_balance()


@pytest.mark.django_db
def test_a_code_whose_payment_came_back_is_paid_by_the_next():
    first, second, payee = make_account(balance="50000"), make_account(balance="50000"), make_account()
    text = payload(operations.ask_by_qr(account=payee, amount=kes("20000"), by=payee.owner, at=now()))
    held = pay(begin(first, text))
    with pytest.raises(BadQr):
        begin(second, text)
    operations.cancel(payment=held, by=first.owner, at=now())
    assert operations.let_go_on(payment=pay(begin(second, text)), at=now()).status == "COMPLETED"
    with pytest.raises(BadQr):
        begin(first, text, key="form-2")
    assert (balance_of(first), balance_of(payee)) == ("50000.00", "20000.00")


@pytest.mark.django_db
def test_a_code_for_an_amount_takes_no_other_and_none_that_was_altered_or_is_late():
    payer, payee = make_account(balance="100"), make_account()
    code = operations.ask_by_qr(account=payee, amount=kes("40"), by=payee.owner, at=now())
    ask = ke_qr.read(payload(code))
    altered = ke_qr.write(replace(ask, amount="4.00"))
    elsewhere = ke_qr.write(replace(ask, payee=ke_qr.Payee(ke_qr.Kind.ACCOUNT, payer.number)))
    with pytest.raises(BadQr):
        begin(payer, payload(code), kes("39"))
    for text in (altered, elsewhere, payload(code)[:-1] + "0000"):
        with pytest.raises(BadQr):
            begin(payer, text)
    with pytest.raises(BadQr):
        operations.start(
            payer=payer.owner,
            from_account=payer,
            to=payload(code),
            amount=None,
            key="k",
            at=now() + timedelta(hours=25),
        )


@pytest.mark.django_db
def test_moves_between_own_accounts_at_once_without_touching_limits():
    current = make_account(balance="90000")
    savings = make_account(current.owner, product="SAVINGS")
    first = operations.move_between_own(
        owner=current.owner, from_account=current, to_account=savings, amount=kes("80000"), key="k", at=now()
    )
    again = operations.move_between_own(
        owner=current.owner, from_account=current, to_account=savings, amount=kes("80000"), key="k", at=now()
    )
    assert first.pk == again.pk
    assert (balance_of(current), balance_of(savings)) == ("10000.00", "80000.00")
    with pytest.raises(NotFound):
        operations.move_between_own(
            owner=current.owner,
            from_account=make_account(balance="5"),
            to_account=savings,
            amount=kes("1"),
            key="z",
            at=now(),
        )
    assert_books_balance()


@pytest.mark.django_db
def test_who_is_paid_knows_the_payer_and_who_pays_is_shown_no_more_than_before_paying():
    payer = make_account(make_customer(full_name="Achieng Atieno Otieno"), balance="100")
    payee = make_account(make_customer(full_name="Baraka Mwangi Ouma"))
    done = pay(begin(payer, payee.number, kes("10")))
    went, came = payer.lines.get(transfer_id=done.transfer_id), payee.lines.get(transfer_id=done.transfer_id)
    assert (went.counterparty, came.counterparty) == ("Baraka M. O.", "Achieng Atieno Otieno")
