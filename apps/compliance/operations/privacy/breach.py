"""The register of breaches: 72 hours to the Commissioner from when the bank knew, and notices to who is touched.

Data Protection Act 2019, s. 43: the Commissioner within seventy-two hours of becoming aware, people without undue
delay; who processes data for the bank tells it within forty-eight hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.errors import ReasonNeeded, ReportIncomplete
from apps.compliance.models import Breach, BreachEntry, BreachEntryKind, BreachPerson, BreachStatus
from apps.compliance.policies import KEEP
from apps.compliance.states import BREACH
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, IllegalMove
from apps.kernel.models import Approval
from apps.notifications import operations as notifications
from apps.users.models import User
from apps.users.policies import require_right

TELL = "privacy.tell_people"
REPORT_WITHIN = timedelta(hours=72)
_REGISTER = 0xB2EAC4  # one number at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of a breach when it is written down."""

    title: str
    what: str
    categories: str
    people: int
    is_risky: bool
    aware_at: datetime
    why_not_risky: str = ""
    processor: str = ""
    processor_knew_at: datetime | None = None
    happened_at: datetime | None = None


def write(breach: Breach, kind: str, *, by: User, at: datetime, text: str = "") -> None:
    """One more line of a breach's history, and of the audit trail."""
    BreachEntry.objects.create(breach=breach, kind=kind, text=text.strip()[:4000], by=by, at=at)
    audit_trail.record(f"compliance.breach.{kind.lower()}", on=breach, by=by, at=at)


@transaction.atomic
def open_breach(*, found: Found, by: User, at: datetime) -> Breach:
    """Write a breach down; its clock runs from when the bank became aware. Raises NotAllowed, ReportIncomplete."""
    require_right(by, KEEP)
    if not found.title.strip() or not found.what.strip() or not found.categories.strip():
        raise ReportIncomplete(_("Say what happened, and which data it touches. Nothing was written down."))
    if found.aware_at > at or (found.processor_knew_at and found.processor_knew_at > found.aware_at):
        raise ReportIncomplete(_("These times cannot be: nobody knows before it happens. Nothing was written down."))
    if not found.is_risky and not found.why_not_risky.strip():
        raise ReportIncomplete(_("Say why nobody can be harmed: the Commissioner reads it. Nothing was written down."))
    row = Breach.objects.create(
        reference=_next_reference(at), title=found.title.strip()[:120], what=found.what.strip()[:4000],
        categories=found.categories.strip()[:300], people=found.people, is_risky=found.is_risky,
        why_not_risky=found.why_not_risky.strip()[:500], processor=found.processor.strip()[:120],
        processor_knew_at=found.processor_knew_at, happened_at=found.happened_at, aware_at=found.aware_at,
        report_due_at=found.aware_at + REPORT_WITHIN, opened_by=by, opened_at=at,
    )  # fmt: skip
    write(row, BreachEntryKind.OPENED, by=by, at=at)
    return row


def _next_reference(at: datetime) -> str:
    """`BR-2026-003`; numbers have no gaps, so they are given one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTER])
    year = local_date(at).year
    return f"BR-{year}-{Breach.objects.filter(reference__startswith=f'BR-{year}-').count() + 1:03}"


@transaction.atomic
def note_breach(*, breach: Breach, text: str, by: User, at: datetime, is_measure: bool = False) -> None:
    """Write down what was found or done. Raises NotAllowed, ReasonNeeded."""
    require_right(by, KEEP)
    if not text.strip():
        raise ReasonNeeded(_("Write what was found or done."))
    write(breach, BreachEntryKind.MEASURE if is_measure else BreachEntryKind.NOTE, by=by, at=at, text=text)


@transaction.atomic
def report_breach(*, breach: Breach, reference: str, by: User, at: datetime, late_because: str = "") -> Breach:
    """Write down that the Commissioner was told, with their number. After 72 hours it says why it is late.

    Raises NotAllowed, ReasonNeeded, IllegalMove.
    """
    require_right(by, KEEP)
    if at > breach.report_due_at and not late_because.strip():
        raise ReasonNeeded(_("The 72 hours are over: say why it is late. The Commissioner asks for it."))
    BREACH.make(
        breach, BreachStatus.REPORTED, reported_at=at, report_reference=reference.strip()[:60],
        late_because=late_because.strip()[:500],
    )  # fmt: skip
    write(breach, BreachEntryKind.REPORTED, by=by, at=at, text=" ".join([reference, late_because]))
    return breach


@transaction.atomic
def name_people(*, breach: Breach, phones: Sequence[str], by: User, at: datetime) -> tuple[int, list[str]]:
    """Say who is touched, by phone, e-mail or ID number; returns how many are new, and what was not found."""
    require_right(by, KEEP)
    people, unknown = set(), []
    for text in phones:
        found = User.objects.called(text) | User.objects.with_id_number(text)
        ids = list(found.values_list("pk", flat=True)[:2])
        people.update(ids)
        unknown += [] if ids else [text]
    before = BreachPerson.objects.filter(breach=breach).count()
    BreachPerson.objects.bulk_create([BreachPerson(breach=breach, user_id=pk) for pk in people], ignore_conflicts=True)
    return BreachPerson.objects.filter(breach=breach).count() - before, unknown


@transaction.atomic
def ask_tell(*, breach: Breach, reason: str, by: User, at: datetime) -> Approval:
    """Ask for everybody who is touched to be told; a second person allows it: a message cannot be called back.

    Raises NotAllowed, IllegalMove when nobody is left to tell, Conflict when it was asked.
    """
    require_right(by, KEEP)
    Breach.objects.select_for_update(of=("self",)).get(pk=breach.pk)
    if not breach.touched.filter(told_at=None).exists():
        raise IllegalMove(_("Nobody is left to be told: name who is touched first. Nothing was sent."))
    subject = f"breach/{breach.reference}"
    if Approval.objects.filter(kind=TELL, subject=subject, status="PENDING").exists():
        raise Conflict(_("A second person has been asked already. Nothing was sent."))
    count = breach.touched.filter(told_at=None).count()
    return approvals.ask(
        kind=TELL, subject=subject, payload={"breach": breach.pk}, before={"told": 0}, after={"told": count},
        reason=reason, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def run_tell(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does: a message to each who is touched, once each."""
    breach = Breach.objects.select_for_update(of=("self",)).get(pk=payload["breach"])
    rows = list(breach.touched.filter(told_at=None).select_related("user").order_by("pk"))
    for row in rows:
        context = {"title": breach.title, "reference": breach.reference}
        key = f"privacy/breach/{breach.pk}/{row.user_id}"
        notifications.send("privacy.breach", to=row.user, context=context, at=at, key=key)
    BreachPerson.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=at)
    Breach.objects.filter(pk=breach.pk, told_people_at=None).update(told_people_at=at)
    write(breach, BreachEntryKind.TOLD, by=checker, at=at, text=str(len(rows)))
    return {"told": len(rows)}


@transaction.atomic
def close_breach(*, breach: Breach, reason: str, by: User, at: datetime) -> Breach:
    """Close it; one that may harm people only after the Commissioner was told (a constraint).

    Raises NotAllowed, ReasonNeeded, IllegalMove.
    """
    require_right(by, KEEP)
    if not reason.strip():
        raise ReasonNeeded(_("Say what was learned, and what keeps it from happening again."))
    try:
        with transaction.atomic():
            BREACH.make(breach, BreachStatus.CLOSED, closed_at=at)
    except IntegrityError as no:
        raise IllegalMove(_("People may be harmed: tell the Commissioner first. Nothing was changed.")) from no
    write(breach, BreachEntryKind.CLOSED, by=by, at=at, text=reason)
    return breach
