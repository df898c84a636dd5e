"""Tells a person's pages that wait for news to look again; what there is to see, they ask for themselves."""

from django.db import connection, transaction

CHANNEL = "kitbank_live"


def tell(user_id: int) -> None:
    """After the commit, let the waiting pages of this person look. Lost when nobody listens: pages also poll."""
    transaction.on_commit(lambda: _notify(user_id))


def _notify(user_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(user_id)])
