"""Another post for a member of staff: role, branch, limit, the MLRO's right; suspended at once, let in again by two."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.users import policies
from apps.users.events import StaffRoleChanged
from apps.users.models import Branch, StaffMember, User
from apps.users.models.staff import Role
from apps.users.operations.sessions import end_all_sessions
from apps.users.operations.staff import set_status, write_status

ROLE_CHANGE = "users.role_change"
RESTORE = "users.staff_restore"
MLRO = "approve_str"  # the one right that is granted to a person beside a role
MLRO_ROLE = Role.COMPLIANCE_OFFICER


def set_role(*, member: StaffMember, role: str, reason: str, by: User, at: datetime) -> Approval:
    """Ask for another role for a member of staff. Raises what `change_post` raises."""
    return change_post(member=member, role=role, reason=reason, by=by, at=at)


@transaction.atomic
def change_post(
    *,
    member: StaffMember,
    reason: str,
    by: User,
    at: datetime,
    role: str | None = None,
    branch: Branch | None = None,
    approval_limit: Money | None = None,
    is_mlro: bool | None = None,
) -> Approval:
    """Ask for another role, branch, limit (KES), or the MLRO's right; what is not named stays. A second person allows.

    Raises NotAllowed, and Conflict when nothing would change or another change of this post waits.
    """
    policies.require_right(by, "users.manage_admins")
    if member.user_id == by.pk:
        raise NotAllowed(_("Another member of staff must ask for a change of your own post."))
    before = post_of(member)
    asked = {
        "role": role,
        "branch": branch.code if branch else None,
        "approval_limit_minor": approval_limit.minor if approval_limit else None,
        "is_mlro": is_mlro,
    }
    after = before | {name: value for name, value in asked.items() if value is not None}
    if is_mlro is None and after["role"] != MLRO_ROLE:
        after["is_mlro"] = False  # what was granted beside the old role ends with it
    _require_sensible(after, approval_limit)
    if after == before:
        raise Conflict(_("That is their post already. Nothing was asked for."))
    subject = f"users/{member.user_id}"
    member = StaffMember.objects.select_for_update().get(pk=member.pk)  # of two who ask at once one waits
    if Approval.objects.filter(kind=ROLE_CHANGE, subject=subject, status=ApprovalStatus.PENDING).exists():
        raise Conflict(_("A change of this post waits for a decision already. Nothing was asked for."))
    changed = {name for name in after if after[name] != before[name]}
    payload = {"member": member.pk, "user": member.user_id, **{name: after[name] for name in changed}}
    return approvals.ask(
        kind=ROLE_CHANGE, subject=subject, payload=payload,
        before={name: before[name] for name in changed}, after={name: after[name] for name in changed},
        reason=reason, by=by, at=at,
    )  # fmt: skip


def post_of(member: StaffMember) -> dict[str, Any]:
    """Role, branch, limit and whether they are the MLRO, as primitives."""
    return {
        "role": str(member.role),
        "branch": member.branch.code,
        "approval_limit_minor": member.approval_limit_minor,
        "is_mlro": member.user.user_permissions.filter(codename=MLRO).exists(),
    }


def run_role_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change: post, group, and an end to what was open under the old one. Raises NotAllowed."""
    members = StaffMember.objects.select_for_update(of=("self",)).select_related("user", "branch")
    member = members.get(pk=payload["member"])
    if checker.pk == member.user_id:
        raise NotAllowed(_("No one decides on their own role."))
    before = post_of(member)
    after = before | {name: payload[name] for name in before if name in payload}
    if after["role"] != MLRO_ROLE:
        after["is_mlro"] = False  # what was granted beside the old role ends with it
    member.role, member.approval_limit_minor = after["role"], after["approval_limit_minor"]
    member.branch = Branch.objects.get(code=after["branch"])
    member.save(update_fields=["role", "branch", "approval_limit_minor"])
    member.user.groups.set([Group.objects.get(name=member.role)])
    member.user.user_permissions.set(Permission.objects.filter(codename=MLRO) if after["is_mlro"] else [])
    end_all_sessions(user=member.user, by=checker, at=at, because="role changed")
    old, new = audit_trail.changed(before, after)
    audit_trail.record("users.staff.role_changed", on=member.user, by=checker, at=at, before=old, after=new)
    events.publish(StaffRoleChanged(user_id=member.user_id, role=member.role))
    return {"role": member.role}


def suspend_staff(*, member: StaffMember, reason: str, by: User, at: datetime) -> User:
    """One person is enough to stop a colleague, at once and everywhere. Raises NotAllowed, IllegalMove."""
    policies.require_right(by, "users.manage_admins")
    return set_status(person=member.user, status="SUSPENDED", reason=reason, by=by, at=at)


@transaction.atomic
def ask_restore(*, member: StaffMember, reason: str, by: User, at: datetime) -> Approval:
    """Ask to let a suspended member of staff in again; a second person allows it. Raises NotAllowed, Conflict."""
    policies.require_right(by, "users.manage_admins")
    person = User.objects.select_for_update().get(pk=member.user_id)
    if person.pk == by.pk:
        raise NotAllowed(_("Another member of staff must change your own profile."))
    waits = Approval.objects.filter(kind=RESTORE, subject=f"users/{person.pk}", status=ApprovalStatus.PENDING)
    if person.status not in {"SUSPENDED", "LOCKED"} or waits.exists():
        raise Conflict(_("They are not suspended, or it was asked for already. Nothing was changed."))
    return approvals.ask(
        kind=RESTORE, subject=f"users/{person.pk}", payload={"user": person.pk}, before={"status": person.status},
        after={"status": "ACTIVE"}, reason=reason, by=by, at=at,
    )  # fmt: skip


def run_restore(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved request: they may sign in again. Raises NotAllowed, IllegalMove."""
    person = User.objects.select_for_update().get(pk=payload["user"])
    if checker.pk == person.pk:
        raise NotAllowed(_("No one decides on their own role."))
    write_status(person=person, status="ACTIVE", reason="Restored by two", by=checker, at=at)
    return {"status": "ACTIVE"}


@transaction.atomic
def sign_out_everywhere(*, member: StaffMember, by: User, at: datetime) -> int:
    """End every stay of a member of staff. Returns how many ended. Raises NotAllowed."""
    policies.require_right(by, "users.manage_admins")
    return end_all_sessions(user=member.user, by=by, at=at, because="signed out by a manager of staff")


def _require_sensible(post: dict[str, Any], limit: Money | None) -> None:
    if post["role"] not in Role.values:
        raise NotAllowed(_("There is no such role."))
    if limit is not None and (limit.currency != "KES" or not 0 <= limit.minor < 2**62):
        raise NotAllowed(_("Write the limit in KES, zero or more."))
    if post["is_mlro"] and post["role"] != MLRO_ROLE:
        raise NotAllowed(_("The MLRO is a compliance officer. Nothing was asked for."))
