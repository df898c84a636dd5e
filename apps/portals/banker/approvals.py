"""Maker-checker: what was asked, before and after, and the decision of a second person."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import rules
from apps.accounts.models import ChargedFor, Product
from apps.accounts.operations.tariff import CHANGE_TARIFF
from apps.kernel import approvals as engine
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.notifications.queries import CHANGE_TEXT
from apps.portals import tariffs as dated
from apps.portals.banker.door import page, staff_page, waiting_for
from apps.portals.banker.said import changed_text
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in


class Decide(Sheet):
    """The decision, with a reason when it goes back."""

    note = forms.CharField(label=_("Reason or note"), max_length=400, required=False)
    decision = forms.ChoiceField(
        choices=[(way, way) for way in ("approve", "return", "withdraw")], widget=forms.HiddenInput
    )


@staff_page()
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for me, what I asked for, what was decided lately."""
    user = signed_in(request)
    asked = Approval.objects.filter(maker=user).select_related("checker").order_by("-pk")[:15]
    decided = Approval.objects.filter(checker=user).select_related("maker").order_by("-pk")[:15]
    return page(request, "approvals", queue=[shown(row) for row in waiting_for(user)[:50]], asked=map(shown, asked),
                decided=map(shown, decided))  # fmt: skip


@staff_page()
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: decide it once. Who may not see it finds nothing, as at a wrong number."""
    user = signed_in(request)
    row = engine.seen_by(user).select_related("maker", "checker").filter(pk=pk).first()
    if row is None:
        return page(
            request, "refused", status=404, title=_now("There is nothing here"), detail=_now("Or it is not yours.")
        )
    mine = row.maker_id == user.pk
    may_decide = not mine and row.kind in engine.decidable_kinds(user)
    form = Decide(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            if form.cleaned_data["decision"] == "approve":
                engine.approve(approval=row, by=user, at=now(), note=note)
                messages.success(request, _now("Approved and done."))
            elif form.cleaned_data["decision"] == "withdraw":
                engine.withdraw(approval=row, by=user, at=now())
                messages.success(request, _now("Taken back. Nothing was done."))
            else:
                engine.send_back(approval=row, by=user, at=now(), reason=note)
                messages.success(request, _now("Returned to its maker. Nothing was done."))
        except DomainError as no:
            form.refuse(no, "note" if form.cleaned_data["decision"] == "return" and not note else None)
            row.refresh_from_db()  # the engine had moved it in memory; what stands in the database counts
        else:
            return go(request, reverse("admin:approvals"))
    open_ = row.status == ApprovalStatus.PENDING
    return page(
        request, "approval", status=form.status, place="approvals", form=form, **shown(row),
        can_decide=may_decide and open_, mine=mine, text=changed_text(row) if row.kind == CHANGE_TEXT else None,
    )  # fmt: skip


def shown(row: Approval) -> dict[str, Any]:
    """A request with its kind in words, and what changes, changed fields first."""
    names = sorted({*row.before, *row.after}, key=lambda name: (row.before.get(name) == row.after.get(name), name))
    rows = [(name.replace("_", " "), row.before.get(name), row.after.get(name)) for name in names]
    shown = {"row": row, "kind": engine.label_of(row), "changes": rows}
    return shown | {"tariff": _tariff(row)} if row.kind == CHANGE_TARIFF else shown


def _tariff(row: Approval) -> dict[str, Any]:
    """What something would cost, before and after, as people read it."""
    asked = row.payload
    currency, begins = asked["currency"], date.fromisoformat(asked["valid_from"])
    product = Product.objects.filter(pk=asked["product"]).first() if asked["product"] else None

    def bands(of: dict[str, Any]) -> Any:
        read = [rules.Band(**{**band, "rate": Decimal(band["rate"])}) for band in of.get("bands", [])]
        return dated.shown(read, currency, dated.duty_on(asked["charged_for"], begins))

    return {
        "label": dict(ChargedFor.choices)[asked["charged_for"]],
        "product": product,
        "begins": begins,
        "before": bands(row.before),
        "after": bands(row.after),
        "has_amounts": asked["charged_for"] != ChargedFor.MONTHLY,
    }
