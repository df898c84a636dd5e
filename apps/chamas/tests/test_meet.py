"""Meetings and disputes: who came is written once, minutes are signed by who was there, a disputed row stays."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.accounts.testing import kes
from apps.chamas import operations
from apps.chamas.errors import AlreadySaid, Invalid, NoSay, OwnMatter
from apps.chamas.models import EntryKind, Fine, FundKind, GroupDispute, Membership, MinutesSignature
from apps.chamas.operations.books import Change, move
from apps.chamas.queries import waiting_for
from apps.chamas.testing import join, make_group, make_person, member_of
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.users.queries import system_user

pytestmark = pytest.mark.django_db


def call(group, role="SECRETARY", **fields):
    asked = {"starts_at": now() + timedelta(days=2), "place": "Kondele church", "agenda": ["Loans", "Picnic"]}
    return operations.call_meeting(group=group, by=member_of(group, role).user, at=now(), **asked | fields)


def hold(meeting, **presences):
    group = meeting.group
    named = {member_of(group, role).pk: presence for role, presence in presences.items()}
    later = meeting.starts_at + timedelta(hours=2)
    return operations.hold_meeting(meeting=meeting, presences=named, by=member_of(group, "SECRETARY").user, at=later)


def test_who_came_is_written_once_and_who_is_not_named_was_absent():
    group = make_group()
    meeting = call(group)
    assert (meeting.number, call(group).number) == (1, 2)
    hold(meeting, CHAIR="PRESENT", SECRETARY="PRESENT", TREASURER="APOLOGY")
    assert sorted(meeting.attendance.values_list("presence", flat=True)) == [
        "ABSENT", "ABSENT", "APOLOGY", "PRESENT", "PRESENT",
    ]  # fmt: skip
    with pytest.raises(IllegalMove):
        hold(meeting, CHAIR="ABSENT")


def test_who_joined_after_a_meeting_began_was_not_absent_from_it():
    group = make_group()
    meeting = call(group)
    late = join(group)
    Membership.objects.filter(pk=late.pk).update(joined_at=meeting.starts_at + timedelta(minutes=1))
    hold(meeting)
    assert not meeting.attendance.filter(member=late).exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"starts_at": now() - timedelta(days=1)}, "starts_at"),
        ({"place": " "}, "place"),
        ({"agenda": ["", " "]}, "agenda"),
        ({"agenda": ["x"] * 21}, "agenda"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_by_name(fields, field):
    with pytest.raises(Invalid) as no:
        call(make_group(), **fields)
    assert list(no.value.facts["errors"]) == [field]


def test_nobody_holds_a_meeting_before_it_began_or_of_strangers():
    group = make_group()
    meeting = call(group)
    secretary = member_of(group, "SECRETARY").user
    with pytest.raises(Invalid):
        operations.hold_meeting(meeting=meeting, presences={}, by=secretary, at=now())
    stranger = member_of(make_group(), "CHAIR").pk
    after = meeting.starts_at + timedelta(hours=1)
    with pytest.raises(Invalid):
        operations.hold_meeting(meeting=meeting, presences={stranger: "PRESENT"}, by=secretary, at=after)
    with pytest.raises(NotAllowed):
        operations.hold_meeting(meeting=meeting, presences={}, by=member_of(group, "TREASURER").user, at=after)
    operations.cancel_meeting(meeting=meeting, by=secretary, at=now())
    with pytest.raises(IllegalMove):
        operations.hold_meeting(meeting=meeting, presences={}, by=secretary, at=after)


def test_minutes_are_signed_by_who_was_there_and_a_correction_is_signed_anew():
    group = make_group()
    meeting = call(group)
    chair, secretary, treasurer = (member_of(group, role).user for role in ("CHAIR", "SECRETARY", "TREASURER"))
    with pytest.raises(Invalid):
        operations.write_minutes(meeting=meeting, body="We met.", by=secretary, at=now())
    hold(meeting, CHAIR="PRESENT", SECRETARY="PRESENT")
    first = operations.write_minutes(meeting=meeting, body="We met.", by=secretary, at=now())
    assert not operations.are_signed(first)
    operations.sign_minutes(minutes=first, by=chair, at=now())
    assert operations.are_signed(first)
    with pytest.raises(AlreadySaid):
        operations.sign_minutes(minutes=first, by=chair, at=now())
    with pytest.raises(NoSay):
        operations.sign_minutes(minutes=first, by=treasurer, at=now())
    second = operations.write_minutes(meeting=meeting, body="We met, and ate.", by=secretary, at=now())
    assert (second.version, operations.are_signed(second)) == (2, False)
    with pytest.raises(NoSay):
        operations.sign_minutes(minutes=first, by=chair, at=now())
    with pytest.raises(IntegrityError, match="were corrected"), transaction.atomic():
        MinutesSignature.objects.create(minutes=first, member=member_of(group, "TREASURER"), role="TREASURER", at=now())


def test_minutes_stay_signed_by_chair_and_secretary_of_the_day_whoever_is_elected_later():
    group = make_group()
    meeting = call(group)
    hold(meeting, CHAIR="PRESENT", SECRETARY="PRESENT", TREASURER="PRESENT")
    chair, secretary, treasurer = (member_of(group, role) for role in ("CHAIR", "SECRETARY", "TREASURER"))
    written = {"meeting": meeting, "by": secretary.user, "at": now()}
    signed = operations.write_minutes(body="We met.", **written)
    operations.sign_minutes(minutes=signed, by=chair.user, at=now())
    operations.give_role(member=treasurer, role="CHAIR", by=system_user(), at=now())
    assert operations.are_signed(signed)
    assert waiting_for(treasurer.user) == []  # the chair of the day has signed
    # A name that was put under minutes as treasurer is not the chair's, whatever that member is today.
    corrected = operations.write_minutes(body="We met, and ate.", **written)
    operations.sign_minutes(minutes=corrected, by=chair.user, at=now())  # who is treasurer now
    operations.give_role(member=member_of(group, "TREASURER"), role="CHAIR", by=system_user(), at=now())
    assert not operations.are_signed(corrected)


def a_row(member):
    return move(
        group=member.group,
        changes=[Change(FundKind.SAVINGS, kes("100"), member)],
        kind=EntryKind.MOVED,
        line=TransactionType.CONTRIBUTION,
        reference=f"test/{member.pk}",
        quoted="C1",
        action="chamas.contribution.paid",
        movements=[accounts.out_of(member.account, kes("100"), "Umoja")],
        by=member.user,
        at=now(),
    )[0]


def test_a_member_disputes_a_row_once_and_an_officer_whom_it_does_not_concern_answers():
    group = make_group()
    row = a_row(member_of(group, "TREASURER"))
    member = member_of(group, "MEMBER")
    dispute = operations.dispute_row(entry=row, text="It was 200", by=member.user, at=now())
    with pytest.raises(AlreadySaid):
        operations.dispute_row(entry=row, text="Still", by=member.user, at=now())
    with pytest.raises(NotFound):
        operations.dispute_row(entry=row, text="Me too", by=make_person(), at=now())
    treasurer, chair = member_of(group, "TREASURER").user, member_of(group, "CHAIR").user
    with pytest.raises(NoSay):
        operations.answer_dispute(dispute=dispute, is_right=False, answer="No", by=treasurer, at=now())
    with pytest.raises(NotAllowed):
        operations.answer_dispute(dispute=dispute, is_right=False, answer="No", by=member.user, at=now())
    with pytest.raises(Invalid):
        operations.answer_dispute(dispute=dispute, is_right=True, answer=" ", by=chair, at=now())
    assert operations.answer_dispute(dispute=dispute, is_right=True, answer="Yes, 200", by=chair, at=now()).answer
    with pytest.raises(IllegalMove):
        operations.withdraw_dispute(dispute=dispute, by=member.user, at=now())
    again = operations.dispute_row(entry=row, text="Not yet mended", by=member.user, at=now())
    with pytest.raises(NotAllowed):
        operations.withdraw_dispute(dispute=again, by=chair, at=now())
    assert operations.withdraw_dispute(dispute=again, by=member.user, at=now()).status == "WITHDRAWN"


def test_minutes_are_disputed_once_by_each_and_answered_by_an_officer_who_did_not_write_them():
    group = make_group()
    meeting = call(group)
    hold(meeting, CHAIR="PRESENT", SECRETARY="PRESENT")
    chair, secretary, member = (member_of(group, role).user for role in ("CHAIR", "SECRETARY", "MEMBER"))
    minutes = operations.write_minutes(meeting=meeting, body="We agreed on 2,000.", by=secretary, at=now())
    asked = {"minutes": minutes, "at": now()}
    dispute = operations.dispute_minutes(text="We agreed on 1,000", by=member, **asked)
    with pytest.raises(AlreadySaid):
        operations.dispute_minutes(text="Still", by=member, **asked)
    with pytest.raises(Invalid):
        operations.dispute_minutes(text=" ", by=chair, **asked)
    with pytest.raises(NotFound):
        operations.dispute_minutes(text="Me too", by=make_person(), **asked)
    for who, error in ((secretary, OwnMatter), (member, NotAllowed)):  # she wrote them; he is no officer
        with pytest.raises(error):
            operations.answer_dispute(dispute=dispute, is_right=False, answer="No", by=who, at=now())
    assert [one.what for one in waiting_for(chair)] == ["MINUTES", "DISPUTED_MINUTES"]
    assert [one.what for one in waiting_for(secretary)] == []
    answered = operations.answer_dispute(dispute=dispute, is_right=True, answer="Corrected", by=chair, at=now())
    assert (answered.status, operations.write_minutes(meeting=meeting, body="1,000", by=chair, at=now()).version) == (
        "UPHELD",
        2,
    )
    with pytest.raises(IntegrityError, match="a_dispute_is_of_one_thing"), transaction.atomic():
        GroupDispute.objects.filter(pk=dispute.pk).update(minutes=None)


def test_who_is_absent_without_apology_is_fined_once_by_the_rules():
    group = make_group(members=5)
    secretary, chair = member_of(group, "SECRETARY"), member_of(group, "CHAIR")
    meeting = operations.call_meeting(
        group=group, starts_at=now() + timedelta(hours=1), place="Here", agenda=["x"], by=chair.user, at=now()
    )
    came = {secretary.pk: "PRESENT", chair.pk: "PRESENT", member_of(group, "TREASURER").pk: "APOLOGY"}
    operations.hold_meeting(meeting=meeting, presences=came, by=secretary.user, at=meeting.starts_at)
    fines = Fine.objects.order_by("member__number")
    assert [(one.why, one.member.number, one.amount_minor) for one in fines] == [
        ("ABSENT", 4, 10_000),
        ("ABSENT", 5, 10_000),
    ]
    with pytest.raises(IllegalMove):
        operations.hold_meeting(meeting=meeting, presences=came, by=secretary.user, at=meeting.starts_at)
    assert Fine.objects.count() == 2


def test_a_fine_given_by_hand_for_the_meeting_does_not_keep_it_from_being_written_down():
    group = make_group(members=5)
    chair, member = member_of(group, "CHAIR"), member_of(group, "MEMBER")
    meeting = call(group)
    by_hand = {"why": "ABSENT", "cause": f"meeting/{meeting.pk}", "by": chair.user, "at": meeting.starts_at}
    operations.give_fine(member=member, **by_hand)
    hold(meeting, CHAIR="PRESENT", SECRETARY="PRESENT", TREASURER="PRESENT")
    assert [one.member.number for one in Fine.objects.order_by("member__number")] == [4, 5]
    assert meeting.attendance.count() == 5
