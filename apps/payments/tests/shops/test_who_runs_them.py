"""Whose a shop is, what it is called, its numbers and counters, and what the database keeps true of it."""

import pytest
from django.db import transaction

from apps.accounts.models import Account
from apps.accounts.testing import kes, make_account
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch
from apps.payments import operations
from apps.payments.errors import BadMerchant, KeyReused, ToYourself
from apps.payments.models import Merchant, Payment, PosSale, Settlement
from apps.payments.rules import ke_qr
from apps.payments.rules.tills import is_till_number, till_number
from apps.payments.testing import begin_payment, confirmed, make_sale, make_shop
from apps.payments.tests.shops.till import give_back, pay_out_now, takings
from apps.users.models import BusinessMember
from apps.users.testing import make_business, make_customer

pytestmark = pytest.mark.django_db


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
