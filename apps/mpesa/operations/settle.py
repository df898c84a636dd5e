"""Settling a difference between M-Pesa's statement and the books: a person writes down what they found out."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import NotAllowed
from apps.mpesa.errors import AlreadySettled
from apps.mpesa.models import MpesaTransaction, ReconciliationBreak
from apps.mpesa.operations.compare import settle_runs
from apps.mpesa.operations.reconcile import RIGHT
from apps.mpesa.operations.stated import hold_statements
from apps.users.models import User


@transaction.atomic
def resolve_break(*, found: ReconciliationBreak, note: str, by: User, at: datetime) -> ReconciliationBreak:
    """Settle a difference with what was found out; once. Raises NotAllowed, AlreadySettled."""
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to settle differences."))
    note = " ".join(note.split())
    if not note:
        raise NotAllowed(_("Say what you found out: the record is read later."))
    if MpesaTransaction.objects.filter(receipt=found.receipt, user=by).exists():
        raise NotAllowed(_("No one settles a difference about their own money."))
    hold_statements()
    moved = ReconciliationBreak.objects.filter(pk=found.pk, resolved_at=None).update(
        resolved_at=at, resolved_by=by, note=note[:300]
    )
    if not moved:
        raise AlreadySettled(_("This difference was settled before. Nothing was changed."))
    settle_runs()
    found.refresh_from_db()
    facts = {"receipt": found.receipt, "kind": found.kind}
    audit_trail.record("mpesa.break.resolved", on=found, by=by, at=at, reason=note, after=facts)
    return found
