"""Showing a page, and leaving one: status, partials, and a 303 after what was done."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.kernel.clock import now
from apps.notifications.models import Alert
from apps.portals.customer.forms import Sheet
from apps.users.models import User


class SeeOther(HttpResponseRedirectBase):
    """303: it was done; look there."""

    status_code = 303


def show(request: HttpRequest, template: str, form: Sheet | None = None, **facts: Any) -> HttpResponse:
    """`portals/customer/<template>.html`, with the status its form deserves."""
    status = form.status if form else facts.pop("status", 200)
    at = now()
    is_in = isinstance(request.user, User)
    shared: dict[str, Any] = {
        "form": form,
        "at": at,
        "place": template.partition("/")[0],
        "frame": f"portals/customer/{'shell' if is_in else 'plain'}.html",
        "greeting": _greeting(request, timezone.localtime(at).hour),
    }
    if is_in:
        shared["unread"] = Alert.objects.owned_by(request.user).unread().count()
    return render(request, f"portals/customer/{template}.html", shared | facts, status=status)


def part(request: HttpRequest, template: str, **facts: Any) -> HttpResponse:
    """Only the piece htmx asked for."""
    return render(request, f"portals/customer/{template}.html", {"partial": True, "at": now()} | facts)


def done(request: HttpRequest, name: str, *args: Any, query: str = "") -> HttpResponse:
    """On to the page called `name` in the customers' portal."""
    return go(request, reverse(f"customer:{name}", args=args) + query)


def go(request: HttpRequest, address: str) -> HttpResponse:
    """On to one of our own addresses."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return SeeOther(address)


def own_path(text: str | None, otherwise: str = "/") -> str:
    """`text` when it is a path of this site, else `otherwise`: nobody is led away by an address they were sent."""
    safe = bool(text) and str(text).startswith("/") and url_has_allowed_host_and_scheme(text, allowed_hosts=None)
    return str(text) if safe else otherwise


def _greeting(request: HttpRequest, hour: int) -> str:
    words = _("Good morning") if hour < 12 else _("Good afternoon") if hour < 17 else _("Good evening")
    return f"{words}, {request.user.first_name}" if isinstance(request.user, User) else words
