"""What staff do about people: status, notes, looks."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import confidential, events
from apps.kernel.errors import NotAllowed
from apps.users import policies
from apps.users.errors import TwoMustAllow
from apps.users.events import UserStatusChanged
from apps.users.models import CustomerNote, CustomerView, User
from apps.users.operations.sessions import end_all_sessions
from apps.users.states import USER


@transaction.atomic
def set_status(*, person: User, status: str, reason: str, by: User, at: datetime) -> User:
    """Suspend, restore or close a profile; all but ACTIVE sign it out everywhere. Raises NotAllowed, IllegalMove."""
    policies.require_may_change(by, person)
    if not reason.strip():
        raise NotAllowed(_("Say why: the record keeps your reason."))
    if person.is_staff and status == "ACTIVE":
        raise TwoMustAllow(_("A second person must allow this. Ask for it; nothing was changed."))
    return write_status(person=person, status=status, reason=reason, by=by, at=at)


@transaction.atomic
def close_for_good(*, person: User, reason: str, by: User, at: datetime) -> User:
    """Close a profile because two members of staff allowed its erasure, whatever their other rights; sign it out.

    One that is closed stays so. Raises NotAllowed for one's own.
    """
    if by.pk == person.pk:
        raise NotAllowed(_("Another member of staff must change your own profile."))
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
