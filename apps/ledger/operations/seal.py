"""Seals entries in blocks under Merkle roots, off the posting path, and proves that an entry is in one."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import merkle
from apps.kernel.errors import NotFound
from apps.ledger.models import Seal
from apps.ledger.operations.settle import PATIENCE, settled_upto
from apps.ledger.rules.evidence import BLOCK, GENESIS, InclusionProof, chain_hash

_LEAVES = """
SELECT e.id, sha256('\\x00'::bytea || convert_to(ledger_leaf(e, t), 'UTF8'))
  FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
 WHERE e.id > %s::bigint AND e.id <= %s::bigint ORDER BY e.id LIMIT %s
"""
_LEAF = """
SELECT ledger_leaf(e, t) FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id WHERE e.id = %s::bigint
"""


def leaves(after: int, upto: int, limit: int) -> list[tuple[int, bytes]]:
    """Entry ids over `after` up to `upto` with their leaf hashes, as the rows stand now, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAVES, [after, upto, limit])
        return [(entry_id, bytes(leaf)) for entry_id, leaf in cursor.fetchall()]


def seal_up_to(*, at: datetime, upto: int | None = None, patience: float = PATIENCE) -> int:
    """Seal every settled entry, up to transfer `upto` when given; returns how many blocks.

    Safe to run twice, or at once. Each block is a transaction of its own unless one is open already. Raises BooksBusy.
    """
    settled = settled_upto(patience=patience)
    last_entry = min(settled, settled if upto is None else upto) * 1000 + 999
    blocks = 0
    while _seal_block(last_entry, at):
        blocks += 1
    return blocks


@transaction.atomic
def _seal_block(upto_entry: int, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger.seals'))")
    before = Seal.objects.order_by("-block").first()
    found = leaves(before.last_entry if before else 0, upto_entry, BLOCK)
    if not found:
        return False
    block = before.block + 1 if before else 1
    previous = bytes(before.chain) if before else GENESIS
    root = merkle.root([leaf for _id, leaf in found])
    first, last = found[0][0], found[-1][0]
    Seal.objects.create(
        block=block,
        first_entry=first,
        last_entry=last,
        entry_count=len(found),
        root=root,
        previous=previous,
        chain=chain_hash(
            previous=previous, root=root, block=block, first_entry=first, last_entry=last, count=len(found)
        ),
        sealed_at=at,
    )
    return True


def prove(entry_id: int) -> InclusionProof:
    """The proof that an entry stands in a sealed block; anyone checks it with `verify_proof`. Raises NotFound."""
    seal = Seal.objects.filter(last_entry__gte=entry_id).order_by("last_entry").first()
    with connection.cursor() as cursor:
        cursor.execute(_LEAF, [entry_id])
        leaf = cursor.fetchone()
    if seal is None or leaf is None or entry_id < seal.first_entry:
        raise NotFound(_("That entry is not sealed yet. Entries are sealed at the end of the day."))
    found = leaves(seal.first_entry - 1, seal.last_entry, BLOCK + 1)
    place = [found_id for found_id, _leaf in found].index(entry_id)
    return InclusionProof(
        leaf=leaf[0],
        way=merkle.proof([hash_ for _id, hash_ in found], place),
        block=seal.block,
        first_entry=seal.first_entry,
        last_entry=seal.last_entry,
        root=bytes(seal.root),
        previous=bytes(seal.previous),
        chain=bytes(seal.chain),
    )
