"""What shops took is paid out the next day, once, less fee and duty; a closed shop loses nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.accounts.models import FeeBand, FeeRule, Transaction
from apps.accounts.testing import balance_of, make_account
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import local_date, now
from apps.kernel.errors import IllegalMove
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import eod
from apps.notifications.testing import messages_to
from apps.payments import operations
from apps.payments.errors import MerchantClosed
from apps.payments.models import Payment, Settlement
from apps.payments.operations import pay_out
from apps.payments.testing import begin_payment, confirmed, make_sale, make_shop
from apps.payments.tests.shops.till import books_hold, income, pay_out_now, takings

pytestmark = pytest.mark.django_db


def test_is_paid_out_the_next_day_less_fee_and_duty_in_one_line(payer, shop):
    for amount in ("1000", "500"):
        confirmed(begin_payment(payer, shop.till, amount))
    later = confirmed(begin_payment(payer, shop.till, "70"))
    Payment.objects.filter(pk=later.pk).update(completed_at=now() + timedelta(days=1))
    paid = pay_out_now()
    row = Settlement.objects.get()
    figures = [f"{money.amount:f}" for money in (row.sales, row.refunds, row.fee, row.duty, row.net)]
    assert figures == ["1500.00", "0.00", "15.00", "3.00", "1482.00"]
    line = Transaction.objects.get(account=shop.settlement_account)
    assert (line.txn_type, line.reference, f"{line.amount.amount:f}") == ("SETTLEMENT", row.reference, "1482.00")
    assert "2 sales" in line.description
    assert (paid.shops, paid.minor, takings()) == (1, 148200, "70.00")
    assert (income("4120"), income("2110")) == ("15.00", "3.00")
    deliver_events()
    assert "1,482.00" in messages_to(shop.owner.phone)[-1].body
    assert AuditLog.objects.filter(action="payments.merchants.settled").count() == 1
    books_hold()


def test_takings_above_the_last_band_of_the_tariff_stop_no_day_and_are_charged_as_that_band_says(payer, shop):
    rule = FeeRule.objects.create(charged_for="MERCHANT_FEE", currency="KES", valid_from=local_date(now()))
    FeeBand.objects.create(rule=rule, upto_minor=100_000, rate=Decimal("0.02"))
    confirmed(begin_payment(payer, shop.till, "1500"))
    assert pay_out_now().shops == 1
    row = Settlement.objects.get()
    assert [f"{money.amount:f}" for money in (row.sales, row.fee, row.duty, row.net)] == [
        "1500.00", "30.00", "6.00", "1464.00"
    ]  # fmt: skip
    books_hold()


def test_a_day_is_paid_out_once_however_often_and_by_the_end_of_day(payer, shop):
    confirmed(begin_payment(payer, shop.till, "1000"))
    assert pay_out_now().shops == 1
    assert pay_out_now().shops == 0
    assert "payments.pay_out_merchants" in [step.name for step in eod.steps()]
    confirmed(begin_payment(payer, shop.till, "100"))
    assert pay_out_now().shops == 0  # that day is settled: the rest comes with the next
    assert pay_out_now(days_on=1).shops == 1
    assert (Settlement.objects.count(), takings()) == (2, "0.00")
    books_hold()


def test_a_run_that_is_killed_between_two_chunks_goes_on_where_it_stood(payer, monkeypatch):
    shops = [make_shop(make_account(), trading_name=f"Duka {nth}") for nth in range(3)]
    for one in shops:
        confirmed(begin_payment(payer, one.till, "100"))
    monkeypatch.setattr(pay_out, "SHOPS_AT_ONCE", 1)
    whole, calls = pay_out._chunk, []

    def dies_the_second_time(*given):
        calls.append(given)
        if len(calls) == 2:
            with transaction.atomic():
                whole(*given)
                raise RuntimeError("killed")
        return whole(*given)

    monkeypatch.setattr(pay_out, "_chunk", dies_the_second_time)
    with pytest.raises(RuntimeError):
        pay_out_now()
    assert (Settlement.objects.count(), takings()) == (1, "200.00")
    books_hold()
    assert pay_out_now().shops == 2
    assert [balance_of(one.settlement_account) for one in shops] == ["98.80"] * 3
    books_hold()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_pay_out_once():
    payer, shop = make_account(balance="1000"), make_shop(make_account())
    confirmed(begin_payment(payer, shop.till, "1000"))
    results = at_once(pay_out_now, pay_out_now)
    assert all(isinstance(no, IntegrityError) for no in refusals(results))
    assert (Settlement.objects.count(), balance_of(shop.settlement_account)) == (1, "988.00")
    books_hold()


def test_many_shops_cost_as_many_queries_as_one(payer):
    def queries(count):
        for nth in range(count):
            confirmed(begin_payment(payer, make_shop(make_account(), trading_name=f"Duka {nth}").till, "10"))
        with CaptureQueriesContext(
            connection,
        ) as made:
            assert pay_out_now(days_on=count).shops == count
        return len(made)

    assert queries(5) == queries(1)


def test_a_closed_account_leaves_the_takings_and_the_day_goes_on(payer, shop):
    other = make_shop(make_account(), trading_name="Other")
    for one in (shop, other):
        confirmed(begin_payment(payer, one.till, "100"))
    accounts.close(account=shop.settlement_account, by=shop.owner, at=now())
    paid = pay_out_now()
    assert (paid.shops, paid.left, takings()) == (1, 1, "100.00")
    books_hold()


def test_a_payment_begun_before_its_shop_closed_moves_nothing(payer, shop):
    rich = make_account(balance="50000")
    begun, held = begin_payment(payer, shop.till, "100"), confirmed(begin_payment(rich, shop.till, "20000"))
    assert held.status == "HELD"
    operations.close_merchant(merchant=shop, by=shop.owner, at=now())
    with pytest.raises(MerchantClosed):
        confirmed(begun)
    assert operations.let_go_on(payment=held, at=now()).status == "FAILED"
    assert (balance_of(payer), balance_of(rich), takings()) == ("50000.00", "50000.00", "0.00")
    books_hold()


def test_a_closed_shop_is_not_paid_but_paid_out(payer, shop):
    confirmed(begin_payment(payer, shop.till, "100"))
    sale = make_sale(shop, "5")
    operations.close_merchant(merchant=shop, by=shop.owner, at=now())
    for to in (shop.till, operations.code_of_merchant(shop), operations.code_of_sale(sale)):
        with pytest.raises(MerchantClosed):
            begin_payment(payer, to, "5")
    with pytest.raises(MerchantClosed):
        make_sale(shop)
    with pytest.raises(IllegalMove):
        operations.close_merchant(merchant=shop, by=shop.owner, at=now())
    assert pay_out_now().shops == 1
