"""Makers of papers for tests on this floor and above."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from PIL import Image, ImageDraw

from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kyc.models import BusinessPerson, KycDocument, VerificationWorkflow
from apps.kyc.operations import business as operations
from apps.kyc.operations import papers
from apps.kyc.operations.business import Person
from apps.kyc.operations.papers import Paper
from apps.kyc.queries import parts_of
from apps.kyc.rules import needs
from apps.users.models import BusinessMember, BusinessProfile, User

BORN = date(1990, 3, 9)
PIN = "A004416331M"
BUSINESS_PIN = "P051234567X"


def picture(
    words: str = "SPECIMEN", *, kind: str = "JPEG", size: tuple[int, int] = (800, 500), **more: object
) -> bytes:
    """A picture with a word on it."""
    sheet, body = Image.new("RGB", size, "#cfe3e6"), BytesIO()
    ImageDraw.Draw(sheet).text((40, 40), words, fill="#07363F")
    sheet.save(body, kind, **more)
    return body.getvalue()


def identity(user: User) -> list[Paper]:
    """What a customer says of a national ID and of what goes with it to TIER_2."""
    return [
        Paper("NATIONAL_ID", "FRONT", str(user.id_number), BORN),
        Paper("NATIONAL_ID", "BACK"),
        Paper("SELFIE", "PAGE"),
        Paper("TAX_PIN", "PAGE", PIN),
    ]


def passport(user: User, at: datetime, *, number: str = "AK1234567", days: int = 400) -> list[Paper]:
    """The same with a passport, which expires."""
    until = local_date(at) + timedelta(days=days)
    return [Paper("PASSPORT", "PAGE", number, BORN, until), Paper("SELFIE", "PAGE"), Paper("TAX_PIN", "PAGE", PIN)]


def bring(workflow: VerificationWorkflow, paper: Paper, at: datetime, *, raw: bytes = b"", key: str = "") -> object:
    """One part with a picture."""
    raw = raw or picture(f"{paper.kind} {paper.side}")
    key = key or str(uuid4())
    return papers.bring_paper(
        workflow=workflow, paper=paper, raw=raw, name="photo.jpg", key=key, at=at, consented=paper.kind == "SELFIE"
    )


def handed_in(
    user: User, at: datetime, *, given: list[Paper] | None = None, tier: str = "TIER_2"
) -> VerificationWorkflow:
    """A customer's papers as they lie in the queue, checked by the bank."""
    workflow = papers.start_verification(user=user, target_tier=tier, at=at)
    for paper in identity(user) if given is None else given:
        bring(workflow, paper, at)
    workflow = papers.hand_in(workflow=workflow, by=user, at=at)
    papers.check_papers(workflow_id=workflow.pk, at=at)
    workflow.refresh_from_db()
    return workflow


def approved(user: User, officer: User, at: datetime, *, given: list[Paper] | None = None) -> VerificationWorkflow:
    """A customer whose papers an officer found in order."""
    workflow = papers.claim(workflow=handed_in(user, at, given=given), by=officer, at=at)
    papers.approve(workflow=workflow, by=officer, at=at, compared=True, reason="Seen and read")
    workflow.refresh_from_db()
    return workflow


def business_papers(business: BusinessProfile) -> list[Paper]:
    """What a business says of its own papers."""
    numbers = {"BUSINESS_REGISTRATION": business.registration_number, "TAX_PIN": BUSINESS_PIN}
    return [Paper(kind, "PAGE", numbers.get(kind, "")) for kind in needs.OF_BUSINESS[business.kind]]


def member_of(business: BusinessProfile, user: User) -> int:
    """The key of somebody's membership."""
    return BusinessMember.objects.get(business=business, user=user, left_at=None).pk


def name_members(business: BusinessProfile, at: datetime) -> None:
    """Every member is a director who owns an equal part, as a customer whose papers were checked."""
    members = BusinessMember.objects.filter(business=business, left_at=None).order_by("pk")
    User.objects.filter(pk__in=members.values("user")).update(kyc_tier="TIER_2", kyc_status="VERIFIED")
    for member in members:
        operations.name_person(
            business=business, by=business.created_by, at=at,
            person=Person(is_director=True, is_owner=True, share_bp=10_000 // len(members), member=member.pk),
        )  # fmt: skip


def bring_for(business: BusinessProfile, paper: Paper, at: datetime, **more: Any) -> KycDocument:
    """One part of a business with a picture."""
    raw = picture(f"{paper.kind} {paper.side}", size=(320, 200))
    asked: dict[str, Any] = {"raw": raw, "name": "photo.jpg", "key": str(uuid4()), "by": business.created_by, "at": at}
    return operations.bring_paper(business=business, paper=paper, **asked | more)


def business_handed_in(business: BusinessProfile, at: datetime) -> VerificationWorkflow:
    """A business as it lies in the queue, checked by the bank; its members are its directors."""
    operations.start(business=business, by=business.created_by, at=at)
    if not BusinessPerson.objects.present().filter(business=business).exists():
        name_members(business, at)
    live = operations.live_of(business)
    assert live is not None
    missing = {part.kind for part in parts_of(live) if not part.is_there}
    for paper in business_papers(business):
        if paper.kind in missing:
            bring_for(business, paper, at)
    workflow = operations.hand_in(business=business, says_complete=True, by=business.created_by, at=at)
    papers.check_papers(workflow_id=workflow.pk, at=at)
    workflow.refresh_from_db()
    return workflow


def known_business(business: BusinessProfile, officer: User, second: User, at: datetime) -> VerificationWorkflow:
    """A business that two officers found in order."""
    workflow = papers.claim(workflow=business_handed_in(business, at), by=officer, at=at)
    asked = papers.approve(workflow=workflow, by=officer, at=at, compared=True, reason="Seen at the registrar")
    if asked is not None:
        approvals.approve(approval=asked, by=second, at=at)
    workflow.refresh_from_db()
    return workflow
