"""Beginning and ending a browser's stay, and what a page keeps in cookies: device, language, theme, hidden balances."""

import secrets

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_POST

from apps.kernel.clock import now
from apps.kernel.context import DEVICE_COOKIE
from apps.portals.context import HIDE_COOKIE, THEME_COOKIE
from apps.portals.customer.door import customer_page, open_page, stamp
from apps.portals.customer.pages import go, own_path
from apps.users import operations
from apps.users.doors import hand, signed_in
from apps.users.models import Language, User

YEAR = 365 * 24 * 3600


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def open_stay(request: HttpRequest, user: User, address: str = "/") -> HttpResponse:
    """Sign the browser in and send it on; the device is known again by its cookie."""
    device = request.COOKIES.get(DEVICE_COOKIE) or secrets.token_urlsafe(24)
    operations.open_browser_session(request=request, user=user, hand=hand(device), at=now())
    stamp(request)
    home = "/workbench/" if user.is_staff else "/"
    response = go(request, home if address == "/" else own_path(address, home))
    _remember(response, DEVICE_COOKIE, device)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _remember(response, settings.LANGUAGE_COOKIE_NAME, user.language)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this stay; what is open elsewhere stays open."""
    stay = request.session.get("bank_session")
    if stay and isinstance(request.user, User):
        live = request.user.bank_sessions.filter(pk=stay, revoked_at=None)
        if live.exists():
            operations.end_session(user=request.user, session_id=stay, at=now())
    logout(request)
    return go(request, "/login")


def _back(request: HttpRequest) -> HttpResponse:
    return go(request, own_path(request.POST.get("next")))


@require_POST
@open_page
def choose_language(request: HttpRequest) -> HttpResponse:
    """The same page in the other language; kept for the person's messages too."""
    wanted = request.POST.get("language", "")
    response = _back(request)
    if wanted in Language.values:
        translation.activate(wanted)
        _remember(response, settings.LANGUAGE_COOKIE_NAME, wanted)
        if isinstance(request.user, User) and request.user.language != wanted:
            operations.change_profile(user=request.user, language=wanted, at=now())
    return response


@require_POST
@open_page
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device says."""
    response = _back(request)
    if (wanted := request.POST.get("theme")) in {"light", "dark"}:
        _remember(response, THEME_COOKIE, wanted)
    else:
        response.delete_cookie(THEME_COOKIE)
    return response


@require_POST
@customer_page
def hide_balances(request: HttpRequest) -> HttpResponse:
    """Hidden: figures are no longer sent to this browser."""
    response = _back(request)
    if request.POST.get("hide") == "1":
        _remember(response, HIDE_COOKIE, "1")
    else:
        response.delete_cookie(HIDE_COOKIE)
    return response


@require_POST
@customer_page
def extend(request: HttpRequest) -> HttpResponse:
    """Still there: fifteen more minutes."""
    signed_in(request)
    stamp(request)
    return HttpResponse(status=204)
