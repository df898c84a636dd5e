"""Papers in the demo: two verifications wait for an officer, one part was asked for again, one was approved.

The pictures are drawn here and say SPECIMEN: they are nobody's.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO

from django.test.utils import override_settings
from PIL import Image, ImageDraw, ImageFont

from apps.kyc.models import KycDocument, VerificationWorkflow
from apps.kyc.operations import papers
from apps.kyc.operations.papers import Paper
from apps.kyc.rules import mrz
from apps.portals.demo.year import Household
from apps.users.models import User

BORN = date(1991, 5, 17)
PIN = "A004416331M"
SIZE = (1000, 630)
INK, SHEET, SHADE = "#07363F", "#E4EEEA", "#B7CFCB"


def send_papers(households: Sequence[Household], *, end: datetime, officer: User) -> int:
    """Four customers of the first tier send theirs, the last ones hours ago. Returns how many."""
    low = [each.account.owner for each in households[1:] if each.account.owner.kyc_tier == "TIER_1"]
    people = [person for person in low if person.full_name.isascii()][:4]
    for nth, person in enumerate(people):
        at = end - timedelta(hours=(50, 30, 21, 3)[nth])
        workflow = _handed_in(person, nth, at)
        if nth < 2:
            # The registry is not asked inside the demo's one transaction; the bank's task checks the others.
            with override_settings(IPRS_KEY=""):
                papers.check_papers(workflow_id=workflow.pk, at=at)
            papers.claim(workflow=workflow, by=officer, at=at)
            _decide(workflow, officer, at + timedelta(hours=2), is_approved=nth == 0)
    return len(people)


def _handed_in(person: User, nth: int, at: datetime) -> VerificationWorkflow:
    workflow = papers.start_verification(user=person, target_tier="TIER_2", at=at)
    number = str(person.id_number)
    parts = [
        (Paper("NATIONAL_ID", "FRONT", number, BORN), [person.full_name, number, BORN.isoformat()]),
        (Paper("NATIONAL_ID", "BACK"), _zone(person).splitlines()),
        (Paper("SELFIE", "PAGE"), []),
        (Paper("TAX_PIN", "PAGE", f"{PIN[:7]}{nth}{PIN[8:]}"), ["KRA PIN", f"{PIN[:7]}{nth}{PIN[8:]}"]),
    ]
    for paper, lines in parts:
        key = f"demo/{person.pk}/{paper.kind}/{paper.side}"
        raw = drawn(lines, is_face=paper.kind == "SELFIE" or paper.side == "FRONT")
        papers.bring_paper(
            workflow=workflow, paper=paper, raw=raw, name="p.png", key=key, at=at, consented=paper.kind == "SELFIE"
        )
    return papers.hand_in(workflow=workflow, by=person, at=at)


def _decide(workflow: VerificationWorkflow, officer: User, at: datetime, *, is_approved: bool) -> None:
    if not is_approved:
        selfie = KycDocument.objects.get(workflow=workflow, kind="SELFIE")
        papers.ask_again(workflow=workflow, document=selfie, because="BLURRED", by=officer, at=at)
        return
    papers.read_by_person(workflow=workflow, text=_zone(workflow.user), by=officer, at=at)
    papers.approve(workflow=workflow, by=officer, at=at, compared=True, reason="Papers seen at the branch as well")


def _zone(person: User) -> str:
    words = "".join(letter if letter.isalpha() else " " for letter in person.full_name.upper()).split()
    said = mrz.Mrz(
        "TD1", "ID", "KEN", words[-1], " ".join(words[:-1]), str(person.id_number), "KEN", BORN, "F", date(2035, 5, 17)
    )
    return mrz.write("TD1", said)


def drawn(lines: Sequence[str], *, is_face: bool) -> bytes:
    """A picture of a paper that cannot be taken for one."""
    sheet, body = Image.new("RGB", SIZE, SHEET), BytesIO()
    pen = ImageDraw.Draw(sheet)
    large, small = ImageFont.load_default(90), ImageFont.load_default(34)
    pen.text((60, 40), "SPECIMEN", font=large, fill=SHADE)
    if is_face:
        pen.ellipse((90, 190, 290, 430), fill=SHADE, outline=INK, width=4)
        pen.ellipse((140, 280, 165, 305), fill=INK)
        pen.ellipse((215, 280, 240, 305), fill=INK)
        pen.arc((150, 320, 230, 380), 20, 160, fill=INK, width=4)
    for nth, line in enumerate(lines):
        pen.text((340 if is_face else 60, 210 + 60 * nth), line, font=small, fill=INK)
    pen.text((60, 540), "SPECIMEN", font=large, fill=SHADE)
    sheet.save(body, "PNG")
    return body.getvalue()
