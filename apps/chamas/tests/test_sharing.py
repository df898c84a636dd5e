"""Shares, dividends with their tax, share-outs to the cent, and loans out of the pot."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes
from apps.chamas import operations
from apps.chamas.errors import AlreadyDone, Invalid, NotYet
from apps.chamas.models import Sharing
from apps.chamas.operations.books import balances
from apps.chamas.testing import decide, make_group, member_of, members_of, open_next, pay_all
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.errors import Conflict
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db


def fined(group, minor_each=10_000):
    """Everybody was absent and paid for it: money earned together."""
    for one in members_of(group):
        fine = operations.give_fine(member=one, why="ABSENT", cause="meeting/1", by=group.created_by, at=now())
        operations.pay_fine(fine=fine, key="fine", by=one.user, at=now())


def test_shares_are_bought_whole_and_once():
    group = make_group(members=3)
    chair = member_of(group, "CHAIR")
    rows = operations.buy_shares(group=group, count=3, key="1", by=chair.user, at=now())
    assert operations.buy_shares(group=group, count=3, key="1", by=chair.user, at=now()) == rows
    assert balances(group, member=chair)["SHARES"] == 150_000
    with pytest.raises(Invalid):
        operations.buy_shares(group=group, count=0, key="2", by=chair.user, at=now())
    plain = make_group(members=3, share_price_minor=0)
    with pytest.raises(Invalid):
        operations.buy_shares(group=plain, count=1, key="1", by=plain.created_by, at=now())
    assert_books_balance()


def test_a_dividend_is_shared_by_shares_and_days_with_its_tax_withheld():
    group = make_group(members=3)
    first, second, third = members_of(group)
    fined(group)
    operations.buy_shares(group=group, count=1, key="1", by=first.user, at=now())
    operations.buy_shares(group=group, count=2, key="1", by=second.user, at=now() + timedelta(days=10))
    last = local_date(now()) + timedelta(days=19)  # twenty days of one share, ten of two: alike
    facts = {"minor": 20_000, "until": str(last)}
    with pytest.raises(NotYet):
        decide("PAY_DIVIDEND", group, facts | {"minor": 30_001}, at=day_start(last) + timedelta(hours=9))
    with pytest.raises(Invalid):
        decide("PAY_DIVIDEND", group, facts, at=now())
    tax = books.balance(ledger.gl("tax:withholding", "KES").id).posted
    decide("PAY_DIVIDEND", group, facts, at=day_start(last) + timedelta(hours=9))
    assert balance_of(first.account) == "49495.00"  # 50000 - 100 fine - 500 share + 100 less 5
    assert balance_of(second.account) == "48995.00"
    assert balance_of(third.account) == "49900.00"
    assert abs((books.balance(ledger.gl("tax:withholding", "KES").id).posted - tax).minor) == 1_000
    assert (Sharing.objects.get().tax_minor, balances(group)["FINES"]) == (1_000, 10_000)
    with pytest.raises(AlreadyDone):
        decide("PAY_DIVIDEND", group, facts | {"minor": 1}, at=day_start(last) + timedelta(hours=10), key="2")
    assert_books_balance()


@pytest.mark.parametrize("by", ["SAVINGS", "TIME_WEIGHTED", "SHARES"])
def test_a_share_out_closes_the_pot_to_nothing_to_the_cent(by):
    group = make_group(members=3, share_out_by=by, absent_fine_minor=3_333)
    first, second, third = members_of(group)
    pay_all(open_next(group))
    fined(group)
    operations.buy_shares(group=group, count=1, key="1", by=third.user, at=now())
    operations.contribute(member=second, amount=kes("77.77"), key="ahead", by=second.user, at=now())
    decide("SHARE_OUT", group, {}, at=now() + timedelta(days=60))
    left = balances(group)
    assert {fund for fund, minor in left.items() if minor} == {"WELFARE"}
    got = sorted(float(balance_of(one.account)) for one in (first, second, third))
    assert round(sum(got), 2) == 150_000 - 600
    assert got == ([49_766.67, 49_766.67, 49_866.66] if by == "SHARES" else [49_800.0] * 3)
    with pytest.raises(AlreadyDone):
        decide("SHARE_OUT", group, {}, at=now() + timedelta(days=60), key="2")
    assert_books_balance()


def test_the_end_of_a_group_shares_all_of_it_and_nothing_comes_in_afterwards():
    group = make_group(members=3)
    pay_all(open_next(group))
    decide("DISSOLVE", group, {}, at=now())
    group.refresh_from_db()
    assert group.status == "CLOSED"
    assert not any(balances(group).values())
    assert {balance_of(one.account) for one in members_of(group)} == {"50000.00"}
    chair = member_of(group, "CHAIR")
    with pytest.raises(Conflict):
        operations.contribute(member=chair, amount=kes("1"), key="x", by=chair.user, at=now())
    assert_books_balance()
