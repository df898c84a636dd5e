"""What every door of the OAuth2 provider has in common: who knocks, how often, and answers that nobody keeps."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views.mixins import OAuthLibMixin
from oauthlib.common import Request as OAuthRequest

from apps.kernel.throttles import TooMany, require
from apps.open_banking.models import ThirdPartyApp
from apps.open_banking.oauth.validator import Validator

Door = Callable[[HttpRequest], HttpResponse]
core = OAuthLibMixin()


def said(error: str, description: str, *, status: int = 400) -> JsonResponse:
    """An error as RFC 6749 section 5.2 writes it."""
    response = JsonResponse({"error": error, "error_description": description}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="oauth"'
    return response


def app_door(door: Door) -> Door:
    """POST only, of programs, a few hundred a minute from one address; never kept on the way."""

    @csrf_exempt
    @wraps(door)
    def behind(request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS":
            return HttpResponse(status=204)
        if request.method != "POST":
            response = said("invalid_request", "Send a POST.", status=405)
            response["Allow"] = "POST"
            return response
        try:
            require("oauth", f"ip:{request.META.get('REMOTE_ADDR', '')}", "Too many requests.")
        except TooMany as no:
            response = said("temporarily_unavailable", "Too many requests.", status=429)
            response["Retry-After"] = str(no.facts["retry_after_seconds"])
            return response
        if not (request.content_type or "").startswith("application/x-www-form-urlencoded"):
            return said("invalid_request", "Send application/x-www-form-urlencoded.")
        if any("\0" in text for name, texts in request.POST.lists() for text in (name, *texts)):
            return said("invalid_request", "No parameter holds a NUL.")
        answer = door(request)
        answer["Cache-Control"], answer["Pragma"] = "no-store", "no-cache"
        return answer

    return behind


def knocking(request: HttpRequest) -> ThirdPartyApp | None:
    """The app that proves itself by its secret, or, without one to keep, by its name alone; else None."""
    asked, validator = as_oauthlib(request), Validator()
    if not validator.client_authentication_required(asked):
        return asked.client if validator.authenticate_client_id(asked.client_id, asked) else None
    return asked.client if validator.authenticate_client(asked) else None


def as_oauthlib(request: HttpRequest) -> Any:
    """A request as the toolkit's validator is given it."""
    uri, method, body, headers = core.get_oauthlib_core()._extract_params(request)
    return OAuthRequest(uri, method, body, headers)
