"""Disputes about rows of a group's ledger: raised by a member, seen by all, answered by another officer."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import AlreadySaid, Invalid, OwnMatter
from apps.chamas.events import RowDisputeAnswered, RowDisputed
from apps.chamas.models import GroupDispute, GroupDisputeStatus, GroupEntry
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
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        if "a_member_disputes_a_row_once" not in str(no):
            raise
        raise AlreadySaid(_("You dispute this row already; an officer must answer first.")) from no
    audit_trail.record("chamas.row.disputed", on=row, by=by, at=at, after={"entry": entry.pk}, customer=by)
    events.publish(RowDisputed(group_id=entry.group_id, dispute_id=row.pk))
    return row


@transaction.atomic
def answer_dispute(*, dispute: GroupDispute, is_right: bool, answer: str, by: User, at: datetime) -> GroupDispute:
    """Answer it; what was wrong is put right by proposal. Raises NotFound, NotAllowed, NoSay, Invalid, IllegalMove."""
    member = policies.require_officer(by, dispute.group)
    if member.pk in (dispute.raised_by_id, dispute.entry.member_id):
        raise OwnMatter(_("This is about you, so another officer must answer it. Nothing was done."))
    status = GroupDisputeStatus.UPHELD if is_right else GroupDisputeStatus.DISMISSED
    DISPUTE.make(dispute, status, answer=_said(answer, "answer"), answered_by=by, answered_at=at)
    audit_trail.record("chamas.row.dispute_answered", on=dispute, by=by, at=at, after={"status": status}, customer=by)
    events.publish(RowDisputeAnswered(group_id=dispute.group_id, dispute_id=dispute.pk, status=str(status)))
    return dispute


@transaction.atomic
def withdraw_dispute(*, dispute: GroupDispute, by: User, at: datetime) -> GroupDispute:
    """Take it back. Raises NotFound, NotAllowed, IllegalMove."""
    if policies.membership(by, dispute.group).pk != dispute.raised_by_id:
        raise NotAllowed(_("Only who raised this may take it back. Nothing was done."))
    DISPUTE.make(dispute, GroupDisputeStatus.WITHDRAWN, answered_by=by, answered_at=at)
    audit_trail.record("chamas.row.dispute_withdrawn", on=dispute, by=by, at=at, customer=by)
    return dispute


def _said(text: str, field: str) -> str:
    said = " ".join(text.split())
    if not 1 <= len(said) <= MOST_LETTERS:
        raise Invalid(_("Say it in 1 to 300 letters. Nothing was done."), errors={field: ["length"]})
    return said
