"""What must be true of shops after the storm: each code paid once, and each shop paid out what payers' lines say."""

import csv
import io
import json
from decimal import Decimal

from apps.accounts.models import Transaction
from apps.accounts.queries import holding
from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.mpesa.tests.storm.truth import settled
from apps.payments import operations
from apps.payments.models import Payment, PosSale, Settlement
from apps.payments.queries import in_till
from apps.payments.shop_files import csv_of

TAKINGS = "merchants:takings"
FEE, DUTY = Decimal("0.01"), Decimal("0.2")  # of a day's sales; of the fee


def assert_codes_are_paid_once(refused):
    """Of all who confirmed a code at once one paid; who came too late was told so, and nobody was refused but them."""
    scanned = Payment.objects.exclude(sale=None)
    late = scanned.filter(status="AWAITING_CONFIRMATION", hold_id=None, transfer_id=None)
    paid = scanned.filter(status="COMPLETED")
    told = {payment: json.loads(answer)["code"] for payment, answer in refused.items()}
    assert told == dict.fromkeys(late.values_list("pk", flat=True), "sale_over") != {}
    assert late.count() + paid.count() == scanned.count()
    sales = PosSale.objects.filter(status="PAID").order_by("pk")
    assert list(paid.order_by("sale").values_list("sale", "pk")) == list(sales.values_list("pk", "payment"))
    assert sales.count() == PosSale.objects.count()


def assert_each_gets_what_it_took(town):
    """Takings are what the lines of payers say, and the day's settlement pays all of it but one per cent and duty."""
    took = {shop: _taken_from(town.accounts, shop) for shop in town.shops}
    assert {shop: in_till(shop).rest for shop in town.shops} == took
    assert settled(TAKINGS) == sum(money.minor for money in took.values())
    operations.pay_out_merchants(day=local_date(now()), at=now())
    assert settled(TAKINGS) == 0
    for shop, sales in took.items():
        fee = sales.times(FEE)
        row = Settlement.objects.get(merchant=shop)
        assert (row.sales, row.net) == (sales, sales - fee - fee.times(DUTY))
        assert holding(shop.settlement_account).available == row.net
        _assert_report_adds_up(row)


def _taken_from(accounts, shop):
    lines = Transaction.objects.filter(account__in=accounts, merchant=shop.trading_name)
    assert lines.count() == Payment.objects.filter(merchant=shop, status="COMPLETED").count() > 0
    return Money(-sum(lines.values_list("amount_minor", flat=True)), shop.currency)


def _assert_report_adds_up(row):
    """The file that the shop reads: its sales, one a line, make the first total; the last is what is left of it."""
    lines = list(csv.reader(io.StringIO(csv_of(row).decode("utf-8-sig"))))[1:]
    *sales, total, refunds, fee, duty, paid_out = [Decimal(line[4]) for line in lines]
    assert len(sales) == row.sales_count
    assert sum(sales) == total == row.sales.amount
    assert total - refunds - fee - duty == paid_out == row.net.amount
