"""Shops are paid by code: each sale once, by one payer, in time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.accounts.models import Transaction
from apps.accounts.testing import balance_of, make_account
from apps.kernel.clock import now
from apps.kernel.money import BadAmount, CurrencyMismatch
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.notifications.testing import messages_to
from apps.payments import operations
from apps.payments.errors import BadQr, SaleOver
from apps.payments.rules import ke_qr
from apps.payments.testing import begin_payment, confirmed, make_sale, make_shop, raise_tier
from apps.payments.tests.shops.till import books_hold, takings
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


def test_a_sale_is_paid_once_by_its_code_and_the_line_says_where(payer, shop):
    sale = make_sale(shop, "350")
    done = confirmed(begin_payment(payer, operations.code_of_sale(sale)))
    sale.refresh_from_db()
    assert (done.kind, done.status, done.fee_minor, sale.status, sale.payment_id) == (
        "QR_PAYMENT", "COMPLETED", 0, "PAID", done.pk
    )  # fmt: skip
    line = Transaction.objects.get(transfer_id=done.transfer_id)
    assert (line.merchant, line.mcc, f"{line.amount.amount:f}") == ("Duka la Achieng", "5411", "-350.00")
    assert (balance_of(payer), balance_of(shop.settlement_account), takings()) == ("49650.00", "0.00", "350.00")
    deliver_events()
    assert "Duka la Achieng" in messages_to(payer.owner.phone)[-1].body
    books_hold()


def test_the_open_code_and_the_typed_number_take_any_amount(payer, shop):
    by_code = confirmed(begin_payment(payer, operations.code_of_merchant(shop), "20"))
    typed = confirmed(begin_payment(payer, f"{shop.till[:4]} {shop.till[4:]}", "30"))
    assert (by_code.kind, typed.kind, typed.payee_name) == ("QR_PAYMENT", "MERCHANT_PAYMENT", "Duka la Achieng")
    assert takings() == "50.00"
    with pytest.raises(BadAmount):
        begin_payment(payer, operations.code_of_merchant(shop))
    books_hold()


@pytest.mark.django_db(transaction=True)
def test_one_code_scanned_by_two_at_once_is_paid_by_one():
    payers, shop = [make_account(balance="1000") for _nth in range(2)], make_shop(make_account())
    text = operations.code_of_sale(make_sale(shop, "400"))
    payments = [begin_payment(one, text) for one in payers]
    results = at_once(*[lambda payment=payment: confirmed(payment) for payment in payments])
    assert [type(no) for no in refusals(results)] == [SaleOver]
    assert sorted(balance_of(one) for one in payers) == ["1000.00", "600.00"]
    assert takings() == "400.00"
    books_hold()


def test_refuses_late_voided_altered_and_damaged_codes_and_moves_nothing(payer, shop):
    sale = make_sale(shop, "40")
    text = operations.code_of_sale(sale)
    ask = ke_qr.read(text)
    other = make_shop(make_account(), trading_name="Another")
    altered = [
        ke_qr.write(replace(ask, amount="4.00")),
        ke_qr.write(replace(ask, amount=None)),
        ke_qr.write(replace(ask, currency="USD")),
        ke_qr.write(replace(ask, payee=ke_qr.Payee(ke_qr.Kind.MERCHANT, other.till))),
        ke_qr.write(replace(ask, reference="K222222222")),
        text[:-4] + "0000",
    ]
    for wrong in altered:
        with pytest.raises((BadQr, CurrencyMismatch)):
            begin_payment(payer, wrong)
    with pytest.raises(BadQr):
        begin_payment(payer, text, "39")
    with pytest.raises(SaleOver):
        begin_payment(payer, text, at=now() + timedelta(minutes=16))
    begun = begin_payment(payer, text)
    operations.void_sale(sale=sale, by=shop.owner, at=now())
    with pytest.raises(SaleOver):
        confirmed(begun)
    with pytest.raises(SaleOver):
        begin_payment(payer, text)
    assert (balance_of(payer), takings()) == ("50000.00", "0.00")
    books_hold()


def test_a_sale_that_is_held_belongs_to_its_payer_until_it_is_over(shop):
    payer, other = make_account(raise_tier(make_customer()), balance="50000"), make_account(balance="50000")
    sale = make_sale(shop, "20000")
    held = confirmed(begin_payment(payer, operations.code_of_sale(sale)))
    assert held.status == "HELD"
    with pytest.raises(SaleOver):
        begin_payment(other, operations.code_of_sale(sale))
    with pytest.raises(SaleOver):
        operations.void_sale(sale=sale, by=shop.owner, at=now())
    assert operations.expire_sales(at=now() + timedelta(hours=1)) == 0
    books_hold()
    operations.cancel(payment=held, by=payer.owner, at=now())
    sale.refresh_from_db()
    assert (sale.status, sale.payment_id) == ("OPEN", None)
    again = confirmed(begin_payment(payer, operations.code_of_sale(sale)))
    operations.let_go_on(payment=again, at=now())
    sale.refresh_from_db()
    assert (sale.status, takings()) == ("PAID", "20000.00")
    books_hold()


def test_sales_run_out_and_are_void_only_before_they_are_paid(payer, shop):
    paid, late, void = (make_sale(shop, "10") for _nth in range(3))
    confirmed(begin_payment(payer, operations.code_of_sale(paid)))
    assert operations.void_sale(sale=void, by=shop.owner, at=now()).status == "VOIDED"
    assert operations.void_sale(sale=void, by=shop.owner, at=now()).status == "VOIDED"
    assert operations.expire_sales(at=now() + timedelta(minutes=15, seconds=1)) == 1
    late.refresh_from_db()
    assert late.status == "EXPIRED"
    for sale in (paid, late):
        with pytest.raises(SaleOver):
            operations.void_sale(sale=sale, by=shop.owner, at=now())


@pytest.mark.django_db(transaction=True)
def test_a_sale_is_either_paid_or_void():
    payer, shop = make_account(balance="1000"), make_shop(make_account())
    sale = make_sale(shop, "100")
    payment = begin_payment(payer, operations.code_of_sale(sale))
    results = at_once(lambda: confirmed(payment), lambda: operations.void_sale(sale=sale, by=shop.owner, at=now()))
    assert len(refusals(results)) == 1
    sale.refresh_from_db()
    assert (sale.status, takings()) in [("PAID", "100.00"), ("VOIDED", "0.00")]
    books_hold()
