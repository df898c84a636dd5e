"""The door and frame of the compliance console: for everybody else there is nothing here."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.vary import vary_on_headers

from apps.compliance import queries
from apps.compliance.policies import FILE_TAXES, SEE, may_know, may_see_taxes, require_may_act
from apps.kernel.context import asker
from apps.kernel.errors import DomainError
from apps.portals.banker.door import is_staff_in
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import StaffMember, User
from apps.users.policies import require_right

View = Callable[..., HttpResponse]
SAFE = {"GET", "HEAD", "OPTIONS"}


def console_page(view: View) -> View:
    """A page for staff who work cases, signed in with their second factor less than 15 minutes ago.

    Nobody signed in is asked to; who is signed in and may not know finds nothing here, as at any wrong address.
    """

    @wraps(view)
    def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (asked := _asked_to_sign_in(request)) is not None:
            return asked
        if not isinstance(request.user, User) or not may_know(request.user):
            raise Http404
        return _answered(view, request, *args, **kwargs)

    return never_cache(vary_on_headers("HX-Request")(behind))


def register_page(view: View) -> View:
    """A page for staff who read the registers of data protection; who does not finds nothing here."""
    return _for_readers(view, sees=lambda user: user.has_perm(SEE), change=require_may_act)


def tax_page(view: View) -> View:
    """A page for staff who read tax returns; who does not finds nothing here."""
    return _for_readers(view, sees=may_see_taxes, change=lambda user: require_right(user, FILE_TAXES))


def _for_readers(view: View, *, sees: Callable[[User], bool], change: Callable[[User], None]) -> View:
    """A page that some may read and fewer may change by: `change` raises NotAllowed for the others."""

    @wraps(view)
    def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (asked := _asked_to_sign_in(request)) is not None:
            return asked
        if not isinstance(request.user, User) or not sees(request.user):
            raise Http404

        def acting(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in SAFE:
                change(signed_in(request))
            return view(request, *args, **kwargs)

        return _answered(acting, request, *args, **kwargs)

    return never_cache(vary_on_headers("HX-Request")(behind))


def _asked_to_sign_in(request: HttpRequest) -> HttpResponse | None:
    """The way to the sign-in for who is nobody yet, or was still for too long; None for staff who are in.

    Raises Http404 for anybody else who is signed in.
    """
    if request.user.is_authenticated and is_staff_in(request):  # which ends a stay that was idle
        return None
    if request.user.is_authenticated:
        raise Http404
    return redirect(f"/login?{urlencode({'next': request.get_full_path()})}")


def _answered(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except DomainError as no:
        if no.status == 404:
            raise Http404 from no
        facts = {"title": _("Not done"), "detail": str(no), "request_id": asker().request_id}
        return page(request, "refused", status=no.status, **facts)


def page(request: HttpRequest, template: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    """`portals/compliance/<template>.html` inside the console's frame."""
    staff = StaffMember.objects.select_related("branch", "user").filter(user_id=request.user.pk or 0).first()
    knows = isinstance(request.user, User) and may_know(request.user)
    waits = queries.waiting(request.user.pk or 0) if knows else {}
    shared = {"member": staff, "waits": waits, "knows": knows, "place": facts.pop("place", template)}
    return render(request, f"portals/compliance/{template}.html", shared | facts, status=status)


def did(request: HttpRequest, form: Sheet, act: Callable[[], Any], said: str, address: str) -> HttpResponse | None:
    """Do what a valid form asks, say so, and go on; None when the form is wrong or the act was refused."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        act()
    except DomainError as no:
        form.refuse(no)
        return None
    messages.success(request, said)
    return go(request, address)
