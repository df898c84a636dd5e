"""What an officer says of papers: approved, rejected, or one part asked for again. Some answers take two people."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kyc.errors import NotReady, PaperExpired, PaperNotUsable, ScreeningOpen, TooYoung
from apps.kyc.events import DocumentRejected, DocumentVerified
from apps.kyc.models import (
    AskedBecause,
    CheckKind,
    CheckResult,
    DocumentStatus,
    HeldNumber,
    KycDocument,
    VerificationWorkflow,
    WorkflowCheck,
    WorkflowStatus,
)
from apps.kyc.operations.papers.checks import has_one_holder, print_of
from apps.kyc.operations.papers.queue import RIGHT, require_uninvolved
from apps.kyc.operations.tier import write_tier
from apps.kyc.queries import in_the_way, is_exposed, lacking_of, missing_parts, newest_checks, papers_of
from apps.kyc.rules import needs
from apps.kyc.states import DOCUMENT, VERIFICATION
from apps.notifications import operations as notifications
from apps.users import rules as people
from apps.users.models import Party, Tier, User
from apps.users.policies import require_right
from apps.users.queries import business_of

DECIDE = "kyc.decide"


@transaction.atomic
def approve(
    *, workflow: VerificationWorkflow, by: User, at: datetime, compared: bool, reason: str = ""
) -> Approval | None:
    """Approve what one has taken. `compared`: the officer held photo, paper and profile beside each other.

    `reason` says why it is approved although a check does not agree. TIER_3, a business, and anyone politically exposed
    wait for a second person, whose request is answered. Raises NotAllowed, NotReady, ScreeningOpen, PaperExpired,
    TooYoung, PaperNotUsable, Conflict.
    """
    workflow = _mine(workflow, by)
    if not compared:
        raise NotReady(_("Compare the photo with the paper, and name and number with the profile. Then say so."))
    _require_approvable(workflow, at)
    against = [row.kind for row in newest_checks(workflow) if _speaks_against(row)]
    if against and not reason.strip():
        raise NotReady(_("A check does not agree. Say why you approve all the same."), checks=sorted(against))
    looked = CheckKind.OWNERS if _is_business(workflow) else CheckKind.FACE
    WorkflowCheck.objects.create(
        workflow=workflow, round=workflow.round, kind=looked, result=CheckResult.PASS, by=by, at=at
    )
    if workflow.target_tier == Tier.TIER_3 or _is_business(workflow) or is_exposed(workflow.user_id):
        return _ask_second(workflow, WorkflowStatus.APPROVED, reason or str(_("The papers are in order")), by, at)
    _approved(workflow, reason, by, at)
    return None


@transaction.atomic
def reject(*, workflow: VerificationWorkflow, by: User, at: datetime, reason: str) -> Approval | None:
    """Reject what one has taken, with a reason that the customer reads. Of the politically exposed, and of a business
    that was known before, two people do.

    Raises NotAllowed, Conflict.
    """
    workflow = _mine(workflow, by)
    if not reason.strip():
        raise NotAllowed(_("Say why: the customer reads your reason."))
    if is_exposed(workflow.user_id) or workflow.is_reopened:
        return _ask_second(workflow, WorkflowStatus.REJECTED, reason, by, at)
    _rejected(workflow, reason, by, at)
    return None


@transaction.atomic
def ask_again(
    *, workflow: VerificationWorkflow, document: KycDocument, because: str, by: User, at: datetime
) -> KycDocument:
    """Ask the customer for one part again, with a reason in their language. Raises NotAllowed, Conflict."""
    workflow = _mine(workflow, by)
    if because not in AskedBecause.values or document.workflow_id != workflow.pk:
        raise NotAllowed(_("Choose a part of these papers, and why it is asked for again."))
    DOCUMENT.make(
        document, DocumentStatus.REJECTED, asked_because=because, reviewed_by=by, reviewed_at=at,
        reason=AskedBecause(because).label[:500],
    )  # fmt: skip
    VERIFICATION.make(workflow, WorkflowStatus.WAITING_FOR_CUSTOMER, assigned_to=None, claimed_at=None)
    audit_trail.record("kyc.document.rejected", on=document, by=by, at=at, reason=because)
    events.publish(DocumentRejected(document_id=document.pk, user_id=document.user_id))
    with translation.override(workflow.user.language):
        told = {"part": str(document.get_kind_display()), "because": str(AskedBecause(because).label)}
    notifications.send("kyc.ask_again", to=workflow.user, context=told, at=at, key=f"kyc/document/{document.pk}/again")
    return document


@transaction.atomic
def verify_document(*, document: KycDocument, by: User, at: datetime) -> KycDocument:
    """Find one part in order, before the whole is decided. Raises NotAllowed, IllegalMove, PaperNotUsable."""
    _mine(document.workflow, by)
    _require_valid([document], local_date(at))
    _verified(document, by, at)
    return document


def run_decision(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request of two people does. Raises NotAllowed, IllegalMove, or what `approve` raises."""
    workflow = _locked(payload["workflow"])
    if checker.pk == workflow.user_id:
        raise NotAllowed(_("Another officer must decide on your own papers."))
    require_uninvolved(checker, workflow)
    if (workflow.round, workflow.status) != (payload["round"], WorkflowStatus.IN_REVIEW):
        raise IllegalMove(_("The papers have moved on since it was asked. Nothing was changed. Look at them again."))
    if payload["to"] == WorkflowStatus.APPROVED:
        _require_approvable(workflow, at)
        _approved(workflow, payload["reason"], checker, at)
    else:
        _rejected(workflow, payload["reason"], checker, at)
    return {"workflow": workflow.pk, "status": workflow.status}


def run_returned(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What a request that was sent back leaves: the papers are with the first officer again."""
    VerificationWorkflow.objects.filter(pk=payload["workflow"], round=payload["round"]).update(waits_for_second=False)
    return {}


def _speaks_against(check: WorkflowCheck) -> bool:
    """A check that failed; a registry that could not be asked is said why too. Faces are compared by the officer."""
    return check.result == CheckResult.FAIL or (check.kind == CheckKind.REGISTRY and check.result != CheckResult.PASS)


def _is_business(workflow: VerificationWorkflow) -> bool:
    return workflow.user.kind == Party.BUSINESS


def _locked(pk: int) -> VerificationWorkflow:
    return VerificationWorkflow.objects.select_for_update(of=("self",)).select_related("user").get(pk=pk)


def _mine(workflow: VerificationWorkflow, by: User) -> VerificationWorkflow:
    require_right(by, RIGHT)
    if by.pk == workflow.user_id:
        raise NotAllowed(_("Another officer must decide on your own papers."))
    require_uninvolved(by, workflow)
    row = _locked(workflow.pk)
    if row.status != WorkflowStatus.IN_REVIEW or row.waits_for_second:
        raise IllegalMove(_("This has already been decided or has moved on. Nothing was changed. Look at it again."))
    if row.assigned_to_id != by.pk:
        raise Conflict(_("Take it from the queue first. Nothing was changed."))
    return row


def _ask_second(workflow: VerificationWorkflow, to: str, reason: str, by: User, at: datetime) -> Approval:
    VerificationWorkflow.objects.filter(pk=workflow.pk).update(waits_for_second=True)
    return approvals.ask(
        kind=DECIDE,
        subject=f"kyc/verifications/{workflow.pk}",
        payload={"workflow": workflow.pk, "round": workflow.round, "to": str(to), "reason": reason.strip()},
        before={"tier": workflow.user.kyc_tier, "status": workflow.status},
        after={"tier": workflow.target_tier if to == WorkflowStatus.APPROVED else workflow.user.kyc_tier, "status": to},
        reason=reason,
        by=by,
        at=at,
    )


def _require_approvable(workflow: VerificationWorkflow, at: datetime) -> None:
    if workflow.checked_at is None:
        raise NotReady(_("The bank's own checks are not done yet. Wait a minute."))
    if in_the_way(workflow.user):
        raise ScreeningOpen(_("Compliance has not finished with this customer. Nothing was changed."))
    if missing_parts(workflow):
        raise NotReady(_("Some parts are missing. Nothing was changed."))
    business = business_of(workflow.user)
    if business and (lacking := lacking_of(business, says_complete=workflow.says_complete)):
        raise NotReady(_("Not everybody who must be is named. Nothing was changed."), lacking=lacking)
    _require_valid(papers_of(workflow), local_date(at))


def _require_valid(papers: list[KycDocument], today: date) -> None:
    for row in papers:
        if row.expires_on is not None and row.expires_on < today:
            raise PaperExpired(_("A paper has expired meanwhile. Ask for it again. Nothing was changed."))
        if row.born_on and people.age_on(date.fromisoformat(str(row.born_on)), today) < people.ADULT_YEARS:
            raise TooYoung(_("The customer is not 18 yet. Nothing was changed."))


def _verified(document: KycDocument, by: User, at: datetime) -> None:
    DOCUMENT.make(document, DocumentStatus.VERIFIED, reviewed_by=by, reviewed_at=at)
    if has_one_holder(document):
        _hold(document, at)
    audit_trail.record("kyc.document.verified", on=document, by=by, at=at)
    events.publish(DocumentVerified(document_id=document.pk, user_id=document.user_id))


def _hold(document: KycDocument, at: datetime) -> None:
    """The number is this customer's from now on; the database lets nobody else have it."""
    try:
        with transaction.atomic():
            HeldNumber.objects.get_or_create(
                kind=document.kind, number_print=print_of(document), user_id=document.user_id, defaults={"since": at}
            )
    except IntegrityError as no:
        raise PaperNotUsable(
            _("Another customer's checked paper has this number. Nothing was changed. Ask compliance to look at both.")
        ) from no


def _approved(workflow: VerificationWorkflow, reason: str, by: User, at: datetime) -> None:
    person = User.objects.select_for_update().get(pk=workflow.user_id)
    VERIFICATION.make(
        workflow, WorkflowStatus.APPROVED, decided_by=by, decided_at=at, reason=reason[:500], waits_for_second=False
    )
    papers = papers_of(workflow)
    for document in papers:
        if document.status == DocumentStatus.IN_REVIEW:
            _verified(document, by, at)
    own = (row for row in papers if row.person_id is None)
    first = next((row for row in own if row.kind in needs.IDENTITY and row.born_on), None)
    if first is not None and not person.date_of_birth:
        person.date_of_birth = str(first.born_on)
        person.save(update_fields=["date_of_birth", "updated_at"])
    why = reason or f"Verification {workflow.pk}"
    audit_trail.record("kyc.verification.approved", on=workflow, by=by, at=at, reason=why)
    tier = workflow.target_tier if _is_business(workflow) else max(str(person.kyc_tier), workflow.target_tier)
    write_tier(person=person, tier=tier, status="VERIFIED", reason=why, by=by, at=at)
    context = {"tier": tier[-1]}
    notifications.send("kyc.approved", to=person, context=context, at=at, key=f"kyc/{workflow.pk}/approved")


def _rejected(workflow: VerificationWorkflow, reason: str, by: User, at: datetime) -> None:
    VERIFICATION.make(
        workflow, WorkflowStatus.REJECTED, decided_by=by, decided_at=at, reason=reason.strip()[:500],
        waits_for_second=False,
    )  # fmt: skip
    for document in KycDocument.objects.current().filter(workflow=workflow, status=DocumentStatus.IN_REVIEW):
        DOCUMENT.make(document, DocumentStatus.REJECTED, reviewed_by=by, reviewed_at=at, reason=reason.strip()[:500])
        events.publish(DocumentRejected(document_id=document.pk, user_id=document.user_id))
    if workflow.is_reopened:
        person = User.objects.select_for_update().get(pk=workflow.user_id)
        write_tier(person=person, tier=Tier.TIER_1, status="REJECTED", reason=reason, by=by, at=at)
    User.objects.filter(pk=workflow.user_id, kyc_tier=Tier.TIER_1).update(kyc_status="REJECTED")
    audit_trail.record("kyc.verification.rejected", on=workflow, by=by, at=at, reason=reason)
    context = {"because": reason.strip()[:160]}
    notifications.send("kyc.rejected", to=workflow.user, context=context, at=at, key=f"kyc/{workflow.pk}/rejected")
