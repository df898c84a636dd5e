"""What relying parties read: the discovery document, the key set, and who a customer is; and signing out."""

import json
import uuid
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout as sign_out
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods
from jwcrypto import jwt
from jwcrypto.common import JWException
from oauthlib.oauth2.rfc6749.tokens import get_token_from_header

from apps.kernel.clock import now
from apps.kernel.context import asker
from apps.kernel.errors import DomainError
from apps.open_banking import operations
from apps.open_banking.credentials import ALGORITHMS
from apps.open_banking.errors import ConsentRequired
from apps.open_banking.models import AccessToken, IdToken, Resource, SigningKey, ThirdPartyApp
from apps.open_banking.oauth import device
from apps.open_banking.oauth.doors import as_oauthlib, core, said
from apps.open_banking.oauth.validator import Validator
from apps.open_banking.pages.door import SeeOther, show
from apps.users import operations as people
from apps.users.models import User

_AUTH = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
_SIGNED = {
    f"{door}_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS)
    for door in ("token", "revocation", "introspection")
}
_READ_BY_ANYONE = {"Access-Control-Allow-Origin": "*"}


@require_GET
def discovery(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Discovery 1.0 and RFC 8414 in one: every address, and nothing that is not served."""
    root = settings.PUBLIC_ADDRESS
    scopes = settings.OAUTH2_PROVIDER["SCOPES"]
    document = {
        "issuer": root,
        "authorization_endpoint": f"{root}/oauth/authorize",
        "token_endpoint": f"{root}/oauth/token",
        "userinfo_endpoint": f"{root}/oauth/userinfo",
        "jwks_uri": f"{root}/oauth/jwks",
        "revocation_endpoint": f"{root}/oauth/revoke",
        "introspection_endpoint": f"{root}/oauth/introspect",
        "end_session_endpoint": f"{root}/oauth/logout",
        "pushed_authorization_request_endpoint": f"{root}/oauth/par",
        "require_pushed_authorization_requests": False,
        "device_authorization_endpoint": f"{root}/oauth/device-authorization",
        "scopes_supported": list(scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token", device.GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": [*_AUTH, "none"],
        "revocation_endpoint_auth_methods_supported": [*_AUTH, "none"],
        "introspection_endpoint_auth_methods_supported": _AUTH,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": list(Validator.oidc_claim_scope),
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "prompt_values_supported": ["none", "login", "consent"],
        "ui_locales_supported": ["en", "sw"],
        "authorization_response_iss_parameter_supported": True,
        "tls_client_certificate_bound_access_tokens": bool(settings.CLIENT_CERTIFICATE_HEADER),
        **_SIGNED,
    }
    return JsonResponse(document, headers=_READ_BY_ANYONE | {"Cache-Control": "public, max-age=3600"})


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    """The keys by which our signatures are checked: the one that signs, and those that did in the last week."""
    SigningKey.objects.current()
    keys = [row.public() for row in SigningKey.objects.published(now())]
    return JsonResponse({"keys": keys}, headers=_READ_BY_ANYONE | {"Cache-Control": "public, max-age=300"})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """Who the customer is, as far as the scopes allow; written down like anything that leaves. A token in the address
    is not read: addresses are kept on the way.
    """
    if "access_token" in request.GET:
        return said("invalid_request", "Send the token in the header.")
    _url, headers, body, status = core.create_userinfo_response(request)
    if status == 200:
        try:
            _write_down(request, body)
        except DomainError as no:
            headers, body, status = {}, "", 401 if no.status == 403 else no.status
    response = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    if status == 401 and "WWW-Authenticate" not in response:
        response["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    response["Cache-Control"] = "no-store"
    return response


def _write_down(request: HttpRequest, body: str) -> None:
    """By the token as the toolkit read it. What cannot be written down does not leave: raises ConsentRequired."""
    row = Validator()._load_access_token(get_token_from_header(as_oauthlib(request)) or "")
    if row is None or row.user_id is None or row.consent is None or row.application_id is None:
        raise ConsentRequired(_("The customer's consent has ended. Nothing was shown."))
    fields = (
        ",".join(sorted(name for name in ("name", "given_name", "locale", "email") if f'"{name}"' in body)) or "sub"
    )
    leaving = operations.Leaving(
        app_id=row.application_id, user_id=row.user_id, consent=row.consent, accounts=[None],
        resource=Resource.IDENTITY, fields=fields, person_present=True, interaction_id=uuid.uuid4(),
    )  # fmt: skip
    operations.let_leave(leaving=leaving, at=now())


@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """OpenID RP-Initiated Logout 1.0: the customer is asked, the stay ends, the tokens of this app's sign-in die, and
    the browser goes back only to an address that was registered for it.
    """
    sent = request.GET if request.method == "GET" else request.POST
    given: Any = {name: str(text).replace("\0", "") for name, text in sent.items()}
    app, person = _of_hint(given.get("id_token_hint", ""), given.get("client_id", ""))
    back = given.get("post_logout_redirect_uri", "")
    if back and (app is None or not app.post_logout_redirect_uri_allowed(back)):
        words = _(
            "The app wanted to lead you to an address it did not register, so we stopped. You are still signed in."
        )
        facts = {"title": _("This app is not set up right"), "detail": words, "request_id": asker().request_id}
        return render(request, "portals/error.html", facts | {"status": 400}, status=400)
    user = request.user if isinstance(request.user, User) else None
    if user is not None and request.method == "GET":
        return show(request, "logout", app=app, given={name: given.get(name, "") for name in _KEPT})
    if user is not None:
        _end_stay(request, user)
    if app is not None and person is not None:
        tokens = AccessToken.objects.filter(application=app, user=person, consent__consent_type="IDENTITY")
        ids = list(tokens.values_list("consent_id", flat=True))
        operations.end_tokens(ids, now())
    state = given.get("state", "")
    joint = "&" if "?" in back else "?"
    return SeeOther(f"{back}{joint}{urlencode({'state': state})}" if back and state else back or "/")


_KEPT = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


def _of_hint(hint: str, client_id: str) -> tuple[ThirdPartyApp | None, User | None]:
    """The app, and the person of a token of ours, even one whose time is over; nobody for anything else."""
    row = _token_of(hint) if hint else None
    if row is None:
        return ThirdPartyApp.objects.filter(client_id=client_id[:255]).first(), None
    if row.application is None or (client_id and row.application.client_id != client_id):
        return None, None
    return row.application, row.user


def _token_of(hint: str) -> IdToken | None:
    try:
        key = Validator()._get_key_for_token(hint)
        claims = jwt.JWT(key=key, jwt=hint, check_claims={}).claims if key else None
    except (JWException, ValueError):
        return None
    if not claims:
        return None
    found: IdToken | None = (
        IdToken.objects.select_related("application", "user").filter(jti=json.loads(claims).get("jti")).first()
    )
    return found


def _end_stay(request: HttpRequest, user: User) -> None:
    stay = request.session.get("bank_session")
    if stay and user.bank_sessions.filter(pk=stay, revoked_at=None).exists():
        people.end_session(user=user, session_id=stay, at=now())
    sign_out(request)
