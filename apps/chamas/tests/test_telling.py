"""What members are told: money out to everybody at once, money in to few at once and to everybody once a day."""

from datetime import timedelta

import pytest
from django.utils import translation

from apps.accounts.testing import kes
from apps.chamas import acts, operations, telling
from apps.chamas.errors import Invalid
from apps.chamas.models import EntryKind, GroupEntry, Minutes, Proposal
from apps.chamas.operations.verify import NEEDED
from apps.chamas.testing import decide, make_group, make_person, member_of, members_of, open_next, pay_all, sign
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import deliver_events
from apps.notifications import messages, rules
from apps.notifications import operations as notifications
from apps.notifications.models import CommunicationPreference, Message, Unwanted
from apps.notifications.operations import Telling
from apps.users.queries import system_user

pytestmark = pytest.mark.django_db


def told(code):
    """Who was told, in order."""
    return list(Message.objects.filter(code=f"chamas.{code}").order_by("pk").values_list("user_id", flat=True))


@pytest.fixture
def group():
    made = make_group(members=5)
    pay_all(open_next(made))
    return made


def test_who_pays_in_and_the_treasurer_hear_it_at_once_and_all_the_next_morning_once(group):
    deliver_events()
    people = [one.user_id for one in members_of(group)]
    assert sorted(told("received")) == sorted(people)
    assert len(told("came_in")) == 4
    assert {member_of(group, "TREASURER").user_id} == set(told("came_in"))
    assert told("day") == []
    paid = GroupEntry.objects.order_by("-pk")[0].at
    for _twice in (1, 2):
        telling.tell_of_days(at=paid + timedelta(days=1))
    assert sorted(told("day")) == sorted(people)
    assert "5 paid in KES 6,000.00. The pot has KES 5,000.00" in str(Message.objects.filter(code="chamas.day")[0].body)


def test_officers_and_auditors_choose_to_hear_each_payment_at_once_or_in_the_morning_line(group):
    deliver_events()
    Message.objects.all().delete()
    chair, treasurer, member = (member_of(group, role) for role in ("CHAIR", "TREASURER", "MEMBER"))
    assert [operations.hears(one) for one in (chair, treasurer, member)] == ["NEXT_MORNING", "AT_ONCE", "NEXT_MORNING"]
    for by, wish, error in ((member, "AT_ONCE", NotAllowed), (chair, "NEVER", Invalid)):
        with pytest.raises(error):
            operations.choose_when_to_hear(group=group, hears=wish, by=by.user, at=now())
    operations.choose_when_to_hear(group=group, hears="NEXT_MORNING", by=treasurer.user, at=now())
    operations.choose_when_to_hear(group=group, hears="AT_ONCE", by=chair.user, at=now())
    operations.contribute(member=member, amount=kes("10"), key="more", by=member.user, at=now())
    deliver_events()
    assert (told("came_in"), told("received")) == ([chair.user_id], [member.user_id])
    operations.give_role(member=member, role="CHAIR", by=system_user(), at=now())  # who is no officer any more
    operations.contribute(member=treasurer, amount=kes("10"), key="more", by=treasurer.user, at=now())
    deliver_events()
    assert told("came_in") == [chair.user_id]


def test_money_that_leaves_is_told_to_everybody_once_by_as_many_queries_for_many(group, django_assert_num_queries):
    member = member_of(group, "MEMBER")
    decide("WITHDRAW_SAVINGS", group, {"member": member.pk, "minor": 40_000}, at=now())
    deliver_events()
    assert sorted(told("money_out")) == sorted(one.user_id for one in members_of(group))
    said = str(Message.objects.filter(code="chamas.money_out")[0].body)
    assert "KES 400.00 out. Savings taken out, " in said
    assert "KES 4,600.00" in said
    transfer = GroupEntry.objects.get(kind=EntryKind.WITHDRAWAL).transfer_id
    Message.objects.all().delete()
    with django_assert_num_queries(9):
        telling.tell_of_money(group_id=group.pk, transfer_id=transfer, minor=-40_000, at=now())
    telling.tell_of_money(group_id=group.pk, transfer_id=transfer, minor=-40_000, at=now())
    assert len(told("money_out")) == 5


def test_who_must_sign_or_vote_is_asked_and_everybody_hears_how_it_ended(group):
    by = member_of(group, "MEMBER").user
    facts = {"member": member_of(group, "TREASURER").pk, "minor": 10_000}
    row = operations.propose(group=group, act="WITHDRAW_SAVINGS", facts=facts, by=by, at=now(), key="1")
    operations.propose(
        group=group, act="ROLE", facts={"member": by_pk(group), "role": "AUDITOR"}, by=by, at=now(), key="2"
    )
    deliver_events()
    assert sorted(told("sign_asked")) == sorted(member_of(group, role).user_id for role in ("CHAIR", "SECRETARY"))
    assert sorted(told("vote_asked")) == sorted({one.user_id for one in members_of(group)} - {by.pk})
    operations.withdraw_proposal(proposal=Proposal.objects.get(act="ROLE"), by=by, at=now())
    for role in ("CHAIR", "SECRETARY"):
        sign(row, member_of(group, role).user)
    deliver_events()
    assert len(told("decided")) == 5  # what moved money was told by itself
    assert len(told("money_out")) == 5


def by_pk(group):
    return members_of(group)[-1].pk


def test_meetings_minutes_and_disputes_reach_whom_they_ask(group):
    chair, member = member_of(group, "CHAIR").user, member_of(group, "MEMBER")
    meeting = operations.call_meeting(
        group=group, starts_at=now() + timedelta(hours=1), place="Kondele", agenda=["x"], by=chair, at=now()
    )
    held = meeting.starts_at + timedelta(hours=1)
    there = {member_of(group, role).pk: "PRESENT" for role in ("CHAIR", "SECRETARY")}
    operations.hold_meeting(meeting=meeting, presences=there, by=chair, at=held)
    operations.write_minutes(meeting=meeting, body="Agreed.", by=chair, at=held)
    disputed = operations.dispute_minutes(minutes=Minutes.objects.get(), text="We did not", by=member.user, at=now())
    row = operations.dispute_row(
        entry=GroupEntry.objects.filter(member=member)[0], text="More", by=member.user, at=now()
    )
    operations.answer_dispute(dispute=row, is_right=False, answer="No", by=chair, at=now())
    off = operations.call_meeting(
        group=group, starts_at=held + timedelta(days=7), place="Here", agenda=["x"], by=chair, at=held
    )
    deliver_events()
    operations.cancel_meeting(meeting=off, by=chair, at=held)
    deliver_events()
    assert (len(told("meeting_called")), len(told("meeting_off"))) == (5, 5)
    assert told("minutes_to_sign") == [member_of(group, "SECRETARY").user_id]
    assert told("dispute_answered") == [member.user_id]
    assert sorted(told("minutes_disputed")) == sorted(one.user_id for one in members_of(group)[:3])
    secretary = member_of(group, "SECRETARY").user
    operations.answer_dispute(dispute=disputed, is_right=True, answer="Yes", by=secretary, at=now())
    deliver_events()
    assert told("minutes_answered") == [member.user_id]
    assert "meeting 1" in str(Message.objects.get(code="chamas.minutes_answered").body)


def test_every_message_of_a_group_is_one_sms_whatever_it_is_called():
    assert telling.short("Wanjikũ wa Ngũgĩ") == "Wanjiku wa Ngugi"
    assert len(telling.short("Chama cha Akina Mama wa Soko la Kibuye")) == 20
    worst = {
        "group": "M" * 20, "amount": "KES 12,345,678.00", "pot": "KES 123,456,789.00", "receipt": "CWWWWWWWWW",
        "own": "KES 12,345,678.00", "who": "W" * 20, "lost": "KES 12,345,678.00",
        "day": "30 Nov", "until": "30 Nov", "count": "500",
        "when": "30 Nov 14:00", "place": "P" * 40, "number": "400",
    }  # fmt: skip
    names = ["received", "came_in", "money_out", "day", "vote_asked", "sign_asked", "decided", "meeting_called"]
    names += ["meeting_off", "minutes_to_sign", "disputed", "dispute_answered", "minutes_disputed", "minutes_answered"]
    names += ["papers_refused", "loan_written_off", "loan_paid_by_own"]
    bad = []
    for language in ("en", "sw"):
        with translation.override(language):
            longest = {
                "act": max((str(act.name) for act in acts.all_acts()), key=len),
                "what": max((str(kind.label) for kind in EntryKind), key=len),
                "papers": str(telling._Papers(NEEDED)),
                "outcome": max((str(one) for one in telling._SAID.values()), key=len),
            }
        for name in names:
            text = messages.from_file(f"chamas.{name}", "SMS", language)
            amount = {"amount": ", KES 12,345,678.00"} if "act" in rules.placeholders(text.body) else {}
            said = rules.for_sms(rules.filled(text.body, worst | longest | amount, language))
            bad += [] if rules.segments(said) == 1 else [(language, len(said), said)]
    assert bad == []


def test_one_thing_told_to_many_keeps_choices_and_is_said_once():
    people = [make_person() for _nth in range(3)]
    CommunicationPreference.objects.create(user=people[0], channel="SMS", topic="SERVICE", is_allowed=False)
    context = {"group": "Umoja", "number": 4}
    tellings = [Telling(one.pk, f"x/{one.pk}", context) for one in people]
    assert notifications.send_many("chamas.minutes_to_sign", tellings=tellings, at=now()) == 2
    assert notifications.send_many("chamas.minutes_to_sign", tellings=tellings, at=now()) == 0
    assert (Message.objects.filter(key__startswith="x/").count(), Unwanted.objects.count()) == (2, 1)
