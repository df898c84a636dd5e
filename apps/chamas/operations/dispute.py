"""Disputes about rows of a group's ledger and about minutes: raised by a member, seen by all, answered by an officer
whom it does not concern.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import AlreadySaid, Invalid, OwnMatter
from apps.chamas.events import MinutesDisputeAnswered, MinutesDisputed, RowDisputeAnswered, RowDisputed
from apps.chamas.models import GroupDispute, GroupDisputeStatus, GroupEntry, Minutes
from apps.chamas.states import DISPUTE
from apps.kernel import events
from apps.kernel.errors import NotAllowed
from apps.users.models import User

MOST_LETTERS = 300


@transaction.atomic
def dispute_row(*, entry: GroupEntry, text: str, by: User, at: datetime) -> GroupDispute:
    """Say what is wrong with a row of one's group. No money moves. Raises NotFound, Invalid, AlreadySaid."""
    member = policies.membership(by, entry.group)
    said = _said(text, "text")
    row = GroupDispute(group_id=entry.group_id, entry=entry, raised_by=member, text=said, raised_at=at)
    _raise(row, "a_member_disputes_a_row_once", _("You dispute this row already; an officer must answer first."))
    audit_trail.record("chamas.row.disputed", on=row, by=by, at=at, after={"entry": entry.pk}, customer=by)
    events.publish(RowDisputed(group_id=entry.group_id, dispute_id=row.pk))
    return row


@transaction.atomic
def dispute_minutes(*, minutes: Minutes, text: str, by: User, at: datetime) -> GroupDispute:
    """Say what is wrong with minutes of one's group, in the version that was read. Raises NotFound, Invalid,
    AlreadySaid.
    """
    group = minutes.meeting.group
    member = policies.membership(by, group)
    row = GroupDispute(group=group, minutes=minutes, raised_by=member, text=_said(text, "text"), raised_at=at)
    _raise(row, "a_member_disputes_minutes_once", _("You dispute these minutes already; an officer must answer first."))
    audit_trail.record("chamas.minutes.disputed", on=row, by=by, at=at, after={"minutes": minutes.pk}, customer=by)
    events.publish(MinutesDisputed(group_id=group.pk, dispute_id=row.pk))
    return row


def _raise(row: GroupDispute, once: str, already: Any) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        if once not in str(no):
            raise
        raise AlreadySaid(already) from no


@transaction.atomic
def answer_dispute(*, dispute: GroupDispute, is_right: bool, answer: str, by: User, at: datetime) -> GroupDispute:
    """Answer it; what was wrong is put right by proposal, or by another version of the minutes.

    Raises NotFound, NotAllowed, OwnMatter, Invalid, IllegalMove.
    """
    member = policies.require_officer(by, dispute.group)
    if member.pk == dispute.raised_by_id or dispute.is_about(member):
        raise OwnMatter(_("This is about you, so another officer must answer it. Nothing was done."))
    status = GroupDisputeStatus.UPHELD if is_right else GroupDisputeStatus.DISMISSED
    DISPUTE.make(dispute, status, answer=_said(answer, "answer"), answered_by=by, answered_at=at)
    action = f"chamas.{_subject(dispute)}.dispute_answered"
    audit_trail.record(action, on=dispute, by=by, at=at, after={"status": status}, customer=by)
    answered = MinutesDisputeAnswered if dispute.minutes_id else RowDisputeAnswered
    events.publish(answered(group_id=dispute.group_id, dispute_id=dispute.pk, status=str(status)))
    return dispute


@transaction.atomic
def withdraw_dispute(*, dispute: GroupDispute, by: User, at: datetime) -> GroupDispute:
    """Take it back. Raises NotFound, NotAllowed, IllegalMove."""
    if policies.membership(by, dispute.group).pk != dispute.raised_by_id:
        raise NotAllowed(_("Only who raised this may take it back. Nothing was done."))
    DISPUTE.make(dispute, GroupDisputeStatus.WITHDRAWN, answered_by=by, answered_at=at)
    audit_trail.record(f"chamas.{_subject(dispute)}.dispute_withdrawn", on=dispute, by=by, at=at, customer=by)
    return dispute


def _subject(dispute: GroupDispute) -> str:
    return "minutes" if dispute.minutes_id else "row"


def _said(text: str, field: str) -> str:
    said = " ".join(text.split())
    if not 1 <= len(said) <= MOST_LETTERS:
        raise Invalid(_("Say it in 1 to 300 letters. Nothing was done."), errors={field: ["length"]})
    return said
