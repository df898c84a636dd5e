"""The customers' door: who may open their pages, and for how long without a sign of life."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from apps.kernel.context import DEVICE_COOKIE, asker, note_stay
from apps.kernel.errors import DomainError
from apps.portals.customer.pages import own_path
from apps.portals.customer.typed import keep_typed, written_again
from apps.users.idle import IDLE_SECONDS, idle_too_long, looks_by_itself, stamp
from apps.users.models import User

__all__ = [
    "IDLE_SECONDS",
    "customer_page",
    "idle_too_long",
    "is_partial",
    "looks_by_itself",
    "open_page",
    "stamp",
]

View = Callable[..., HttpResponse]


def customer_page(view: View) -> View:
    """Signed-in customers only; after 15 minutes without a sign of life, sign in again and come back."""

    @wraps(view)
    def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User) or not request.user.is_active:
            return _to_login(request)
        who = request.user.pk
        if idle_too_long(request):
            return _to_login(request, who)
        note_stay(request.session.get("bank_session"))
        with written_again(request):
            return _answered(view, request, *args, **kwargs)

    return vary_on_headers("HX-Request")(behind)


def open_page(view: View) -> View:
    """A page for anyone; a refusal nobody expected is shown as a page, with its status."""

    @wraps(view)
    def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _answered(view, request, *args, **kwargs)

    return behind


def _answered(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except DomainError as no:
        titles = {404: _("There is nothing here"), 409: _("Things have moved on"), 429: _("Too many tries")}
        facts = {
            "title": titles.get(no.status, _("Not done")),
            "detail": str(no),
            "request_id": asker().request_id,
            "status": no.status,
        }
        return render(request, "portals/error.html", facts, status=no.status)


def _to_login(request: HttpRequest, who: int | None = None) -> HttpResponse:
    """`who` was in until now, where that is known: what they typed waits for them."""
    asks = request.method in {"GET", "HEAD"}
    back = request.get_full_path() if asks else _form_of(request)
    if who is not None and not asks:
        keep_typed(request, whose=who, page=back)
    facts = ({"next": back} if back != "/" else {}) | ({} if asks else {"ended": "1"})
    address = f"/login?{urlencode(facts)}" if facts else "/login"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect("/welcome" if address == "/login" and DEVICE_COOKIE not in request.COOKIES else address)


def _form_of(request: HttpRequest) -> str:
    """The page that held a form: what was sent from it is not done, and leads back there after signing in."""
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return "/"
    return own_path(f"{page.path}?{page.query}" if page.query else page.path)


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page rather than the page."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")
