"""Breaking the glass in need, and reviewing afterwards whether there was need."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users import operations
from apps.users.doors import signed_in
from apps.users.models import BreakGlass, User, Verdict
from apps.users.operations.glass import BREAK, REVIEW

MOST = 50


class Emergency(Sheet):
    """What the emergency is."""

    reason = forms.CharField(
        label=_("What is the emergency?"), max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )


class Review(Sheet):
    """Whether there was need."""

    verdict = forms.ChoiceField(label=_("Was there need?"), choices=Verdict.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("What you looked at"), max_length=400)


@staff_page(BREAK)
def open_glass(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the emergency is; the customer's page is then open, whole, for half an hour."""
    person, user = get_object_or_404(User.objects.customers(), pk=pk), signed_in(request)
    form = Emergency(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            operations.break_glass(customer=person, reason=form.cleaned_data["reason"], by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Open for half an hour. Those who review it have been told."))
            return go(request, reverse("admin:customer", args=[pk]))
    return page(request, "glass_open", status=form.status, place="go", form=form, person=person)


@staff_page()
def broken(request: HttpRequest) -> HttpResponse:
    """Where the glass was broken: what waits for review first. Who cannot review sees their own."""
    user = signed_in(request)
    rows = BreakGlass.objects.select_related("viewer", "customer", "reviewed_by")
    if not user.has_perm(REVIEW) and not user.has_perm("audit_trail.view_audit"):
        rows = rows.filter(viewer=user)
    waiting = rows.unreviewed().order_by("opened_at")[:MOST]
    done = rows.exclude(reviewed_at=None).order_by("-pk")[:MOST]
    return page(request, "glass", waiting=waiting, done=done, at=now(), may_review=user.has_perm(REVIEW))


@staff_page()
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: its reason, and the verdict of another person."""
    user = signed_in(request)
    if not user.has_perm(REVIEW):
        raise PermissionDenied
    row = get_object_or_404(BreakGlass.objects.select_related("viewer", "customer", "reviewed_by"), pk=pk)
    form = Review(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            operations.review_glass(glass=row, by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Reviewed. The record keeps it."))
            return go(request, reverse("admin:glass"))
    return page(request, "glass_review", status=form.status, place="glass", form=form, row=row, at=now())
