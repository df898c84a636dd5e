"""Keeps connections to providers: those the bank is set up with as they are set up, and those that staff add.

Switching one off reaches every process at the next call, because each call asks the kernel's breaker first.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Greatest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.gateway import policies
from apps.gateway.errors import BadConnection, BuiltIn, NameTaken
from apps.gateway.models import ExternalApiConnection
from apps.gateway.states import AuthKind
from apps.kernel import breaker, guarded, providers
from apps.kernel.http import Call
from apps.users.models import User

_NAME = re.compile(r"[a-z][a-z0-9_-]{1,39}", re.ASCII)
_VISIBLE = re.compile(r"[!-~]{1,500}")
_WHY: dict[str, str | Promise] = {
    "https": _("Use an address that begins with https://. Nothing was changed."),
    "host": _("Use a public name, not a number or a name of an inner network. Nothing was changed."),
    "port": _("Use port 443, or one above 1023. Nothing was changed."),
    "characters": _("The address holds characters that it must not. Nothing was changed."),
    "address": _("That is no address we can use. Nothing was changed."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTerms:
    """Where a provider is and how this bank proves itself there. None keeps what stands."""

    base_url: str | None = None
    auth_kind: str | None = None
    credentials: str | None = None
    is_active: bool | None = None


def keep_built_in(*, at: datetime) -> None:
    """Write down the providers that the bank is set up with, as they are set up now. One that is no more goes,
    unless people switched it off: it would come back switched on.
    """
    there = {one.name: one.address()[:200] for one in providers.declared()}
    rows = [
        ExternalApiConnection(
            name=name, base_url=url, auth_kind=AuthKind.PROVIDER, is_built_in=True, created_at=at
        )
        for name, url in there.items() if url
    ]  # fmt: skip
    with transaction.atomic():
        ExternalApiConnection.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["name"],
            # What staff had added under this name is the bank's own now: their credentials are not the provider's.
            update_fields=["base_url", "auth_kind", "credentials", "is_built_in"],
        )
        gone = ExternalApiConnection.objects.filter(is_built_in=True, is_active=True)
        gone.exclude(name__in=[one.name for one in rows]).delete()


@transaction.atomic
def make_connection(*, name: str, terms: ConnectionTerms, by: User, at: datetime) -> ExternalApiConnection:
    """Add a provider that is looked at every five minutes. Raises NotAllowed, BadConnection, NameTaken."""
    policies.require_may_connect(by)
    if not _NAME.fullmatch(name):
        raise BadConnection(_("A name has 2 to 40 small letters, figures, - and _. Nothing was changed."))
    if name in {one.name for one in providers.declared()}:
        raise _taken()
    row = ExternalApiConnection(name=name, base_url="", created_at=at)
    _take(row, _over(row, terms))
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise _taken() from no
    breaker.switch(name, is_off=not row.is_active)
    audit_trail.record("gateway.connection.made", on=row, by=by, at=at, after=_facts(row))
    return row


@transaction.atomic
def change_connection(
    *, connection: ExternalApiConnection, terms: ConnectionTerms, by: User, at: datetime
) -> ExternalApiConnection:
    """Change where it leads, or switch it off or on: one that the bank is set up with, only that.

    Raises NotAllowed, BadConnection, BuiltIn.
    """
    policies.require_may_connect(by)
    row = ExternalApiConnection.objects.select_for_update().get(pk=connection.pk)
    before = _facts(row)
    terms = _over(row, terms)
    if not row.is_built_in:
        _take(row, terms)
    elif (terms.base_url, terms.auth_kind) == (row.base_url, row.auth_kind) and terms.credentials is None:
        row.is_active = bool(terms.is_active)
    else:
        raise BuiltIn(
            _("The bank is set up with this connection. Here it can be switched off and on. Nothing was changed.")
        )
    row.save()
    breaker.switch(row.name, is_off=not row.is_active)
    audit_trail.record("gateway.connection.changed", on=row, by=by, at=at, before=before, after=_facts(row))
    return row


@transaction.atomic
def remove_connection(*, connection: ExternalApiConnection, by: User, at: datetime) -> None:
    """Look at it no more. Raises NotAllowed, BuiltIn."""
    policies.require_may_connect(by)
    row = ExternalApiConnection.objects.select_for_update().get(pk=connection.pk)
    if row.is_built_in:
        raise BuiltIn(_("The bank is set up with this connection, so it stays. Switch it off. Nothing was changed."))
    audit_trail.record("gateway.connection.removed", on=row, by=by, at=at, before=_facts(row))
    breaker.switch(row.name, is_off=False)
    row.delete()


def note_outcomes(calls: Iterable[tuple[Call, datetime]]) -> None:
    """When each provider was last tried, and when it last answered: one statement a provider, however many calls."""
    tried: dict[str, datetime] = {}
    worked: dict[str, datetime] = {}
    for call, at in calls:
        tried[call.provider] = max(at, tried.get(call.provider, at))
        if 0 < call.status < 500:
            worked[call.provider] = max(at, worked.get(call.provider, at))
    for name in sorted(tried):
        facts: dict[str, Any] = {"last_tried_at": Greatest("last_tried_at", tried[name])}
        if name in worked:
            facts["last_ok_at"] = Greatest("last_ok_at", worked[name])
        ExternalApiConnection.objects.filter(name=name).update(**facts)


def _over(row: ExternalApiConnection, terms: ConnectionTerms) -> ConnectionTerms:
    """The terms with what they leave out as it stands: the row is held, so nobody undoes what a colleague changed."""
    there = {name: getattr(row, name) for name in ("base_url", "auth_kind", "is_active")}
    return replace(terms, **{name: value for name, value in there.items() if getattr(terms, name) is None})


def _take(row: ExternalApiConnection, terms: ConnectionTerms) -> None:
    """Credentials that are kept go where they went before and nowhere else: nobody reads them by moving the address.

    Raises BadConnection.
    """
    before = row.base_url
    try:
        row.base_url = guarded.public_address(str(terms.base_url).strip(), loopback=settings.WEBHOOKS_TO_LOOPBACK)
    except guarded.Unfit as no:
        raise BadConnection(_WHY[str(no)]) from no
    kept = row.credentials if terms.auth_kind == row.auth_kind else None
    if kept is not None and terms.credentials is None and urlsplit(before)[:2] != urlsplit(row.base_url)[:2]:
        raise BadConnection(_("The address is at another host: give the credentials again. Nothing was changed."))
    given = terms.credentials or kept
    if terms.auth_kind == AuthKind.PROVIDER or terms.auth_kind not in AuthKind.values:
        raise BadConnection(_("Choose among NONE, BEARER, BASIC and API_KEY. Nothing was changed."))
    if (terms.auth_kind == AuthKind.NONE) != (given is None):
        raise BadConnection(_("Credentials and how they are used go together. Nothing was changed."))
    if given is not None and not _VISIBLE.fullmatch(str(given)):
        raise BadConnection(_("Credentials have up to 500 plain characters without spaces. Nothing was changed."))
    row.auth_kind, row.credentials, row.is_active = str(terms.auth_kind), given, bool(terms.is_active)


def _taken() -> NameTaken:
    return NameTaken(_("There is a connection of that name. Nothing was changed."))


def _facts(row: ExternalApiConnection) -> dict[str, object]:
    """For the audit: never the credentials, only whether there are any."""
    facts = {name: getattr(row, name) for name in ("name", "base_url", "auth_kind", "is_active")}
    return facts | {"has_credentials": row.credentials is not None}
