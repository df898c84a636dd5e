"""A shop is paid once for what it asked, is paid out once a day, and gives back no more than it got."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountNotActive
from apps.accounts.models import Account, Transaction
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import local_date, now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import eod, verification
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import operations
from apps.payments.errors import BadMerchant, BadQr, KeyReused, MerchantClosed, NotRefundable, SaleOver, ToYourself
from apps.payments.models import Merchant, Payment, PosSale, Refund, Settlement
from apps.payments.operations import pay_out
from apps.payments.rules import ke_qr
from apps.payments.rules.tills import is_till_number, till_number
from apps.payments.testing import begin_payment, confirmed, make_sale, make_shop, raise_tier
from apps.users.models import BusinessMember
from apps.users.testing import make_business, make_customer, make_staff

pytestmark = pytest.mark.django_db
DAY = local_date(now())


def takings() -> str:
    """What the bank owes shops in its books."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(-sum(e.amount_minor), 0) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id "
            "WHERE a.code = '2085-KES'"
        )
        return f"{Money(int(cursor.fetchone()[0]), 'KES').amount:f}"


def books_hold() -> None:
    assert_books_balance()
    mine = ("sales_are_paid_once", "takings_are_what_is_not_paid_out", "settlements_are_booked")
    assert verification.verify([f"payments.{name}" for name in (*mine, "no_more_goes_back_than_was_paid")]) == []


def income(line: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(-sum(e.amount_minor), 0) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id "
            "WHERE a.code = %s",
            [f"{line}-KES"],
        )
        return f"{Money(int(cursor.fetchone()[0]), 'KES').amount:f}"


def give_back(payment, amount, *, key="r-1", by=None, reason="Returned goods"):
    return operations.refund_by_merchant(
        payment=payment, amount=kes(amount), reason=reason, key=key, by=by or payment.merchant.created_by, at=now()
    )


@pytest.fixture
def payer():
    return make_account(balance="50000")


@pytest.fixture
def shop():
    return make_shop(make_account())


def pay_out_now(day=DAY):
    return operations.pay_out_merchants(day=day, at=now())


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


def test_a_day_is_paid_out_once_however_often_and_by_the_end_of_day(payer, shop):
    confirmed(begin_payment(payer, shop.till, "1000"))
    assert pay_out_now().shops == 1
    assert pay_out_now().shops == 0
    assert "payments.pay_out_merchants" in [step.name for step in eod.steps()]
    confirmed(begin_payment(payer, shop.till, "100"))
    assert pay_out_now().shops == 0  # that day is settled: the rest comes with the next
    assert pay_out_now(DAY + timedelta(days=1)).shops == 1
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
            assert pay_out_now(DAY + timedelta(days=count)).shops == count
        return len(made)

    assert queries(5) == queries(1)


def test_a_refund_before_settlement_comes_from_the_takings(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    row = give_back(payment, "400")
    assert (row.from_takings, takings(), balance_of(payer)) == (True, "600.00", "49400.00")
    line = Transaction.objects.get(transfer_id=row.transfer_id)
    assert (line.merchant, line.mcc, line.txn_type) == ("Duka la Achieng", "5411", "REFUND")
    assert give_back(payment, "400").pk == row.pk
    with pytest.raises(KeyReused):
        give_back(payment, "401")
    with pytest.raises(NotRefundable):
        give_back(payment, "600.01", key="r-2")
    pay_out_now()
    paid = Settlement.objects.get()
    assert [f"{money.amount:f}" for money in (paid.sales, paid.refunds, paid.fee, paid.duty, paid.net)] == [
        "1000.00", "400.00", "6.00", "1.20", "592.80"
    ]  # fmt: skip
    books_hold()


def test_a_day_given_back_in_full_is_settled_with_nothing(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    give_back(payment, "1000")
    payment.refresh_from_db()
    pay_out_now()
    assert (payment.status, Settlement.objects.get().net_minor, takings()) == ("REVERSED", 0, "0.00")
    assert balance_of(shop.settlement_account) == "0.00"
    books_hold()


def test_a_refund_after_settlement_comes_from_the_account_it_was_paid_into(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    pay_out_now()
    row = give_back(payment, "300")
    assert (row.from_takings, balance_of(shop.settlement_account)) == (False, "688.00")
    with pytest.raises(InsufficientFunds):
        give_back(payment, "700", key="r-2")
    give(shop.settlement_account, "12")
    give_back(payment, "700", key="r-2")
    payment.refresh_from_db()
    assert (payment.status, balance_of(payer), balance_of(shop.settlement_account)) == ("REVERSED", "50000.00", "0.00")
    deliver_events()
    books_hold()


def test_a_frozen_shop_gives_nothing_back_by_itself(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    pay_out_now()
    accounts.freeze(account=shop.settlement_account, by=shop.owner, at=now())
    with pytest.raises(AccountNotActive):
        give_back(payment, "300")
    assert not Refund.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_refunds_raced_give_back_no_more_than_was_paid():
    payer, shop = make_account(balance="1000"), make_shop(make_account())
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    results = at_once(*[lambda key=f"r-{nth}": give_back(payment, "600", key=key) for nth in range(4)])
    assert [type(no) for no in refusals(results)] == [NotRefundable] * 3
    assert (balance_of(payer), takings()) == ("600.00", "400.00")
    books_hold()


@pytest.mark.django_db(transaction=True)
def test_a_refund_raced_with_the_settlement_is_inside_it_or_after_it():
    payer, shop = make_account(balance="1000"), make_shop(make_account(balance="500"))
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    assert refusals(at_once(lambda: give_back(payment, "400"), pay_out_now)) == []
    assert balance_of(payer) == "400.00"
    books_hold()


def test_staff_give_back_for_a_shop_by_the_same_rules(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    manager = make_staff("BRANCH_MANAGER")
    done = operations.refund(payment=payment, amount=kes("250"), reason="Complaint", key="k", by=manager, at=now())
    assert (done.status, done.from_takings, takings()) == ("DONE", True, "750.00")
    with pytest.raises(NotRefundable):
        give_back(payment, "751")
    books_hold()


def test_a_closed_account_leaves_the_takings_and_the_day_goes_on(payer, shop):
    other = make_shop(make_account(), trading_name="Other")
    for one in (shop, other):
        confirmed(begin_payment(payer, one.till, "100"))
    accounts.close(account=shop.settlement_account, by=shop.owner, at=now())
    paid = pay_out_now()
    assert (paid.shops, paid.left, takings()) == (1, 1, "100.00")
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


def test_nobody_else_acts_for_a_shop_and_nobody_pays_themselves(payer, shop):
    sale, stranger = make_sale(shop), make_customer()
    payment = confirmed(begin_payment(payer, shop.till, "100"))
    with pytest.raises(ToYourself):
        begin_payment(make_account(shop.owner, balance="10"), shop.till, "1")
    acts = [
        lambda: operations.void_sale(sale=sale, by=stranger, at=now()),
        lambda: operations.ask_sale(merchant=shop, amount=kes("1"), key="x", by=stranger, at=now()),
        lambda: operations.add_terminal(merchant=shop, label="Till", code="T1", by=stranger, at=now()),
        lambda: operations.close_merchant(merchant=shop, by=stranger, at=now()),
        lambda: give_back(payment, "1", by=stranger),
        lambda: make_shop(payer, by=stranger),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotAllowed):
        give_back(payment, "1", reason=" ")
    assert takings() == "100.00"


def test_a_business_has_a_shop_its_signatories_run_and_its_viewers_see():
    owner, viewer, signer = make_customer(), make_customer(), make_customer()
    business, account = make_business(owner), make_account(owner)
    for person, role in ((viewer, "VIEWER"), (signer, "SIGNATORY")):
        BusinessMember.objects.create(business=business, user=person, role=role, joined_at=now())
    shop = make_shop(account, business=business, by=signer)
    assert (shop.owner_id, shop.business_id) == (None, business.pk)
    assert operations.ask_sale(merchant=shop, amount=kes("5"), key="a", by=owner, at=now()).status == "OPEN"
    with pytest.raises(NotAllowed):
        operations.ask_sale(merchant=shop, amount=kes("5"), key="b", by=viewer, at=now())
    with pytest.raises(NotAllowed):
        make_shop(account, business=business, by=viewer)
    assert shop in Merchant.objects.visible_to(viewer)
    assert shop not in Merchant.objects.run_by(viewer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"trading_name": ""},
        {"trading_name": "x" * 26},
        {"trading_name": "Ñandú"},
        {"town": "x" * 16},
        {"trade": "0000"},
    ],
)
def test_a_shop_needs_words_a_code_can_hold(wrong):
    with pytest.raises(BadMerchant):
        make_shop(make_account(), **wrong)
    assert not Merchant.objects.exists()


def test_forms_count_once_and_terminals_are_the_shops_own(shop):
    account = shop.settlement_account
    first = make_shop(account, key="same")
    assert make_shop(account, key="same").pk == first.pk
    with pytest.raises(KeyReused):
        make_shop(account, key="same", town="Nairobi")
    with pytest.raises(CurrencyMismatch):
        make_shop(make_account(shop.owner, product="USD_CURRENT"))
    terminal = operations.add_terminal(merchant=shop, label="Counter", code="t1", by=shop.owner, at=now())
    again = operations.add_terminal(merchant=shop, label="Counter", code="T1", by=shop.owner, at=now())
    assert (terminal.code, again.pk) == ("T1", terminal.pk)
    with pytest.raises(BadMerchant):
        operations.add_terminal(merchant=shop, label="Another", code="T1", by=shop.owner, at=now())
    with pytest.raises(BadMerchant):
        make_sale(first, terminal=terminal)
    sale = make_sale(shop, "5", terminal=terminal, key="k")
    assert make_sale(shop, "5", terminal=terminal, key="k").pk == sale.pk
    with pytest.raises(KeyReused):
        make_sale(shop, "6", terminal=terminal, key="k")
    assert ke_qr.read(operations.code_of_sale(sale)).terminal == "T1"
    with pytest.raises(BadAmount):
        make_sale(shop, "0")


def test_till_numbers_catch_a_slip_and_are_no_tills_of_others():
    assert is_till_number(till_number(42))
    slips = [till_number(42)[:place] + str((int(till_number(42)[place]) + 1) % 10) + till_number(42)[place + 1 :]
             for place in range(8)]  # fmt: skip
    assert not any(map(is_till_number, [*slips, "300584", "0722000114", "", "8" * 7]))


def test_the_database_keeps_shops_true(payer, shop):
    payment, sale = confirmed(begin_payment(payer, shop.till, "100")), make_sale(shop)
    pay_out_now()
    row, rows = Settlement.objects.get(), Payment.objects.filter(pk=payment.pk)
    wrong = [
        lambda: PosSale.objects.filter(pk=sale.pk).update(status="PAID", over_at=now()),
        lambda: PosSale.objects.filter(pk=sale.pk).update(status="VOIDED"),
        lambda: Merchant.objects.filter(pk=shop.pk).update(owner=None),
        lambda: Merchant.objects.filter(pk=shop.pk).update(till="30058400"),
        lambda: rows.update(merchant=None),
        lambda: rows.update(to_account=shop.settlement_account),
        lambda: Settlement.objects.filter(pk=row.pk).update(net_minor=1),
        lambda: Settlement.objects.filter(pk=row.pk).delete(),
    ]
    for act in wrong:
        with pytest.raises(Exception, match=r"violates|Cannot|cannot|referenced"), transaction.atomic():
            act()
    assert Account.objects.filter(pk=shop.settlement_account_id).exists()
