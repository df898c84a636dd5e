"""Disputes: a customer says that a line is wrong, staff look into it and answer once, in the customer's inbox."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Transaction
from apps.accounts.policies import holds
from apps.audit_trail import operations as audit_trail
from apps.fraud.errors import DisputedAlready, NothingToDispute
from apps.fraud.events import DisputeOpened, DisputeResolved
from apps.fraud.models import Dispute, DisputeReason, DisputeStatus
from apps.fraud.operations.review import ReasonNeeded
from apps.fraud.states import DISPUTE
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed, NotFound
from apps.notifications import operations as notifications
from apps.users.models import User
from apps.users.policies import require_unconnected

ANSWER_WITHIN = timedelta(days=7)
OLDEST = timedelta(days=180)
RIGHT = "fraud.review_fraud"
OPENS = "accounts.view_transactions"  # staff who may open one for a customer on the phone


@transaction.atomic
def open_dispute(*, line: Transaction, reason: str, text: str, by: User, at: datetime) -> Dispute:
    """Say that a line is wrong: its owner, who signs for the business that is, or staff for them.

    An answer is promised within seven days; no money moves.

    Raises NotFound, NothingToDispute, ReasonNeeded, DisputedAlready.
    """
    owner = line.account.owner
    if not (by.is_active and holds(by, line.account)) and not (by.is_active and by.is_staff and by.has_perm(OPENS)):
        raise NotFound(_("There is no such transaction, or it is not yours."))
    if reason not in DisputeReason.values or not text.strip():
        raise ReasonNeeded(_("Say what is wrong, in a few words."))
    if line.posted_at < at - OLDEST:
        raise NothingToDispute(_("This is more than six months ago. Write to us about it instead."))
    try:
        with transaction.atomic():
            dispute = _written(line, reason, text.strip(), owner, by, at)
    except IntegrityError as no:
        live = Dispute.objects.live().filter(line=line).first()
        if live is None:
            raise
        raise DisputedAlready(
            _("You told us about this already. We are looking into it."), dispute=str(live.public_id)
        ) from no
    facts = {"line": line.reference, "reason": reason}
    audit_trail.record("fraud.dispute.opened", on=dispute, by=by, at=at, after=facts, customer=owner)
    events.publish(DisputeOpened(dispute_id=dispute.pk, owner_id=owner.pk, line_id=line.pk, reason=reason))
    notifications.send(
        "fraud.dispute_opened",
        to=owner,
        context=_about(line) | {"answer_by": local_date(dispute.answer_by).isoformat()},
        at=at,
        key=f"disputes/{dispute.pk}/opened",
    )
    return dispute


def _written(line: Transaction, reason: str, text: str, owner: User, by: User, at: datetime) -> Dispute:
    with translation.override(owner.language):
        subject = f"{DisputeReason(reason).label}: {line.reference}"[:120]
    thread = notifications.open_thread(customer=owner, subject=subject, body=text[:2000], by=by, at=at)
    return Dispute.objects.create(
        line=line,
        owner=owner,
        thread=thread,
        reason=reason,
        opened_at=at,
        answer_by=at + ANSWER_WITHIN,
        opened_by=None if by.pk == owner.pk else by,
    )


@transaction.atomic
def take_up(*, dispute: Dispute, by: User, at: datetime) -> None:
    """Look into it; the customer sees that somebody does. Raises NotAllowed, IllegalMove."""
    _require_may(by, dispute)
    DISPUTE.make(dispute, DisputeStatus.INVESTIGATING, taken_by=by)
    audit_trail.record("fraud.dispute.taken_up", on=dispute, by=by, at=at, customer=dispute.owner)


@transaction.atomic
def resolve(*, dispute: Dispute, upheld: bool, answer: str, by: User, at: datetime) -> None:
    """Answer it, once. What is sent back is a refund of its own. Raises NotAllowed, ReasonNeeded, IllegalMove."""
    _require_may(by, dispute)
    if not answer.strip():
        raise ReasonNeeded(_("Write the answer: the customer reads it."))
    outcome = DisputeStatus.UPHELD if upheld else DisputeStatus.DECLINED
    DISPUTE.make(dispute, outcome, resolved_by=by, resolved_at=at, answer=answer.strip()[:500])
    with translation.override(dispute.owner.language):
        told = gettext("%(outcome)s. %(answer)s") % {"outcome": outcome.label, "answer": answer.strip()}
    if dispute.thread.closed_at is None:
        notifications.reply(thread=dispute.thread, body=told, by=by, at=at)
    audit_trail.record(
        "fraud.dispute.resolved",
        on=dispute,
        by=by,
        at=at,
        reason=answer,
        after={"outcome": outcome.value},
        customer=dispute.owner,
    )
    events.publish(DisputeResolved(dispute_id=dispute.pk, owner_id=dispute.owner_id, outcome=outcome.value))
    key = f"disputes/{dispute.pk}/resolved"
    notifications.send("fraud.dispute_resolved", to=dispute.owner, context=_about(dispute.line), at=at, key=key)


@transaction.atomic
def withdraw(*, dispute: Dispute, by: User, at: datetime) -> None:
    """The customer, or who signs for the business, found it in order after all. Raises NotFound, IllegalMove."""
    if not Dispute.objects.owned_by(by).filter(pk=dispute.pk).exists():
        raise NotFound(_("There is no such dispute, or it is not yours."))
    DISPUTE.make(dispute, DisputeStatus.WITHDRAWN, resolved_at=at)
    audit_trail.record("fraud.dispute.withdrawn", on=dispute, by=by, at=at, customer=dispute.owner)


def _require_may(by: User, dispute: Dispute) -> None:
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to decide on disputes."))
    if dispute.owner_id == by.pk:
        raise NotAllowed(_("No one decides on their own payment."))
    require_unconnected(by, dispute.owner)


def _about(line: Transaction) -> dict[str, str]:
    return {"amount": str(abs(line.amount)), "reference": line.reference}
