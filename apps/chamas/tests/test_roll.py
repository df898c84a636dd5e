"""The roll of a meeting: ticked while people come, their own apologies before it, written down once as it stands."""

from datetime import timedelta
from functools import partial

import pytest

from apps.accounts.testing import kes
from apps.chamas import operations
from apps.chamas.errors import AlreadyDone, Invalid
from apps.chamas.models import Attendance, Fine, Membership, RollMark
from apps.chamas.queries import sheet
from apps.chamas.testing import join, make_group, member_of, members_of
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.errors import Conflict, NotAllowed, NotFound
from apps.kernel.testing import at_once, refusals

pytestmark = pytest.mark.django_db


def call(group):
    """A meeting at ten in the morning in two days."""
    starts_at = day_start(local_date(now()) + timedelta(days=2)) + timedelta(hours=10)
    return operations.call_meeting(
        group=group, starts_at=starts_at, place="Kondele", agenda=["Loans"], by=group.created_by, at=now()
    )


def tick(meeting, member, presence="PRESENT", *, by="TREASURER", at=None):
    who = by if isinstance(by, Membership) else member_of(meeting.group, by)
    return operations.mark_presence(
        meeting=meeting, member=member, presence=presence, by=who.user, at=at or meeting.starts_at
    )


def test_what_stands_on_the_roll_becomes_attendance_and_who_is_not_on_it_was_absent():
    group = make_group(members=6)
    meeting = call(group)
    chair, treasurer, secretary, one, two, _three = members_of(group)
    tick(meeting, one, "APOLOGY", by=one, at=now())  # a member says so before
    tick(meeting, chair, at=meeting.starts_at - timedelta(hours=2))
    tick(meeting, treasurer, "ABSENT", by="SECRETARY")
    tick(meeting, treasurer)  # a tick is changed
    tick(meeting, two)
    seen = sheet(group, treasurer, at=meeting.starts_at)
    assert (seen.is_ticked, seen.here, [row.presence for row in seen.rows]) == (
        True,
        3,
        ["PRESENT", "PRESENT", "", "APOLOGY", "PRESENT", ""],
    )
    later = meeting.starts_at + timedelta(hours=2)
    said = {secretary.pk: "PRESENT", two.pk: "ABSENT"}  # what the secretary says outweighs the roll that she saw
    with pytest.raises(Conflict):
        operations.hold_meeting(meeting=meeting, presences=said, seen="", by=secretary.user, at=later)
    meeting.refresh_from_db()
    operations.hold_meeting(
        meeting=meeting, presences=said, seen=operations.roll_state(meeting), by=secretary.user, at=later
    )
    came = dict(Attendance.objects.values_list("member__number", "presence"))
    assert came == {1: "PRESENT", 2: "PRESENT", 3: "PRESENT", 4: "APOLOGY", 5: "ABSENT", 6: "ABSENT"}
    assert sorted(Fine.objects.values_list("member__number", flat=True)) == [5, 6]
    with pytest.raises(AlreadyDone):
        tick(meeting, two)
    assert sheet(group, treasurer, at=later).is_ticked is False


def test_who_may_not_tick_and_what_cannot_be_ticked_is_refused_and_nothing_is_written():
    group = make_group(members=5)
    meeting, other = call(group), call(make_group(members=3))
    one, two = members_of(group)[3:]
    late = join(group)
    Membership.objects.filter(pk=late.pk).update(joined_at=meeting.starts_at + timedelta(minutes=1))
    late.refresh_from_db()
    stranger = members_of(other.group)[0]
    refused = [
        (partial(tick, meeting, two, by=one), NotAllowed),  # a member ticks nobody
        (partial(tick, meeting, one, by=one), NotAllowed),  # nor themselves as present
        (partial(tick, meeting, two, "APOLOGY", by=one), NotAllowed),  # nor another's apology
        (partial(tick, meeting, one, "APOLOGY", by=one), NotAllowed),  # nor their own once it has begun
        (partial(tick, meeting, one, at=now()), Invalid),  # who is here two days before
        (partial(tick, meeting, one, "SLEEPING"), Invalid),
        (partial(tick, meeting, late), Invalid),  # joined after it began
        (partial(tick, meeting, stranger), NotFound),
        (partial(tick, meeting, one, by=stranger), NotFound),
    ]
    for act, error in refused:
        with pytest.raises(error):
            act()
    operations.cancel_meeting(meeting=meeting, by=group.created_by, at=now())
    with pytest.raises(AlreadyDone):
        tick(meeting, one)
    assert not RollMark.objects.exists()


def test_the_sheet_is_of_todays_meeting_and_takes_as_many_queries_for_many(django_assert_num_queries):
    group = make_group(members=4)
    treasurer = member_of(group, "TREASURER")
    assert sheet(group, treasurer, at=now()).meeting is None
    meeting = call(group)
    for one in members_of(group):
        tick(meeting, one)
    operations.record_cash(member=one, amount=kes("5"), key="1", by=treasurer.user, at=now())
    with django_assert_num_queries(6):
        assert sheet(group, treasurer, at=meeting.starts_at).here == 4
    assert sheet(group, treasurer, at=meeting.starts_at + timedelta(days=1)).meeting is None


@pytest.mark.django_db(transaction=True)
def test_what_was_ticked_while_the_roll_was_written_down_is_attendance_or_refused():
    group = make_group(members=6)
    meeting, people = call(group), members_of(group)
    at = meeting.starts_at + timedelta(minutes=5)
    ticks = [partial(tick, meeting, one, by=by, at=at) for one in people for by in ("TREASURER", "SECRETARY")]
    hold = partial(operations.hold_meeting, meeting=meeting, presences={}, by=member_of(group, "SECRETARY").user, at=at)
    found = at_once(*ticks[:6], hold, *ticks[6:])
    assert {type(no) for no in refusals(found)} <= {AlreadyDone}
    ticked = set(RollMark.objects.values_list("member_id", "presence"))
    assert ticked == set(Attendance.objects.filter(presence="PRESENT").values_list("member_id", "presence"))
    assert Attendance.objects.count() == 6
