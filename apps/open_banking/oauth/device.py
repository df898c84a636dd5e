"""RFC 8628: a screen without a keyboard shows a short code; its owner types it on the bank's page and decides there."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.models import set_token_value
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import generate_token

from apps.kernel.clock import now
from apps.open_banking import rules
from apps.open_banking.models import AccessToken, Consent, DeviceGrant, RefreshToken, ThirdPartyApp
from apps.open_banking.oauth.certificates import to_bind
from apps.open_banking.oauth.doors import app_door, knocking, said
from apps.open_banking.oauth.scopes import are_allowed
from apps.open_banking.oauth.validator import kept

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LIVES = timedelta(minutes=10)
INTERVAL = 5
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; nothing that looks like a figure (RFC 8628, 6.1)


@app_door
def authorization(request: HttpRequest) -> HttpResponse:
    """Begin: a code for the device to ask with, and a short one for its owner to type."""
    app = knocking(request)
    if app is None:
        return said("invalid_client", "The app could not be recognised.", status=401)
    if not app.uses_devices:
        return said("unauthorized_client", "The app was not registered for devices.")
    scopes = request.POST.get("scope", "").split()
    if not are_allowed(app, scopes, by_itself=False, given=None):
        return said("invalid_scope", "The scope is not possible, or the consent was decided or is over.")
    named = rules.consent_named(scopes)
    consent = Consent.objects.of_app(app).filter(public_id=named).first() if named else None
    device_code, short = secrets.token_urlsafe(32), "".join(secrets.choice(_LETTERS) for _ in range(8))
    DeviceGrant.objects.create(
        client_id=app.client_id,
        device_code=kept(device_code),
        user_code=kept(short),
        scope=" ".join(scopes),
        interval=INTERVAL,
        expires=now() + LIVES,
        consent=consent,
    )
    page = f"{settings.PUBLIC_ADDRESS}/oauth/device"
    shown = f"{short[:4]}-{short[4:]}"
    return JsonResponse(
        {
            "device_code": device_code,
            "user_code": shown,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={shown}",
            "expires_in": int(LIVES.total_seconds()),
            "interval": INTERVAL,
        }
    )


def waiting(typed: str) -> DeviceGrant | None:
    """The device whose short code was typed, with or without its dash, in any case; None when none waits."""
    short = "".join(char for char in typed.upper() if char.isalnum())[:20]
    rows = DeviceGrant.objects.filter(user_code=kept(short), status=DeviceGrant.AUTHORIZATION_PENDING)
    return rows.filter(expires__gt=now()).select_related("consent__app").first()


def exchange(request: HttpRequest) -> HttpResponse:
    """The device asks whether it was let in; when it was, it gets its tokens, once."""
    app = knocking(request)
    if app is None:
        return said("invalid_client", "The app could not be recognised.", status=401)
    at = now()
    with transaction.atomic():
        row = _locked(app, request.POST.get("device_code", ""))
        if row is None:
            return said("invalid_grant", "There is no such device code, or it was used.")
        if row.expires <= at:
            return said("expired_token", "The device code is over. Begin again.")
        if row.status == DeviceGrant.DENIED:
            return said("access_denied", "The customer refused.")
        if row.status != DeviceGrant.AUTHORIZED:
            is_early = (at - row.last_checked).total_seconds() < row.interval
            row.save(update_fields=["last_checked"])
            return said("slow_down" if is_early else "authorization_pending", "The customer has not decided yet.")
        return _given(app, row, to_bind(app, request.META))


def _locked(app: ThirdPartyApp, device_code: str) -> DeviceGrant | None:
    known = DeviceGrant.objects.filter(client_id=app.client_id, device_code=kept(device_code)).first()
    if known is None:
        return None
    if known.consent_id:
        Consent.objects.select_for_update().get(pk=known.consent_id)
    return (
        DeviceGrant.objects.select_for_update(of=("self",))
        .select_related("user", "consent")
        .filter(pk=known.pk)
        .first()
    )


def _given(app: ThirdPartyApp, row: DeviceGrant, certificate: str) -> HttpResponse:
    at = now()
    if row.consent is None or not row.consent.is_live(at) or row.user is None or not row.user.is_active:
        return said("access_denied", "The customer's consent has ended.")
    lives = min(at + timedelta(seconds=oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS), row.consent.valid_until)
    access, refresh = generate_token(43), generate_token(43)
    bound = {"user": row.user, "application": app, "consent": row.consent}
    held = AccessToken(
        scope=row.scope, expires=lives, family=row.family, certificate_thumbprint=certificate, **bound
    )  # fmt: skip
    set_token_value(held, access)
    held.save()
    renewing = RefreshToken(access_token=held, token_family=row.family, **bound)
    set_token_value(renewing, refresh)
    renewing.save()
    row.delete()
    return JsonResponse(
        {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int((lives - at).total_seconds()),
            "refresh_token": refresh,
            "scope": held.scope,
        }
    )
