"""Pushed authorization requests (RFC 9126): what an app asks comes from the app itself, proven, before its customer.
The browser carries only a name for it, which says nothing and cannot be changed.
"""

import copy
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from oauth2_provider.exceptions import OAuthToolkitError
from oauthlib.oauth2 import OAuth2Error

from apps.kernel.clock import now
from apps.open_banking.models import PushedRequest
from apps.open_banking.oauth.doors import app_door, core, knocking, said
from apps.open_banking.oauth.validator import kept

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIVES = timedelta(minutes=10)  # a customer signs in, chooses and proves meanwhile
_OF_THE_APP = {"client_secret", "client_assertion", "client_assertion_type"}
_MOST = 8000


@app_door
def push(request: HttpRequest) -> HttpResponse:
    """Keep a request for ten minutes, checked as at `/oauth/authorize`; answers with the name the browser carries."""
    app = knocking(request)
    if app is None:
        return said("invalid_client", "The app could not be recognised.", status=401)
    asked = {name: value for name, value in request.POST.items() if name not in _OF_THE_APP}
    if "request_uri" in asked or "request" in asked or len(urlencode(asked)) > _MOST:
        return said("invalid_request", "Send the parameters themselves.")
    if asked.setdefault("client_id", app.client_id) != app.client_id:
        return said("invalid_request", "client_id is another app's.")
    try:
        _scopes, found = core.validate_authorization_request(as_asked(request, asked))
    except OAuthToolkitError as no:
        error = no.oauthlib_error
        return said(error.error, error.description or "The request cannot be right.")
    except OAuth2Error as no:
        return said(no.error, no.description or "The request cannot be right.")
    if found.get("code_challenge_method") != "S256":
        return said("invalid_request", "code_challenge_method must be S256.")
    name = secrets.token_urlsafe(32)
    PushedRequest.objects.create(app=app, mark=kept(name), asked=asked, expires_at=now() + LIVES)
    return JsonResponse({"request_uri": f"{PREFIX}{name}", "expires_in": int(LIVES.total_seconds())}, status=201)


def of_browser(request: HttpRequest) -> PushedRequest | None:
    """The pushed request that a browser names with its app; None for none, another app's, and one that is over."""
    given, client = request.GET.get("request_uri", ""), request.GET.get("client_id", "")
    if not given.startswith(PREFIX):
        return None
    rows = PushedRequest.objects.filter(mark=kept(given.removeprefix(PREFIX)), expires_at__gt=now())
    return rows.filter(app__client_id=client).first()


def forget(request: HttpRequest) -> None:
    """Answered: the name leads nowhere any more."""
    row = of_browser(request)
    if row is not None:
        row.delete()


def as_asked(request: HttpRequest, asked: Any) -> HttpRequest:
    """A request with these parameters in its address and nothing else, for the toolkit to read."""
    plain = copy.copy(request)
    query = asked.urlencode() if isinstance(asked, QueryDict) else urlencode(asked)
    plain.method, plain.POST = "GET", QueryDict()  # type: ignore[misc]  # a copy, for the toolkit's reading alone
    plain.GET = QueryDict(query)  # type: ignore[misc]
    plain.META = request.META | {"QUERY_STRING": query}
    return plain
