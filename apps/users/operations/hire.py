"""A person begins to work here: asked for by one who manages staff, allowed by another.

Staff sign in with a profile of their own, never with the one they bank with: a phone, e-mail or ID number that a
customer has is refused, so nobody can hold rights over accounts from the same profile. The profile is made when it is
asked for, suspended and without rights, so that no personal data lies in the request; sent back, it is closed and its
phone and e-mail are free again.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.users import policies, rules
from apps.users.errors import Invalid, Taken
from apps.users.events import StaffAdded
from apps.users.models import Branch, StaffMember, User, UserStatus
from apps.users.models.staff import Role
from apps.users.states import USER

NEW_STAFF = "users.staff_add"


def add_staff(
    *,
    full_name: str,
    phone: str,
    role: str,
    branch: Branch,
    approval_limit: Money,
    reason: str,
    by: User,
    at: datetime,
    email: str = "",
    language: str = "en",
) -> Approval:
    """Ask for a new member of staff. Raises NotAllowed, Invalid, and Taken when a profile has phone or e-mail."""
    policies.require_right(by, "users.manage_admins")
    fields = _read(full_name=full_name, phone=phone, email=email, role=role, limit=approval_limit)
    try:
        with transaction.atomic():
            person = User.objects.create_user(
                is_staff=True, status=UserStatus.SUSPENDED, language=language, created_at=at, **fields
            )
            approval = approvals.ask(
                kind=NEW_STAFF,
                subject=f"users/{person.pk}",
                payload={
                    "user": person.pk,
                    "role": role,
                    "branch": branch.pk,
                    "approval_limit_minor": approval_limit.minor,
                },
                after={"name": person.full_name, "role": role, "branch": branch.code, "limit": str(approval_limit)},
                reason=reason,
                by=by,
                at=at,
            )
            audit_trail.record("users.staff.asked_for", on=person, by=by, at=at, after={"role": role})
    except IntegrityError as no:
        if "_print" not in str(no):
            raise
        raise Taken(_("A profile has this phone or e-mail already. Staff sign in with a number of their own.")) from no
    return approval


def run_add_staff(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved request: the profile opens with its role, and its holder hears how to set a password."""
    person = User.objects.select_for_update().get(pk=payload["user"])
    if checker.pk == person.pk:
        raise NotAllowed(_("No one decides on their own role."))
    USER.make(person, UserStatus.ACTIVE)
    branch = Branch.objects.get(pk=payload["branch"])
    member = StaffMember.objects.create(
        user=person, role=payload["role"], branch=branch, approval_limit_minor=payload["approval_limit_minor"]
    )
    person.groups.set([Group.objects.get(name=member.role)])
    after = {"role": member.role, "branch": branch.code, "approval_limit_minor": member.approval_limit_minor}
    audit_trail.record("users.staff.added", on=person, by=checker, at=at, after=after)
    with translation.override(person.language):
        role = str(Role(member.role).label)
    notifications.send(
        "users.staff_welcome",
        to=person,
        context={"name": person.first_name, "role": role},
        at=at,
        key=f"users/{person.pk}/staff-welcome",
    )
    events.publish(StaffAdded(user_id=person.pk, role=member.role))
    return {"member": member.pk}


def undo_add_staff(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The request that was sent back: its profile is closed, its phone and e-mail are free again."""
    person = User.objects.select_for_update().get(pk=payload["user"])
    USER.make(person, UserStatus.CLOSED)
    person.phone = person.email = None
    person.save()
    audit_trail.record("users.staff.not_added", on=person, by=checker, at=at)
    return {}


def _read(*, full_name: str, phone: str, email: str, role: str, limit: Money) -> dict[str, str | None]:
    """Name, phone and e-mail as they are kept. Raises Invalid naming every wrong field."""
    kept: dict[str, str | None] = {}
    errors: dict[str, list[Any]] = {}
    readers = {"full_name": (full_name, rules.full_name), "phone": (phone, rules.phone)}
    if email.strip():
        readers["email"] = (email, rules.checked_email)
    for field, (text, read) in readers.items():
        try:
            kept[field] = read(text)
        except rules.Unreadable as no:
            errors[field] = [str(no)]
    if role not in Role.values:
        errors["role"] = [_("There is no such role.")]
    if limit.currency != "KES" or not 0 <= limit.minor < 2**62:
        errors["approval_limit"] = [_("Write the limit in KES, zero or more.")]
    if errors:
        raise Invalid(_("Correct the marked fields. Nothing was done."), errors=errors)
    return kept
