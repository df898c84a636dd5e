"""Forgets requests and deliveries after 30 days, many at a time."""

from datetime import datetime, timedelta

from django.db import connection

LIFE = timedelta(days=30)
_CHUNK = 10_000
# Row after row would take hours; a single statement would hold its locks as long. Fixed words, no input.
_REQUESTS = "DELETE FROM gateway_apirequest WHERE id IN (SELECT id FROM gateway_apirequest WHERE at < %s LIMIT %s)"
_DELIVERIES = """
DELETE FROM gateway_webhookdelivery WHERE id IN (
    SELECT id FROM gateway_webhookdelivery WHERE created_at < %s LIMIT %s)
"""


def purge(*, at: datetime) -> int:
    """Forget what is older. Returns how many rows went."""
    gone = 0
    for statement in (_REQUESTS, _DELIVERIES):
        while True:
            with connection.cursor() as cursor:
                cursor.execute(statement, [at - LIFE, _CHUNK])
                gone += cursor.rowcount
                if cursor.rowcount < _CHUNK:
                    break
    return gone
