"""Whom staff keep away from: declared by themselves or by who manages staff, ended by another person only."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import Conflict, NotAllowed
from apps.users import policies
from apps.users.models import ConnectionKind, StaffConnection, User


@transaction.atomic
def declare_connection(*, staff: User, customer: User, kind: str, by: User, at: datetime) -> StaffConnection:
    """Write down that a member of staff and a customer are connected. Raises NotAllowed, Conflict."""
    if by.pk != staff.pk:
        policies.require_right(by, "users.manage_admins")
    if not by.is_active or not staff.is_staff or customer.is_staff or customer.is_service:
        raise NotAllowed(_("A connection joins a member of staff and a customer. Nothing was written down."))
    if kind not in ConnectionKind.values:
        raise NotAllowed(_("Say how they are connected. Nothing was written down."))
    try:
        with transaction.atomic():
            row: StaffConnection = StaffConnection.objects.create(
                staff=staff, customer=customer, kind=kind, declared_by=by, declared_at=at
            )
    except IntegrityError as no:
        raise Conflict(_("This connection is written down already.")) from no
    audit_trail.record("users.staff.connection_declared", on=staff, by=by, at=at,
                       after={"connection": row.pk, "customer": customer.pk, "kind": kind})  # fmt: skip
    return row


@transaction.atomic
def end_connection(*, connection: StaffConnection, reason: str, by: User, at: datetime) -> None:
    """It has ended: said by who manages staff, never by the one it binds. Raises NotAllowed, Conflict."""
    policies.require_right(by, "users.manage_admins")
    if by.pk == connection.staff_id:
        raise NotAllowed(_("Another person must end a connection of yours. Nothing was changed."))
    if not reason.strip():
        raise NotAllowed(_("Say why: the record keeps your reason."))
    if not StaffConnection.objects.filter(pk=connection.pk, ended_at=None).update(ended_by=by, ended_at=at):
        raise Conflict(_("It has ended already. Nothing was changed."))
    audit_trail.record("users.staff.connection_ended", on=connection.staff, by=by, at=at, reason=reason,
                       after={"connection": connection.pk})  # fmt: skip
