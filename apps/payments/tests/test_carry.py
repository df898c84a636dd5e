"""What leaves the bank is set aside, handed over once, and then posted or given back in full."""

import re
from datetime import timedelta
from unittest.mock import Mock

import pytest

from apps.accounts import operations as accounts
from apps.accounts.errors import LimitExceeded
from apps.accounts.models import LimitUse, Transaction
from apps.accounts.queries import holding
from apps.accounts.testing import balance_of, kes, make_account
from apps.fraud import operations as fraud
from apps.fraud.errors import PaymentBlocked
from apps.fraud.events import TransactionBlocked
from apps.fraud.models import FlaggedTransaction, FraudCheck
from apps.fraud.testing import switch_rule
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.kyc.models import TierLimit
from apps.ledger.errors import BooksBusy, InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.models import Message
from apps.notifications.testing import messages_to
from apps.payments import operations, rails, subscribers, tasks
from apps.payments.errors import RailNotConnected
from apps.payments.models import Payment
from apps.payments.rails import Destination
from apps.payments.testing import begin_payment
from apps.users import operations as people
from apps.users.testing import make_customer, make_staff


class Pigeon:
    """A rail of tests: it remembers what it was given and answers as it is told."""

    code, settlement = "pigeon", "bank:settlement"

    def __init__(self):
        self.sent, self.asked, self.answer = [], [], None

    def destination(self, *, kind, asked, amount, at):
        return Destination("Grace A.", asked["roof"], f"pigeon/{asked['roof']}", dict(asked))

    def arrives(self, kind):
        return "By noon"

    def send(self, *, payment, at):
        self.sent.append(payment.pk)
        if self.answer:
            self.answer(payment, at)

    def ask(self, *, payment, at):
        self.asked.append(payment.pk)


@pytest.fixture
def pigeon(monkeypatch):
    bird = Pigeon()
    monkeypatch.setitem(rails._rails, "pigeon", bird)
    return bird


def begin(payer, amount="1000", *, roof="north", key="form-1", kind="EXTERNAL_TRANSFER"):
    found = operations.find_destination(rail="pigeon", kind=kind, asked={"roof": roof}, amount=kes(amount), at=now())
    return operations.start_by_rail(
        payer=payer.owner, from_account=payer, rail="pigeon", kind=kind, destination=found, amount=kes(amount),
        key=key, at=now(),
    )  # fmt: skip


def prove(payment: Payment):
    challenge = operations.challenge(payment=payment, by=payment.payer, at=now())
    code = re.search(r"\b(\d{6})\b", Message.objects.latest("pk").body)[1]
    return people.answer(challenge_id=challenge.pk, user=payment.payer, answer=code, at=now())


def pay(payment: Payment) -> Payment:
    return operations.confirm(payment=payment, challenge_id=prove(payment).pk, by=payment.payer, at=now())


def seen(account) -> tuple[str, str]:
    held = holding(account)
    return f"{held.posted.amount:f}", f"{held.available.amount:f}"


@pytest.fixture
def payer(db):
    return make_account(balance="5000")


def used(account) -> int:
    return sum(LimitUse.objects.filter(user_id=account.owner_id).values_list("used_minor", flat=True))


def test_is_set_aside_with_its_cost_then_posted_when_the_rail_says_so(payer, pigeon):
    payment = pay(begin(payer))
    assert (payment.status, payment.fee, payment.duty) == ("PENDING", kes("15"), kes("2.25"))
    assert seen(payer) == ("5000.00", "3982.75")
    assert_books_balance()
    assert operations.hand_over(payment_id=payment.pk, at=now())
    assert seen(payer) == ("5000.00", "3982.75")
    operations.settle(payment=payment, provider_reference="P1", at=now())
    again = operations.settle(payment=payment, provider_reference="P1", at=now())
    assert (again.status, again.provider_reference) == ("COMPLETED", "P1")
    assert seen(payer) == ("3982.75", "3982.75")
    lines = Transaction.objects.filter(account=payer).order_by("-pk")[:3]
    assert {(one.txn_type, one.amount_minor, one.reference) for one in lines} == {
        ("EXTERNAL_TRANSFER", -100_000, payment.reference),
        ("FEE", -1500, payment.reference),
        ("EXCISE_DUTY", -225, payment.reference),
    }
    deliver_events()
    text = messages_to(payer.owner.phone)[-1].body
    assert "KES 17.25" in text
    assert "KES 3,982.75" in text
    assert used(payer) == 100_000
    assert_books_balance()


def test_what_does_not_arrive_is_given_back_with_its_fee_and_its_limit(payer, pigeon):
    payment = pay(begin(payer))
    operations.fail(payment=payment, because="Nobody lives there.", at=now())
    operations.fail(payment=payment, because="Again.", at=now())
    payment.refresh_from_db()
    assert (payment.status, payment.failed_because) == ("FAILED", "Nobody lives there.")
    assert seen(payer) == ("5000.00", "5000.00")
    assert used(payer) == 0
    deliver_events()
    failed = [one.body for one in messages_to(payer.owner.phone) if "NOT sent" in one.body]
    assert len(failed) == 1
    with pytest.raises(IllegalMove):
        operations.settle(payment=payment, provider_reference="P1", at=now())
    assert_books_balance()


def test_an_amount_that_fits_without_its_cost_is_refused(payer, pigeon):
    payment = begin(payer, "4990")
    with pytest.raises(InsufficientFunds):
        pay(payment)
    payment.refresh_from_db()
    assert (payment.status, seen(payer)) == ("AWAITING_CONFIRMATION", ("5000.00", "5000.00"))


def test_limits_count_what_is_on_its_way(payer, pigeon):
    TierLimit.objects.create(
        tier=payer.owner.kyc_tier,
        kind="DAILY",
        currency="KES",
        amount_minor=150_000,
        valid_from="2021-01-01",
        source="t",
    )
    pay(begin(payer))
    with pytest.raises(LimitExceeded):
        pay(begin(payer, key="form-2", roof="south"))
    assert seen(payer)[1] == "3982.75"


def test_a_rail_that_answers_at_once_is_believed(payer, pigeon):
    pigeon.answer = lambda payment, at: operations.settle(payment=payment, provider_reference="Q", at=at)
    payment = pay(begin(payer))
    tasks.sweep_payments()
    payment.refresh_from_db()
    assert payment.status == "COMPLETED"


def test_a_rail_that_breaks_leaves_doubt_and_is_never_given_it_again(payer, pigeon):
    def breaks(payment, at):
        raise TimeoutError

    pigeon.answer = breaks
    payment = pay(begin(payer))
    tasks.sweep_payments()
    tasks.sweep_payments()
    payment.refresh_from_db()
    assert (payment.status, len(pigeon.sent)) == ("CHECKING", 1)
    assert seen(payer) == ("5000.00", "3982.75")
    Payment.objects.update(sent_at=now() - timedelta(minutes=2))
    tasks.ask_about_silence()
    assert pigeon.asked == [payment.pk]
    operations.settle(payment=payment, provider_reference="late", at=now())
    assert_books_balance()


def test_a_worker_killed_after_its_claim_leaves_doubt_not_a_second_payment(payer, pigeon):
    payment = pay(begin(payer))
    Payment.objects.filter(pk=payment.pk).update(sent_at=now() - timedelta(minutes=2))  # claimed, then killed
    tasks.sweep_payments()
    tasks.ask_about_silence()
    payment.refresh_from_db()
    assert (payment.status, pigeon.sent, pigeon.asked) == ("CHECKING", [], [payment.pk])


def test_a_rail_that_is_gone_takes_no_payments(payer):
    with pytest.raises(RailNotConnected):
        begin(payer)
    assert not Payment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_eight_workers_hand_it_over_once_and_eight_callbacks_post_it_once(pigeon):
    account = make_account(balance="5000")
    payment = pay(begin(account))
    at_once(*[lambda: operations.hand_over(payment_id=payment.pk, at=now())] * 8)
    assert len(pigeon.sent) == 1
    at_once(*[lambda: operations.settle(payment=payment, provider_reference="P", at=now())] * 8)
    assert seen(account) == ("3982.75", "3982.75")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_told_that_it_arrived_and_that_it_failed_at_once_only_one_is_believed(pigeon):
    account = make_account(balance="5000")
    payment = pay(begin(account))
    tried = at_once(
        lambda: operations.settle(payment=payment, provider_reference="P", at=now()),
        lambda: operations.fail(payment=payment, because="no", at=now()),
    )
    assert len(refusals(tried)) == 1
    payment.refresh_from_db()
    expected = {"COMPLETED": ("3982.75", "3982.75"), "FAILED": ("5000.00", "5000.00")}
    assert seen(account) == expected[payment.status]
    assert_books_balance()


def send_to_person(payer, payee, amount, key="form-1"):
    return operations.start(
        payer=payer.owner, from_account=payer, to=payee.number, amount=kes(amount), key=key, at=now()
    )


def test_a_first_large_payment_waits_a_moment_in_which_it_may_be_taken_back(db):
    payer, payee = make_account(balance="50000"), make_account()
    first, second = pay(send_to_person(payer, payee, "10000.01")), pay(send_to_person(payer, payee, "12000", "form-2"))
    assert (first.status, first.held_because) == ("HELD", "NEW_PAYEE")
    assert seen(payer) == ("50000.00", "27999.99")
    operations.cancel(payment=first, by=payer.owner, at=now())
    assert seen(payer) == ("50000.00", "38000.00")
    tasks.sweep_payments()
    assert balance_of(payee) == "0.00"
    Payment.objects.filter(pk=second.pk).update(held_until=now() - timedelta(seconds=1))
    tasks.sweep_payments()
    assert (balance_of(payer), balance_of(payee)) == ("38000.00", "12000.00")
    third = pay(send_to_person(payer, payee, "12000", "form-3"))
    assert third.status == "COMPLETED"
    assert used(payer) == 2_400_000
    assert_books_balance()


def test_a_held_payment_whose_payee_has_no_room_is_given_back(db):
    payer, payee = make_account(balance="50000"), make_account(balance="95000")
    payment = pay(send_to_person(payer, payee, "10001"))
    Payment.objects.update(held_until=now())
    tasks.let_go_on(payment_id=payment.pk)
    payment.refresh_from_db()
    assert (payment.status, seen(payer)) == ("FAILED", ("50000.00", "50000.00"))
    assert_books_balance()


def test_a_held_payment_goes_into_no_fixed_deposit(db):
    payer, saver = make_account(balance="50000"), make_account(balance="30000")
    asked = {"owner": saver.owner, "from_account": saver, "amount": kes("20000"), "months": 1, "key": "d", "at": now()}
    deposit = accounts.open_deposit(**asked).account
    begun = begin_payment(payer, saver.number, "20000")
    Payment.objects.filter(pk=begun.pk).update(
        to_account=deposit
    )  # as those begun before a deposit was refused as payee
    held = pay(begun)
    assert (held.status, operations.let_go_on(payment=held, at=now()).status) == ("HELD", "FAILED")
    assert (seen(payer), balance_of(deposit)) == (("50000.00", "50000.00"), "20000.00")
    assert_books_balance()


def test_a_held_payment_that_meets_busy_books_stays_held_and_goes_on_later(db, monkeypatch):
    payer, payee = make_account(balance="50000"), make_account()
    held = pay(send_to_person(payer, payee, "20000"))
    Payment.objects.update(held_until=now())
    with monkeypatch.context() as others:
        others.setattr(accounts, "take", Mock(side_effect=BooksBusy("Another transaction is in the way.")))
        tasks.sweep_payments()
    held.refresh_from_db()
    assert (held.status, seen(payer)) == ("HELD", ("50000.00", "30000.00"))
    tasks.sweep_payments()
    assert balance_of(payee) == "20000.00"


def strict_rule(weight: str) -> None:
    switch_rule("LARGE_AMOUNT", "amount >= KES 0.01", weight)


@pytest.mark.parametrize(("decide", "status"), [(fraud.clear, "COMPLETED"), (fraud.confirm_fraud, "FAILED")])
def test_what_the_screen_holds_waits_for_a_person(db, decide, status):
    payer, payee = make_account(balance="5000"), make_account()
    strict_rule("0.6")
    payment = pay(send_to_person(payer, payee, "100"))
    assert (payment.status, payment.held_because) == ("HELD", "REVIEW")
    with pytest.raises(IllegalMove):
        operations.cancel(payment=payment, by=payer.owner, at=now())
    flag = FlaggedTransaction.objects.select_related("user").get()
    decide(flag=flag, note="Called him", by=make_staff("COMPLIANCE_OFFICER"), at=now())
    deliver_events()
    payment.refresh_from_db()
    assert payment.status == status
    assert balance_of(payee) == ("100.00" if status == "COMPLETED" else "0.00")
    assert_books_balance()


def test_what_the_screen_stops_moves_nothing_and_stays_written(db):
    payer, payee = make_account(balance="5000"), make_account(make_customer())
    strict_rule("0.9")
    payment = send_to_person(payer, payee, "100")
    with pytest.raises(PaymentBlocked):
        pay(payment)
    payment.refresh_from_db()
    assert (payment.status, seen(payer)) == ("FAILED", ("5000.00", "5000.00"))
    assert FraudCheck.objects.get().action == "BLOCK"
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_payments_confirmed_at_once_see_each_other_at_the_screen():
    payer, payees = make_account(balance="5000"), [make_account() for _nth in range(6)]
    switch_rule("VELOCITY", "sent_in_ten_minutes >= 2", "1")
    ready = [send_to_person(payer, payee, "10", key=f"k{n}") for n, payee in enumerate(payees)]
    proofs = [prove(payment) for payment in ready]
    tried = at_once(
        *[
            lambda payment=payment, proof=proof: operations.confirm(
                payment=payment, challenge_id=proof.pk, by=payer.owner, at=now()
            )
            for payment, proof in zip(ready, proofs, strict=True)
        ]
    )
    assert [type(no) for no in refusals(tried)] == [PaymentBlocked] * 4
    assert balance_of(payer) == "4980.00"
    assert_books_balance()


def test_a_payment_that_cannot_go_on_stops_no_other(payer, pigeon, monkeypatch):
    held = make_account(balance="50000")
    bad, good = (pay(send_to_person(held, make_account(), "12000", f"form-{nth}")) for nth in range(2))
    away = pay(begin(payer))
    Payment.objects.filter(pk__in=[bad.pk, good.pk]).update(held_until=now() - timedelta(seconds=1))
    through = operations.let_go_on

    def breaks(*, payment, at):
        return 1 / 0 if payment.pk == bad.pk else through(payment=payment, at=at)

    monkeypatch.setattr(operations, "let_go_on", breaks)
    tasks.sweep_payments()
    assert [Payment.objects.get(pk=one.pk).status for one in (bad, good)] == ["HELD", "COMPLETED"]
    assert pigeon.sent == [away.pk]


def test_silent_payments_are_asked_about_in_turn(payer, pigeon, monkeypatch):
    monkeypatch.setattr(tasks, "ONE_SWEEP", 1)
    first, second = (pay(begin(payer, "100", key=f"form-{nth}")) for nth in range(2))
    tasks.sweep_payments()
    tasks.sweep_payments()
    for minutes, payment in ((9, first), (8, second)):
        Payment.objects.filter(pk=payment.pk).update(sent_at=now() - timedelta(minutes=minutes))
    for _nth in range(3):
        tasks.ask_about_silence()
    assert pigeon.asked == [first.pk, second.pk, first.pk]


def test_a_no_that_comes_after_a_payment_left_gives_nothing_back(payer, pigeon, monkeypatch):
    strict_rule("0.6")
    payment = pay(begin(payer))
    assert payment.held_because == "REVIEW"
    operations.let_go_on(payment=payment, at=now())
    operations.hand_over(payment_id=payment.pk, at=now())
    monkeypatch.setattr(subscribers, "_reviewed", lambda reference: payment)  # as it was read before the other decision
    subscribers.stop_after_review(
        TransactionBlocked(reference=f"payments/{payment.public_id}", user_id=payment.payer_id, by_id=1)
    )
    payment.refresh_from_db()
    assert (payment.status, seen(payer)) == ("PENDING", ("5000.00", "3982.75"))
