"""`/oauth/authorize`: an app sends its customer here; they sign in, decide, and are sent back with a code or a no."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.views.mixins import OAuthLibMixin
from oauthlib.oauth2 import OAuth2Error
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.errors import ConsentRequired as AsksSomebody
from oauthlib.oauth2.rfc6749.errors import LoginRequired

from apps.kernel.clock import now
from apps.kernel.context import asker, note_stay
from apps.kernel.errors import DomainError, NotFound
from apps.open_banking import rules
from apps.open_banking.models import Consent, PushedRequest, ThirdPartyApp
from apps.open_banking.oauth import pushed
from apps.open_banking.oauth.scopes import with_intent
from apps.open_banking.pages.decide import Asked, decide
from apps.open_banking.pages.door import SeeOther, is_in, refused, to_login
from apps.users.doors import signed_in
from apps.users.models import Session

_core = OAuthLibMixin()


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Check what the app asks before anything else; an address that was not registered is shown, never led to."""
    kept = pushed.of_browser(request)
    if kept is None and "request_uri" in request.GET:
        return _shown(request, errors.InvalidRequestError(description="request_uri is not known, or is over."))
    # Without what the customer typed: what the app asks stands in the address, or was pushed, on each step alike.
    asked_for = pushed.as_asked(request, kept.asked if kept else request.GET)
    try:
        scopes, credentials = _core.validate_authorization_request(asked_for)
        app = credentials["request"].client
        _require_proof_of_sender(credentials)
        _require_live(app, credentials)
    except FatalClientError as no:
        return _shown(request, no.oauthlib_error)
    except OAuthToolkitError as no:
        return _back_with(_said_to(request, no.oauthlib_error), request)
    except OAuth2Error as no:
        return _back_with(no, request)
    if not is_in(request):
        return to_login(request, back=_address(request, without=()))
    if request.method == "GET" and _must_sign_in_again(request, asked_for):
        logout(request)
        if kept:
            asked = {name: value for name, value in kept.asked.items() if name not in {"prompt", "max_age"}}
            PushedRequest.objects.filter(pk=kept.pk).update(asked=asked)
        return to_login(request, back=_address(request, without=("prompt", "max_age")))
    note_stay(request.session.get("bank_session"))
    try:
        return decide(request, _asked(request, asked_for, app, scopes, credentials), signed_in(request))
    except DomainError as no:
        return refused(request, no)


def _asked(
    request: HttpRequest, asked_for: HttpRequest, app: ThirdPartyApp, scopes: list[str], credentials: dict[str, Any]
) -> Asked:
    named = rules.consent_named(scopes := with_intent(scopes, credentials.get("claims")))
    consent = (
        Consent.objects.select_related("app__developer").filter(public_id=named, app=app).first() if named else None
    )
    if named and consent is None:
        raise NotFound(_("There is nothing here, or it is not yours."))

    def allow(given: Consent) -> HttpResponse:
        pushed.forget(request)
        facts = {key: value for key, value in credentials.items() if key != "request"} | {"consent": given}
        facts["ui_locales"] = " ".join(facts.get("ui_locales") or [])
        try:
            address, _h, _b, _s = _core.create_authorization_response(asked_for, " ".join(scopes), facts, allow=True)
        except OAuthToolkitError as no:
            connection.set_rollback(True)  # no code, no consent: the customer is told by the app, and starts again
            return _back_with(no.oauthlib_error, request)
        return SeeOther(address)

    def refuse() -> HttpResponse:
        pushed.forget(request)
        return _back_with(errors.AccessDeniedError(request=credentials["request"]), request)

    return Asked(
        app=app, consent=consent, scopes=tuple(scopes), leads_to=credentials["redirect_uri"], allow=allow, refuse=refuse
    )


def _require_proof_of_sender(credentials: dict[str, Any]) -> None:
    """PKCE with S256, nothing less. Raises InvalidRequestError."""
    if credentials.get("code_challenge_method") != "S256":
        words = "code_challenge_method must be S256."
        raise errors.InvalidRequestError(description=words, request=credentials["request"])


def _require_live(app: ThirdPartyApp, credentials: dict[str, Any]) -> None:
    """Said before the sign-in, whose form could not lead on to another site. Raises UnauthorizedClientError."""
    if not app.may_ask:
        words = "The app is not approved to ask customers."
        raise errors.UnauthorizedClientError(description=words, request=credentials["request"])


def _said_to(request: HttpRequest, error: OAuth2Error) -> OAuth2Error:
    """`prompt=none` never gets anywhere here, because letting in takes a person; say which step is missing."""
    if isinstance(error, AsksSomebody) and not request.user.is_authenticated:
        missing = LoginRequired(state=error.state)
        missing.redirect_uri = error.redirect_uri
        return missing
    return error


def _back_with(error: OAuth2Error, request: HttpRequest) -> HttpResponse:
    """To the app, with its `state` and who says so (RFC 9207)."""
    if not error.redirect_uri:
        return _shown(request, error)
    from_us = urlencode({"iss": settings.PUBLIC_ADDRESS})
    joint = "&" if "?" in error.redirect_uri else "?"
    return SeeOther(f"{error.redirect_uri}{joint}{error.urlencoded}&{from_us}")


def _shown(request: HttpRequest, error: OAuth2Error) -> HttpResponse:
    words = _(
        "The app sent you here in a way that cannot be right, so we stopped. Nothing was shared. Tell its makers."
    )
    facts = {"title": _("This app is not set up right"), "request_id": asker().request_id, "status": 400}
    return render(request, "portals/error.html", facts | {"detail": f"{words} ({error.error})"}, status=400)


def _address(request: HttpRequest, *, without: tuple[str, ...]) -> str:
    kept = request.GET.copy()
    for name in without:
        kept.pop(name, None)
    return f"{request.path}?{kept.urlencode()}"


def _must_sign_in_again(request: HttpRequest, asked_for: HttpRequest) -> bool:
    """The app wants the customer to sign in now, or within `max_age` seconds."""
    if "login" in asked_for.GET.get("prompt", "").split():
        return True
    limit = asked_for.GET.get("max_age", "")
    if not (limit.isascii() and limit.isdigit()):
        return False
    stay = Session.objects.filter(pk=str(request.session.get("bank_session") or uuid.UUID(int=0))).first()
    return stay is None or (now() - stay.created_at).total_seconds() > int(limit[:9])
