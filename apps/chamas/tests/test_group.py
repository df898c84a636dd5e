"""Groups come together: founded, joined, agreed on, begun; and nobody gets in twice or alone."""

import pytest

from apps.audit_trail.models import AuditLog
from apps.chamas import acts, operations
from apps.chamas.errors import AlreadyMember, GroupNotOpen, Invalid
from apps.chamas.models import ChamaGroup, ConstitutionVersion, GroupRole, Membership, VersionStatus
from apps.chamas.queries import invitations_to, waiting_for
from apps.chamas.testing import RULES, join, make_forming, make_group, make_person, member_of, members_of
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, print_keys
from apps.users.rules import half_name

pytestmark = pytest.mark.django_db


def test_a_group_begins_with_its_officers_its_members_and_everyones_yes():
    group = make_group(members=4)
    assert group.status == "ACTIVE"
    assert group.funds.count() == 9
    assert operations.in_force(group).version == 1
    assert {row.number for row in group.members.all()} == {1, 2, 3, 4}


def test_a_group_that_lacks_something_does_not_begin_and_says_what():
    group = make_forming(members_at_least=3)
    with pytest.raises(GroupNotOpen) as no:
        operations.begin(group=group, by=group.created_by, at=now())
    assert no.value.facts["missing"] == ["treasurer", "secretary", "members"]
    asked = operations.ask_to_join(join_code=group.join_code, by=make_person(), at=now())
    operations.decide_on_asker(member=asked, take_in=True, by=group.created_by, at=now())
    join(group, role=GroupRole.TREASURER)
    join(group, role=GroupRole.SECRETARY)
    with pytest.raises(GroupNotOpen) as no:
        operations.begin(group=group, by=group.created_by, at=now())
    assert no.value.facts["missing"] == ["acceptance"]
    group.refresh_from_db()
    assert group.status == "FORMING"


def test_a_form_that_is_sent_twice_founds_one_group():
    chair = make_person()
    acts = [
        lambda: operations.found_group(name="Umoja", kind="SAVINGS", rules=RULES, by=chair, at=now(), key="form")
    ] * 2
    first, second = [act() for act in acts]
    assert first == second
    assert ChamaGroup.objects.count() == Membership.objects.count() == 1
    other = operations.found_group(name="Umoja", kind="SAVINGS", rules=RULES, by=chair, at=now(), key="another")
    assert other != first


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_four_times_at_once_founds_one_group():
    chair = make_person()
    found = at_once(
        *[
            lambda: operations.found_group(name="Umoja", kind="SAVINGS", rules=RULES, by=chair, at=now(), key="form")
            for _nth in range(4)
        ]
    )
    assert len({one.pk for one in found}) == ChamaGroup.objects.count() == 1
    assert ChamaGroup.objects.get().funds.count() == 9


def test_leaves_a_group_that_has_not_begun_at_once_and_the_chair_last():
    group = make_forming()
    member, waits = join(group), operations.ask_to_join(join_code=group.join_code, by=make_person(), at=now())
    with pytest.raises(NotAllowed):
        operations.leave_forming(group=group, by=group.created_by, at=now())
    with pytest.raises(NotFound):
        operations.leave_forming(group=group, by=waits.user, at=now())
    operations.leave_forming(group=group, by=member.user, at=now())
    with pytest.raises(NotFound):
        operations.leave_forming(group=group, by=member.user, at=now())
    operations.leave_forming(group=group, by=group.created_by, at=now())
    group.refresh_from_db()
    waits.refresh_from_db()
    assert (group.status, waits.status) == ("CLOSED", "DECLINED")
    assert set(Membership.objects.exclude(pk=waits.pk).values_list("status", flat=True)) == {"LEFT"}


def test_a_group_that_has_begun_is_left_with_notice():
    group = make_group(members=3)
    with pytest.raises(GroupNotOpen):
        operations.leave_forming(group=group, by=member_of(group, "SECRETARY").user, at=now())
    assert Membership.objects.active().count() == 3


def test_two_groups_of_one_name_have_addresses_of_their_own():
    assert make_forming().slug != make_forming().slug


def test_rules_that_cannot_be_carried_out_found_nothing():
    with pytest.raises(Invalid) as no:
        make_forming(sign_offs=1)
    assert no.value.facts["errors"] == {"sign_offs": ["out_of_bounds"]}
    assert not ChamaGroup.objects.exists()


def test_who_asks_by_the_code_waits_for_an_officer_and_is_asked_once():
    group = make_forming()
    person = make_person()
    asked = operations.ask_to_join(
        join_code=f" {group.join_code.lower()[:4]} {group.join_code[4:]}", by=person, at=now()
    )
    assert not ChamaGroup.objects.visible_to(person).exists()
    with pytest.raises(AlreadyMember):
        operations.ask_to_join(join_code=group.join_code, by=person, at=now())
    with pytest.raises(NotFound):
        operations.decide_on_asker(member=asked, take_in=True, by=person, at=now())
    operations.decide_on_asker(member=asked, take_in=False, by=group.created_by, at=now())
    with pytest.raises(IllegalMove):
        operations.decide_on_asker(member=asked, take_in=True, by=group.created_by, at=now())
    with pytest.raises(NotFound):
        operations.ask_to_join(join_code="WRONGONE", by=person, at=now())


def test_an_invited_phone_joins_by_its_own_yes_and_nobody_elses():
    group, person = make_forming(), make_person()
    invitation = operations.invite(group=group, phone=str(person.phone), by=group.created_by, at=now())
    with pytest.raises(AlreadyMember):
        operations.invite(group=group, phone=str(person.phone), by=group.created_by, at=now())
    with pytest.raises(NotFound):
        operations.answer_invitation(invitation=invitation, accept=True, by=make_person(), at=now())
    member = operations.answer_invitation(invitation=invitation, accept=True, by=person, at=now())
    assert member.status == "ACTIVE"
    with pytest.raises(IllegalMove):
        operations.answer_invitation(invitation=invitation, accept=True, by=person, at=now())


def test_an_invited_phone_joins_while_the_key_it_is_found_by_is_changed(settings):
    group, person, other = make_forming(), make_person(), make_person()
    first = operations.invite(group=group, phone=str(person.phone), by=group.created_by, at=now())
    print_keys(settings, "new", "old")
    second = operations.invite(group=group, phone=str(other.phone), by=group.created_by, at=now())
    with pytest.raises(AlreadyMember):
        operations.invite(group=group, phone=str(person.phone), by=group.created_by, at=now())
    print_keys(settings, "old", "new")
    for invited, invitation in ((person, first), (other, second)):
        assert [one.what for one in waiting_for(invited)] == ["INVITE"]
        assert invitations_to(invited, now()) == [invitation]
        assert operations.answer_invitation(invitation=invitation, accept=True, by=invited, at=now()).status == "ACTIVE"


def test_no_officer_gives_up_a_post_that_nobody_takes_over():
    group = make_forming()
    other = join(group)
    chair = member_of(group, "CHAIR")
    for role in ("MEMBER", "AUDITOR", "TREASURER"):
        with pytest.raises(NotAllowed, match="without its Chairperson"):
            operations.give_role(member=chair, role=role, by=chair.user, at=now())
    assert member_of(group, "CHAIR") == chair
    operations.give_role(member=other, role="CHAIR", by=chair.user, at=now())
    assert [one.role for one in members_of(group)] == ["MEMBER", "CHAIR"]


def test_nobody_is_asked_to_vote_for_an_empty_post_and_a_vote_names_people_as_others_read_them():
    group = make_group(members=4)
    member = member_of(group, "MEMBER")
    asked = {"group": group, "act": "ROLE", "by": member.user, "at": now()}
    with pytest.raises(NotAllowed, match="without its Treasurer"):
        operations.propose(facts={"member": member_of(group, "TREASURER").pk, "role": "MEMBER"}, key="1", **asked)
    made = operations.propose(facts={"member": member.pk, "role": "TREASURER"}, key="2", **asked)
    assert acts.act("ROLE").describe(group, made.facts) == f"{half_name(member.user.full_name)} · Treasurer"


def test_roles_are_swapped_by_the_chair_while_the_group_forms_and_by_nobody_alone_later():
    group = make_forming()
    first, second = join(group, role=GroupRole.TREASURER), join(group)
    with pytest.raises(NotAllowed):
        operations.give_role(member=second, role=GroupRole.TREASURER, by=second.user, at=now())
    second = operations.give_role(member=second, role=GroupRole.TREASURER, by=group.created_by, at=now())
    first.refresh_from_db()
    assert (first.role, second.role) == ("MEMBER", "TREASURER")
    begun = make_group()
    with pytest.raises(NotAllowed):
        operations.give_role(member=member_of(begun, "MEMBER"), role=GroupRole.TREASURER, by=begun.created_by, at=now())


def test_a_new_version_waits_beside_the_one_in_force_and_replaces_it_when_it_is_put_in_force():
    group = make_group()
    old = operations.in_force(group)
    version = operations.propose_constitution(
        group=group, rules={"savings_minor": 200_000}, by=group.created_by, at=now()
    )
    assert operations.in_force(group) == old
    operations.put_in_force(version=version, by=group.created_by, at=now())
    assert operations.in_force(group) == version
    old.refresh_from_db()
    assert old.status == VersionStatus.RETIRED
    with pytest.raises(Conflict):
        operations.accept_constitution(version=old, by=member_of(group, "MEMBER").user, at=now())


@pytest.mark.django_db(transaction=True)
def test_one_person_who_asks_twice_at_once_is_in_the_group_once():
    group, person = make_forming(), make_person()
    answers = at_once(*[lambda: operations.ask_to_join(join_code=group.join_code, by=person, at=now())] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyMember", "Membership"]
    assert Membership.objects.filter(group=group, user=person).count() == 1


def test_a_proposed_version_is_dropped_for_the_next():
    group = make_forming()
    operations.propose_constitution(group=group, rules={"savings_minor": 5_000}, by=group.created_by, at=now())
    assert list(ConstitutionVersion.objects.order_by("version").values_list("status", flat=True)) == [
        "DROPPED",
        "PROPOSED",
    ]


def test_an_officer_gives_the_group_another_code_and_the_old_one_is_worth_nothing():
    group = make_group(members=4)
    old, waits = group.join_code, operations.ask_to_join(join_code=group.join_code, by=make_person(), at=now())
    for who, no in ((member_of(group, "MEMBER").user, NotAllowed), (make_person(), NotFound)):
        with pytest.raises(no):
            operations.renew_join_code(group=group, by=who, at=now())
    assert ChamaGroup.objects.get().join_code == old
    chair = member_of(group, "CHAIR").user
    new = operations.renew_join_code(group=group, by=chair, at=now()).join_code
    assert new != old
    with pytest.raises(NotFound):
        operations.ask_to_join(join_code=old, by=make_person(), at=now())
    assert operations.ask_to_join(join_code=new, by=make_person(), at=now()).status == "ASKED"
    assert operations.decide_on_asker(member=waits, take_in=True, by=chair, at=now()).status == "ACTIVE"
    assert AuditLog.objects.filter(action="chamas.join_code.renewed").count() == 1
