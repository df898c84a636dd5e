"""Standing orders pay once on their dates, whoever tries; what they could not pay is said, and they go on."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from apps.accounts import operations as accounts
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.ledger.rules.calendar import easter
from apps.ledger.testing import assert_books_balance
from apps.notifications.models import Message
from apps.notifications.testing import messages_to
from apps.payments import operations, rails, tasks, wake
from apps.payments.errors import BadDates, KeyReused, PaymentExpired, RailNotConnected, ToYourself
from apps.payments.models import Payment, StandingOrder, StandingOrderRun
from apps.payments.operations import run as running
from apps.payments.rails import Destination
from apps.payments.schedule import Schedule
from apps.payments.tests.people import TODAY, answer, draft, on_day, prove, standing, working_day
from apps.users.errors import StepUpRequired
from apps.users.models import User
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def two():
    return make_account(balance="5000"), make_account(make_customer(full_name="Baraka Mwangi"))


def pay(order, at):
    return operations.pay_order(order_id=order.pk, at=at)


def statuses(order):
    return list(order.runs.order_by("due_on").values_list("due_on", "status"))


def test_pays_on_its_date_without_another_proof_and_once(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start), note="Rent")
    assert pay(order, on_day(start - DAY)) is None
    assert pay(order, on_day(start, 5)) is None, "before six in the morning"
    run = pay(order, on_day(start, 7))
    assert (run.status, balance_of(payer), balance_of(payee)) == ("PAID", "4500.00", "500.00")
    assert run.payment.key == f"standing/{order.pk}/{start}"
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
    assert f"{start} was not paid" in messages_to(payer.owner.phone)[-1].body
    give(payer, "2000")
    assert pay(order, on_day(start + 7 * DAY)).status == "PAID"
    assert_books_balance()


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
    order = standing(payer, payee, Schedule("WEEKLY", start), amount="60000" if kind == "limit" else "500")
    if kind == "frozen":
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


class Slow:
    """A rail that takes what it is handed and says nothing."""

    code, settlement = "slow", "mpesa:settlement"

    def destination(self, *, kind, asked, amount, at):
        return Destination("WATER LTD", "888880, W-1", "paybill/888880/W-1", {"paybill": "888880", "account": "W-1"})

    def arrives(self, kind):
        return "Soon"

    def send(self, *, payment, at):
        pass

    def ask(self, *, payment, at):
        pass


@pytest.fixture
def bill(two, monkeypatch):
    payer, _payee = two
    monkeypatch.setitem(rails._rails, "slow", Slow())
    start = working_day()
    place = {"paybill": "888880", "account": "W-1"}
    where = operations.place_outside(rail="slow", kind="BILL_PAYMENT", asked=place, at=now())
    order = operations.set_up_order(
        owner=payer.owner, from_account=payer, where=where, amount=kes("500"),
        schedule=Schedule("MONTHLY", start, start.day), day_off="SAME_DAY", key="bill", at=now(),
    )  # fmt: skip
    return prove(order, now()), start


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


@pytest.mark.parametrize("late", [1, 3])
def test_a_day_the_bank_missed_is_paid_once_when_it_is_up_again(two, late):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start))
    assert pay(order, on_day(start + late * DAY)).status == "PAID"
    assert pay(order, on_day(start + late * DAY, 12)) is None
    order.refresh_from_db()
    assert (order.next_due_on, balance_of(payee)) == (start + 7 * DAY, "500.00")


def test_a_day_missed_for_longer_is_not_paid_any_more_and_the_payer_is_told(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start))
    run = pay(order, on_day(start + 4 * DAY))
    assert (run.status, balance_of(payee), Payment.objects.count()) == ("MISSED", "0.00", 0)
    deliver_events()
    assert "could not pay it in time" in messages_to(payer.owner.phone)[-1].body
    order.refresh_from_db()
    assert order.next_due_on == start + 7 * DAY


def test_a_daily_order_pays_one_of_the_days_the_bank_was_down_and_never_two_at_once(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("DAILY", start))
    at = on_day(start + 2 * DAY)
    while pay(order, at):
        pass
    assert statuses(order) == [(start, "MISSED"), (start + DAY, "MISSED"), (start + 2 * DAY, "PAID")]
    assert balance_of(payee) == "500.00"
    assert_books_balance()


def good_friday():
    year = TODAY.year + (easter(TODAY.year) - 2 * DAY <= TODAY + DAY)
    return easter(year) - 2 * DAY


@pytest.mark.parametrize(
    ("day_off", "after", "status"), [("SAME_DAY", 0, "PAID"), ("NEXT", 4, "PAID"), ("SKIP", 0, "SKIPPED")]
)
def test_on_a_day_off_it_pays_moves_or_leaves_out_as_asked(two, day_off, after, status):
    payer, payee = two
    friday = good_friday()
    order = standing(payer, payee, Schedule("MONTHLY", friday, friday.day), day_off=day_off)
    acted = {}
    for ahead in range(6):
        if run := pay(order, on_day(friday + ahead * DAY)):
            acted[ahead] = run.status
    assert acted == {after: status}
    assert balance_of(payee) == ("0.00" if status == "SKIPPED" else "500.00")


def test_a_day_gazetted_after_it_was_set_up_moves_it_too(two):
    payer, payee = two
    start = working_day(ahead=3)
    order = standing(payer, payee, Schedule("MONTHLY", start, start.day), day_off="NEXT")
    ledger.add_holiday(on=start, name="Idd", notice="GN 1", by=make_staff("ADMIN"), at=now())
    assert pay(order, on_day(start)) is None
    assert pay(order, on_day(start + DAY)).status == "PAID"
    assert statuses(order) == [(start, "PAID")]


def test_skips_the_next_date_once_however_often_it_is_asked(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start))
    for _twice in range(2):
        operations.skip_next(order=order, due_on=start, by=payer.owner, at=now())
    with pytest.raises(IllegalMove):
        operations.skip_next(order=order, due_on=start + DAY, by=payer.owner, at=now())
    with pytest.raises(NotFound):
        operations.skip_next(order=order, due_on=start + 7 * DAY, by=payee.owner, at=now())
    assert statuses(order) == [(start, "SKIPPED")]
    assert pay(order, on_day(start)) is None
    assert pay(order, on_day(start + 7 * DAY)).status == "PAID"


def test_paused_it_pays_nothing_and_resumed_it_makes_up_for_nothing(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start))
    operations.pause_order(order=order, by=payer.owner, at=now())
    with pytest.raises(IllegalMove):
        operations.pause_order(order=order, by=payer.owner, at=now())
    assert pay(order, on_day(start)) is None
    order = operations.resume_order(order=order, by=payer.owner, at=on_day(start + 8 * DAY))
    assert (order.status, order.next_due_on, balance_of(payee)) == ("ACTIVE", start + 14 * DAY, "0.00")
    with pytest.raises(IllegalMove):
        operations.resume_order(order=order, by=payer.owner, at=now())


def test_cancelled_it_is_over_for_good_even_between_two_tries(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start), amount="6000")
    assert pay(order, on_day(start, 6)).status == "WAITING"
    for _twice in range(2):
        operations.cancel_order(order=order, by=payer.owner, at=on_day(start, 8))
    give(payer, "5000")
    assert pay(order, on_day(start, 12)) is None
    with pytest.raises(IllegalMove):
        operations.resume_order(order=order, by=payer.owner, at=now())
    assert balance_of(payee) == "0.00"


def test_tells_of_tomorrow_once_on_the_day_before_it_is_really_paid(two):
    payer, payee = two
    friday = good_friday()
    order = standing(payer, payee, Schedule("MONTHLY", friday, friday.day), day_off="NEXT")
    deliver_events()
    before = len(messages_to(payer.owner.phone))
    said = [operations.tell_of_tomorrow(at=on_day(friday + ahead * DAY)) for ahead in (-1, 0, 1, 2, 3, 3, 4)]
    assert said == [0, 0, 0, 0, 1, 1, 0]
    told = messages_to(payer.owner.phone)[before:]
    assert len(told) == 1, "told twice, written once"
    assert "tomorrow" in told[0].body
    order.refresh_from_db()
    assert order.next_due_on == friday


def test_the_sweep_finds_what_is_due_and_makes_one_task_for_each(two, monkeypatch):
    payer, payee = two
    start = working_day()
    orders = [standing(payer, payee, Schedule("WEEKLY", start), key=f"o{nth}", at=on_day(TODAY, nth)) for nth in (1, 2)]
    standing(payer, payee, Schedule("WEEKLY", start + DAY), key="later", at=on_day(TODAY, 3))
    woken = []
    monkeypatch.setattr(wake, "pay_order", woken.append)
    monkeypatch.setattr(tasks, "now", partial(on_day, start))
    tasks.pay_standing_orders()
    assert woken == [order.pk for order in orders]
    tasks.pay_order(order_id=orders[0].pk)
    assert statuses(orders[0]) == [(start, "PAID")]


def test_on_a_day_off_nobody_is_woken_for_what_waits_for_a_working_day(two):
    payer, payee = two
    friday = good_friday()
    same, waits = (
        standing(
            payer, payee, Schedule("MONTHLY", friday, friday.day), day_off=day_off, key=day_off, at=on_day(TODAY, nth)
        )
        for nth, day_off in enumerate(("SAME_DAY", "NEXT"), 1)
    )
    assert operations.due_orders(at=on_day(friday)) == [same.pk]
    assert operations.due_orders(at=on_day(friday + 4 * DAY)) == [same.pk, waits.pk]


def test_looking_for_what_is_due_costs_two_queries_whatever_their_number(two, django_assert_num_queries):
    payer, payee = two
    start = working_day()
    for nth in range(4):
        standing(payer, payee, Schedule("WEEKLY", start), key=f"o{nth}", at=on_day(TODAY, nth))
    with django_assert_num_queries(2):
        assert len(operations.due_orders(at=on_day(start))) == 4


@pytest.mark.django_db(transaction=True)
def test_eight_workers_pay_one_date_once():
    payer, payee = make_account(balance="5000"), make_account()
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start))
    for hour in (7, 8):
        results = at_once(*[partial(pay, order, on_day(start, hour))] * 8)
        assert not refusals(results)
    assert (balance_of(payee), Payment.objects.count(), StandingOrderRun.objects.count()) == ("500.00", 1, 1)
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_a_claim_of_a_worker_who_dies_is_taken_up_again_and_pays_once(monkeypatch):
    payer, payee = make_account(balance="5000"), make_account()
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start))

    def dies(*_args, **_more):
        raise KeyboardInterrupt  # after the money moved, before the date was written down

    with monkeypatch.context() as patched:
        patched.setattr(running, "move_on", dies)
        with pytest.raises(KeyboardInterrupt):
            pay(order, on_day(start))
    assert (balance_of(payee), StandingOrderRun.objects.count()) == ("0.00", 0)
    assert pay(order, on_day(start, 8)).status == "PAID"
    assert (balance_of(payee), Payment.objects.count()) == ("500.00", 1)
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_an_order_that_another_worker_holds_is_left_to_them():
    payer, payee = make_account(balance="5000"), make_account()
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start))
    with transaction.atomic():
        StandingOrder.objects.select_for_update().get(pk=order.pk)
        [result] = at_once(partial(pay, order, on_day(start)))
    assert result is None
    assert balance_of(payee) == "0.00"
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_cancelling_while_it_pays_leaves_one_of_the_two(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start))
    cancel = partial(operations.cancel_order, order=order, by=payer.owner, at=on_day(start))
    results = at_once(partial(pay, order, on_day(start)), cancel)
    assert not refusals(results)
    order.refresh_from_db()
    assert order.status == "CANCELLED"
    assert balance_of(payee) in {"0.00", "500.00"}
    assert StandingOrderRun.objects.filter(status="PAID").count() == (balance_of(payee) == "500.00")
    assert_books_balance()
