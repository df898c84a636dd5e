"""A circuit breaker per provider, kept in PostgreSQL so that every process sees the same one.

After five failures in a row the provider is left alone for 30 seconds; then one caller may try, and its outcome
decides for all.
"""

from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import Unavailable
from apps.kernel.models import ProviderState

FAILURES = 5  # in a row
REST = timedelta(seconds=30)
_COUNT = """
INSERT INTO kernel_providerstate (name, failures, open_until, last_error, changed_at)
VALUES (%(name)s, 1, NULL, %(error)s, %(at)s)
ON CONFLICT (name) DO UPDATE SET
    failures = kernel_providerstate.failures + 1,
    open_until = CASE WHEN kernel_providerstate.failures + 1 >= %(most)s THEN %(until)s::timestamptz END,
    last_error = excluded.last_error, changed_at = excluded.changed_at
"""


class ProviderResting(Unavailable):
    """Nothing was sent: the provider has failed too often and is left alone until `retry_after_seconds` are over."""

    code = "provider_resting"


def require_closed(name: str) -> None:
    """Whether `name` may be called now; after its rest exactly one caller may. Raises ProviderResting."""
    state = ProviderState.objects.filter(name=name).first()
    if state is None or state.open_until is None:
        return
    at = now()
    # The one who moves the end of the rest is the one who tries.
    resting = state.open_until > at
    if resting or not ProviderState.objects.filter(name=name, open_until=state.open_until).update(open_until=at + REST):
        wait = max(int((state.open_until - at).total_seconds()) + 1, 1)
        raise ProviderResting(
            _("A service we depend on does not answer now. Nothing was sent."), retry_after_seconds=wait
        )


def failed(name: str, error: str) -> None:
    """Count one failure."""
    at = now()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"name": name, "error": error[:300], "at": at, "most": FAILURES, "until": at + REST})


def worked(name: str) -> None:
    """Forget the failures so far; writes only when there were some."""
    ProviderState.objects.filter(name=name, failures__gt=0).update(failures=0, open_until=None, changed_at=now())
