"""What two people do in one moment about a turn, a restriction and an office: one of them wins, nothing is lost."""

import pytest

from apps.accounts.testing import kes
from apps.chamas import operations
from apps.chamas.errors import AlreadyDone, GroupRestricted, NotYet
from apps.chamas.models import OFFICERS, ChamaGroup, Membership, Turn
from apps.chamas.operations.books import balances
from apps.chamas.operations.restrict import run_restriction
from apps.chamas.testing import decide, make_group, member_of, members_of, open_next, pay_all
from apps.chamas.tests.test_rounds import make_round, turns
from apps.kernel.clock import now
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance
from apps.users.queries import system_user
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("verified", [True, False])
def test_a_turn_that_is_closed_while_members_pay_for_it_is_closed_or_paid_and_never_both(verified):
    row = make_round(members=4, verified=verified)
    open_next(row.group), open_next(row.group)
    first = turns(row)[0]
    acts = [
        lambda one=one: operations.contribute(member=one, amount=kes("500"), key="1", by=one.user, at=now())
        for one in members_of(row.group)
    ]
    facts = {"turn": first.pk, "reason": "Nobody came"}
    acts.append(lambda: decide("SKIP_TURN", row.group, facts, at=now()))
    assert all(isinstance(no, NotYet) for no in refusals(at_once(*acts)))
    first = Turn.objects.get(pk=first.pk)
    paid = sum(due.paid_rotation_minor for due in first.cycle.contributions.all())
    assert paid in ({0} if first.skipped_at else set(range(50_000, 200_001, 50_000)))
    assert balances(row.group)["ROTATION"] + balances(row.group)["ADVANCE"] == 200_000
    assert_books_balance()


def test_money_leaves_before_a_restriction_or_not_at_all_and_it_is_set_once():
    group = make_group(members=4)
    pay_all(open_next(group))
    one, first, second = member_of(group, "MEMBER"), make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER")
    asked = {"payload": {"group": group.pk, "restrict": True, "why": "Asked"}, "at": now()}
    facts = {"member": one.pk, "minor": 40_000}
    found = at_once(
        lambda: run_restriction(maker=first, checker=second, **asked),
        lambda: run_restriction(maker=second, checker=first, **asked),
        lambda: decide("WITHDRAW_SAVINGS", group, facts, at=now(), key="1"),
        lambda: decide("WITHDRAW_SAVINGS", group, facts, at=now(), key="2"),
    )
    told = [type(no) for no in refusals(found)]
    assert told.count(AlreadyDone) == 1
    assert set(told) <= {AlreadyDone, GroupRestricted}
    assert ChamaGroup.objects.get(pk=group.pk).restricted_at is not None
    assert balances(group)["SAVINGS"] == 400_000 - 40_000 * (2 - told.count(GroupRestricted))
    with pytest.raises(GroupRestricted):
        decide("WITHDRAW_SAVINGS", group, facts, at=now(), key="3")
    assert_books_balance()


def test_offices_that_are_handed_over_at_once_have_one_holder_each():
    group = make_group(members=6)
    bank, (*_officers, one, two, three) = system_user(), members_of(group)
    wanted = [(one, "CHAIR"), (two, "CHAIR"), (two, "TREASURER"), (three, "SECRETARY"), (one, "SECRETARY")]
    acts = [
        lambda who=who, role=role: operations.give_role(member=who, role=role, by=bank, at=now())
        for who, role in wanted
    ]
    assert not refusals(at_once(*acts))
    held = Membership.objects.active().filter(group=group, role__in=OFFICERS).values_list("role", flat=True)
    assert sorted(held) == sorted(OFFICERS)
