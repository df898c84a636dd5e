"""What staff do about people: status, notes, looks, roles."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.errors import NotAllowed
from apps.users import policies
from apps.users.events import StaffRoleChanged, UserStatusChanged
from apps.users.models import CustomerNote, CustomerView, StaffMember, User
from apps.users.models.staff import Role
from apps.users.operations.sessions import end_all_sessions
from apps.users.states import USER

ROLE_CHANGE = "users.role_change"


@transaction.atomic
def set_status(*, person: User, status: str, reason: str, by: User, at: datetime) -> User:
    """Suspend, restore or close a profile; all but ACTIVE sign it out everywhere. Raises NotAllowed, IllegalMove."""
    policies.require_may_change(by, person)
    if not reason.strip():
        raise NotAllowed(_("Say why: the record keeps your reason."))
    before = person.status
    USER.make(person, status)
    if status != "ACTIVE":
        end_all_sessions(user=person, by=by, at=at, because=f"profile {status.lower()}")
    audit_trail.record(
        "users.user.status_changed",
        on=person,
        by=by,
        at=at,
        before={"status": before},
        after={"status": status},
        reason=reason,
    )
    events.publish(UserStatusChanged(user_id=person.pk, status=status))
    return person


@transaction.atomic
def add_note(*, customer: User, text: str, by: User, at: datetime) -> CustomerNote:
    """Write something down about a customer; it is corrected by adding. Raises NotAllowed."""
    policies.require_right(by, "users.write_to_customers")
    if by.pk == customer.pk:
        raise NotAllowed(_("Another member of staff must write about you."))
    if not text.strip():
        raise NotAllowed(_("Write the note first."))
    note = CustomerNote.objects.create(customer=customer, author=by, text=text.strip()[:4000], created_at=at)
    audit_trail.record("users.customer.noted", on=customer, by=by, at=at, after={"note": note.pk})
    return note


@transaction.atomic
def look_at(*, customer: User, by: User, reason: str, at: datetime) -> CustomerView:
    """Record that staff opened a customer's page, and why. Raises NotAllowed."""
    policies.require_right(by, "users.view_users")
    view = CustomerView.objects.create(customer=customer, viewer=by, reason=reason[:200], at=at)
    audit_trail.record("users.customer.viewed", on=customer, by=by, at=at, reason=reason)
    return view


def set_role(*, member: StaffMember, role: str, reason: str, by: User, at: datetime) -> Any:
    """Ask for another role for a member of staff; a second person must allow it. Raises NotAllowed."""
    policies.require_right(by, "users.manage_admins")
    if role not in Role.values:
        raise NotAllowed(_("There is no such role."))
    return approvals.ask(
        kind=ROLE_CHANGE,
        subject=f"users/{member.user_id}",
        payload={"member": member.pk, "role": role},
        before={"role": member.role},
        after={"role": role},
        reason=reason,
        by=by,
        at=at,
    )


def run_role_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change: the role, its group, and an end to what was open under the old one. Raises NotAllowed."""
    member = StaffMember.objects.select_for_update().select_related("user").get(pk=payload["member"])
    if checker.pk == member.user_id:
        raise NotAllowed(_("No one decides on their own role."))
    before, member.role = member.role, payload["role"]
    member.save(update_fields=["role"])
    member.user.groups.set([Group.objects.get(name=member.role)])
    member.user.user_permissions.clear()  # what was granted beside the old role ends with it
    end_all_sessions(user=member.user, by=checker, at=at, because="role changed")
    audit_trail.record(
        "users.staff.role_changed",
        on=member.user,
        by=checker,
        at=at,
        before={"role": before},
        after={"role": member.role},
    )
    events.publish(StaffRoleChanged(user_id=member.user_id, role=member.role))
    return {"role": member.role}
