"""How loans are classed and provided for, at the desk: what holds and what is to come, and asking for other figures."""

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
from apps.lending import operations
from apps.lending.models import AgeingRule, LossBand
from apps.lending.operations.classing import DAYS, SET_AGEING, SET_LOSS_RATE
from apps.lending.queries import ageing_rule, bands_in_force
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

RIGHT = "lending.manage_products"


class _Dated(Sheet):
    """From when on, by which rule, and why."""

    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    source = forms.CharField(label=_("Where it is written"), max_length=200)
    reason = forms.CharField(label=_("Reason"), max_length=400)


class Ageing(_Dated):
    """The days by which loans are classed."""

    stage_2_after = forms.IntegerField(label=_("Stage 2: later than so many days"), min_value=0)
    non_performing_after = forms.IntegerField(label=_("Stage 3, no more income: later than"), min_value=0)
    cure_days = forms.IntegerField(label=_("Days on time until a held class is cured"), min_value=0)


class LossRate(_Dated):
    """What a class is provided for."""

    band = forms.ModelChoiceField(LossBand.objects.none(), label=_("Class"), empty_label=_("Choose one"))
    rate = forms.DecimalField(label=_("Per cent of the balance"), min_value=0, max_value=100, decimal_places=3)

    def __init__(self, *args: Any, bands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["band"]
        field.queryset = bands
        field.label_from_instance = lambda band: f"{band.table.name}: {band.code}"


@staff_page(RIGHT)
def classes(request: HttpRequest) -> HttpResponse:
    """Days and rates in force and to come, each with its source, and two sheets by which others are asked for."""
    at = now()
    today, sent = local_date(at), request.POST if request.method == "POST" else None
    rule, bands = ageing_rule(today), bands_in_force(today)
    wants_days = sent is not None and "cure_days" in sent
    starts = {"valid_from": today}
    days = Ageing(sent if wants_days else None, initial=starts | {name: getattr(rule, name) for name in DAYS})
    share = LossRate(None if wants_days else sent, bands=bands, initial=starts, prefix="rate")
    form = days if wants_days else share
    if form.is_bound and form.is_valid():
        try:
            approval = _asked(form, request, at)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    return page(
        request,
        "classes",
        status=form.status,
        place="products",
        rule=rule,
        bands=bands,
        rules_to_come=AgeingRule.objects.filter(valid_from__gt=today).order_by("valid_from"),
        to_come=LossBand.objects.filter(valid_from__gt=today).select_related("table").order_by("valid_from"),
        waiting=_waiting(),
        days=days,
        share=share,
        form=form,
    )


def _asked(form: Sheet, request: HttpRequest, at: Any) -> Approval:
    asked = dict(form.cleaned_data)
    who: dict[str, Any] = {"by": signed_in(request), "at": at}
    if isinstance(form, Ageing):
        return operations.ask_ageing(days={name: asked.pop(name) for name in DAYS}, **asked, **who)
    return operations.ask_loss_rate(**asked | {"rate": asked["rate"] / 100}, **who)


def _waiting() -> list[Approval]:
    rows = Approval.objects.filter(kind__in=(SET_AGEING, SET_LOSS_RATE), status=ApprovalStatus.PENDING)
    return list(rows.select_related("maker").order_by("pk"))
