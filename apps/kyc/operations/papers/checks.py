"""The bank's own checks of papers that were handed in: in a task, with every call to the outside before any row."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.cipher import Print
from apps.kernel.clock import local_date
from apps.kernel.errors import Unavailable
from apps.kernel.sweeps import alone
from apps.kyc import ports
from apps.kyc.errors import PaperRefused
from apps.kyc.models import (
    CheckKind,
    CheckResult,
    DocumentKind,
    HeldNumber,
    KycDocument,
    VerificationWorkflow,
    WorkflowCheck,
    WorkflowStatus,
)
from apps.kyc.operations.papers import business_checks, files
from apps.kyc.operations.papers.found import Found, names_agree
from apps.kyc.operations.papers.queue import RIGHT
from apps.kyc.queries import papers_of
from apps.kyc.rules import mrz, needs
from apps.users import rules as people
from apps.users.models import BusinessKind, User
from apps.users.policies import require_right
from apps.users.queries import business_of

log = structlog.get_logger(__name__)
ALIKE = 0.85  # of faces, from the catalogue
PICTURES = ("image/jpeg",)


def check_due(*, at: datetime, most: int = 50) -> int:
    """Check what was handed in and not checked yet; one whose checks break stops no other, and is tried again.

    Safe to run twice and side by side. Returns how many.
    """
    due = VerificationWorkflow.objects.filter(status=WorkflowStatus.IN_REVIEW, checked_at=None)
    ids = list(due.order_by("submitted_at").values_list("pk", flat=True)[:most])
    done = 0
    for pk in ids:
        with alone("papers_could_not_be_checked", verification=pk):
            done += check_papers(workflow_id=pk, at=at)
    return done


def check_papers(*, workflow_id: int, at: datetime) -> bool:
    """Check one, outside any transaction, then write what was found, once a round. Returns whether it was written."""
    workflow = VerificationWorkflow.objects.select_related("user").get(pk=workflow_id)
    if workflow.status != WorkflowStatus.IN_REVIEW or workflow.checked_at is not None:
        return False
    papers = papers_of(workflow)
    if business := business_of(workflow.user):
        own = list(_valid_and_theirs(papers, local_date(at)))
        return _written(workflow, None, "", [*own, *business_checks.of_business(workflow, business)], at)
    first = next((row for row in papers if row.kind in needs.IDENTITY and needs.is_first(row.kind, row.side)), None)
    text, zone = _read(papers, local_date(at))
    registry = _registry(first, workflow.user)
    found = [*_own(first, papers, workflow.user, zone, at), registry, *_faces(first, papers)]
    return _written(workflow, first, text, found, at)


@transaction.atomic
def _written(
    workflow: VerificationWorkflow, first: KycDocument | None, text: str, found: list[Found], at: datetime
) -> bool:
    same = VerificationWorkflow.objects.filter(
        pk=workflow.pk, round=workflow.round, status=WorkflowStatus.IN_REVIEW, checked_at=None
    )
    if not same.update(checked_at=at):
        return False  # another worker was faster, or it moved on
    WorkflowCheck.objects.bulk_create(
        WorkflowCheck(
            workflow=workflow, round=workflow.round, kind=each.kind, result=each.result, engine=each.engine,
            facts=each.facts, at=at,
        )
        for each in found
    )  # fmt: skip
    if first and text:
        first.reading = text
        first.save(update_fields=["reading"])
    told = {str(each.kind): str(each.result) for each in found}
    audit_trail.record("kyc.verification.checked", on=workflow, by=None, at=at, after=told)
    return True


def _read(papers: list[KycDocument], today: date) -> tuple[str, mrz.Mrz | None]:
    """The zone on any side of the identity paper, as it was read by machine: sealed text, and its parts."""
    for row in papers:
        if row.kind in needs.IDENTITY and row.media_type in PICTURES:
            text = ports.reader().read(files.opened(row))
            if text and (zone := find_zone(text, today)):
                return sealed_text(zone), zone
    return "", None


def find_zone(text: str, today: date) -> mrz.Mrz | None:
    """The first lines in a text that make a zone."""
    lines = ["".join(line.split()).upper() for line in text.splitlines()]
    for many in (3, 2):
        for start in range(len(lines) - many + 1):
            try:
                return mrz.parse("\n".join(lines[start : start + many]), on=today)
            except mrz.Unreadable:
                continue
    return None


def sealed_text(zone: mrz.Mrz) -> str:
    """What is kept of a zone, as JSON."""
    return json.dumps(asdict(zone), default=str)


def _own(
    first: KycDocument | None, papers: list[KycDocument], user: User, zone: mrz.Mrz | None, at: datetime
) -> Iterator[Found]:
    bank, today = "kitbank", local_date(at)
    born = date.fromisoformat(str(first.born_on)) if first and first.born_on else None
    is_adult = born is not None and people.age_on(born, today) >= people.ADULT_YEARS
    yield Found(CheckKind.AGE, CheckResult.PASS if is_adult else CheckResult.FAIL, bank)
    yield from _valid_and_theirs(papers, today)
    yield from zone_checks(first, user, zone, engine=ports.reader().name)


def _valid_and_theirs(papers: list[KycDocument], today: date) -> Iterator[Found]:
    """No paper has expired, and nobody else's checked paper has a number of these."""
    expired = [row.kind for row in papers if row.expires_on and row.expires_on < today]
    facts = {"expired": sorted(expired)} if expired else {}
    yield Found(CheckKind.EXPIRY, CheckResult.FAIL if expired else CheckResult.PASS, "kitbank", facts)
    held = [row.kind for row in papers if has_one_holder(row) and held_by_another(row)]
    facts = {"kinds": sorted(held)} if held else {}
    yield Found(CheckKind.HOLDER, CheckResult.FAIL if held else CheckResult.PASS, "kitbank", facts)


def has_one_holder(document: KycDocument) -> bool:
    """Whether its number belongs to one customer alone: not of somebody a business named, who may be named by others
    and bank here too, nor a sole trader's PIN, which is the trader's own.
    """
    if document.number_print is None or document.person_id is not None:
        return False
    business = business_of(document.user) if document.kind == DocumentKind.TAX_PIN else None
    return business is None or business.kind != BusinessKind.SOLE


def print_of(document: KycDocument) -> Print:
    """By which its number is held; made anew, because the row may keep it under an older key."""
    digest: Print = HeldNumber._meta.get_field("number_print").digest(str(document.number))
    return digest


def held_by_another(document: KycDocument) -> bool:
    """Whether somebody else's checked paper has this number."""
    held = HeldNumber.objects.filter(kind=document.kind, number_print=print_of(document))
    return held.exclude(user_id=document.user_id).exists()


def zone_checks(first: KycDocument | None, user: User, zone: mrz.Mrz | None, *, engine: str) -> Iterator[Found]:
    """What a zone says against what was typed and what the profile has."""
    if zone is None or first is None:
        why = {"why": "not_read"}
        for kind in (CheckKind.READING, CheckKind.NUMBER, CheckKind.NAME):
            yield Found(kind, CheckResult.PERSON, engine, why)
        return
    result = CheckResult.FAIL if zone.failed else CheckResult.PERSON if zone.corrected else CheckResult.PASS
    facts = {"layout": zone.layout, "failed": list(zone.failed), "corrected": list(zone.corrected)}
    yield Found(CheckKind.READING, result, engine, facts)
    typed = str(first.number)
    numbers = {zone.number, zone.optional, *zone.optional.split(mrz.FILLER)}
    agrees = (
        typed in numbers
        and (zone.born is None or str(zone.born) == first.born_on)
        and (zone.expires_on is None or first.expires_on in (None, zone.expires_on))
    )
    yield Found(CheckKind.NUMBER, CheckResult.PASS if agrees else CheckResult.FAIL, engine)
    yield Found(CheckKind.NAME, names_agree(zone.full_name, user.full_name), engine)


def _registry(first: KycDocument | None, user: User) -> Found:
    """Silence, a fault or an answer that cannot be read needs a person; it never passes."""
    asked = ports.registry()
    if first is None or not asked.is_set_up():
        return Found(CheckKind.REGISTRY, CheckResult.PERSON, asked.name, {"why": "not_asked"})
    try:
        answer = asked.ask(first.kind, str(first.number))
    except Unavailable as no:
        log.warning("registry_unreachable", registry=asked.name, why=no.code)
        return Found(CheckKind.REGISTRY, CheckResult.PERSON, asked.name, {"why": "no_answer"})
    except ports.BadAnswer as no:
        log.warning("registry_unreadable", registry=asked.name, why=str(no))
        return Found(CheckKind.REGISTRY, CheckResult.PERSON, asked.name, {"why": "unreadable"})
    if not answer.full_name:
        return Found(CheckKind.REGISTRY, CheckResult.FAIL, asked.name, {"why": "not_found"})
    same_birth = str(answer.born_on) == first.born_on
    name = names_agree(answer.full_name, user.full_name)
    facts = {"reference": answer.reference, "same_name": name == CheckResult.PASS, "same_birth": same_birth}
    return Found(CheckKind.REGISTRY, name if same_birth else CheckResult.FAIL, asked.name, facts)


def _faces(first: KycDocument | None, papers: list[KycDocument]) -> Iterator[Found]:
    asked = ports.faces()
    selfie = next((row for row in papers if row.kind == "SELFIE"), None)
    answer = ports.FaceAnswer()
    if selfie and first and asked.name != ports.ByPerson.name:
        answer = asked.compare(files.opened(selfie), files.opened(first))
    for kind, score in ((CheckKind.FACE, answer.alike), (CheckKind.LIVENESS, answer.living)):
        if score is None:
            yield Found(kind, CheckResult.PERSON, asked.name, {"why": "not_judged"})
        else:
            result = CheckResult.PASS if score >= ALIKE else CheckResult.FAIL
            yield Found(kind, result, asked.name, {"score": f"{score:.3f}"})


@transaction.atomic
def read_by_person(*, workflow: VerificationWorkflow, text: str, by: User, at: datetime) -> mrz.Mrz:
    """An officer types the zone; its check digits, number, dates and name are checked again. Raises PaperRefused."""
    require_right(by, RIGHT)
    workflow = VerificationWorkflow.objects.select_for_update(of=("self",)).select_related("user").get(pk=workflow.pk)
    if workflow.assigned_to_id != by.pk or workflow.status != WorkflowStatus.IN_REVIEW:
        raise PaperRefused(_("Take the verification first. Nothing was written."), because="not_yours")
    try:
        zone = mrz.parse(text, on=local_date(at))
    except mrz.Unreadable as no:
        raise PaperRefused(_(str(no)), because="zone") from no
    papers = papers_of(workflow)
    first = next((row for row in papers if row.kind in needs.IDENTITY and needs.is_first(row.kind, row.side)), None)
    if first is not None:
        first.reading = sealed_text(zone)
        first.save(update_fields=["reading"])
    for each in zone_checks(first, workflow.user, zone, engine=""):
        WorkflowCheck.objects.create(
            workflow=workflow, round=workflow.round, kind=each.kind, result=each.result, by=by, facts=each.facts, at=at
        )
    audit_trail.record("kyc.verification.read", on=workflow, by=by, at=at, after={"failed": list(zone.failed)})
    return zone
