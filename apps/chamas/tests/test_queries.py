"""Groups as people see them: figures that are those of the books, what waits for whom, and no query more for more."""

import pytest

from apps.accounts.testing import kes
from apps.chamas import operations
from apps.chamas.models import GroupEntry, Membership
from apps.chamas.queries import glance, invitations_to, my_groups, sheet, standing_of, waiting_for
from apps.chamas.testing import make_forming, make_group, make_person, member_of, members_of, open_next, sign
from apps.kernel.clock import now

pytestmark = pytest.mark.django_db


def whole(member):
    return Membership.objects.select_related("group", "user").get(pk=member.pk)


def kinds(user):
    return sorted(one.what for one in waiting_for(user))


def test_a_member_sees_their_part_what_is_due_and_who_has_paid(django_assert_num_queries):
    group = make_group(members=4)
    open_next(group)
    chair, member = member_of(group, "CHAIR"), member_of(group, "MEMBER")
    operations.contribute(member=chair, amount=kes("1500"), key="1", by=chair.user, at=now())
    with django_assert_num_queries(13):
        seen = glance(whole(chair), at=now())
    assert (seen.mine, seen.standing.total.minor, seen.paying.paid) == (kes("1300"), 0, 1)
    assert (seen.purses["POT"], seen.purses["WELFARE"], seen.purses["ADVANCE"]) == (
        kes("1000"),
        kes("200"),
        kes("300"),
    )
    assert seen.paying.rows[-1].member == chair
    owed = standing_of(whole(member))
    assert [amount for _name, amount in owed.by_fund] == [kes("200"), kes("1000")]
    assert [amount for _name, amount in owed.pays(kes("1300"))] == [kes("200"), kes("1000"), kes("100")]


def test_ones_groups_take_two_queries_however_many(django_assert_num_queries):
    group = make_group(members=3)
    user = group.created_by
    others = [make_forming() for _nth in range(2)]
    for one in others:
        operations.ask_to_join(join_code=one.join_code, by=user, at=now())
    open_next(group)
    with django_assert_num_queries(2):
        rows = my_groups(user)
    assert {row.member.status for row in rows} == {"ASKED", "ACTIVE"}
    assert next(row for row in rows if row.group == group).owed == kes("1200")


def test_only_what_is_ones_own_to_answer_waits_for_one():
    group = make_group(members=5, vote_above_minor=1)
    chair, treasurer, member = (member_of(group, role) for role in ("CHAIR", "TREASURER", "MEMBER"))
    open_next(group)
    for one in members_of(group):
        operations.contribute(member=one, amount=kes("1200"), key="1", by=one.user, at=now())
    facts = {"member": member.pk, "minor": 50_000}
    asked = operations.propose(group=group, act="WITHDRAW_SAVINGS", facts=facts, by=member.user, at=now(), key="1")
    assert (kinds(chair.user), kinds(member.user)) == (["SIGN", "VOTE"], [])
    operations.vote(proposal=asked, choice="YES", by=chair.user, at=now())
    sign(asked, chair.user)
    assert kinds(chair.user) == []
    operations.record_cash(member=member, amount=kes("5"), key="1", by=treasurer.user, at=now())
    operations.ask_to_join(join_code=group.join_code, by=make_person(), at=now())
    operations.dispute_row(entry=GroupEntry.objects.filter(member=chair)[0], text="Not mine", by=member.user, at=now())
    assert kinds(member.user) == ["CASH"]
    assert kinds(chair.user) == ["ASKER"]  # the row is about the chair
    assert kinds(treasurer.user) == ["ASKER", "DISPUTE", "SIGN", "VOTE"]
    assert kinds(make_person()) == []


def test_rules_to_accept_loans_to_stand_for_and_invitations_wait(django_assert_num_queries):
    group = make_group(members=4, loan_guarantors=1)
    chair, member = member_of(group, "CHAIR"), member_of(group, "MEMBER")
    open_next(group)
    operations.contribute(member=member, amount=kes("1200"), key="1", by=member.user, at=now())
    operations.ask_loan(
        group=group, amount=kes("500"), months=1, guarantors=[chair.pk], key="1", by=member.user, at=now()
    )
    operations.propose_constitution(group=group, rules={"savings_minor": 1_000}, by=chair.user, at=now())
    assert kinds(chair.user) == ["GUARANTEE"]
    assert kinds(member.user) == ["ACCEPT"]
    stranger = make_person()
    operations.invite(group=group, phone=str(stranger.phone), by=chair.user, at=now())
    with django_assert_num_queries(1):
        assert [one.group for one in invitations_to(stranger, now())] == [group]
    assert kinds(stranger) == ["INVITE"]
    assert invitations_to(make_person(), now()) == []


def test_the_sheet_adds_up_what_is_in_the_treasurers_hand(django_assert_num_queries):
    group = make_group(members=6)
    treasurer = member_of(group, "TREASURER")
    open_next(group)
    one, other = (row for row in members_of(group) if row.role == "MEMBER" and row.number < 6)
    note = operations.record_cash(member=one, amount=kes("1200"), key="1", by=treasurer.user, at=now())
    operations.record_cash(member=other, amount=kes("700"), key="2", by=treasurer.user, at=now())
    operations.confirm_cash(note=note, is_so=True, by=one.user, at=now())
    with django_assert_num_queries(5):
        seen = sheet(group, treasurer, at=now())
    assert (seen.in_hand, seen.bankable, seen.owed, seen.owe_nothing) == (kes("1900"), kes("1200"), kes("7200"), 0)
    rows = {row.member.pk: row for row in seen.rows}
    assert (rows[one.pk].left.minor, rows[other.pk].left) == (0, kes("500"))
