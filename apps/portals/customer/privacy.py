"""My data: consents, a copy, corrections, closing and erasing, who of the bank looked at me."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.compliance.api.privacy import as_zip
from apps.compliance.looks import looks_of
from apps.compliance.models import BreachPerson, DataRequest, RequestField
from apps.compliance.operations import privacy as operations
from apps.compliance.operations.privacy import erase as erasing
from apps.compliance.operations.privacy import export as copies
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kyc.rules.images import MOST_BYTES
from apps.portals.customer import step_up as steps
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import done, go, show
from apps.users.doors import signed_in
from apps.users.models import User

MOST = 20


class Correct(Sheet):
    """What is wrong, what is right, why, and a paper that shows it."""

    field = forms.ChoiceField(label=_("What is wrong?"), choices=RequestField.choices)
    wanted = forms.CharField(
        label=_("What is right?"), max_length=200, error_messages={"required": _("Write what is right.")}
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say what is wrong and why.")},
    )  # fmt: skip
    paper = forms.FileField(label=_("A paper that shows it"), required=False, allow_empty_file=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paper"].widget.attrs["accept"] = "image/jpeg,image/png,image/webp,application/pdf"


@require_GET
@customer_page
def privacy(request: HttpRequest) -> HttpResponse:
    """What the bank does with one's data, what one asked, and the ways to ask more."""
    user = signed_in(request)
    consents = operations.consents_of(user.pk)
    rows = list(DataRequest.objects.owned_by(user).select_related("file").order_by("-pk")[:MOST])
    return show(
        request,
        "settings/privacy",
        mine=[one for one in consents if one.purpose.can_change],
        others=[one for one in consents if not one.purpose.can_change],
        rows=rows,
        copying=any(row.kind == "EXPORT" and row.is_live for row in rows),
        breaches=BreachPerson.objects.filter(user=user, told_at__isnull=False).select_related("breach").order_by("-pk"),
    )


@require_POST
@customer_page
def consent(request: HttpRequest) -> HttpResponse:
    """Give or withdraw one."""
    code, is_given = request.POST.get("purpose", ""), request.POST.get("is_given") == "1"
    operations.change_consent(user=signed_in(request), code=code, is_given=is_given, channel="PORTAL", at=now())
    said = gettext("Saved: you agree.") if is_given else gettext("Saved: you no longer agree.")
    messages.success(request, said)
    return done(request, "my-data")


@require_POST
@customer_page
def copy(request: HttpRequest) -> HttpResponse:
    """Ask for a copy of all of one's data."""
    operations.ask_export(user=signed_in(request), at=now())
    messages.success(request, gettext("We are making your copy. A message tells you when it is ready."))
    return done(request, "my-data")


def _own(user: User, public_id: uuid.UUID) -> DataRequest:
    return get_object_or_404(DataRequest.objects.owned_by(user).select_related("file"), public_id=public_id)


@require_http_methods(["GET", "POST"])
@customer_page
def download(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The copy, after a proof."""
    user = signed_in(request)
    row = _own(user, public_id)
    proof = steps.Session(request, user, copies.OPERATION, copies.subject_of(row))

    def fetch() -> HttpResponse:
        step = proof.step()
        given = step.challenge.pk if step.challenge else None
        body = operations.fetch_export(request=row, by=user, challenge_id=given, at=now())
        proof.forget()
        return as_zip(body, row)

    asked = _proved(request, user, proof, fetch)
    if isinstance(asked, HttpResponse):
        return asked
    return show(request, "settings/privacy_download", asked, row=row, step=proof.step())


@require_http_methods(["GET", "POST"])
@customer_page
def erase(request: HttpRequest) -> HttpResponse:
    """What is in the way, what stays by law and until when; then the proof, and the request."""
    user = signed_in(request)
    found = operations.outlook(user, at=now())
    proof = steps.Session(request, user, erasing.OPERATION, erasing.subject_of(user))

    def ask() -> HttpResponse:
        step = proof.step()
        given = step.challenge.pk if step.challenge else None
        operations.ask_erasure(user=user, reason="", challenge_id=given, at=now())
        proof.forget()
        messages.success(request, gettext("We have your request. Two people of the bank look at it."))
        return done(request, "my-data")

    asked = _proved(request, user, proof, ask) if found.is_free else None
    if isinstance(asked, HttpResponse):
        return asked
    return show(request, "settings/privacy_erase", asked, found=found, step=proof.step())


def _proved(request: HttpRequest, user: User, proof: steps.Session, act: Any) -> HttpResponse | steps.Proof:
    """Ask for the proof, read it, and do the act with it; else the form that goes on."""
    if request.method != "POST":
        return steps.Proof(None, is_proved=proof.step().is_proved)
    try:
        if "way" in request.POST:
            proof.ask()
            return go(request, request.path)
        step = proof.step()
        form = steps.Proof(request.POST, is_proved=step.is_proved)
        if not form.is_valid():
            return form
        steps.answer(request, step, form, user)
        answer: HttpResponse = act()
    except DomainError as no:
        return steps.refused(no)
    return answer


@require_http_methods(["GET", "POST"])
@customer_page
def correct(request: HttpRequest) -> HttpResponse:
    """Ask for something to be put right."""
    form = Correct(request.POST or None, request.FILES or None) if request.method == "POST" else Correct()
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        file = asked.pop("paper")
        try:
            operations.ask_correction(
                user=signed_in(request), paper=file.read(MOST_BYTES + 1) if file else b"",
                name=file.name if file else "", at=now(), **asked,
            )  # fmt: skip
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("We have your request. You get a message when it is answered."))
            return done(request, "my-data")
    return show(request, "settings/privacy_correct", form)


@require_POST
@customer_page
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a request back."""
    user = signed_in(request)
    operations.withdraw(request=_own(user, public_id), by=user, at=now())
    messages.success(request, gettext("Taken back. Nothing was changed."))
    return done(request, "my-data")


@require_GET
@customer_page
def looks(request: HttpRequest) -> HttpResponse:
    """Who of the bank looked at me, when and why."""
    return show(request, "settings/privacy_looks", looks=looks_of(signed_in(request).pk))
