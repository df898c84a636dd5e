"""Makers of papers for tests on this floor and above."""

from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import uuid4

from PIL import Image, ImageDraw

from apps.kernel.clock import local_date
from apps.kyc.models import VerificationWorkflow
from apps.kyc.operations import papers
from apps.kyc.operations.papers import Paper
from apps.users.models import User

BORN = date(1990, 3, 9)
PIN = "A004416331M"


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
