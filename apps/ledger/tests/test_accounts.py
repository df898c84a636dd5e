"""Opening accounts, the chart, and the way from a product to its account."""

import pytest

from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.errors import BelowFloor, ReferenceReused
from apps.ledger.models import GlPurpose, LedgerAccount, LockedBalance
from apps.ledger.operations.accounts import forget_gl_map
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay
from apps.ledger.tests.test_post import refused

pytestmark = pytest.mark.django_db


def test_opens_an_account_once():
    asked = {"code": "wallet/1", "name": "W", "kind": "LIABILITY", "currency": "KES", "parent_code": "2010-KES"}
    first = ledger.open_account(**asked, owner_reference="accounts/1", at=NOON)
    again = ledger.open_account(**asked, owner_reference="accounts/1", at=NOON)
    assert first == again == books.account_by_code("wallet/1")
    assert (first.side, first.is_locked) == (-1, True)
    row = LedgerAccount.objects.get(pk=first.id)
    assert (row.parent.code, row.opened_at) == ("2010-KES", NOON)
    assert LockedBalance.objects.get(pk=first.id).posted == kes(0)
    with pytest.raises(ReferenceReused):
        ledger.open_account(**asked, owner_reference="accounts/2", at=NOON)


def test_opens_many_with_few_queries(django_assert_num_queries):
    wanted = [
        ledger.AccountToOpen(code=f"w/{nth}", name="W", kind="LIABILITY", currency="KES", parent_code="2010-KES")
        for nth in range(200)
    ]
    with django_assert_num_queries(1):
        refs = ledger.open_accounts(wanted, at=NOON)
    assert [ref.code for ref in refs] == [one.code for one in wanted]
    assert len({ref.id for ref in refs}) == 200
    assert_books_balance()


def test_opens_under_an_account_that_is_not_of_the_chart():
    parent = ledger.open_account(
        code="branch/1", name="B", kind="LIABILITY", currency="KES", mode=ledger.DERIVED, at=NOON
    )
    child = ledger.open_account(
        code="branch/1/a", name="A", kind="LIABILITY", currency="KES", parent_code="branch/1", at=NOON
    )
    assert LedgerAccount.objects.get(pk=child.id).parent_id == parent.id
    assert not parent.is_locked
    with pytest.raises(LookupError):
        ledger.open_account(code="x", name="X", kind="ASSET", currency="KES", parent_code="none", at=NOON)


def test_refuses_a_floor_or_currency_that_does_not_fit():
    with pytest.raises(ledger.WrongCurrency):
        open_wallet(floor=Money.of(1, "USD"))
    with pytest.raises(ValueError, match="opens empty"):
        open_wallet(floor=kes(1))
    wallet = open_wallet(10)
    with pytest.raises(ledger.WrongCurrency):
        ledger.set_floor(wallet, Money.of(1, "USD"), at=NOON)
    with pytest.raises(ledger.WrongCurrency):
        ledger.set_floor(wallet.id, Money.of(1, "USD"), at=NOON)


def test_sets_a_floor_that_the_balance_covers():
    wallet = open_wallet(10)
    ledger.set_floor(wallet, kes(4), at=NOON)
    assert books.balance(wallet.id).available == kes(6)
    no = refused(BelowFloor, lambda: ledger.set_floor(wallet, kes("10.01"), at=NOON))
    assert no.facts["available"]["amount"] == "10.00"


@pytest.mark.parametrize("currency", ["KES", "USD", "EUR", "GBP", "UGX", "TZS"])
def test_every_purpose_has_an_account(currency):
    accounts = {account.pk: account for account in LedgerAccount.objects.filter(currency=currency)}
    for purpose in GlPurpose.objects.all():
        ref = ledger.gl(purpose.code, currency)
        row = accounts[ref.id]
        assert (row.code, row.kind, row.role != "HEADING") == (ref.code, ref.kind, True)


def test_opens_the_chart_in_another_currency_once():
    with pytest.raises(ledger.Unbalanced):
        ledger.debit("cash:vault", Money.zero("RWF"))
    opened = ledger.ensure_chart("RWF", at=NOON)
    assert opened == LedgerAccount.objects.filter(code__endswith="-KES").count()
    assert ledger.ensure_chart("RWF", at=NOON) == 0
    wallet = open_wallet(50, currency="RWF")
    pay(wallet, "fees:transfer", Money(7, "RWF"))
    assert_books_balance()


def test_the_map_can_be_changed():
    try:
        assert ledger.gl("fees:transfer", "KES").code == "4040-KES"
        ledger.map_gl(purpose="fees:transfer", line=4900)
        assert ledger.gl("fees:transfer", "KES").code == "4900-KES"
        ledger.map_gl(purpose="fees:raffle", line=4900)
        assert ledger.gl("fees:raffle", "USD").code == "4900-USD"
    finally:
        forget_gl_map()


def test_the_map_costs_one_query_a_process(django_assert_num_queries):
    forget_gl_map()
    with django_assert_num_queries(1):
        for purpose in ("fees:transfer", "tax:excise", "loans:principal"):
            ledger.gl(purpose, "KES")


def test_draws_the_tree(django_assert_num_queries):
    with django_assert_num_queries(1):
        tree = books.gl_tree()
    assert [node.number for node in tree] == [1000, 2000, 3000, 4000, 5000]
    assert all(child.kind == node.kind for node in tree for child in node.children)


def test_blocking_tells_nobody_elses_account():
    wallet = open_wallet()
    assert books.accounts_by_id([wallet.id, 10**15]) == {wallet.id: wallet}
    with pytest.raises(LookupError):
        books.account_by_code("nobody")
