"""Consumers, which this bank calls apps: for the people who made them, and for staff who decide on them.

They come with the bank's own token of a signed-in person, never with an app's: no third party acts as staff, or as the
maker of another app. OBP's roles are the right `open_banking.approve_apps`.
"""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.kernel.throttles import calls_so_far
from apps.open_banking import credentials, operations
from apps.open_banking.models import DeveloperAccount, ThirdPartyApp
from apps.open_banking.obp.caller import Person
from apps.open_banking.obp.door import body_of, by_method, door
from apps.open_banking.obp.entry import person_of
from apps.open_banking.obp.filters import filters_of
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.shapes import instant
from apps.open_banking.operations import AppTerms, WithSecret
from apps.open_banking.policies import RIGHT

_NEVER = "-1"
_WINDOWS = ("per_second", "per_minute", "per_hour", "per_day", "per_week", "per_month")


def _require_role(person: Person, role: str) -> None:
    if not person.user.has_perm(RIGHT):
        raise Refused(20006, role)


@door(whose=person_of)
def mine(request: HttpRequest, caller: Person, version: str) -> Any:
    """One's own apps."""
    rows = ThirdPartyApp.objects.filter(developer__user=caller.user).select_related("developer__user")
    return {"consumers": [_shape(row) for row in rows.order_by("-created", "-pk")]}


@door("POST", whose=person_of)
def register(request: HttpRequest, caller: Person, version: str) -> Any:
    """Register an app, in the sandbox. Its key and secret are in this answer and nowhere else."""
    body = body_of(request)
    redirect = body.get("redirect_url") or body.get("redirect_urls") or ""
    terms = AppTerms(
        name=_said(body, "app_name"), description=_said(body, "description"), logo_url=_said(body, "logo_url"),
        redirect_uris=[str(redirect)], scopes=[ThirdPartyApp.Scope.ACCOUNTS],
        is_public=_said(body, "app_type").lower() == "public", certificate=_said(body, "client_certificate"),
    )  # fmt: skip
    if not DeveloperAccount.objects.filter(user=caller.user).exists():
        operations.register_developer(user=caller.user, organisation=_said(body, "company"), at=caller.at)
    made = operations.register_app(by=caller.user, terms=terms, at=caller.at)
    return 201, _with_secret(made), {}


@door(whose=person_of)
def _all(request: HttpRequest, caller: Person, version: str) -> Any:
    """Every app, for staff who look at them."""
    _require_role(caller, "CanGetConsumers")
    asked = filters_of(request)
    rows = ThirdPartyApp.objects.select_related("developer__user").order_by("pk")
    found = rows[asked.offset : asked.offset + asked.limit]
    return 200, {"consumers": [_shape(row) for row in found]}, {"Range": f"items={asked.offset}-{asked.limit}"}


many = by_method(GET=_all, POST=register)


@door(whose=person_of)
def _one(request: HttpRequest, caller: Person, version: str, consumer_id: str) -> Any:
    """One app, for staff who look at them."""
    _require_role(caller, "CanGetConsumers")
    return _shape(_called(consumer_id))


@door("PUT", whose=person_of)
def _switch(request: HttpRequest, caller: Person, version: str, consumer_id: str) -> Any:
    """Stopping takes one member of staff, and is done; letting in takes two: the answer says that it is off still."""
    _require_role(caller, "CanEnableConsumers, CanDisableConsumers")
    wanted, row = body_of(request).get("enabled"), _called(consumer_id)
    if not isinstance(wanted, bool):
        raise Refused(10001, "enabled is missing.")
    facts: dict[str, Any] = {"app": row, "reason": "By the API of consumers", "by": caller.user, "at": caller.at}
    if wanted:
        operations.ask_approval(**facts, direct_login=row.allows_direct_login)
        return 202, {"enabled": False}, {}
    operations.suspend_app(**facts)
    return {"enabled": False}


single = by_method(GET=_one, PUT=_switch)


@door("PUT", whose=person_of)
def redirect_url(request: HttpRequest, caller: Person, version: str, consumer_id: str) -> Any:
    """Where one's own app returns to. A live one waits to be looked at again."""
    row, wanted = _called(consumer_id, maker=caller), body_of(request).get("redirect_url")
    if not isinstance(wanted, str):
        raise Refused(10001, "redirect_url is missing.")
    terms = AppTerms(
        name=row.name, description=row.description, website_url=row.website_url, logo_url=row.logo_url,
        redirect_uris=[wanted], scopes=row.allowed_scopes, uses_devices=row.uses_devices,
        post_logout_redirect_uris=str(row.post_logout_redirect_uris).split(), is_public=row.client_type == "public",
        public_keys=json.dumps(row.public_keys) if row.public_keys else "", certificate=row.certificate_pem,
    )  # fmt: skip
    return _shape(operations.change_app(app=row, terms=terms, by=caller.user, at=caller.at))


@door(whose=person_of)
def _limits(request: HttpRequest, caller: Person, version: str, consumer_id: str) -> Any:
    """How often an app may call."""
    _require_role(caller, "CanReadCallLimits")
    row = _called(consumer_id)
    made = calls_so_far(f"app:{row.pk}", {"app-minute": 60, "app-day": 86_400})
    state = {
        f"per_{one}": {"calls_made": made[f"app-{one}"].calls, "reset_in_seconds": made[f"app-{one}"].wait}
        for one in ("minute", "day")
    }
    return _limit_shape(row) | {"current_state": state}


@door("PUT", whose=person_of)
def _limit(request: HttpRequest, caller: Person, version: str, consumer_id: str) -> Any:
    """By minute and by day; this bank counts no other times, so the others are -1."""
    _require_role(caller, "CanSetCallLimits")
    body = body_of(request)
    given = {one: str(body.get(f"{one}_call_limit", _NEVER)) for one in _WINDOWS}
    minute, day = given.pop("per_minute"), given.pop("per_day")
    if set(given.values()) != {_NEVER} or not (minute.isdecimal() and day.isdecimal()) or len(minute + day) > 12:
        raise Refused(10002, "Limits are numbers by minute and by day; the others are -1.")
    row = operations.limit_app(
        app=_called(consumer_id), per_minute=int(minute), per_day=int(day), by=caller.user, at=caller.at
    )
    return _limit_shape(row)


call_limits = by_method(GET=_limits, PUT=_limit)


def _limit_shape(row: ThirdPartyApp) -> dict[str, str]:
    found = {f"{one}_call_limit": _NEVER for one in _WINDOWS}
    found |= {
        "per_minute_call_limit": str(row.rate_limit_per_minute),
        "per_day_call_limit": str(row.rate_limit_per_day),
    }
    return found | {"from_date": instant(row.created), "to_date": "9999-12-31T00:00:00Z"}


def _called(name: str, maker: Person | None = None) -> ThirdPartyApp:
    rows = ThirdPartyApp.objects.select_related("developer__user").filter(client_id=name[:255])
    row: ThirdPartyApp | None = (rows.filter(developer__user=maker.user) if maker else rows).first()
    if row is None:
        raise Refused(20024, f"Current CONSUMER_ID is {name[:80]}")
    return row


def _said(body: dict[str, Any], name: str) -> str:
    return str(body.get(name) or "").strip()


def _shape(row: ThirdPartyApp) -> dict[str, Any]:
    maker = row.developer.user
    called = str(maker.public_id)
    who = {"user_id": called, "email": "", "provider_id": called, "provider": settings.PUBLIC_ADDRESS,
           "username": called}  # fmt: skip
    return {
        "consumer_id": str(row.client_id),
        "app_name": row.name,
        "app_type": "Public" if row.client_type == "public" else "Confidential",
        "description": row.description,
        "developer_email": "",
        "company": row.developer.organisation,
        "redirect_url": (str(row.redirect_uris).split() or [""])[0],
        "certificate_pem": row.certificate_pem,
        "certificate_info": _certificate(row),
        "client_certificate": row.certificate_pem,
        "created_by_user_id": called,
        "created_by_user": who,
        "enabled": row.is_live,
        "created": instant(row.created),
        "logo_url": row.logo_url,
    }


def _certificate(row: ThirdPartyApp) -> dict[str, Any] | None:
    if not row.certificate_pem:
        return None
    known = credentials.certificate(row.certificate_pem)
    return {
        "subject_domain_name": known.subject, "issuer_domain_name": known.issuer, "roles": [], "roles_info": "",
        "not_before": instant(known.begins_at), "not_after": instant(known.ends_at),
    }  # fmt: skip


def _with_secret(made: WithSecret) -> dict[str, Any]:
    key, secret = str(made.app.client_id), made.secret or ""
    return _shape(made.app) | {"key": key, "secret": secret, "consumer_key": key, "consumer_secret": secret}
