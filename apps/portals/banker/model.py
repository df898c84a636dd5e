"""The model beside the rules of the screen: its card, how far payments have moved from it, in use or off."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.fraud import anomaly, operations
from apps.fraud.models import AnomalyModel
from apps.fraud.rules import drift, forest
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

RIGHT = "fraud.manage_rules"
MOST = 10


class Act(Sheet):
    """What is asked for one model, and why."""

    where = {"reason_needed": "why"}
    act = forms.ChoiceField(choices=[("use", "use"), ("off", "off")], widget=forms.HiddenInput)
    model = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    why = forms.CharField(label=_("Reason"), max_length=300)


@staff_page(RIGHT)
def model(request: HttpRequest) -> HttpResponse:
    """Every model, the newest first; a second person is asked to put one to use, one person switches it off."""
    form = Act(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        asked, user, at = form.cleaned_data, signed_in(request), now()
        row = get_object_or_404(AnomalyModel, pk=asked["model"])
        try:
            if asked["act"] == "use":
                approval = operations.ask_promotion(model=row, reason=asked["why"], by=user, at=at)
                messages.success(request, _now("Asked. Another member of staff decides."))
                return go(request, reverse("admin:approval", args=[approval.pk]))
            operations.switch_off(model=row, why=asked["why"], by=user, at=at)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Switched off. The rules speak alone from now on."))
            return go(request, reverse("admin:rules-model"))
    rows = AnomalyModel.objects.select_related("trained_by").prefetch_related("readings").order_by("-pk")[:MOST]
    shown = [_shown(row) for row in rows]
    return page(request, "model", status=form.status, form=form, rows=shown, far=drift.MOVED, place="rules")


def _shown(row: AnomalyModel) -> dict[str, Any]:
    above, found = row.metrics.get("above", {}), row.metrics.get("found_above", {})
    return {
        "model": row,
        "whole": anomaly.is_whole(row),
        "may_use": row.status == "CANDIDATE",
        "may_stop": row.status == "IN_USE",
        "above": [(at, f"{share * 100:.2f}", _percent(found.get(at))) for at, share in above.items()],
        "readings": sorted(row.readings.all(), key=lambda one: one.on_date, reverse=True)[:5],
        "looks_at": [_now(words) for _of, words in forest.FEATURES.values()],
    }


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f}"


def in_words(codes: list[str]) -> list[str]:
    """What made a payment odd to the model, in the reader's language."""
    return [_now(forest.FEATURES[code][1]) for code in codes if code in forest.FEATURES]
