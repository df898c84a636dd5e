"""A circuit breaker per provider, kept in PostgreSQL so that every process sees the same one.

After five failures in a row the provider is left alone for 30 seconds; then one caller may try, and its outcome
decides for all. People can switch a provider off too, and then nobody calls it until they switch it on again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import Unavailable
from apps.kernel.events import Event, publish
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
RETURNING failures
"""


class Circuit(models.TextChoices):
    """Whether a provider is called: as ever, not at all, or by one caller whose outcome decides."""

    CLOSED = "CLOSED", _("Answers")
    OPEN = "OPEN", _("Does not answer")
    HALF_OPEN = "HALF_OPEN", _("Being tried again")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderBroke(Event):
    """A provider has failed so often in a row that it is left alone; told once, until it has worked again."""

    name = "kernel.provider.broke"
    provider: str
    error: str
    at: str


class ProviderResting(Unavailable):
    """Nothing was sent: the provider has failed too often and is left alone until `retry_after_seconds` are over."""

    code = "provider_resting"


class ProviderOff(ProviderResting):
    """Nothing was sent: people of the bank have switched the provider off. When they end that nobody knows; looking
    again after a rest costs nothing.
    """

    code = "provider_switched_off"


def require_closed(name: str) -> None:
    """Whether `name` may be called now; after its rest exactly one caller may. Raises ProviderResting, ProviderOff."""
    state = _require_on(ProviderState.objects.filter(name=name).first())
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


def require_on(name: str) -> None:
    """Raises ProviderOff when people have switched `name` off: for what is called under a circuit of its own."""
    _require_on(ProviderState.objects.filter(name=name).first())


def _require_on(state: ProviderState | None) -> ProviderState | None:
    if state is not None and state.is_off:
        raise ProviderOff(
            _("A service we depend on is switched off now. Nothing was sent. Try again later."),
            retry_after_seconds=int(REST.total_seconds()),
        )
    return state


def failed(name: str, error: str) -> None:
    """Count one failure; of the one that opens the circuit the floors above are told."""
    at = now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"name": name, "error": error[:300], "at": at, "most": FAILURES, "until": at + REST})
            [failures] = cursor.fetchone()
        if failures == FAILURES:
            publish(ProviderBroke(provider=name, error=error[:300], at=at.isoformat()))


def worked(name: str) -> None:
    """Forget the failures so far; writes only when there were some."""
    ProviderState.objects.filter(name=name, failures__gt=0).update(failures=0, open_until=None, changed_at=now())


def switch(name: str, *, is_off: bool) -> None:
    """Let nobody call a provider, or everybody again."""
    facts = {"is_off": is_off, "changed_at": now()}
    ProviderState.objects.update_or_create(name=name, defaults=facts)


def circuit_of(open_until: datetime | None, at: datetime) -> Circuit:
    """Where a circuit stands whose rest ends then."""
    if open_until is None:
        return Circuit.CLOSED
    return Circuit.OPEN if open_until > at else Circuit.HALF_OPEN
