"""Groups at the desk: found, seen whole, and restricted by two people."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.audit_trail.models import AuditLog
from apps.chamas import acts, audit, operations
from apps.chamas.models import ChamaGroup, GroupKind, GroupStatus, Membership
from apps.chamas.operations.restrict import RIGHT
from apps.chamas.queries import desk
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

A_PAGE = 25


class Why(Sheet):
    """The person who decides reads it."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


@staff_page("chamas.view_groups")
def groups(request: HttpRequest) -> HttpResponse:
    """Every group, the newest first, or those that are looked for."""
    text = request.GET.get("group", "").replace("\0", "").strip()[:40]
    status, kind = request.GET.get("status", ""), request.GET.get("kind", "")
    rows = desk.found_by(text)
    if status in GroupStatus.values:
        rows = rows.filter(status=status)
    if kind in GroupKind.values:
        rows = rows.filter(kind=kind)
    found = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "groups",
        found=found,
        rows=desk.figures(list(found)),
        text=text,
        status_wanted=status,
        kind_wanted=kind,
        statuses=GroupStatus.choices,
        kinds=GroupKind.choices,
    )


@staff_page("chamas.view_groups")
def group(request: HttpRequest, slug: str) -> HttpResponse:
    """One group whole. That it was looked at is written down; nobody looks at their own group from this side."""
    row, staff = get_object_or_404(ChamaGroup, slug=slug), signed_in(request)
    if Membership.objects.active().filter(group=row, user=staff).exists():
        raise PermissionDenied
    at = now()
    audit_trail.record("chamas.group.looked_at", on=row, by=staff, at=at)
    whole = desk.whole(row, on=local_date(at))
    records = AuditLog.objects.on_target(row).exclude(action="chamas.group.looked_at").select_related("actor")
    return page(
        request,
        "group",
        place="groups",
        group=row,
        whole=whole,
        broken=audit.audit([row], at=at),
        proposals=[(one, acts.act(one.act).name, Money(one.amount_minor, row.currency)) for one in whole.proposals],
        late=[(one, Money(one.open_minor, one.currency)) for one in whole.late],
        records=records.order_by("-pk")[:12] if staff.has_perm("audit_trail.view_audit") else [],
        may_restrict=staff.has_perm(RIGHT) and row.status != GroupStatus.CLOSED,
    )


@staff_page(RIGHT)
def restrict(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask a second person to stop money from leaving, or to let it leave again."""
    row = get_object_or_404(ChamaGroup, slug=slug)
    form = Why(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            approval = operations.ask_restriction(
                group=row,
                restrict=row.restricted_at is None,
                reason=form.cleaned_data["reason"],
                by=signed_in(request),
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    return page(request, "group_restrict", status=form.status, place="groups", form=form, group=row)
