"""Standing orders with many workers at once, one of whom dies, and what looking for them costs."""

from functools import partial

import pytest
from django.db import connection, transaction

from apps.accounts.testing import balance_of, make_account
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance
from apps.payments import operations
from apps.payments.models import Payment, StandingOrder, StandingOrderRun
from apps.payments.operations import run as running
from apps.payments.schedule import Schedule
from apps.payments.tests.people import TODAY, on_day, standing, working_day
from apps.payments.tests.standing.orders import pay

pytestmark = pytest.mark.django_db


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
