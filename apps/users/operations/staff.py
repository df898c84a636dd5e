"""What staff do about people: status, notes, looks."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, confidential, events
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import Approval, ApprovalStatus
from apps.users import closing, policies
from apps.users.errors import TwoMustAllow
from apps.users.events import UserStatusChanged
from apps.users.models import CustomerNote, CustomerView, User
from apps.users.operations.sessions import end_all_sessions
from apps.users.states import USER

RESTORE_CUSTOMER = "users.restore_customer"


@transaction.atomic
def set_status(*, person: User, status: str, reason: str, by: User, at: datetime) -> User:
    """Suspend a profile, or close it for good once nothing of it is open, which signs it out everywhere. To restore one
    takes two: see `ask_status`.

    Raises NotAllowed, TwoMustAllow, IllegalMove, and to close one what the floors above have against it.
    """
    policies.require_may_change(by, person)
    if not reason.strip():
        raise NotAllowed(_("Say why: the record keeps your reason."))
    if status == "ACTIVE":
        raise TwoMustAllow(_("A second person must allow this. Ask for it; nothing was changed."))
    if status == "CLOSED":
        closing.end_everything(person, by=by, at=at)
    return write_status(person=person, status=status, reason=reason, by=by, at=at)


@transaction.atomic
def ask_status(*, person: User, status: str, reason: str, by: User, at: datetime) -> Approval | None:
    """As `set_status`; a customer's profile is restored by two, whose second answers the request that is returned.

    Raises NotAllowed, TwoMustAllow for a colleague, IllegalMove, Conflict.
    """
    if status != "ACTIVE" or person.is_staff:
        set_status(person=person, status=status, reason=reason, by=by, at=at)
        return None
    policies.require_may_change(by, person)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.status not in {"SUSPENDED", "LOCKED"}:
        raise IllegalMove(_("They are not suspended. Nothing was changed."))
    subject = f"users/{person.pk}"
    if Approval.objects.filter(kind=RESTORE_CUSTOMER, subject=subject, status=ApprovalStatus.PENDING).exists():
        raise Conflict(_("Another officer asked for this already; it waits for a decision. Nothing was changed."))
    return approvals.ask(
        kind=RESTORE_CUSTOMER, subject=subject, payload={"user": person.pk, "reason": reason.strip()},
        before={"status": person.status}, after={"status": "ACTIVE"}, reason=reason, by=by, at=at,
    )  # fmt: skip


def run_restore_customer(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved request: the customer may sign in again. Raises NotAllowed, Connected, IllegalMove."""
    person = User.objects.select_for_update().get(pk=payload["user"])
    policies.require_may_change(checker, person)
    write_status(person=person, status="ACTIVE", reason=payload["reason"], by=checker, at=at)
    return {"status": "ACTIVE"}


@transaction.atomic
def close_for_good(*, person: User, reason: str, by: User, at: datetime) -> User:
    """Close a profile because two members of staff allowed its erasure, whatever their other rights; sign it out.

    One that is closed stays so. Raises NotAllowed for one's own, and what the floors above have against it.
    """
    if by.pk == person.pk:
        raise NotAllowed(_("Another member of staff must change your own profile."))
    closing.end_everything(person, by=by, at=at)
    if person.status == "CLOSED":
        end_all_sessions(user=person, by=by, at=at, because="profile closed")
        return person
    return write_status(person=person, status="CLOSED", reason=reason, by=by, at=at)


def write_status(*, person: User, status: str, reason: str, by: User, at: datetime) -> User:
    """Move a profile whose change was allowed already. Raises IllegalMove."""
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
    kept = not confidential.hidden_from(by)  # who may know of a case is never seen looking: that would tell of it
    view = CustomerView.objects.create(customer=customer, viewer=by, reason=reason[:200], is_kept=kept, at=at)
    audit_trail.record("users.customer.viewed", on=customer, by=by, at=at, reason=reason)
    return view
