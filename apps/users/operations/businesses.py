"""Businesses: registering one, changing what it is called, closing it."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import NotFound
from apps.users import closing, policies, rules
from apps.users.errors import BusinessRegistered as NumberTaken
from apps.users.errors import Invalid
from apps.users.events import BusinessChanged, BusinessClosed, BusinessRegistered
from apps.users.models import (
    BusinessInvitation,
    BusinessKind,
    BusinessMember,
    BusinessProfile,
    BusinessRole,
    Party,
    User,
    UserStatus,
)

FIELDS = ("name", "registration_number", "kind")


def register_business(*, name: str, registration_number: str, kind: str, by: User, at: datetime) -> BusinessProfile:
    """Give a business a profile; who registers it is its first owner. Raises Invalid, BusinessRegistered."""
    fields = _read(name=name, registration_number=registration_number, kind=kind)
    try:
        with transaction.atomic():
            party = User.objects.create_user(kind=Party.BUSINESS, full_name=fields["name"], created_at=at)
            business = BusinessProfile.objects.create(
                party=party, created_by=by, created_at=at, updated_at=at, **fields
            )
            BusinessMember.objects.create(business=business, user=by, role=BusinessRole.OWNER, joined_at=at)
            audit_trail.record("users.business.registered", on=business, by=by, at=at, after=fields, customer=by)
            events.publish(BusinessRegistered(business_id=business.pk, owner_id=by.pk))
    except IntegrityError as no:
        raise _taken(no) from no
    return business


def change_business(*, business: BusinessProfile, by: User, at: datetime, **changes: str) -> BusinessProfile:
    """Correct its name, number or kind. Raises NotFound, NotAllowed, Invalid, BusinessRegistered."""
    try:
        with transaction.atomic():
            row = locked(business)
            policies.require_owner(by, row)
            before = {name: getattr(row, name) for name in FIELDS}
            fields = _read(**{**before, **changes})
            if fields == before:
                return row
            for name, value in fields.items():
                setattr(row, name, value)
            row.updated_at = at
            row.save()
            User.objects.filter(pk=row.party_id).update(full_name=row.name, updated_at=at)
            audit_trail.record("users.business.changed", on=row, by=by, at=at, before=before, after=fields, customer=by)
            events.publish(BusinessChanged(business_id=row.pk, by_id=by.pk))
    except IntegrityError as no:
        raise _taken(no) from no
    return row


@transaction.atomic
def close_business(*, business: BusinessProfile, by: User, at: datetime) -> None:
    """Close its profile; the row and its members' history stay. Raises NotFound, NotAllowed, and what the floors above
    have against it, such as an account that is still open.
    """
    row = locked(business)
    policies.require_owner(by, row)
    closing.end_everything(row.party, by=by, at=at)
    row.closed_at = row.updated_at = at
    row.save(update_fields=["closed_at", "updated_at"])
    User.objects.filter(pk=row.party_id).update(status=UserStatus.CLOSED, updated_at=at)
    BusinessInvitation.objects.filter(business=row, status="OPEN").update(status="WITHDRAWN", decided_at=at)
    audit_trail.record("users.business.closed", on=row, by=by, at=at, customer=by)
    events.publish(BusinessClosed(business_id=row.pk))


def locked(business: BusinessProfile) -> BusinessProfile:
    """The open business, held until the transaction ends, so that two owners cannot leave at once. Raises NotFound."""
    row = BusinessProfile.objects.select_for_update().filter(pk=business.pk, closed_at=None).first()
    if row is None:
        raise NotFound(_("There is no such business, or you do not belong to it."))
    return row


def _read(*, name: str, registration_number: str, kind: str) -> dict[str, str]:
    """The fields as they are kept. Raises Invalid naming every wrong one."""
    kept: dict[str, str] = {"kind": kind}
    errors: dict[str, list[str]] = {}
    if kind not in BusinessKind.values:
        raise Invalid(
            _("Correct the marked fields. Nothing was done."), errors={"kind": [_now("There is no such kind.")]}
        )
    readers: dict[str, Any] = {
        "name": lambda: rules.business_name(name),
        "registration_number": lambda: rules.registration_number(registration_number, kind),
    }
    for field, read in readers.items():
        try:
            kept[field] = read()
        except rules.Unreadable as no:
            errors[field] = [str(no)]
    if errors:
        raise Invalid(_("Correct the marked fields. Nothing was done."), errors=errors)
    return kept


def _taken(no: IntegrityError) -> Exception:
    if "a_registration_number_is_used_once" not in str(no):
        return no
    return NumberTaken(_("A business with this number has a profile already. Ask its owners to invite you."))
