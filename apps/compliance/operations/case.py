"""Working on a case: taking it, noting, attaching, recording suspicion, deciding, opening again."""

from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance import policies, rules
from apps.compliance.errors import FileRefused, ReasonNeeded
from apps.compliance.events import CaseClosed
from apps.compliance.models import AlertStatus, Case, CaseEntry, CaseStatus, Decision, EntryKind, Evidence
from apps.compliance.states import CASE
from apps.kernel import cipher, events
from apps.kernel.errors import Conflict, IllegalMove
from apps.users.models import User
from apps.users.queries import system_user

LARGEST = 5 * 1024 * 1024


def write(case: Case, kind: str, *, by: User, at: datetime, text: str = "") -> CaseEntry:
    """One more line of a case's history, and of the audit trail; what was written stands in the case alone."""
    entry = CaseEntry.objects.create(case=case, kind=kind, text=text.strip()[:4000], by=by, at=at)
    audit_trail.record(f"compliance.case.{kind.lower()}", on=case, by=by, at=at)
    return entry


@transaction.atomic
def claim(*, case: Case, by: User, at: datetime) -> None:
    """Take up a case that nobody has. Raises NotFound, NotAllowed, IllegalMove when another was first."""
    policies.require_may_work(by, case)
    taken = Case.objects.filter(pk=case.pk, status=CaseStatus.OPEN, assigned_to=None)
    if not taken.update(status=CaseStatus.INVESTIGATING, assigned_to=by):
        raise IllegalMove(_("Somebody else took this case just now. Nothing was changed."))
    case.status, case.assigned_to = CaseStatus.INVESTIGATING, by
    write(case, EntryKind.CLAIMED, by=by, at=at)


@transaction.atomic
def assign(*, case: Case, to: User, by: User, at: datetime) -> None:
    """Give a case to an officer, oneself or another. Raises NotFound, NotAllowed for either, IllegalMove."""
    policies.require_may_work(by, case)
    policies.require_may_work(to, case)
    if case.status == CaseStatus.OPEN:
        CASE.make(case, CaseStatus.INVESTIGATING, assigned_to=to)
    elif not Case.objects.live().filter(pk=case.pk).update(assigned_to=to):
        raise IllegalMove(_("This case is not being worked on. Nothing was changed."))
    case.assigned_to = to
    write(case, EntryKind.ASSIGNED, by=by, at=at, text=to.full_name)


@transaction.atomic
def note(*, case: Case, text: str, by: User, at: datetime) -> CaseEntry:
    """Write down what was checked and found; never changed. Raises NotFound, NotAllowed, ReasonNeeded."""
    policies.require_may_work(by, case)
    if not text.strip():
        raise ReasonNeeded(_("Write what you checked, and what you found."))
    return write(case, EntryKind.NOTE, by=by, at=at, text=text)


@transaction.atomic
def attach(*, case: Case, name: str, content_type: str, content: bytes, by: User, at: datetime) -> Evidence:
    """Keep a file with a case, sealed; at most 5 MB. Raises NotFound, NotAllowed, FileRefused, Conflict."""
    policies.require_may_work(by, case)
    if not content or len(content) > LARGEST:
        raise FileRefused(_("A file of up to 5 MB is wanted, and it must not be empty. Nothing was attached."))
    digest = sha256(content).hexdigest()
    if Evidence.objects.filter(case=case, sha256=digest).exists():
        raise Conflict(_("This file is attached already. Nothing was changed."))
    row = Evidence.objects.create(
        case=case, name=name.strip()[:120] or "file", content_type=content_type[:80], size=len(content), sha256=digest,
        sealed=cipher.seal(content, _place(case, digest)), by=by, at=at,
    )  # fmt: skip
    write(case, EntryKind.EVIDENCE, by=by, at=at, text=f"{row.name} · SHA-256 {digest[:16]}")
    return row


def content_of(evidence: Evidence) -> bytes:
    """What was attached. Raises InvalidTag when the row was altered."""
    return cipher.unseal(bytes(evidence.sealed), _place(evidence.case, evidence.sha256))


def _place(case: Case, digest: str) -> str:
    return f"compliance_evidence.sealed:{case.pk}/{digest}"


@transaction.atomic
def record_suspicion(*, case: Case, reason: str, by: User, at: datetime) -> None:
    """Say that there is suspicion: from here the law gives two days. The first word counts and stands.

    Raises NotFound, NotAllowed, ReasonNeeded, IllegalMove when the clock runs already or the case is not live.
    """
    policies.require_may_work(by, case)
    if not reason.strip():
        raise ReasonNeeded(_("Say what makes it suspicious: facts, dates and amounts."))
    begun = {"suspicion_recorded_at": at, "suspicion_by": by, "report_due_at": rules.due_at(at)}
    if not Case.objects.live().filter(pk=case.pk, suspicion_recorded_at=None).update(**begun):
        raise IllegalMove(_("The clock of this case runs already, or it is closed. Nothing was changed."))
    for name, value in begun.items():
        setattr(case, name, value)
    write(case, EntryKind.SUSPICION, by=by, at=at, text=reason)


@transaction.atomic
def close(*, case: Case, reason: str, by: User, at: datetime) -> None:
    """Decide that there is no suspicion; its alerts close with it. What was suspected before, two people un-suspect:
    who recorded the suspicion does not close the case alone.

    Raises NotFound, NotAllowed, ReasonNeeded, Conflict, IllegalMove.
    """
    policies.require_may_work(by, case)
    reason = reason.strip()
    if not reason:
        raise ReasonNeeded(_("Say why there is no suspicion: the record of this decision is read later."))
    if case.reports.filter(status__in=["DRAFT", "APPROVED"], is_asked=True).exists():
        raise Conflict(_("A report of this case waits for the MLRO. Have it sent back first. Nothing was changed."))
    if case.suspicion_by_id == by.pk:
        raise Conflict(_("You recorded the suspicion, so another officer must close this case. Nothing was changed."))
    CASE.make(case, CaseStatus.CLOSED, decision=Decision.NO_SUSPICION, decision_reason=reason[:4000], decided_by=by,
              decided_at=at)  # fmt: skip
    case.alerts.exclude(status=AlertStatus.CLOSED).update(
        status=AlertStatus.CLOSED, closed_by=by, closed_at=at, closed_because=reason[:500]
    )
    write(case, EntryKind.NO_SUSPICION, by=by, at=at, text=reason)
    events.publish(CaseClosed(case_id=case.pk))


@transaction.atomic
def decide_to_report(*, case: Case, reason: str, by: User, at: datetime) -> None:
    """Decide that it is suspicious; the clock runs from now unless it ran before. The report is a step of its own.

    Raises NotFound, NotAllowed, ReasonNeeded, IllegalMove.
    """
    policies.require_may_work(by, case)
    if not reason.strip():
        raise ReasonNeeded(_("Say what makes it suspicious: facts, dates and amounts."))
    if case.suspicion_recorded_at is None:
        record_suspicion(case=case, reason=reason, by=by, at=at)
    CASE.make(case, CaseStatus.INVESTIGATING, decision=Decision.REPORT, decision_reason=reason.strip()[:4000],
              decided_by=by, decided_at=at, assigned_to_id=case.assigned_to_id or by.pk)  # fmt: skip
    write(case, EntryKind.REPORT, by=by, at=at, text=reason)


@transaction.atomic
def reopen(*, case: Case, reason: str, by: User, at: datetime) -> None:
    """Work on a decided case again; a reported one gets a clock anew when suspicion is recorded again.

    Raises NotFound, NotAllowed, ReasonNeeded, IllegalMove, Conflict when the customer has another open case.
    """
    policies.require_may_work(by, case)
    if not reason.strip():
        raise ReasonNeeded(_("Say why it is opened again."))
    if case.status not in (CaseStatus.CLOSED, CaseStatus.REPORTED):
        raise IllegalMove(_("This case is open already. Nothing was changed."))
    try:
        with transaction.atomic():
            CASE.make(case, CaseStatus.INVESTIGATING, assigned_to=by, decision="", decided_by=None, decided_at=None,
                      suspicion_recorded_at=None, suspicion_by=None, report_due_at=None, reminded_at=None)  # fmt: skip
    except IntegrityError as no:
        raise Conflict(_("This customer has another open case by now: work there. Nothing was changed.")) from no
    write(case, EntryKind.REOPENED, by=by, at=at, text=reason)


@transaction.atomic
def recheck(*, case: Case, is_right: bool, by: User, at: datetime) -> None:
    """A second look at a closed case, by another than who decided. Raises NotFound, NotAllowed, IllegalMove."""
    policies.require_may_work(by, case)
    looked = Case.objects.filter(pk=case.pk, status=CaseStatus.CLOSED, is_rechecked=None).exclude(decided_by=by)
    if not looked.update(is_rechecked=is_right):
        raise IllegalMove(
            _("It was looked at again already, is not closed, or was decided by you. Nothing was changed.")
        )
    write(case, EntryKind.NOTE, by=by, at=at, text=f"re-check: {'right' if is_right else 'not right'}")


@transaction.atomic
def remind_due(*, at: datetime) -> int:
    """Remind, once a case, of those whose clock has twelve hours or less; returns how many."""
    soon = Case.objects.live().filter(reminded_at=None, report_due_at__lte=at + rules.REMIND_BEFORE)
    cases = list(soon.select_for_update(skip_locked=True, of=("self",)).select_related("assigned_to"))
    for case in cases:
        CaseEntry.objects.create(case=case, kind=EntryKind.REMINDED, by=system_user(), at=at)
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(reminded_at=at)
    return len(cases)
