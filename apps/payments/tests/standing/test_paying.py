"""Standing orders pay on their date, once, by terms that were proven; what refuses a payment refuses theirs."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from apps.accounts import operations as accounts
from apps.accounts.errors import LimitExceeded, NotSpendable
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import day_in_words, now
from apps.kernel.errors import NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.notifications.models import Message
from apps.notifications.testing import messages_to
from apps.payments import operations
from apps.payments.errors import BadDates, KeyReused, PaymentExpired, RailNotConnected, ToYourself
from apps.payments.models import Payment, StandingOrder
from apps.payments.schedule import Schedule
from apps.payments.testing import raise_tier
from apps.payments.tests.people import TODAY, answer, draft, on_day, standing, working_day
from apps.payments.tests.people import pay as pay_now
from apps.payments.tests.standing.orders import DAY, pay, statuses
from apps.users.errors import StepUpRequired
from apps.users.models import User

pytestmark = pytest.mark.django_db


def test_pays_on_its_date_without_another_proof_and_once(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start), note="Rent")
    assert pay(order, on_day(start - DAY)) is None
    assert pay(order, on_day(start, 5)) is None, "before six in the morning"
    run = pay(order, on_day(start, 7))
    assert (run.status, balance_of(payer), balance_of(payee)) == ("PAID", "4500.00", "500.00")
    assert run.payment.key.startswith("standing/")
    assert str(start) not in run.payment.key
    assert pay(order, on_day(start, 8)) is None
    order.refresh_from_db()
    assert order.next_due_on == start + 7 * DAY
    deliver_events()
    assert run.payment.reference in messages_to(payer.owner.phone)[-1].body
    assert_books_balance()


def test_nothing_runs_before_it_was_proven_for_exactly_these_terms(two):
    payer, payee = two
    start = working_day()
    order = draft(payer, payee, Schedule("WEEKLY", start))
    assert pay(order, on_day(start)) is None
    at = order.created_at
    asked = operations.challenge_order(order=order, by=payer.owner, at=at)
    proof = answer(payer.owner, asked, at)
    assert "500.00" in messages_to(payer.owner.phone)[-1].body
    assert "every week" in messages_to(payer.owner.phone)[-1].body
    StandingOrder.objects.filter(pk=order.pk).update(cadence="DAILY")
    with pytest.raises(StepUpRequired):
        operations.confirm_order(order=order, challenge_id=proof, by=payer.owner, at=at)
    StandingOrder.objects.filter(pk=order.pk).update(cadence="WEEKLY", amount_minor=1)
    with pytest.raises(StepUpRequired):
        operations.confirm_order(order=order, challenge_id=proof, by=payer.owner, at=at)
    with pytest.raises(PaymentExpired):
        operations.confirm_order(order=order, challenge_id=proof, by=payer.owner, at=at + timedelta(minutes=16))
    with pytest.raises(NotFound):
        operations.confirm_order(order=order, challenge_id=proof, by=payee.owner, at=at)
    assert not OutboxEvent.objects.filter(name="payments.standing_order.confirmed").exists()
    assert balance_of(payer) == "5000.00"


def test_the_same_form_is_one_order_and_with_other_terms_it_is_refused(two):
    payer, payee = two
    schedule = Schedule("WEEKLY", working_day())
    first = draft(payer, payee, schedule)
    assert draft(payer, payee, schedule).pk == first.pk
    for other in ({"amount": "501"}, {"day_off": "SKIP"}, {"note": "x"}):
        with pytest.raises(KeyReused):
            draft(payer, payee, schedule, **other)
    with pytest.raises(KeyReused):
        draft(payer, payee, replace(schedule, times=4))


def test_refuses_dates_money_and_places_that_make_no_order(two):
    payer, payee = two
    start = working_day()
    own = make_account(payer.owner, product="SAVINGS")
    where = operations.place_here(to=payee.number, owner=payer.owner, at=now())
    weekly = Schedule("WEEKLY", start)
    good = {"from_account": payer, "where": where, "amount": kes("5"), "schedule": weekly, "key": "x", "at": now()}
    set_up = partial(operations.set_up_order, owner=payer.owner)
    for refusal, wrong in [
        (BadDates, {"schedule": replace(weekly, starts_on=TODAY - DAY)}),
        (BadDates, {"schedule": replace(weekly, starts_on=start + timedelta(days=900))}),
        (BadDates, {"schedule": Schedule("DAILY", start), "day_off": "NEXT"}),
        (BadDates, {"schedule": Schedule("MONTHLY", start, 32)}),
        (BadAmount, {"amount": kes("0")}),
        (NotFound, {"from_account": payee}),
        (ToYourself, {"where": where | {"to_account": own}}),
        (CurrencyMismatch, {"amount": Money.of("5", "USD")}),
        (
            RailNotConnected,
            {"where": where | {"kind": "INTERNATIONAL_REMITTANCE", "to_account": None, "rail": "abroad"}},
        ),
    ]:
        with pytest.raises(refusal):
            set_up(**good | wrong)
    assert not StandingOrder.objects.exists()


def test_what_no_date_could_ever_pay_is_refused_before_it_is_proven(two):
    payer, payee = two
    goal = accounts.make_goal(owner=payer.owner, name="Trip", target=kes("90000"), key="trip", at=now())
    for refusal, wrong in ((LimitExceeded, {"amount": "50000.01"}), (NotSpendable, {"payer": goal.account})):
        asked = {"payer": payer, "to": payee, "schedule": Schedule("WEEKLY", working_day())} | wrong
        with pytest.raises(refusal):
            draft(**asked)
    assert not StandingOrder.objects.exists()
    draft(payer, payee, Schedule("WEEKLY", working_day()), amount="50000")


def test_no_date_beyond_all_calendars_makes_an_order(two):
    for cadence, day in (("MONTHLY", 5), ("WEEKLY", None), ("ONCE", None)):
        with pytest.raises(BadDates, match="within two years"):
            draft(*two, Schedule(cadence, date(9999, 12, 31), day))


def test_ends_after_its_last_time_and_says_so(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start, times=2))
    for nth in range(2):
        pay(order, on_day(start + nth * 7 * DAY))
    order.refresh_from_db()
    assert (order.status, order.next_due_on, balance_of(payee)) == ("DONE", None, "1000.00")
    assert pay(order, on_day(start + 14 * DAY)) is None
    deliver_events()
    assert "come to its end" in messages_to(payer.owner.phone)[-1].body
    assert_books_balance()


def test_a_single_payment_is_scheduled_for_its_date(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("ONCE", start))
    assert pay(order, on_day(start)).status == "PAID"
    order.refresh_from_db()
    assert order.status == "DONE"


def test_tries_three_times_then_says_so_and_goes_on(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start), amount="6000")
    seen = []
    for hour in (6, 7, 11, 12, 16, 17):
        run = pay(order, on_day(start, hour))
        seen.append(run and (run.status, run.tries))
    assert seen == [("WAITING", 1), None, ("WAITING", 2), None, ("FAILED", 3), None]
    assert (balance_of(payer), Payment.objects.count()) == ("5000.00", 0)
    order.refresh_from_db()
    assert (order.status, order.next_due_on) == ("ACTIVE", start + 7 * DAY)
    assert OutboxEvent.objects.filter(name="payments.standing_order.failed").count() == 1
    assert AuditLog.objects.filter(action="payments.standing_order.failed").count() == 1
    deliver_events()
    assert day_in_words(start, "en") + " was not paid" in messages_to(payer.owner.phone)[-1].body
    give(payer, "2000")
    assert pay(order, on_day(start + 7 * DAY)).status == "PAID"
    assert_books_balance()


@pytest.mark.parametrize(("cadence", "goes_on"), [("ONCE", False), ("WEEKLY", True)])
def test_that_it_goes_on_is_said_of_what_goes_on_alone(two, cadence, goes_on):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule(cadence, start), amount="6000")
    for hour in (6, 11, 16):
        pay(order, on_day(start, hour))
    deliver_events()
    (text,) = [one.body for one in messages_to(payer.owner.phone) if "was not paid" in str(one.body)]
    assert ("goes on" in text, "Nothing more is paid by it" in text) == (goes_on, not goes_on)


def test_money_that_comes_between_two_tries_pays_it_once(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start), amount="6000")
    assert pay(order, on_day(start, 6)).status == "WAITING"
    give(payer, "2000")
    run = pay(order, on_day(start, 11))
    assert (run.status, run.tries, balance_of(payee)) == ("PAID", 2, "6000.00")
    assert pay(order, on_day(start, 16)) is None
    assert statuses(order) == [(start, "PAID")]
    assert_books_balance()


@pytest.mark.parametrize("kind", ["frozen", "limit", "suspended", "closed payee"])
def test_obeys_the_state_of_accounts_people_and_limits(two, kind):
    payer, payee = two
    start = working_day()
    give(payer, "80000")
    raise_tier(payer.owner, "TIER_2")
    order = standing(payer, payee, Schedule("WEEKLY", start), amount="60000" if kind == "limit" else "500")
    if kind == "limit":
        raise_tier(payer.owner, "TIER_1")
    elif kind == "frozen":
        accounts.freeze(account=payer, by=payer.owner, at=now(), reason="Lost my phone")
    elif kind == "suspended":
        User.objects.filter(pk=payer.owner_id).update(status="SUSPENDED")
    elif kind == "closed payee":
        accounts.close(account=payee, by=payee.owner, at=now())
    run = pay(order, on_day(start))
    assert (run.status, run.tries) == ("FAILED", 1), "only a lack of money is tried again"
    assert run.because
    assert balance_of(payer) == "85000.00"
    order.refresh_from_db()
    assert order.status == "ACTIVE"
    assert_books_balance()


def test_an_order_from_a_closed_account_ends(two):
    payer, payee = two
    start = working_day()
    empty = make_account(payer.owner)
    order = standing(empty, payee, Schedule("WEEKLY", start))
    accounts.close(account=empty, by=payer.owner, at=now())
    assert pay(order, on_day(start)).status == "FAILED"
    order.refresh_from_db()
    assert order.status == "CANCELLED"


def test_a_first_large_payment_is_held_for_the_moment_and_then_paid(two):
    payer, payee = two
    give(payer, "20000")
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start), amount="15000")
    run = pay(order, on_day(start))
    assert (run.status, run.payment.status) == ("UNDER_WAY", "HELD")
    operations.let_go_on(payment=run.payment, at=run.payment.held_until)
    run.refresh_from_db()
    assert (run.status, balance_of(payee)) == ("PAID", "15000.00")
    assert pay(order, on_day(start, 12)) is None
    assert_books_balance()


def test_one_taken_back_in_that_moment_is_not_paid_and_not_tried_again(two):
    payer, payee = two
    give(payer, "20000")
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start), amount="15000")
    run = pay(order, on_day(start))
    operations.cancel(payment=run.payment, by=payer.owner, at=on_day(start))
    run.refresh_from_db()
    assert (run.status, balance_of(payer)) == ("FAILED", "25000.00")
    assert pay(order, on_day(start, 12)) is None
    assert_books_balance()


def test_what_the_screen_blocks_is_not_paid_and_the_order_goes_on(two, monkeypatch):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start))
    from apps.fraud import rules

    verdict = rules.Verdict(rules.BLOCK_AT, "BLOCK", ("VELOCITY",))
    monkeypatch.setattr(rules, "judge", lambda *_: verdict)
    run = pay(order, on_day(start))
    assert (run.status, Payment.objects.get().status, balance_of(payer)) == ("FAILED", "FAILED", "5000.00")
    assert "VELOCITY" not in run.because
    assert pay(order, on_day(start, 12)) is None
    assert_books_balance()


@pytest.mark.parametrize("ends", ["settles", "fails"])
def test_by_a_rail_it_is_queued_once_and_hears_what_became_of_it(bill, ends):
    order, start = bill
    run = pay(order, on_day(start))
    assert (run.status, run.payment.status, run.payment.payee_key) == ("UNDER_WAY", "PENDING", "paybill/888880/W-1")
    assert pay(order, on_day(start, 12)) is None
    operations.hand_over(payment_id=run.payment_id, at=on_day(start))
    if ends == "settles":
        operations.settle(payment=run.payment, provider_reference="QK1", at=on_day(start))
    else:
        operations.fail(payment=run.payment, because="The biller does not know that account.", at=on_day(start))
    run.refresh_from_db()
    assert run.status == ("PAID" if ends == "settles" else "FAILED")
    deliver_events()
    told = set(Message.objects.values_list("code", flat=True))
    assert ("payments.standing_order_failed" in told) is (ends == "fails")
    assert "payments.failed" not in told, "told once, with its date"
    assert_books_balance()


def test_no_form_of_the_payers_own_takes_the_place_of_a_date(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start), note="Rent")
    taken = f"standing/{order.pk}/{start}"
    own = operations.start(
        payer=payer.owner, from_account=payer, to=payee.number, amount=kes("500"), key=taken, note="Rent",
        at=on_day(start, 6),
    )  # fmt: skip
    pay_now(own, on_day(start, 6))
    run = pay(order, on_day(start, 7))
    assert (run.status, run.payment_id == own.pk, balance_of(payee)) == ("PAID", False, "1000.00")
