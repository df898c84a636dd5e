"""Where apps come for tokens, give them back, and ask about their own."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.kernel.clock import now
from apps.open_banking import rules
from apps.open_banking.models import AccessToken, RefreshToken, ThirdPartyApp
from apps.open_banking.oauth import device
from apps.open_banking.oauth.certificates import confirmation
from apps.open_banking.oauth.doors import app_door, core, knocking, said


@app_door
def token(request: HttpRequest) -> HttpResponse:
    """A code, a refresh token, a device code or the app's own secret for a token. One transaction: what it locks stays
    locked until it is answered, and a refusal that ends tokens is kept.
    """
    if request.POST.get("grant_type") == device.GRANT:
        return device.exchange(request)
    with transaction.atomic():
        _url, headers, body, status = core.create_token_response(request)
    response = HttpResponse(body, status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    return response


@app_door
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009: 200 whether or not there was such a token; a consent does not end by it."""
    with transaction.atomic():
        _url, headers, body, status = core.create_revocation_response(request)
    response = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    return response


@app_door
def introspect(request: HttpRequest) -> HttpResponse:
    """RFC 7662, of an app's own tokens: about others' it hears the same as about none."""
    app = knocking(request)
    if app is None or app.client_type == ThirdPartyApp.CLIENT_PUBLIC:
        return said("invalid_client", "The app could not be recognised.", status=401)
    given = request.POST.get("token", "")
    if not given:
        return said("invalid_request", "Send the token.")
    return JsonResponse(_about(app, rules.checksum(given)))


def _about(app: ThirdPartyApp, checksum: str) -> dict[str, object]:
    at = now()
    mine = {"application": app, "token_checksum": checksum}
    access = AccessToken.objects.filter(**mine).select_related("user", "consent").first()
    row = access or RefreshToken.objects.filter(revoked=None, **mine).select_related("user", "consent").first()
    is_over = row is None or (access is not None and access.expires <= at)
    if row is None or is_over or (row.consent is not None and not row.consent.is_live(at)):
        return {"active": False}
    facts: dict[str, object] = {"active": True, "client_id": app.client_id}
    if access is not None:
        facts |= {"token_type": "Bearer", "scope": access.scope, "exp": int(access.expires.timestamp()),
                  "iat": int(access.created.timestamp()), **confirmation(access)}  # fmt: skip
    if row.user is not None:
        facts["sub"] = str(row.user.public_id)
    if row.consent is not None:
        facts["consent_id"] = str(row.consent.public_id)
    return facts
