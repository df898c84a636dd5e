"""Finds up to where the transfers are settled, for jobs that cut by id.

Ids are drawn under the locks of a posting and become visible when it commits, so a lower id can appear after a higher
one. Every posting holds a lock on the balances table from before its id is drawn until it ends: whoever holds one now
is waited for; those who come later draw higher ids and do not matter.
"""

import time

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.ledger.errors import BooksBusy

PATIENCE = 30.0  # seconds
_POLL = 0.02
_WRITERS = """
SELECT pid, virtualtransaction FROM pg_locks
 WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND relation = 'ledger_balance'::regclass AND mode IN ('RowExclusiveLock', 'RowShareLock') AND granted
   AND pid IS DISTINCT FROM pg_backend_pid()
"""


def settled_upto(*, patience: float = PATIENCE) -> int:
    """The highest transfer id below which nothing can still appear; 0 when there are none. Raises BooksBusy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(id), 0) FROM ledger_transfer")
        highest = int(cursor.fetchone()[0])
    waited_for, deadline = _writers(), time.monotonic() + patience
    while waited_for:
        if time.monotonic() >= deadline:
            raise BooksBusy(_("A posting has been under way for too long. Nothing was changed. Try again later."))
        time.sleep(_POLL)
        waited_for &= _writers()
    return highest


def _writers() -> set[tuple[int | None, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS)
        return set(cursor.fetchall())
