"""Showing the bank who one is: what a tier gives, which papers it needs, bringing them, and where each stands."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.kyc import queries
from apps.kyc.api.papers import only_to_look_at
from apps.kyc.models import DocumentKind, KycDocument, Side, TargetTier, VerificationWorkflow
from apps.kyc.operations import papers
from apps.kyc.operations.papers import Paper
from apps.kyc.rules import needs
from apps.kyc.rules.images import MOST_BYTES
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.inbox import TOO_MANY
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import fresh_key
from apps.users.doors import signed_in
from apps.users.models import User

PICTURES = "image/jpeg,image/png,image/webp"
_DATE = {"type": "date", "autocomplete": "off"}


class Bring(Sheet):
    """A part: what stands on it, and its picture."""

    where = {"paper_not_usable": "number", "paper_expired": "expires_on", "too_young": "born_on"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    number = forms.CharField(label=_("Number on it"), max_length=30, widget=forms.TextInput({"autocomplete": "off"}))
    born_on = forms.DateField(
        label=_("Date of birth on it"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs=_DATE | {"autocomplete": "bday"}),
        error_messages={"required": _("Write your date of birth as the paper shows it.")},
    )
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs=_DATE)
    )
    consent = forms.BooleanField(label=_("I agree that KitBank compares my face with my paper."))
    file = forms.FileField(
        label=_("Picture"),
        allow_empty_file=True,
        error_messages={"required": _("Take a picture, or choose one.")},
    )

    def __init__(self, kind: str, side: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_first = needs.is_first(kind, side)
        wanted = {
            "number": is_first and kind in needs.NUMBERED,
            "born_on": is_first and kind in needs.IDENTITY,
            "expires_on": is_first and kind in needs.IDENTITY,
            "consent": kind == DocumentKind.SELFIE,
        }
        for name, is_wanted in wanted.items():
            if not is_wanted:
                del self.fields[name]
        takes = f"{PICTURES},application/pdf" if kind in needs.MAY_BE_PDF else PICTURES
        self.fields["file"].widget.attrs["accept"] = takes
        if kind not in needs.MAY_BE_PDF:
            self.fields["file"].widget.attrs["capture"] = "user" if kind == DocumentKind.SELFIE else "environment"


@require_http_methods(["GET", "POST"])
@customer_page
def kyc(request: HttpRequest) -> HttpResponse:
    """What the next tier gives, what it needs, and where each part stands. POST begins."""
    user = signed_in(request)
    if request.method == "POST":
        papers.start_verification(user=user, target_tier=request.POST.get("tier", ""), at=now())
        return done(request, "kyc")
    rows = VerificationWorkflow.objects.owned_by(user)
    live = rows.live().first()
    target = live.target_tier if live else _next_tier(user)
    renews = not live and queries.is_to_be_renewed(user, on=local_date(now()))
    limits = queries.limits_of_all([user.kyc_tier, *([target] if target else [])], on=local_date(now()))
    parts = [(part, _name(part)) for part in queries.parts_of(live)] if live else []
    return show(
        request,
        "kyc/kyc",
        person=user,
        live=live,
        last=None if live else rows.order_by("-started_at").first(),
        target=target,
        gives_more=bool(target) and target != user.kyc_tier,
        renews=renews,
        target_name=TargetTier(target).label if target else "",
        today_limits=limits[user.kyc_tier],
        limits=limits.get(target),
        parts=parts,
        is_whole=bool(parts) and all(part.is_there for part, _words in parts),
        takes_papers=live is not None and live.status in ("STARTED", "WAITING_FOR_CUSTOMER"),
        identities=[(kind, DocumentKind(kind).label, sides[0]) for kind, sides in needs.IDENTITY.items()],
    )


def _next_tier(user: User) -> str:
    return next((tier for tier in TargetTier.values if tier > user.kyc_tier), "")


def _name(part: queries.PartShown) -> str:
    """What a part is called: its kind, and its side when it has two."""
    if part.kind == "IDENTITY":
        return gettext("An identity paper")
    kind = str(DocumentKind(part.kind).label)
    return kind if part.side == Side.PAGE else f"{kind}: {str(Side(part.side).label).lower()}"


def _live(user: User) -> VerificationWorkflow:
    rows = VerificationWorkflow.objects.owned_by(user).live().select_related("user")
    row: VerificationWorkflow = get_object_or_404(rows)
    return row


@require_http_methods(["GET", "POST"])
@customer_page
def bring(request: HttpRequest, kind: str, side: str) -> HttpResponse:
    """Take or choose a picture of one part."""
    if side not in needs.SIDES.get(kind, ()):
        raise Http404
    user, live = signed_in(request), _live(signed_in(request))
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = Bring(kind, side, *bound, initial={"idempotency_key": fresh_key()})
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            _bring(live, kind, side, form.cleaned_data)
        except DomainError as no:
            form.refuse(no, {"number": "number", "born_on": "born_on"}.get(str(no.facts.get("because"))))
        else:
            messages.success(request, gettext("We have it. Nobody sees it but you and those who check it."))
            return done(request, "kyc")
    words = _name(queries.PartShown(kind, side, None))
    return show(request, "kyc/bring", form, person=user, kind=kind, part_name=words)


def _bring(live: VerificationWorkflow, kind: str, side: str, asked: dict[str, Any]) -> None:
    said = {name: asked[name] for name in ("number", "born_on", "expires_on") if asked.get(name)}
    papers.bring_paper(
        workflow=live,
        paper=Paper(kind, side, **said),
        raw=asked["file"].read(MOST_BYTES + 1),
        name=asked["file"].name,
        key=f"page/{asked['idempotency_key']}",
        at=now(),
        consented=bool(asked.get("consent")),
    )


@require_POST
@customer_page
def hand_in(request: HttpRequest) -> HttpResponse:
    """All of it goes to the bank."""
    user = signed_in(request)
    papers.hand_in(workflow=_live(user), by=user, at=now())
    messages.success(request, gettext("We have your papers and answer within a day."))
    return done(request, "kyc")


@require_GET
@customer_page
def paper(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One's own picture, as the bank keeps it."""
    user = signed_in(request)
    row = get_object_or_404(KycDocument.objects.owned_by(user).select_related("workflow"), public_id=public_id)
    return only_to_look_at(papers.look_at_paper(document=row, by=user, at=now()), row.media_type)
