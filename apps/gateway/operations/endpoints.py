"""Registers the addresses at which apps are told of events; secrets are shown once and sealed, because they sign."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.gateway import policies
from apps.gateway.errors import BadWebhook, TooManyEndpoints, UnknownEvent
from apps.gateway.models import MOST_ENDPOINTS, WebhookEndpoint
from apps.gateway.states import PausedBecause
from apps.kernel import guarded, third_parties
from apps.users.models import User

OLD_SECRET_LIVES = timedelta(hours=24)
_WHY: dict[str, str | Promise] = {
    "https": _("Use an address that begins with https://. Nothing was done."),
    "host": _("Use a public name, not a number or a name of an inner network. Nothing was done."),
    "port": _("Use port 443, or one above 1023. Nothing was done."),
    "characters": _("The address holds characters that it must not. Nothing was done."),
    "address": _("That is no address we can use. Nothing was done."),
}


@dataclass(frozen=True, slots=True)
class WithSecret:
    """An endpoint with the secret that is told now and never again."""

    endpoint: WebhookEndpoint
    secret: str


@transaction.atomic
def register(*, client: UUID, url: str, events: Collection[str], by: User, at: datetime) -> WithSecret:
    """Tell one's app of `events` at `url`. Raises NotFound, BadWebhook, UnknownEvent, TooManyEndpoints."""
    app = policies.own_client(by, client)
    row = WebhookEndpoint(
        owner=by,
        client=app.id,
        url=_address(url),
        events=_known(events),
        secret=_new_secret(),
        created_at=at,
        free_at=at,
    )
    _take_a_slot(row)
    audit_trail.record("gateway.webhook.registered", on=row, by=by, at=at, after=_facts(row))
    return WithSecret(row, str(row.secret))


@transaction.atomic
def change(
    *,
    endpoint: WebhookEndpoint,
    by: User,
    at: datetime,
    url: str | None = None,
    events: Collection[str] | None = None,
    is_active: bool | None = None,
) -> WebhookEndpoint:
    """Change where it leads, what it hears, or whether it is sent to; switched on again, what waited is sent.

    What is not given stays as it stands under the lock, whatever `endpoint` was read as.
    Raises NotFound, BadWebhook, UnknownEvent, TooManyEndpoints (another one leads there).
    """
    row = _locked(by, endpoint)
    before = _facts(row)
    row.url = row.url if url is None else _address(url)
    row.events = row.events if events is None else _known(events)
    if is_active and not row.is_active:
        row.failures, row.free_at = 0, at
    row.is_active = row.is_active if is_active is None else is_active
    row.paused_because = "" if row.is_active else row.paused_because or PausedBecause.OWNER
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise TooManyEndpoints(_("Another webhook of this app has this address. Nothing was done.")) from no
    audit_trail.record("gateway.webhook.changed", on=row, by=by, at=at, before=before, after=_facts(row))
    return row


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, by: User, at: datetime) -> WithSecret:
    """Sign with another secret; for 24 hours the one before signs beside it. Raises NotFound."""
    row = _locked(by, endpoint)
    row.previous_secret, row.previous_until = str(row.secret), at + OLD_SECRET_LIVES
    row.secret = _new_secret()
    row.save()
    audit_trail.record("gateway.webhook.secret_rotated", on=row, by=by, at=at)
    return WithSecret(row, str(row.secret))


@transaction.atomic
def remove(*, endpoint: WebhookEndpoint, by: User, at: datetime) -> None:
    """Tell it nothing more, and forget what was sent. Raises NotFound."""
    row = _locked(by, endpoint)
    audit_trail.record("gateway.webhook.removed", on=row, by=by, at=at, before=_facts(row))
    row.delete()


def _locked(by: User, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    policies.own_endpoint(by, endpoint.public_id)
    found = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    return found or policies.own_endpoint(by, endpoint.public_id)


def _take_a_slot(row: WebhookEndpoint) -> None:
    """The database says how many there may be: whoever comes second to a slot looks for the next."""
    for slot in range(1, MOST_ENDPOINTS + 1):
        row.slot = slot
        if WebhookEndpoint.objects.bulk_create([row], ignore_conflicts=True) and _was_written(row):
            return
    raise TooManyEndpoints(
        _("An app has at most five webhooks, one for each address. Remove one first. Nothing was done.")
    )


def _was_written(row: WebhookEndpoint) -> bool:
    found = WebhookEndpoint.objects.filter(public_id=row.public_id).values_list("pk", flat=True).first()
    row.pk = found
    row._state.adding = found is None
    return found is not None


def _address(url: str) -> str:
    try:
        return guarded.public_address(url.strip(), loopback=settings.WEBHOOKS_TO_LOOPBACK)
    except guarded.Unfit as no:
        raise BadWebhook(_WHY[str(no)]) from no


def _known(events: Collection[str]) -> list[str]:
    known = {one.name for one in third_parties.offers()}
    if not events or set(events) - known:
        raise UnknownEvent(_("Choose among the events that can be heard. Nothing was done."), known=sorted(known))
    return sorted(set(events))


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _facts(row: WebhookEndpoint) -> dict[str, object]:
    names = ("client", "url", "events", "is_active", "paused_because")
    return {name: str(value) if isinstance(value := getattr(row, name), UUID) else value for name in names}
