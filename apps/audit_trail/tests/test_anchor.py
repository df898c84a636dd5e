"""Writing the day's root down outside."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.audit_trail import anchors, tasks
from apps.audit_trail import operations as audit_trail
from apps.audit_trail.models import ChainAnchor, Seal
from apps.audit_trail.tests.tampering import unguarded
from apps.kernel.clock import now
from apps.kernel.errors import Unavailable

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # already the 22nd in Nairobi


class Stone:
    """An anchor one can break."""

    def __init__(self) -> None:
        self.carved: dict[str, bytes] = {}
        self.is_down = self.is_slow = False

    def put(self, *, root: bytes, period: date) -> str:
        if self.is_down:
            raise Unavailable("The stone mason is ill.")
        self.carved[f"stone-{period}"] = root
        return f"stone-{period}"

    def stands(self, *, root: bytes, reference: str) -> bool:
        return not self.is_slow and self.carved.get(reference) == root


@pytest.fixture
def stone(monkeypatch) -> Stone:
    monkeypatch.setattr(anchors, "_anchors", {})
    stone = Stone()
    anchors.register("stone", stone)
    return stone


@pytest.fixture
def sealed() -> Seal:
    audit_trail.record("a.b.c", on="x/1", by=None, at=now())
    audit_trail.seal_due(at=now())
    return Seal.objects.get()


def test_pretends_nothing_without_an_anchor(sealed, monkeypatch):
    monkeypatch.setattr(anchors, "_anchors", {})
    assert audit_trail.anchor_day(at=LATE) == []
    assert not ChainAnchor.objects.exists()


def test_has_nothing_to_anchor_without_a_seal(stone):
    assert audit_trail.anchor_day(at=LATE) == []


def test_anchors_the_newest_root_of_the_banks_own_day_once(stone, sealed):
    for _ in range(2):
        audit_trail.anchor_day(at=LATE)
    row = ChainAnchor.objects.get()
    assert (row.status, row.period, row.seal_number, row.chain) == ("ANCHORED", date(2026, 11, 22), 1, "stone")
    assert stone.carved == {"stone-2026-11-22": bytes(sealed.root)}
    assert row.anchored_at == LATE


def test_tries_again_when_the_place_was_down(stone, sealed):
    stone.is_down = True
    row = audit_trail.anchor_day(at=LATE)[0]
    assert (row.status, row.anchor_reference, row.error) == ("FAILED", "", "The stone mason is ill.")
    stone.is_down, stone.is_slow = False, True
    row = audit_trail.anchor_day(at=LATE)[0]
    assert (row.status, row.anchor_reference) == ("PENDING", "stone-2026-11-22")
    stone.is_slow = False
    row = audit_trail.anchor_day(at=LATE + timedelta(hours=1))[0]
    assert row.status == "ANCHORED"
    assert len(stone.carved) == 1


def test_a_chain_rewritten_as_a_whole_is_betrayed_by_its_anchor(stone, sealed):
    audit_trail.anchor_day(at=LATE)
    with unguarded("audit_trail_auditlog", "audit_trail_seal") as cursor:
        cursor.execute("DELETE FROM audit_trail_seal")
        cursor.execute("UPDATE audit_trail_auditlog SET reason = 'other'")
    audit_trail.seal_due(at=now())
    assert audit_trail.verify(at=now()).breaks == [
        "seal 1 was changed: an earlier check or anchor saw another root",
    ]


def test_an_anchored_root_has_a_reference(sealed):
    with pytest.raises(IntegrityError, match="an_anchored_root_can_be_looked_up"), transaction.atomic():
        ChainAnchor.objects.create(
            period=date(2026, 1, 1), seal_number=1, root_hash=b"", chain="x", status="ANCHORED", created_at=now()
        )


def test_the_daily_job_seals_first(stone):
    audit_trail.record("a.b.c", on="x/1", by=None, at=now())
    tasks.anchor_root()
    assert ChainAnchor.objects.get().seal_number == 1
