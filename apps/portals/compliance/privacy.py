"""Data protection at the console: what people ask by time left, one request, legal holds."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.compliance.models import Breach, DataRequest, Erasure, LegalHold
from apps.compliance.operations import privacy as operations
from apps.compliance.policies import ANSWER, KEEP
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kyc.api.papers import only_to_look_at
from apps.portals.compliance.door import page, register_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User

MOST = 100


class Answer(Sheet):
    """Yes or no, in words the person reads."""

    answer = forms.CharField(
        label=_("Answer"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what you checked: the person and your colleague read it.")},
    )  # fmt: skip
    decision = forms.ChoiceField(choices=[("accept", "accept"), ("refuse", "refuse")], widget=forms.HiddenInput)


class Hold(Sheet):
    """Whose data stays, why, until when."""

    person = forms.CharField(label=_("Phone, e-mail or ID number"), max_length=80)
    reason = forms.CharField(label=_("Reason"), max_length=500)
    law = forms.CharField(label=_("Court, law or dispute"), max_length=200)
    until_on = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class Lift(Sheet):
    """Which hold, and why it is over."""

    hold = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=500)


@register_page
def requests(request: HttpRequest) -> HttpResponse:
    """What waits, the least time left first; what was answered; breaches whose clock runs."""
    user, at = signed_in(request), now()
    rows = DataRequest.objects.visible_to(user).select_related("user")
    waiting = rows.waiting().exclude(kind="EXPORT")[:MOST]
    return page(
        request,
        "privacy",
        waiting=[(row, (row.due_at - at).days, row.is_late(at)) for row in waiting],
        answered=rows.exclude(answered_at=None).order_by("-answered_at")[:MOST],
        clocks=[(row, row.is_overdue(at)) for row in Breach.objects.filter(status="OPEN").order_by("report_due_at")],
    )


@register_page
def request(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One request: before and after, the paper, and the answer."""
    user = signed_in(request)
    row = get_object_or_404(
        DataRequest.objects.visible_to(user).select_related("user", "paper", "maker", "answered_by"),
        public_id=public_id,
    )
    form = Answer(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            said = _decide(row, form.cleaned_data["decision"], form.cleaned_data["answer"], user)
        except DomainError as no:
            form.refuse(no)
            row.refresh_from_db()
        else:
            messages.success(request, said)
            return go(request, reverse("compliance:privacy"))
    facts: dict[str, Any] = {
        "row": row,
        "may": user.has_perm(ANSWER) and row.status == "OPEN" and row.kind != "EXPORT",
        "has_paper": hasattr(row, "paper"),
        "outlook": operations.outlook(row.user, at=now()) if row.kind == "ERASURE" and row.is_live else None,
        "erasure": Erasure.objects.filter(request=row).select_related("asked_by", "allowed_by").first(),
        "place": "privacy",
    }
    return page(request, "privacy_request", status=form.status, form=form, **facts)


def _decide(row: DataRequest, decision: str, answer: str, user: User) -> str:
    if decision == "refuse":
        operations.refuse(request=row, reason=answer, by=user, at=now())
        return _now("Refused; the person is told.")
    accept = operations.accept_erasure if row.kind == "ERASURE" else operations.accept_correction
    if accept(request=row, answer=answer, by=user, at=now()):
        return _now("A second person is asked. Until then nothing is changed.")
    return _now("Answered; the person is told.")


@register_page
def paper(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The paper that came with it; the look is recorded."""
    row = get_object_or_404(DataRequest.objects.visible_to(request.user), public_id=public_id)
    body, media_type = operations.open_paper(request=row, by=signed_in(request), at=now())
    return only_to_look_at(body, media_type)


@register_page
def holds(request: HttpRequest) -> HttpResponse:
    """Whose data may not go, and why; set by one, lifted by two."""
    user = signed_in(request)
    lifts = request.method == "POST" and "hold" in request.POST
    form: Sheet = (Lift if lifts else Hold)(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            said = _lift(form.cleaned_data, user) if lifts else _set(form.cleaned_data, user)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, said)
            return go(request, reverse("compliance:privacy-holds"))
    rows = LegalHold.objects.exclude(user=user).select_related("user", "set_by", "lifted_by").order_by("-pk")[:MOST]
    new = Hold() if lifts else form
    facts = {"errors_of": form, "form": new, "rows": rows, "may": user.has_perm(KEEP), "place": "privacy"}
    return page(request, "privacy_holds", status=form.status, **facts)


def _set(asked: dict[str, Any], user: User) -> str:
    found = (User.objects.called(asked["person"]) | User.objects.with_id_number(asked["person"])).first()
    if found is None or found.is_staff:
        raise DomainError(_("No customer has this phone, e-mail or ID number. Nothing was set."))
    facts = {name: asked[name] for name in ("reason", "law", "until_on")}
    operations.set_hold(user=found, by=user, at=now(), **facts)
    return _now("Held: nothing of this person goes.")


def _lift(asked: dict[str, Any], user: User) -> str:
    row = get_object_or_404(LegalHold.objects.exclude(user=user), pk=asked["hold"])
    operations.ask_lift(hold=row, reason=asked["reason"], by=user, at=now())
    return _now("A second person is asked. Until then nothing is changed.")
