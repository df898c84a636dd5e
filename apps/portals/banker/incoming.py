"""What other banks sent: what waits for a person, whose it is, and what goes back."""

import uuid

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.payments.banks.reasons import why
from apps.payments.incoming_news import payer_of
from apps.payments.models import AskedBack, IncomingTransfer
from apps.payments.operations import banks
from apps.payments.operations.banks.placing import LISTS, RIGHT
from apps.payments.operations.banks.receiving import LISTED
from apps.payments.operations.banks.returning import REASONS
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST = 50


class Place(Sheet):
    """Whose it is, and how one knows."""

    where = {"currency_mismatch": "account", "not_allowed": "account"}
    act = forms.CharField(widget=forms.HiddenInput, initial="place")
    account = forms.CharField(label=_("Number of the account"), max_length=24)
    reason = forms.CharField(label=_("How you know whose it is"), max_length=200)


class Release(Sheet):
    """How one knows that the payer is somebody else."""

    act = forms.CharField(widget=forms.HiddenInput, initial="release")
    reason = forms.CharField(label=_("How you know that it is somebody else"), max_length=200)


class SendBack(Sheet):
    """Why it goes back."""

    act = forms.CharField(widget=forms.HiddenInput, initial="return")
    code = forms.ChoiceField(label=_("Why it goes back"), choices=list(REASONS.items()))
    reason = forms.CharField(label=_("Reason, for our record"), max_length=200)


def _require_may_see(request: HttpRequest) -> None:
    """Who places and sends back, and who decides about lists."""
    user = signed_in(request)
    if not (user.has_perm(RIGHT) or user.has_perm(LISTS)):
        raise PermissionDenied


@staff_page()
def incoming(request: HttpRequest) -> HttpResponse:
    """What waits first, then the newest; and what other banks want back."""
    _require_may_see(request)
    rows = IncomingTransfer.objects.select_related("account__owner")
    asked = AskedBack.objects.select_related("incoming").order_by("-pk")[:MOST]
    return page(
        request,
        "incoming",
        waits=[(row, _because(row)) for row in rows.waiting()[:MOST]],
        newest=[(row, _because(row)) for row in rows.order_by("-pk")[:MOST]],
        asked=asked,
        place="other-banks",
    )


@staff_page()
def one(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One transfer; what waits is placed or sent back, by two people."""
    _require_may_see(request)
    row = get_object_or_404(IncomingTransfer.objects.select_related("account__owner"), public_id=public_id)
    act = request.POST.get("act", "")
    kinds: dict[str, type[Sheet]] = {"place": Place, "return": SendBack, "release": Release}
    forms_by = {name: kind(request.POST if act == name else None, auto_id=f"{name}_%s") for name, kind in kinds.items()}
    form = forms_by.get(act, forms_by["place"])
    if form.is_bound and form.is_valid():
        try:
            approval = _asked(request, row, form)
        except DomainError as no:
            form.refuse(no)
        else:
            if approval is not None:
                messages.success(request, _now("Asked. It happens when a second person agrees."))
                return go(request, reverse("admin:approval", args=[approval.pk]))
    subject = f"incoming/{row.public_id}"
    return page(
        request,
        "incoming_one",
        status=form.status,
        form=form,
        placing=forms_by["place"],
        sending=forms_by["return"],
        releasing=forms_by["release"],
        is_listed=row.reason == LISTED,
        row=row,
        payer=payer_of(row),
        because=_because(row),
        returns=row.returns.select_related("decided_by").order_by("pk"),
        open_approval=Approval.objects.filter(subject=subject, status=ApprovalStatus.PENDING).first(),
        place="other-banks",
    )


def _because(row: IncomingTransfer) -> str:
    """Why it did not reach an account; in the words for who refuses, where there are any."""
    return str(REASONS.get(row.reason) or _now(why(row.reason))) if row.reason else ""


def _asked(request: HttpRequest, row: IncomingTransfer, form: Sheet) -> Approval | None:
    """None when the form says what is wrong. Raises what asking raises."""
    asked, by = form.cleaned_data, signed_in(request)
    if isinstance(form, SendBack):
        return banks.ask_to_return(row=row, reason=asked["code"], why=asked["reason"], by=by, at=now())
    if isinstance(form, Release):
        return banks.ask_to_release(row=row, why=asked["reason"], by=by, at=now())
    number = asked["account"].replace(" ", "")
    account = Account.objects.select_related("owner").filter(number=number).first()
    if account is None:
        form.add_error("account", _now("There is no account of that number. Nothing was asked."))
        return None
    return banks.ask_to_place(row=row, account=account, why=asked["reason"], by=by, at=now())
