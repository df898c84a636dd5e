"""Standing orders on days off, missed days, skipped dates, pauses, and the day before."""

from functools import partial

import pytest

from apps.accounts.testing import balance_of, give
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.testing import deliver_events
from apps.ledger import operations as ledger
from apps.ledger.testing import assert_books_balance
from apps.notifications import operations as notifications
from apps.notifications.models import Alert
from apps.notifications.testing import messages_to
from apps.payments import operations, tasks, wake
from apps.payments.errors import BadDates
from apps.payments.models import Payment, StandingOrder
from apps.payments.schedule import Schedule
from apps.payments.tests.people import TODAY, draft, on_day, standing, working_day
from apps.payments.tests.standing.orders import DAY, good_friday, pay, statuses
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(
    ("cadence", "times", "ends"), [("ONCE", None, True), ("WEEKLY", 1, True), ("WEEKLY", 2, False)]
)
def test_a_last_date_left_out_on_a_day_off_is_told_as_not_paid(two, cadence, times, ends):
    payer, payee = two
    start = working_day(ahead=3)
    order = standing(payer, payee, Schedule(cadence, start, times=times), day_off="SKIP")
    ledger.add_holiday(on=start, name="Idd", notice="GN 1", by=make_staff("ADMIN"), at=now())
    deliver_events()
    before = len(messages_to(payer.owner.phone))
    assert pay(order, on_day(start)).status == "SKIPPED"
    deliver_events()
    told = [message.body for message in messages_to(payer.owner.phone)[before:]]
    assert any("was not paid" in body and "public holiday" in body for body in told) is ends
    order.refresh_from_db()
    assert (order.status, balance_of(payee)) == ("DONE" if ends else "ACTIVE", "0.00")


def test_an_order_all_of_whose_dates_would_be_left_out_is_not_set_up(two):
    saturday = working_day(ahead=4) - 4 * DAY
    never = (Schedule("ONCE", saturday), Schedule("WEEKLY", saturday), Schedule("DAILY", saturday, times=2))
    for schedule in never:
        with pytest.raises(BadDates, match="all would be left out"):
            draft(*two, schedule, day_off="SKIP")
    assert not StandingOrder.objects.exists()
    for nth, schedule in enumerate((Schedule("DAILY", saturday, times=3), Schedule("MONTHLY", saturday, saturday.day))):
        draft(*two, schedule, day_off="SKIP", key=str(nth))
    draft(*two, Schedule("WEEKLY", saturday), day_off="SAME_DAY", key="same")


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


@pytest.mark.parametrize(("day_off", "weeks"), [("NEXT", 0), ("SAME_DAY", 1)])
def test_resumed_before_the_working_day_a_date_moved_to_it_pays_on_that_day(two, day_off, weeks):
    payer, payee = two
    saturday = working_day(ahead=4) - 4 * DAY
    order = standing(payer, payee, Schedule("WEEKLY", saturday), day_off=day_off)
    operations.pause_order(order=order, by=payer.owner, at=on_day(saturday + DAY))
    order = operations.resume_order(order=order, by=payer.owner, at=on_day(saturday + DAY, 10))
    assert order.next_due_on == saturday + weeks * 7 * DAY
    paid = pay(order, on_day(saturday + 2 * DAY))
    assert (paid.status if paid else None) == ("PAID" if day_off == "NEXT" else None)
    operations.pause_order(order=order, by=payer.owner, at=on_day(saturday + 2 * DAY, 12))
    order = operations.resume_order(order=order, by=payer.owner, at=on_day(saturday + 2 * DAY, 13))
    assert order.next_due_on == saturday + 7 * DAY


def test_paused_between_two_tries_and_resumed_later_that_date_waits_for_nothing(two):
    payer, payee = two
    start = working_day()
    order = standing(payer, payee, Schedule("WEEKLY", start), amount="9000")
    assert pay(order, on_day(start)).status == "WAITING"
    operations.pause_order(order=order, by=payer.owner, at=on_day(start, 10))
    operations.resume_order(order=order, by=payer.owner, at=on_day(start + DAY))
    assert statuses(order) == [(start, "SKIPPED")]


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
    assert not Alert.objects.filter(user=payer.owner).exists(), "money to a person is no bill"
    order.refresh_from_db()
    assert order.next_due_on == friday


def test_tells_again_when_a_day_gazetted_after_the_notice_moves_the_payment_on(two):
    payer, payee = two
    due = working_day(ahead=3)
    order = standing(payer, payee, Schedule("MONTHLY", due, due.day), day_off="NEXT")
    deliver_events()
    before = len(messages_to(payer.owner.phone))
    assert operations.tell_of_tomorrow(at=on_day(due - DAY)) == 1
    ledger.add_holiday(on=due, name="Idd", notice="GN 1", by=make_staff("ADMIN"), at=now())
    assert pay(order, on_day(due)) is None
    for _twice in range(2):
        assert operations.tell_of_tomorrow(at=on_day(due)) == 1
    told = messages_to(payer.owner.phone)[before:]
    assert len(told) == 2, "once for each day it was to be paid on"
    assert pay(order, on_day(due + DAY)).status == "PAID"


def test_a_bill_of_tomorrow_is_one_alert_beside_its_message(two):
    payer, payee = two
    due = working_day(2)
    order = standing(payer, payee, Schedule("MONTHLY", due, due.day))
    StandingOrder.objects.filter(pk=order.pk).update(kind="BILL_PAYMENT")
    notifications.subscribe(user=payer.owner, type="BILL_DUE", channel="SMS", is_on=True, at=now())
    deliver_events()
    before = len(messages_to(payer.owner.phone))
    for _twice in range(2):
        operations.tell_of_tomorrow(at=on_day(due - DAY))
    assert len(messages_to(payer.owner.phone)) == before + 1
    raised = Alert.objects.get(user=payer.owner)
    assert (raised.type, raised.about) == ("BILL_DUE", f"standing-orders/{order.public_id}/{due}")
    assert "500.00" in raised.message


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
