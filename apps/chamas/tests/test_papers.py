"""Papers of a group: kept once, sealed, opened by members alone; only officers bring them."""

import pytest
from django.db import transaction

from apps.chamas import operations
from apps.chamas.errors import Invalid, PaperRefused
from apps.chamas.models import ChamaGroup, GroupPaper, GroupPaperFile
from apps.chamas.operations.papers import Damaged, rotate_files
from apps.chamas.testing import make_group, make_person, member_of, picture
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed, NotFound

pytestmark = pytest.mark.django_db


def test_a_paper_is_kept_once_sealed_and_opened_by_members_alone():
    group = make_group(members=3)
    chair, stranger = member_of(group, "CHAIR"), make_person()
    brought = {"group": group, "kind": "INVESTMENT", "name": "title.jpg", "at": now()}
    paper = operations.bring_paper(raw=picture(), by=chair.user, **brought)
    assert operations.bring_paper(raw=picture(), by=chair.user, **brought) == paper
    body = operations.look_at_paper(paper=paper, by=member_of(group, "SECRETARY").user, at=now())
    assert body.startswith(b"\xff\xd8")
    assert body not in bytes(GroupPaperFile.objects.get().sealed)
    for who, raw, error in (
        (stranger, picture(), NotFound),
        (chair.user, b"<html>", PaperRefused),
        (chair.user, b"", PaperRefused),
    ):
        with pytest.raises(error):
            operations.bring_paper(raw=raw, by=who, **brought)
    with pytest.raises(NotFound):
        operations.look_at_paper(paper=paper, by=stranger, at=now())
    with pytest.raises(Invalid):
        operations.bring_paper(raw=picture(), by=chair.user, **brought | {"kind": "POEM"})
    GroupPaperFile.objects.update(key_id="t0")
    assert rotate_files() == 1
    assert operations.look_at_paper(paper=paper, by=chair.user, at=now()) == body
    GroupPaperFile.objects.update(sealed=b"x")
    with pytest.raises(Damaged):
        operations.look_at_paper(paper=paper, by=chair.user, at=now())
    assert GroupPaper.objects.count() == 1
    assert ChamaGroup.objects.count() == 1


def test_only_officers_bring_papers():
    group = make_group(members=4)
    with pytest.raises(NotAllowed), transaction.atomic():
        operations.bring_paper(
            group=group, kind="INVESTMENT", raw=picture(), name="", by=member_of(group, "MEMBER").user, at=now()
        )
