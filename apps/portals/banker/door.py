"""The staff's door and frame: who may open the workbench, and what surrounds every page of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from apps.fraud.models import FlaggedTransaction
from apps.kernel.approvals import decidable_kinds
from apps.kernel.clock import now
from apps.kernel.context import asker
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.records import note_refusal
from apps.portals.banker.places import listed
from apps.portals.customer.door import idle_too_long
from apps.users.models import StaffMember, User

View = Callable[..., HttpResponse]


def is_staff_in(request: HttpRequest) -> bool:
    """Staff in good standing, who gave a sign of life in the last 15 minutes."""
    user = request.user
    return isinstance(user, User) and user.is_active and user.is_staff and not idle_too_long(request)


def staff_page(permission: str = "") -> Callable[[View], View]:
    """A page of the workbench for holders of `permission`; a refusal is shown as a page, with its status."""

    def door(view: View) -> View:
        @wraps(view)
        def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if permission and not request.user.has_perm(permission):  # type: ignore[union-attr]
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except DomainError as no:
                if no.status == 403:
                    note_refusal(request.user, request.path, now())
                facts = {"title": _("Not done"), "detail": str(no), "request_id": asker().request_id}
                return page(request, "refused", status=no.status, **facts)

        return vary_on_headers("HX-Request")(behind)

    return door


def waiting_for(user: User) -> Any:
    """Approvals this person may decide, the oldest first."""
    pending = Approval.objects.filter(status=ApprovalStatus.PENDING, kind__in=decidable_kinds(user))
    return pending.exclude(maker=user).select_related("maker").order_by("created_at")


def shell(request: HttpRequest) -> dict[str, Any]:
    """What surrounds every page: who is in, where they work and may go, how much waits for them."""
    user = request.user
    if not isinstance(user, User) or not user.is_staff:
        return {}
    staff = StaffMember.objects.select_related("branch").filter(user=user).first()
    may_review = user.has_perm("fraud.review_fraud")
    flags = FlaggedTransaction.objects.filter(status="OPEN").count() if may_review else 0
    waits = {"approvals": waiting_for(user).count(), "flagged": flags}
    groups = [(title, [(one, waits.get(one.at, 0)) for one in places]) for title, places in listed(user)]
    return {"member": staff, "groups": groups, "to_approve": waits["approvals"]}


def page(request: HttpRequest, template: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    """`portals/banker/<template>.html` inside the workbench's frame."""
    return render(request, f"portals/banker/{template}.html", {"place": template} | facts, status=status)
