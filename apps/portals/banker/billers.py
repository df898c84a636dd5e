"""The directory of billers at the desk: what holds and what comes, and asking a second person for a change."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.payments import operations
from apps.payments.models import Biller, BillerCategory
from apps.payments.operations.biller import CHANGE_BILLER, FIELDS
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class Entry(Sheet):
    """What is written down of a biller, from when, and why."""

    code = forms.SlugField(label=_("Code"), max_length=24, widget=forms.TextInput(attrs=_PLAIN))
    name = forms.CharField(label=_("Name"), max_length=60)
    category = forms.ChoiceField(label=_("Kind"), choices=BillerCategory.choices)
    paybill = forms.RegexField(
        r"\A[0-9]{5,7}\Z", label=_("Paybill number"), error_messages={"invalid": _("A paybill has 5 to 7 digits.")}
    )
    account_label = forms.CharField(label=_("What the account is called, in English"), max_length=40)
    account_label_sw = forms.CharField(label=_("The same in Kiswahili"), max_length=40)
    account_pattern = forms.CharField(label=_("Pattern of the account"), max_length=80, widget=forms.TextInput(_PLAIN))
    example = forms.CharField(label=_("Example"), max_length=13, widget=forms.TextInput(attrs=_PLAIN))
    least = AmountField(label=_("At least"))
    most = AmountField(label=_("At most"))
    is_active = forms.BooleanField(label=_("Can be paid"), required=False, initial=True)
    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def facts(self) -> dict[str, Any]:
        """As the directory keeps them."""
        asked = self.cleaned_data
        money = {"least_minor": asked["least"].minor, "most_minor": asked["most"].minor}
        return {name: asked[name] for name in FIELDS if name in asked} | money


@staff_page("payments.manage_billers")
def billers(request: HttpRequest) -> HttpResponse:
    """Every biller as it stands, what changes on a later day, and what waits for a second person."""
    today = local_date(now())
    waiting = Approval.objects.filter(kind=CHANGE_BILLER, status=ApprovalStatus.PENDING).select_related("maker")
    return page(
        request,
        "billers",
        billers=Biller.objects.on(today).in_order(),
        coming=Biller.objects.filter(valid_from__gt=today).order_by("valid_from", "name"),
        waiting=waiting.order_by("pk"),
    )


@staff_page("payments.manage_billers")
def change(request: HttpRequest) -> HttpResponse:
    """Write down a biller, or another state of one; a second person decides."""
    today = local_date(now())
    known = Biller.objects.on(today).filter(code=request.GET.get("code", "")[:24]).first()
    form = Entry(request.POST if request.method == "POST" else None, initial={"valid_from": today, **_written(known)})
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            approval = operations.ask_biller_change(
                code=asked["code"],
                facts=form.facts(),
                valid_from=asked["valid_from"],
                reason=asked["reason"],
                by=signed_in(request),
                at=now(),
            )
        except DomainError as no:
            form.refuse(no, no.facts.get("field"))
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    return page(request, "biller", status=form.status, place="billers", form=form, known=known)


def _written(known: Biller | None) -> dict[str, Any]:
    if known is None:
        return {}
    facts = {name: getattr(known, name) for name in FIELDS}
    money = {"least": Money(known.least_minor, "KES"), "most": Money(known.most_minor, "KES")}
    return {"code": known.code, **facts, **money}
