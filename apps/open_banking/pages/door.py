"""Who may open these pages, and how they are framed: the portals' own shells, used by name."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from apps.fraud.models import FlaggedTransaction
from apps.kernel.approvals import decidable_kinds
from apps.kernel.clock import now
from apps.kernel.context import asker, note_stay
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.records import note_refusal
from apps.notifications.models import Alert
from apps.users.idle import idle_too_long
from apps.users.models import StaffMember, User

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


def customer_page(view: View) -> View:
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


def refused(request: HttpRequest, no: DomainError) -> HttpResponse:
    """A page that says why."""
    titles = {404: _("There is nothing here"), 409: _("Things have moved on"), 429: _("Too many tries")}
    facts = {"title": titles.get(no.status, _("Not done")), "detail": str(no), "request_id": asker().request_id}
    return render(request, "portals/error.html", facts | {"status": no.status}, status=no.status)


def show(request: HttpRequest, template: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    """`open_banking/<template>.html` in the customers' frame."""
    unread = Alert.objects.owned_by(request.user).unread().count() if isinstance(request.user, User) else 0
    shared = {"at": now(), "place": "settings", "unread": unread}
    return render(request, f"open_banking/{template}.html", shared | facts, status=status)


def staff_page(permission: str) -> Callable[[View], View]:
    """A page of the workbench for holders of a right."""

    def door(view: View) -> View:
        @wraps(view)
        def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not is_in(request):
                return to_login(request, back=request.get_full_path())
            if not request.user.has_perm(permission):  # type: ignore[union-attr]  # is_in: a person of ours
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except DomainError as no:
                if no.status == 403:
                    note_refusal(request.user, request.path, now())
                return refused(request, no)

        return vary_on_headers("HX-Request")(behind)

    return door


def desk(request: HttpRequest, template: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    """`open_banking/<template>.html` in the workbench's frame: who is in, how much waits for them."""
    user: Any = request.user
    pending = Approval.objects.filter(status=ApprovalStatus.PENDING, kind__in=decidable_kinds(user)).exclude(maker=user)
    may_review = user.has_perm("fraud.review_fraud")
    shared = {
        "member": StaffMember.objects.select_related("branch", "user").filter(user=user).first(),
        "waiting": pending.count(),
        "flags": FlaggedTransaction.objects.filter(status="OPEN").count() if may_review else 0,
        "place": "apps",
        "at": now(),
    }
    return render(request, f"open_banking/{template}.html", shared | facts, status=status)
