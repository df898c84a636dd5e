"""Seals records in Merkle blocks, off the path of those who write them.

A block is cut by id, but ids are not committed in order: a transaction may hold a lower id and commit later. Asking
for the snapshot's oldest transaction id is not enough, because an insert draws its row id *before* its transaction
gets one. So the sealer looks at who holds the table open for writing, a lock every insert takes before it draws an
id, and waits for exactly those to end. It takes no lock that a writer would wait for.
"""

import time
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.db.models import Max

from apps.audit_trail.models import LEAF_SQL, AuditLog, Seal
from apps.kernel import merkle

log = structlog.get_logger(__name__)

BLOCK = 1000  # records
PATIENCE = 20.0  # seconds one run waits for older writers; the next run tries again
_POLL = 0.05
_ADVISORY = 0x5EA1  # one sealer at a time
GENESIS = bytes(merkle.HASH_SIZE)

_WRITERS = """
SELECT pid, virtualtransaction FROM pg_locks
 WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND relation = 'audit_trail_auditlog'::regclass AND mode = 'RowExclusiveLock' AND granted
   AND pid IS DISTINCT FROM pg_backend_pid()
"""
_LEAVES = f"""
SELECT id, {LEAF_SQL} FROM audit_trail_auditlog WHERE id > %s AND id <= %s ORDER BY id LIMIT {BLOCK}
"""  # noqa: S608 both are constants


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one run sealed; `waited_out` says that a writer outstayed the run's patience and nothing was cut."""

    blocks: int
    records: int
    waited_out: bool = False


def seal_due(*, at: datetime, patience: float = PATIENCE) -> Sealed:
    """Seal every record that no open transaction could still precede. Safe to run twice, and at once."""
    upto = AuditLog.objects.aggregate(last=Max("id"))["last"]
    if upto is None:
        return Sealed(0, 0)
    if not _writers_ended(patience):
        log.warning("audit_seal_waits", patience_seconds=patience)
        return Sealed(0, 0, waited_out=True)
    blocks = records = 0
    while sealed := _seal_block(upto, at):
        blocks, records = blocks + 1, records + sealed
    return Sealed(blocks, records)


def _writers_ended(patience: float) -> bool:
    """Wait for the writers of this moment; those who come later draw higher ids and do not matter."""
    open_then, deadline = _writers(), time.monotonic() + patience
    while open_then:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL)
        open_then &= _writers()
    return True


def _writers() -> set[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS)
        return set(cursor.fetchall())


@transaction.atomic
def _seal_block(upto: int, at: datetime) -> int:
    """Seal the next block up to record `upto`; returns how many records it holds, 0 when there are none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY])
        last = Seal.objects.order_by("-number").only("number", "upto", "root").first()
        cursor.execute(_LEAVES, [last.upto if last else -1, upto])
        rows = cursor.fetchall()
    if not rows:
        return 0
    leaves = [bytes(leaf) for _id, leaf in rows]
    previous = bytes(last.root) if last else GENESIS
    Seal.objects.create(
        number=last.number + 1 if last else 1,
        upto=rows[-1][0],
        ids=[row[0] for row in rows],
        leaves=b"".join(leaves),
        root=merkle.node_hash(previous, merkle.root(leaves)),
        previous_root=previous,
        sealed_at=at,
    )
    return len(rows)
