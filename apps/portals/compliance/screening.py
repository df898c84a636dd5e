"""Customers who may be on a watch list: the two side by side, and the decision by the operations of kyc."""

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kyc.models import ScreeningHit
from apps.kyc.operations import screening
from apps.portals.compliance.door import console_page, page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

RIGHT = "kyc.work_screening"
MOST = 100


class Decide(Sheet):
    """Who it is, and why."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    decision = forms.ChoiceField(choices=[("clear", "clear"), ("confirm", "confirm")], widget=forms.HiddenInput)


@console_page
def hits(request: HttpRequest) -> HttpResponse:
    """Open ones, the likeliest first, and what was decided last."""
    rows = _visible(request)
    waiting = list(rows.filter(status="OPEN").order_by("-score", "pk")[:MOST])
    decided = list(rows.exclude(decided_at=None).order_by("-decided_at")[:15])
    return page(request, "screening", rows=waiting, decided=decided)


@console_page
def hit(request: HttpRequest, pk: int) -> HttpResponse:
    """Customer and entry side by side; clearing a strong match waits for a second person."""
    user = signed_in(request)
    row = get_object_or_404(_visible(request).prefetch_related("decisions__by"), pk=pk)
    form = Decide(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            said = _decide(row, form.cleaned_data["decision"], form.cleaned_data["reason"], request)
        except DomainError as no:
            form.refuse(no)
            row.refresh_from_db()
        else:
            messages.success(request, said)
            return go(request, reverse("compliance:screening"))
    facts = {"hit": row, "may": user.has_perm(RIGHT), "place": "screening"}
    return page(request, "hit", status=form.status, form=form, **facts)


def _decide(row: ScreeningHit, decision: str, reason: str, request: HttpRequest) -> str:
    user, at = signed_in(request), now()
    if decision == "confirm":
        screening.confirm(hit=row, reason=reason, by=user, at=at)
        return _now("Confirmed: the customer is the one on the list.")
    if screening.clear(hit=row, reason=reason, by=user, at=at):
        return _now("A second person is asked: the match is strong.")
    return _now("Cleared: the customer is somebody else.")


def _visible(request: HttpRequest) -> QuerySet[ScreeningHit]:
    user = signed_in(request)
    if not user.has_perm(RIGHT):
        raise Http404
    return ScreeningHit.objects.visible_to(user).select_related("user", "watch_list", "party__watch_list", "decided_by")
