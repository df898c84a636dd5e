"""A group's money: what members pay in is its funds, its funds are the books, and no purse gives too much."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.accounts.testing import balance_of, kes
from apps.audit_trail.models import AuditLog
from apps.chamas.errors import GroupNotOpen, NotEnoughInPurse
from apps.chamas.models import ChamaGroup, EntryKind, FundKind, GroupEntry
from apps.chamas.operations.books import Change, balances, move
from apps.chamas.rules.funds import FUNDS, PURSES, cash_of, drawn
from apps.chamas.testing import make_forming, make_group, member_of
from apps.kernel.clock import now
from apps.kernel.testing import at_once, refusals
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db


def pay_in(member, amount, *, fund=FundKind.SAVINGS, key="1"):
    """Money from a member into a fund."""
    return move(
        group=member.group,
        changes=[Change(fund, kes(amount), member)],
        kind=EntryKind.MOVED,  # pays no due row, which the checks of the books would look for
        line=TransactionType.CONTRIBUTION,
        reference=f"test/chama/{member.pk}/{fund}/{key}",
        quoted=f"C{key}",
        action="chamas.contribution.paid",
        movements=[accounts.out_of(member.account, kes(amount), "Umoja")],
        by=member.user,
        at=now(),
    )


def pay_out(member, amount, *, fund=FundKind.SAVINGS, key="1", of=None):
    """Money of a fund to a member."""
    return move(
        group=member.group,
        changes=[Change(fund, -kes(amount), of)],
        kind=EntryKind.WITHDRAWAL,
        line=TransactionType.PAYOUT,
        reference=f"test/chama/{member.pk}/out/{key}",
        quoted=f"W{key}",
        action="chamas.withdrawal.paid",
        movements=[accounts.into(member.account, kes(amount), "Umoja")],
        by=member.user,
        at=now(),
    )


def test_what_a_member_pays_in_is_the_groups_once_however_often_it_is_asked():
    member = member_of(make_group(), "MEMBER")
    first = pay_in(member, "1000")
    assert pay_in(member, "1000") == first
    assert balance_of(member.account) == "49000.00"
    assert balances(member.group)["SAVINGS"] == balances(member.group, member=member)["SAVINGS"] == 100_000
    assert AuditLog.objects.filter(action="chamas.contribution.paid").count() == 1
    assert_books_balance()


def test_a_purse_pays_no_more_than_lies_in_it_and_says_how_much_that_is():
    member = member_of(make_group(), "MEMBER")
    pay_in(member, "1000")
    pay_in(member, "300", fund=FundKind.WELFARE)
    with pytest.raises(NotEnoughInPurse) as no:
        pay_out(member, "300.01", fund=FundKind.WELFARE)
    assert no.value.facts == {"purse": "WELFARE", "cash": "300.00"}
    pay_out(member, "300", fund=FundKind.WELFARE)
    assert balance_of(member.account) == "49000.00"
    assert_books_balance()


def test_money_lent_out_of_the_pot_is_no_money_in_it():
    member = member_of(make_group(), "MEMBER")
    pay_in(member, "1000")
    pay_out(member, "800", fund=FundKind.LOANS, of=member, key="loan")
    with pytest.raises(NotEnoughInPurse):
        pay_out(member, "201", of=member)
    pay_out(member, "200", of=member)
    held = balances(member.group)
    assert (held["SAVINGS"], held["LOANS"], cash_of("POT", held)) == (80_000, -80_000, 0)


def test_nothing_moves_before_a_group_begins_or_with_too_little_on_the_account():
    forming = make_forming()
    with pytest.raises(GroupNotOpen):
        pay_in(member_of(forming, "CHAIR"), "10")
    member = member_of(make_group(), "MEMBER")
    with pytest.raises(InsufficientFunds):
        pay_in(member, "50000.01")
    assert not GroupEntry.objects.exists()
    assert_books_balance()


def test_the_database_itself_lets_no_purse_and_no_member_fall_below_zero():
    member = member_of(make_group(), "MEMBER")
    other = member_of(member.group, "CHAIR")
    row = pay_in(member, "1000")[0]
    row.pk, row.public_id, row.amount_minor = None, uuid.uuid4(), -100_001
    with pytest.raises(IntegrityError, match=r"group .* has not enough"):
        _write_now(row)
    row.pk, row.amount_minor, row.member = None, -1, other
    with pytest.raises(IntegrityError, match=r"member .* has not enough"):
        _write_now(row)


@transaction.atomic
def _write_now(row):
    """Past every operation, and asked at once rather than when the transaction ends."""
    row.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_rows_of_a_group_are_written_once():
    row = pay_in(member_of(make_group(), "MEMBER"), "1000")[0]
    for act in (lambda: GroupEntry.objects.filter(pk=row.pk).update(amount_minor=1), row.delete):
        with pytest.raises(Exception, match=r"Cannot (update|delete)"), transaction.atomic():
            act()


@pytest.mark.django_db(transaction=True)
def test_many_who_take_out_at_once_take_what_is_there_and_no_more():
    group = make_group(verified=True)
    members = list(group.members.select_related("user", "account", "group"))
    for member in members:
        pay_in(member, "100", fund=FundKind.WELFARE)
    acts = [lambda one=one: pay_out(one, "200", fund=FundKind.WELFARE) for one in members]
    answers = at_once(*acts)
    assert len(refusals(answers)) == 3
    assert all(isinstance(no, NotEnoughInPurse) for no in refusals(answers))
    assert balances(group)["WELFARE"] == 10_000
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_a_group_that_closes_takes_nothing_in_afterwards():
    group = make_group(verified=True)
    members = list(group.members.select_related("user", "account", "group"))

    def close():
        with transaction.atomic():
            held = ChamaGroup.objects.select_for_update().get(pk=group.pk)
            if not GroupEntry.objects.filter(group=held).exists():
                ChamaGroup.objects.filter(pk=held.pk).update(status="CLOSED", closed_at=now())

    at_once(close, *[lambda one=one: pay_in(one, "100") for one in members])
    group.refresh_from_db()
    paid = GroupEntry.objects.filter(group=group).count()
    assert paid == 0 if group.status == "CLOSED" else paid > 0
    assert_books_balance()


@given(st.lists(st.tuples(st.sampled_from(FUNDS), st.integers(-1000, 1000))))
def test_what_a_change_draws_is_what_leaves_the_purses(changes):
    before = dict.fromkeys(FUNDS, 0)
    for fund, minor in changes:
        before[fund] += minor
    assert drawn(changes) == {purse: -cash_of(purse, before) for purse in PURSES if cash_of(purse, before) < 0}
