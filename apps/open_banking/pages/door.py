"""How pages of open banking are framed: the portals' own shells, used by name."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from apps.fraud.models import FlaggedTransaction
from apps.kernel.approvals import decidable_kinds
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.records import note_refusal
from apps.notifications.models import Alert
from apps.users.models import StaffMember, User
from apps.users.pages import SeeOther, View, is_in, person_page, refused, to_login

__all__ = ["SeeOther", "customer_page", "desk", "is_in", "refused", "show", "staff_page", "to_login"]
customer_page = person_page


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
