"""Writes the day's newest root down outside the bank, through whatever anchors are registered."""

from datetime import datetime

import structlog

from apps.audit_trail import anchors
from apps.audit_trail.models import AnchorStatus, ChainAnchor, Seal
from apps.kernel.clock import local_date
from apps.kernel.errors import Unavailable

log = structlog.get_logger(__name__)


def anchor_day(*, at: datetime) -> list[ChainAnchor]:
    """Anchor the newest root for the day of `at`, and look again at anchors that do not stand yet.

    Without a registered anchor, or without a seal, nothing is written. Safe to run twice. Not in a transaction: each
    step is a row of its own around a call to the outside.
    """
    newest = Seal.objects.order_by("-number").only("number", "root").first()
    if newest is not None:
        for chain in anchors.registered():
            ChainAnchor.objects.get_or_create(
                period=local_date(at),
                chain=chain,
                defaults={"seal_number": newest.number, "root_hash": bytes(newest.root), "created_at": at},
            )
    waiting = ChainAnchor.objects.exclude(status=AnchorStatus.ANCHORED).filter(chain__in=anchors.registered())
    return [_advance(row, at) for row in waiting.order_by("period")]


def _advance(row: ChainAnchor, at: datetime) -> ChainAnchor:
    place = anchors.registered()[row.chain]
    root = bytes(row.root_hash)
    try:
        if not row.anchor_reference:
            row.anchor_reference = place.put(root=root, period=row.period)
            row.save(update_fields=["anchor_reference"])
        if place.stands(root=root, reference=row.anchor_reference):
            row.status, row.anchored_at, row.error = AnchorStatus.ANCHORED, at, ""
        else:
            row.status, row.error = AnchorStatus.PENDING, ""
    except Unavailable as no:
        log.warning("anchor_failed", chain=row.chain, period=str(row.period), exc_info=no)
        row.status, row.error = AnchorStatus.FAILED, str(no)[:300]
    row.save(update_fields=["status", "anchored_at", "error"])
    return row
