"""What pages of any door do alike: who is in, where they sign in, how a refusal is shown."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from apps.kernel.context import asker, note_stay
from apps.kernel.errors import DomainError
from apps.users.idle import idle_too_long
from apps.users.models import User

View = Callable[..., HttpResponse]


class SeeOther(HttpResponseRedirectBase):
    """303: it was done; look there. Loopback addresses of sandbox and installed apps are http."""

    status_code = 303
    allowed_schemes = ["https", "http"]


def is_in(request: HttpRequest) -> bool:
    """Whether a person in good standing is signed in, with a sign of life in the last 15 minutes."""
    user = request.user
    return isinstance(user, User) and user.is_active and not idle_too_long(request)


def to_login(request: HttpRequest, back: str = "") -> HttpResponse:
    """The bank's own sign-in, which leads back."""
    onward = back or (request.get_full_path() if request.method == "GET" else "/")
    address = f"{reverse('customer:login')}?{urlencode({'next': onward})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def refused(request: HttpRequest, no: DomainError) -> HttpResponse:
    """A page that says why."""
    titles = {404: _("There is nothing here"), 409: _("Things have moved on"), 429: _("Too many tries")}
    facts = {"title": titles.get(no.status, _("Not done")), "detail": str(no), "request_id": asker().request_id}
    return render(request, "portals/error.html", facts | {"status": no.status}, status=no.status)


def person_page(view: View) -> View:
    """Signed-in people only; a refusal nobody expected is shown as a page, with its status."""

    @wraps(view)
    def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_in(request):
            return to_login(request)
        note_stay(request.session.get("bank_session"))
        try:
            return view(request, *args, **kwargs)
        except DomainError as no:
            return refused(request, no)

    return vary_on_headers("HX-Request")(behind)
