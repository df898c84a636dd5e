"""Payments that the screen held: looked at by a person, cleared or stopped, with a note."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.fraud import operations as fraud
from apps.fraud.models import FlaggedTransaction, FraudRule
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.payments.models import Payment
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

RIGHT = "fraud.review_fraud"
MOST = 100
WORDS = {
    "VELOCITY": _("Many payments in ten minutes"),
    "VELOCITY_EXTREME": _("Very many payments in ten minutes"),
    "LARGE_AMOUNT": _("A large amount"),
    "LARGE_TO_NEW": _("A large amount to someone never paid before"),
    "UNUSUAL_AMOUNT": _("Far more than this account usually pays"),
    "LARGE_DAY": _("Much sent in one day"),
}
_COUNTED, _TIMES = {"VELOCITY", "VELOCITY_EXTREME"}, {"UNUSUAL_AMOUNT"}


class Decide(Sheet):
    """The decision and its reason."""

    note = forms.CharField(label=_("What you found out"), max_length=300)
    decision = forms.ChoiceField(choices=[("clear", "clear"), ("stop", "stop")], widget=forms.HiddenInput)


@staff_page(RIGHT)
def flagged(request: HttpRequest) -> HttpResponse:
    """What waits, the most urgent first, and what was decided last."""
    rows = FlaggedTransaction.objects.select_related("check_made", "reviewed_by")
    waiting = list(rows.filter(status="OPEN").order_by("answer_by")[:MOST])
    decided = list(rows.exclude(status="OPEN").order_by("-reviewed_at")[:15])
    return page(
        request,
        "flagged",
        waiting=[(row, _reasons(row)) for row in waiting],
        decided=[(row, _reasons(row)) for row in decided],
        at=now(),
        place="flagged",
    )


@staff_page(RIGHT)
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """One held payment: why it is here, what it is, and the decision. The look at its customer is recorded."""
    user, at = signed_in(request), now()
    rows = FlaggedTransaction.objects.select_related("check_made", "user", "reviewed_by")
    row = get_object_or_404(rows, pk=pk)
    record_look(user, row.user, _now("A payment that the screen held"))
    form = Decide(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        decide, done = {
            "clear": (fraud.clear, _now("Cleared. The payment goes its way.")),
            "stop": (fraud.confirm_fraud, _now("Stopped. The customer has all of it back.")),
        }[form.cleaned_data["decision"]]
        try:
            decide(flag=row, note=form.cleaned_data["note"], by=user, at=at)
        except DomainError as no:
            form.refuse(no)
            row.refresh_from_db()
        else:
            messages.success(request, done)
            return go(request, reverse("admin:flagged"))
    return page(
        request,
        "flag",
        status=form.status,
        form=form,
        flag=row,
        rules=_rules(row),
        payment=_payment(row.reference),
        at=at,
        mine=row.user_id == user.pk,
        place="flagged",
    )


def _reasons(row: FlaggedTransaction) -> list[Any]:
    return [WORDS.get(code, code) for code in row.check_made.reasons]


def _rules(row: FlaggedTransaction) -> list[tuple[Any, str, Any, Any]]:
    """Each rule that held: in words, its code, where it begins and its weight, as they stand now."""
    figures = {rule.code: rule for rule in FraudRule.objects.filter(is_active=True).order_by("version")}
    found = []
    for code in row.check_made.reasons:
        rule = figures.get(code)
        found.append((WORDS.get(code, code), code, rule and _threshold(rule), rule and rule.weight))
    return found


def _threshold(rule: FraudRule) -> Any:
    """Where the rule begins, in the unit it counts in."""
    if rule.code in _COUNTED:
        return _now("%(n)s payments") % {"n": int(rule.threshold)}
    if rule.code in _TIMES:
        return _now("%(n)s times the usual") % {"n": f"{rule.threshold.normalize():f}"}
    return Money(int(rule.threshold), "KES")


def _payment(reference: str) -> Payment | None:
    """The payment a flag is about."""
    try:
        public_id = UUID(reference.removeprefix("payments/"))
    except ValueError:
        return None
    rows = Payment.objects.select_related("from_account", "to_account")
    return rows.filter(public_id=public_id).first()
