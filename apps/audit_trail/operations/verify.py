"""Recomputes leaves and roots, and names whatever is not as it was sealed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction

from apps.audit_trail import events, policies
from apps.audit_trail.models import LEAF_SQL, ChainAnchor, IntegrityCheck, Seal
from apps.audit_trail.operations.record import record
from apps.audit_trail.operations.seal import GENESIS
from apps.kernel import merkle
from apps.kernel.events import publish

log = structlog.get_logger(__name__)

MOST_NAMED = 100  # breaks one check writes down; it goes on counting none after that
_ROWS = f"""
SELECT id, {LEAF_SQL} FROM audit_trail_auditlog WHERE id > %s AND id <= %s ORDER BY id
"""  # noqa: S608 the leaf's SQL is a constant
_BEFORE_ALL = -(2**63)


@transaction.atomic
def verify(*, at: datetime, by: Any = None, last_blocks: int | None = None) -> IntegrityCheck:
    """Check the newest `last_blocks` blocks (all of them when None), write down and return what was found.

    Publishes `audit_trail.chain.broken` when something is not as it was sealed.
    """
    first = _first_seal(last_blocks)
    before = Seal.objects.filter(number=first - 1).first()
    breaks, records, last = _walk(first, before)
    breaks += _lost_since(last)
    breaks = breaks[:MOST_NAMED]
    check = IntegrityCheck.objects.create(
        from_seal=first,
        upto_seal=last.number if last else 0,
        root=bytes(last.root) if last else GENESIS,
        records=records,
        is_intact=not breaks,
        first_break=breaks[0] if breaks else "",
        breaks=breaks,
        by=by,
        at=at,
    )
    if breaks:
        log.error("audit_chain_broken", first_break=breaks[0], breaks=len(breaks))
        publish(events.ChainBroken(check_id=check.pk, first_break=breaks[0]))
    return check


@transaction.atomic
def ask_verify(*, by: Any, at: datetime) -> None:
    """Have every record and every seal checked by the relay. Raises NotAllowed."""
    policies.require_may_view(by)
    record("audit_trail.verify.asked", on="audit_trail", by=by, at=at)
    publish(events.VerifyAsked(by=by.pk))


def _first_seal(last_blocks: int | None) -> int:
    newest = Seal.objects.order_by("-number").values_list("number", flat=True).first()
    if last_blocks is None or newest is None:
        return 1
    return max(1, newest - last_blocks + 1)


def _walk(first: int, before: Seal | None) -> tuple[list[str], int, Seal | None]:
    """Every seal from `first` on: its breaks, the records it covers, and the last seal there is."""
    breaks: list[str] = []
    records, expected, last = 0, first, before
    if first > 1 and before is None:
        breaks.append(f"seal {first - 1} is missing")
    for seal in Seal.objects.filter(number__gte=first).order_by("number").iterator(chunk_size=20):
        breaks += [f"seal {number} is missing" for number in range(expected, seal.number)]
        breaks += _breaks_of_chain(seal, last)
        found = _rows(last.upto if last else _BEFORE_ALL, seal.upto)
        records += len(found)
        breaks += _breaks_of_records(seal, found)
        expected, last = seal.number + 1, seal
    return breaks, records, last


def _rows(after: int, upto: int) -> dict[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [after, upto])
        return {row[0]: bytes(row[1]) for row in cursor.fetchall()}


def _breaks_of_chain(seal: Seal, previous: Seal | None) -> Iterator[str]:
    leaves, follows = _leaves(seal), bytes(previous.root) if previous else GENESIS
    if bytes(seal.previous_root) != follows:
        yield f"seal {seal.number} does not follow the seal before it"
    if not seal.ids or len(leaves) != len(seal.ids) or seal.ids[-1] != seal.upto:
        yield f"seal {seal.number} does not say which records it covers"
    if bytes(seal.root) != merkle.node_hash(bytes(seal.previous_root), merkle.root(leaves)):
        yield f"seal {seal.number} was changed: its root is not that of its leaves"


def _breaks_of_records(seal: Seal, found: dict[int, bytes]) -> Iterator[str]:
    sealed = dict(zip(seal.ids, _leaves(seal), strict=False))
    for number in sorted(sealed.keys() | found.keys()):
        if number not in found:
            yield f"record {number} is missing"
        elif number not in sealed:
            yield f"record {number} was added after seal {seal.number} was made"
        elif found[number] != sealed[number]:
            yield f"record {number} was changed"


def _leaves(seal: Seal) -> list[bytes]:
    joined, size = bytes(seal.leaves), merkle.HASH_SIZE
    return [joined[start : start + size] for start in range(0, len(joined), size)]


def _lost_since(last: Seal | None) -> Iterator[str]:
    """Roots that earlier checks and anchors saw must still stand: else the end of the chain was cut off or redone."""
    seen = (
        IntegrityCheck.objects.filter(is_intact=True, upto_seal__gt=0)
        .order_by("-pk")
        .values_list("upto_seal", "root")[:1]
    )
    anchored = ChainAnchor.objects.order_by("seal_number").values_list("seal_number", "root_hash")
    known = {number: bytes(root) for number, root in [*anchored, *seen]}
    standing = dict(Seal.objects.filter(number__in=known).values_list("number", "root"))
    for number, root in sorted(known.items()):
        if number not in standing:
            yield f"seal {number} is missing: an earlier check or anchor saw it"
        elif bytes(standing[number]) != root:
            yield f"seal {number} was changed: an earlier check or anchor saw another root"
