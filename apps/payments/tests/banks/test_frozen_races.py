"""Frozen money is released while something else is done with it: one of both wins, and it stands in one place."""

from copy import copy

import pytest

from apps.accounts.testing import balance_of, make_account
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import at_once, refusals
from apps.payments.errors import NotWaiting
from apps.payments.models import AskedBack, IncomingReturn
from apps.payments.operations import banks
from apps.payments.operations.banks.receiving import LISTED
from apps.payments.tests.banks.desk import settles_at, sound
from apps.payments.tests.banks.incoming import came
from apps.payments.tests.banks.test_going_back import wished
from apps.users.models import User
from apps.users.testing import make_staff

AMOUNT = "400000"  # more than a TIER_1 account may hold


def owned(tier):
    account = make_account()
    User.objects.filter(pk=account.owner_id).update(kyc_tier=tier)
    account.owner.refresh_from_db()
    return account


@pytest.fixture
def frozen(transactional_db, monkeypatch):
    """Money for an account that takes it, or is full; and another account that could take it."""
    monkeypatch.setattr("apps.payments.operations.banks.receiving.may_be_sanctioned", bool)

    def freeze(*, takes_it):
        row = came(owned("TIER_3" if takes_it else "TIER_1"), AMOUNT)
        assert (row.status, row.reason) == ("SUSPENSE", LISTED)
        return row

    return freeze


def release(row):
    officers = [make_staff("COMPLIANCE_OFFICER") for _nth in range(3)]
    asked = banks.ask_to_release(row=row, why="Another day of birth", by=officers[0], at=now())
    return [lambda by=by: approvals.approve(approval=copy(asked), by=by, at=now()) for by in officers[1:]]


def rival_of(row, does, other):
    """What else is done; asked for as if it had been before anybody knew of the list."""
    if does == "asked back":
        return lambda: wished(row)
    stale, maker, checker = copy(row), make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER")
    stale.reason = "AC01"
    asked = (
        banks.ask_to_place(row=stale, account=other, why="Hers", by=maker, at=now())
        if does == "placed"
        else banks.ask_to_return(row=stale, reason="AC01", why="Nobody's", by=maker, at=now())
    )
    return lambda: approvals.approve(approval=asked, by=checker, at=now())


def assert_in_one_place(row, *accounts):
    """On one account, or in suspense, where it also stands while it goes back."""
    row.refresh_from_db()
    held = [balance_of(account) for account in accounts if balance_of(account) != "0.00"]
    is_credited = row.status == "CREDITED"
    assert held == ([f"{AMOUNT}.00"] if is_credited else [])
    assert settles_at("suspense:receipts") == (0 if is_credited else int(AMOUNT) * 100)
    assert IncomingReturn.objects.count() == (row.status == "RETURNING")
    sound()


@pytest.mark.parametrize("takes_it", [True, False])
def test_released_by_two_at_once_it_is_given_once(frozen, takes_it):
    row = frozen(takes_it=takes_it)
    results = at_once(*release(row) * 2)
    assert len(refusals(results)) == 3
    assert_in_one_place(row, row.account)
    assert (row.status, row.reason) == (("CREDITED", "") if takes_it else ("SUSPENSE", "AM21"))


@pytest.mark.parametrize("takes_it", [True, False])
@pytest.mark.parametrize("does", ["placed", "returned", "asked back"])
def test_released_while_it_is(frozen, does, takes_it):
    row, other = frozen(takes_it=takes_it), owned("TIER_3")
    results = at_once(release(row)[0], rival_of(row, does, other))
    assert not isinstance(results[0], Exception)
    assert_in_one_place(row, row.account, other)
    if does == "asked back":  # heard before the release, the law keeps it; after it, whoever has it is asked
        assert AskedBack.objects.get().status in ({"REFUSED", "ASKED"} if takes_it else {"REFUSED", "AGREED"})
    elif takes_it:
        assert [type(no) for no in refusals(results)] in ([NotAllowed], [NotWaiting])
        assert (row.status, row.account_id != other.pk) == ("CREDITED", True)
    else:  # not taken there, it waits like any other, and whoever comes next may place it or send it back
        won = "CREDITED" if does == "placed" else "RETURNING"
        assert row.status == ("SUSPENSE" if refusals(results) else won)
