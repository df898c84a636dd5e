"""Beginning a verification, adding a part of a paper, and handing all of it in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.idempotency import KeyReused
from apps.kyc.errors import NotReady, PaperExpired, PaperNotUsable, PaperRefused, TooYoung
from apps.kyc.events import DocumentUploaded, VerificationSubmitted
from apps.kyc.models import BusinessPerson, DocumentStatus, KycDocument, VerificationWorkflow, WorkflowStatus
from apps.kyc.operations.papers import files
from apps.kyc.queries import is_to_be_renewed, missing_parts
from apps.kyc.rules import images, needs, numbers
from apps.kyc.states import VERIFICATION
from apps.notifications import operations as notifications
from apps.users import rules as people
from apps.users.models import Tier, User
from apps.users.queries import business_of

ANSWER_WITHIN = timedelta(hours=24)
_TAKES_PAPERS = (WorkflowStatus.STARTED, WorkflowStatus.WAITING_FOR_CUSTOMER)


@dataclass(frozen=True, slots=True)
class Paper:
    """What a customer says of a part: the number and dates stand on its first side."""

    kind: str
    side: str
    number: str = ""
    born_on: date | None = None
    expires_on: date | None = None


def start_verification(*, user: User, target_tier: str, at: datetime) -> VerificationWorkflow:
    """Begin, or go on with, the way to a tier above one's own; or to one's own anew, when the paper behind it expires
    within 30 days. Raises NotAllowed, Conflict.
    """
    if user.is_staff or user.is_service:
        raise NotAllowed(_("Papers are for customers. Ask a colleague at a branch."))
    is_renewal = target_tier == user.kyc_tier and is_to_be_renewed(user, on=local_date(at))
    if target_tier not in needs.MORE or (target_tier <= user.kyc_tier and not is_renewal):
        raise Conflict(_("You have this tier already, or there is no such tier. Nothing was changed."))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two beginnings at once are one
        live = VerificationWorkflow.objects.owned_by(user).live().first()
        if live is None:
            live = VerificationWorkflow.objects.create(user=user, target_tier=target_tier, started_at=at)
            audit_trail.record("kyc.verification.started", on=live, by=user, at=at, after={"tier": target_tier})
        elif live.target_tier != target_tier:
            if live.status != WorkflowStatus.STARTED:
                raise Conflict(_("We are checking your papers for another tier. Wait for the answer first."))
            VerificationWorkflow.objects.filter(pk=live.pk).update(target_tier=target_tier)
            live.target_tier = target_tier
    return live


def bring_paper(
    *,
    workflow: VerificationWorkflow,
    paper: Paper,
    raw: bytes,
    name: str,
    key: str,
    at: datetime,
    consented: bool = False,
    person: BusinessPerson | None = None,
    by: User | None = None,
) -> KycDocument:
    """Keep a clean, sealed copy of one part; the same `key` and file are one part. A newer picture takes the place.

    For a business `by` brings it, and `person` is whose paper it is when it is not the business's own. Not to be called
    inside a transaction: decoding takes a while. Raises PaperRefused, PaperExpired, TooYoung, PaperNotUsable, Conflict
    (KeyReused when the key was used for another file).
    """
    user = workflow.user
    number = _checked(paper, user, local_date(at), consented=consented, person=person)
    try:
        clean = images.cleaned(raw, name=name, may_be_pdf=paper.kind in needs.MAY_BE_PDF)
    except images.BadFile as no:
        raise PaperRefused(_(str(no)), because=no.code) from no
    given = sha256(raw).hexdigest()
    with transaction.atomic():
        workflow = VerificationWorkflow.objects.select_for_update().get(pk=workflow.pk)
        if before := KycDocument.objects.filter(user=user, key=key).first():
            return _same(before, paper, given)
        _make_room(workflow, paper, at, person)
        said = _said(workflow, paper, number, at, consented=consented, person=person)
        return _kept(said, clean, given, key, by or user)


def _checked(paper: Paper, user: User, today: date, *, consented: bool, person: BusinessPerson | None) -> str:
    """The number as it is kept; empty for a part without one."""
    _require_asked_for(paper, user, person)
    if paper.kind not in needs.SIDES or paper.side not in needs.SIDES[paper.kind]:
        raise PaperRefused(_("There is no such part of a paper. Nothing was kept."), because="part")
    if paper.kind == "SELFIE" and not consented:
        raise PaperRefused(_("We compare your face only if you agree to it. Nothing was kept."), because="consent")
    if not needs.is_first(paper.kind, paper.side):
        return ""
    if paper.kind in needs.EXPIRES and paper.expires_on is None:
        raise PaperRefused(_("Write the date of expiry as the paper shows it."), because="expires_on")
    if paper.expires_on is not None and paper.expires_on < today:
        raise PaperExpired(_("This paper has expired. Nothing was kept. Use one that is valid."))
    if paper.kind in needs.IDENTITY:
        _require_adult(paper.born_on, today)
    if paper.kind not in needs.NUMBERED:
        return ""
    try:
        number = numbers.read(paper.kind, paper.number)
    except numbers.Unreadable as no:
        raise PaperRefused(_(str(no)), because="number") from no
    if number != _number_of(paper.kind, number, user, person):
        raise PaperNotUsable(
            _("This number cannot be used with your profile. Nothing was kept. Check it, or bring it to a branch.")
        )
    return number


def _require_asked_for(paper: Paper, user: User, person: BusinessPerson | None) -> None:
    """A business brings its own papers, and of those it named the one by which they were named."""
    business = business_of(user)
    if business is None:
        return
    asked = needs.OF_BUSINESS[business.kind] if person is None else (person.id_kind,)
    if paper.kind not in asked:
        raise PaperRefused(_("There is no such part of a paper. Nothing was kept."), because="part")


def _number_of(kind: str, typed: str, user: User, person: BusinessPerson | None) -> str:
    """What must stand on the paper: what we have in the profile, or as it was typed where we have nothing."""
    if person is not None:
        return str(person.id_number)
    if kind == "BUSINESS_REGISTRATION" and (business := business_of(user)):
        return business.registration_number
    return str(user.id_number) if kind in ("NATIONAL_ID", "ALIEN_ID") else typed


def _require_adult(born: date | None, today: date) -> None:
    if born is None or born > today or people.age_on(born, today) > 120:
        raise PaperRefused(_("Write your date of birth as the paper shows it."), because="born_on")
    if people.age_on(born, today) < people.ADULT_YEARS:
        raise TooYoung(_("This tier is for people of 18 and more. Nothing was kept."))


def _same(before: KycDocument, paper: Paper, given: str) -> KycDocument:
    if (before.kind, before.side, before.sha256_given) != (paper.kind, paper.side, given):
        raise KeyReused(_("This key was used for another file. Nothing was kept; use a new key for a new file."))
    return before


def _make_room(
    workflow: VerificationWorkflow, paper: Paper, at: datetime, person: BusinessPerson | None = None
) -> None:
    """The part may come now; what it replaces steps back."""
    if workflow.status not in _TAKES_PAPERS:
        raise Conflict(_("Your papers are with us already. Nothing was kept. Wait for our answer."))
    mine = KycDocument.objects.current().filter(workflow=workflow, person=person)
    there = mine.filter(kind=paper.kind, side=paper.side)
    if there.filter(status__in=[DocumentStatus.IN_REVIEW, DocumentStatus.VERIFIED]).exists():
        raise Conflict(_("We have this part and did not ask for it again. Nothing was kept."))
    if paper.kind in needs.IDENTITY:
        # one identity paper: who begins another one leaves the first
        others = [kind for kind in needs.IDENTITY if kind != paper.kind]
        started = mine.filter(kind__in=others)
        if workflow.status != WorkflowStatus.STARTED and started.exists():
            raise Conflict(_("Send the same paper again that you sent before. Nothing was kept."))
        started.update(replaced_at=at)
    there.update(replaced_at=at)


def _said(
    workflow: VerificationWorkflow,
    paper: Paper,
    number: str,
    at: datetime,
    *,
    consented: bool,
    person: BusinessPerson | None,
) -> KycDocument:
    """The row as the customer described it; not yet written."""
    return KycDocument(
        user=workflow.user,
        workflow=workflow,
        person=person,
        kind=paper.kind,
        side=paper.side,
        number=number or None,
        born_on=paper.born_on.isoformat() if paper.born_on and needs.is_first(paper.kind, paper.side) else None,
        expires_on=paper.expires_on,
        consent_at=at if paper.kind == "SELFIE" and consented else None,
        uploaded_at=at,
    )


def _kept(document: KycDocument, clean: images.Clean, given: str, key: str, by: User) -> KycDocument:
    document.media_type, document.size = clean.media_type, len(clean.body)
    document.sha256_given, document.sha256_kept, document.key = given, sha256(clean.body).hexdigest(), key
    document.save()
    files.put_away(document, clean.body)
    facts = {"kind": document.kind, "side": document.side, "bytes": document.size}
    audit_trail.record("kyc.document.uploaded", on=document, by=by, at=document.uploaded_at, after=facts)
    events.publish(DocumentUploaded(document_id=document.pk, user_id=document.user_id, kind=document.kind))
    return document


@transaction.atomic
def hand_in(*, workflow: VerificationWorkflow, by: User, at: datetime) -> VerificationWorkflow:
    """Hand the papers in: they are checked, then an officer decides within a day. Raises NotReady, IllegalMove."""
    workflow = VerificationWorkflow.objects.select_for_update(of=("self",)).select_related("user").get(pk=workflow.pk)
    parts = missing_parts(workflow)
    if parts:
        raise NotReady(
            _("Some parts are missing. Nothing was sent."), missing=["/".join(filter(None, p)) for p in parts]
        )
    VERIFICATION.make(
        workflow,
        WorkflowStatus.IN_REVIEW,
        round=workflow.round + 1,
        submitted_at=at,
        answer_by=at + ANSWER_WITHIN,
        checked_at=None,
        assigned_to=None,
        claimed_at=None,
    )
    papers = KycDocument.objects.current().filter(workflow=workflow, status=DocumentStatus.UPLOADED)
    papers.update(status=DocumentStatus.IN_REVIEW)
    User.objects.filter(pk=workflow.user_id, kyc_tier=Tier.TIER_1).update(kyc_status="PENDING")
    audit_trail.record("kyc.verification.submitted", on=workflow, by=by, at=at, after={"round": workflow.round})
    events.publish(VerificationSubmitted(workflow_id=workflow.pk, user_id=workflow.user_id))
    key = f"kyc/{workflow.pk}/{workflow.round}/received"
    notifications.send("kyc.received", to=workflow.user, context={"hours": "24"}, at=at, key=key)
    return workflow
