"""Questions about webhooks, traffic and providers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from apps.gateway.models import ApiRequest, ExternalApiConnection
from apps.gateway.policies import SEES_ALL
from apps.kernel import third_parties
from apps.kernel.breaker import Circuit
from apps.users.models import User

# What a reader would call one door, by how its addresses begin.
DOORS = (("/oauth/", "oauth"), ("/obp/", "obp"), ("/api/v1/", "api"))
_HEALTH = """
SELECT door, count(*), count(*) FILTER (WHERE status >= 500),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), percentile_disc(0.95) WITHIN GROUP (ORDER BY ms)
  FROM (SELECT ms, status, CASE WHEN path LIKE '/oauth/%%' THEN 'oauth' WHEN path LIKE '/obp/%%' THEN 'obp'
                                ELSE 'api' END AS door
          FROM gateway_apirequest WHERE at >= %s AND direction = 'IN') AS seen
 GROUP BY door
"""
_WEBHOOKS = """
SELECT count(*), count(*) FILTER (WHERE status = 'DELIVERED'), count(*) FILTER (WHERE status = 'PENDING'
       AND attempts = 0 AND created_at < %(late)s)
  FROM gateway_webhookdelivery WHERE created_at >= %(since)s
"""


@dataclass(frozen=True, slots=True)
class Health:
    """How one door fared: requests, those that broke on our side, milliseconds for half and for 95 of 100."""

    door: str
    requests: int = 0
    broken: int = 0
    half_ms: int = 0
    most_ms: int = 0

    @property
    def is_well(self) -> bool:
        """Fewer than one in a hundred broke."""
        return self.broken * 100 <= self.requests


def requests_seen_by(user: User) -> QuerySet[ApiRequest]:
    """All of them for staff who may, else those of one's own apps."""
    return ApiRequest.objects.order_by("-pk") if user.has_perm(SEES_ALL) else requests_of(user)


def requests_of(user: User) -> QuerySet[ApiRequest]:
    """Those of one's own apps."""
    mine = [one.id for one in third_parties.of(user.pk)]
    return ApiRequest.objects.order_by("-pk").filter(client__in=mine)


def health(at: datetime, *, over: timedelta = timedelta(hours=1)) -> list[Health]:
    """Each door of the last hour, from the requests themselves."""
    with connection.cursor() as cursor:
        cursor.execute(_HEALTH, [at - over])
        found = {row[0]: Health(*row) for row in cursor.fetchall()}
    return [found.get(door, Health(door)) for _start, door in DOORS]


@dataclass(frozen=True, slots=True)
class Dependence:
    """One provider that the bank is set up with, and whether it answers now."""

    label: str
    is_off: bool
    circuit: Circuit
    last_ok_at: datetime | None

    @property
    def is_well(self) -> bool:
        """It is called, and answers."""
        return not self.is_off and self.circuit == Circuit.CLOSED


def depended_on() -> list[Dependence]:
    """Each of them, by name; in one query."""
    rows = ExternalApiConnection.objects.filter(is_built_in=True).with_state().order_by("name")
    return [Dependence(row.label, not row.is_active, row.circuit, row.last_ok_at) for row in rows]


def webhooks_of_the_day(at: datetime) -> tuple[int, int, int]:
    """(written, delivered, not tried a minute after they were written) in the last 24 hours."""
    with connection.cursor() as cursor:
        cursor.execute(_WEBHOOKS, {"since": at - timedelta(hours=24), "late": at - timedelta(minutes=1)})
        written, delivered, late = cursor.fetchone()
    return written, delivered, late
