"""Customers' papers at the desk: the queue by what was promised, and one customer's papers beside what we know."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kyc import queries
from apps.kyc.api.papers import only_to_look_at
from apps.kyc.models import AskedBecause, KycDocument, Side, VerificationWorkflow
from apps.kyc.operations import papers
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.business_kyc import LACKING
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User
from apps.users.queries import business_of

RIGHT = papers.RIGHT
MOST = 100
WHY = {
    "not_read": _("no machine read it"),
    "not_judged": _("no machine judges it"),
    "not_asked": _("it was not asked"),
    "no_answer": _("it did not answer"),
    "unreadable": _("its answer could not be read"),
    "not_found": _("nobody has this number there"),
    "not_active": _("it is no longer registered as active"),
    "other_kind": _("it is registered as another kind of business"),
    "other_name": _("it is registered under another name"),
    "unnamed": _("the registrar has somebody whom the business does not name"),
    "unregistered": _("the registrar does not have everybody whom the business names"),
}
ENGINES = {
    "kitbank": _("the bank's own check"),
    "tesseract": _("text reader"),
    "iprs": _("registry of people"),
    "brs": _("registrar of businesses"),
    "person": _("no machine"),
}
ACTS = ("claim", "release", "read", "again", "approve", "reject")


class Decide(Sheet):
    """What the officer does, with what goes with it."""

    act = forms.ChoiceField(choices=[(act, act) for act in ACTS], widget=forms.HiddenInput)
    compared = forms.BooleanField(
        label=_("I compared the photo with the paper, and name, number and birth with the profile."), required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, widget=forms.Textarea({"rows": 2}))
    part = forms.UUIDField(label=_("Part"), required=False, widget=forms.Select)
    because = forms.ChoiceField(label=_("Why again"), choices=AskedBecause.choices, required=False)
    zone = forms.CharField(
        label=_("Machine-readable lines"),
        max_length=200,
        required=False,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false", "class": "input mono"}),
    )

    def __init__(self, parts: list[tuple[Any, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].widget.choices = parts


@staff_page(RIGHT)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, the soonest promised first, and what was decided last. POST takes the next."""
    user, at = signed_in(request), now()
    if request.method == "POST":
        row = papers.claim_next(by=user, at=at)
        if row is None:
            messages.success(request, _now("Nothing waits."))
            return go(request, reverse("admin:kyc-queue"))
        return go(request, reverse("admin:kyc", args=[row.public_id]))
    rows = VerificationWorkflow.objects.select_related("user", "assigned_to", "decided_by")
    waiting = [(row, row.is_late(at)) for row in rows.waiting()[:MOST]]
    decided = rows.exclude(decided_at=None).order_by("-decided_at")[:15]
    return page(request, "kyc_queue", waiting=waiting, decided=decided, at=at, place="kyc")


@staff_page(RIGHT)
def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One: pictures beside fields, the photo beside the paper, the checks, the decision. The look is recorded."""
    user = signed_in(request)
    row = get_object_or_404(
        VerificationWorkflow.objects.select_related("user", "assigned_to", "decided_by"), public_id=public_id
    )
    record_look(user, row.user, _now("Papers to check"))
    shown = queries.papers_of(row)
    parts = [(one.public_id, _part(one)) for one in shown]
    form = Decide(parts, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            said, onward = _done(row, user, form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
            row.refresh_from_db()
        else:
            messages.success(request, said)
            return go(request, onward)
    return page(request, "kyc", status=form.status, form=form, place="kyc", **_facts(row, shown, user))


def _part(one: KycDocument) -> str:
    whose = f", {one.person.who.full_name}" if one.person else ""
    side = "" if one.side == Side.PAGE else f", {one.get_side_display()}"
    return f"{one.get_kind_display()}{side}{whose}"


def _facts(row: VerificationWorkflow, shown: list[KycDocument], user: User) -> dict[str, Any]:
    first = next((one for one in shown if one.born_on and one.person_id is None), None)
    reading = json.loads(str(first.reading)) if first and first.reading else None
    return {
        "row": row,
        "papers": shown,
        "first": first,
        "reading": reading,
        "checks": [
            (check, WHY.get(check.facts.get("why", "")), ENGINES.get(check.engine, check.engine))
            for check in queries.newest_checks(row)
        ],
        "compliance_looks": queries.in_the_way(row.user) > 0,
        **_of_business(row),
        "own": row.user_id == user.pk,
        "yours": row.assigned_to_id == user.pk and row.status == "IN_REVIEW" and not row.waits_for_second,
        "at": now(),
    }


def _of_business(row: VerificationWorkflow) -> dict[str, Any]:
    """What stands beside the papers of a business: its profile, and whom it names."""
    business = business_of(row.user)
    if business is None:
        return {}
    lacking = [str(LACKING[code]) for code in queries.lacking_of(business, says_complete=row.says_complete)]
    return {"business": business, "people": queries.people_of(business), "lacking": lacking}


def _done(row: VerificationWorkflow, user: User, asked: dict[str, Any]) -> tuple[str, str]:
    """What was done, in words, and where to go."""
    at, reason, here = now(), asked["reason"], reverse("admin:kyc", args=[row.public_id])
    away = reverse("admin:kyc-queue")
    match asked["act"]:
        case "claim":
            papers.claim(workflow=row, by=user, at=at)
            return _now("It is yours."), here
        case "release":
            papers.release(workflow=row, by=user, at=at, reason=reason)
            return _now("It is back in the queue."), away
        case "read":
            papers.read_by_person(workflow=row, text=asked["zone"], by=user, at=at)
            return _now("Read and checked."), here
        case "again":
            document = get_object_or_404(KycDocument.objects.filter(workflow=row), public_id=asked["part"])
            papers.ask_again(workflow=row, document=document, because=asked["because"], by=user, at=at)
            return _now("The customer is asked for this part again, and told why."), away
        case "approve":
            asks = papers.approve(workflow=row, by=user, at=at, compared=asked["compared"], reason=reason)
        case _:
            asks = papers.reject(workflow=row, by=user, at=at, reason=reason)
    return (_now("A second person decides.") if asks else _now("Decided. The customer is told.")), away


@require_GET
@staff_page(RIGHT)
def paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A picture, for the officer who took the verification; anybody else says why by `reason`."""
    row = get_object_or_404(KycDocument.objects.select_related("workflow"), public_id=public_id)
    reason = request.GET.get("reason", "").replace("\0", "")
    body = papers.look_at_paper(document=row, by=signed_in(request), at=now(), reason=reason)
    return only_to_look_at(body, row.media_type)
