"""Automatic saving: rules set up, paused, one left out, ended; what became of each run."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import operations
from apps.accounts.models import Account, AutoTransferRule, RuleCadence, RuleKind
from apps.accounts.operations import RuleTerms
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import OwnAccount, fresh_key
from apps.users.doors import signed_in
from apps.users.models import User

RUNS_SHOWN = 24
_NEEDS: dict[str, tuple[str, ...]] = {
    RuleKind.LOAN_DUES: (),
    RuleKind.FIXED: ("to_account", "amount", "cadence", "day"),
    RuleKind.PERCENTAGE: ("to_account", "share"),
    RuleKind.SWEEP_ABOVE: ("to_account", "threshold"),
    RuleKind.TOP_UP_BELOW: ("to_account", "threshold"),
    RuleKind.ROUND_UP: ("to_account", "amount"),
}


class RuleSheet(Sheet):
    """One rule; only the fields that its kind needs are there."""

    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=RuleKind.choices, widget=forms.HiddenInput)
    from_account = OwnAccount(label=_("From"))
    to_account = OwnAccount(label=_("To"))
    amount = AmountField(label=_("Amount"))
    share = forms.DecimalField(
        label=_("Share of what comes in, per cent"),
        min_value=Decimal("0.001"),
        max_value=100,
        max_digits=6,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    threshold = AmountField(label=_("Amount"))
    cadence = forms.ChoiceField(label=_("How often"), choices=RuleCadence.choices, initial=RuleCadence.MONTHLY)
    day = forms.IntegerField(
        label=_("Day (you may leave it out)"),
        required=False,
        min_value=1,
        max_value=31,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    floor = AmountField(label=_("Always leave at least (you may leave it out)"), required=False, may_be_zero=True)

    def __init__(self, *args: Any, user: User, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("to_account", "amount", "share", "threshold", "cadence", "day"):
            if name not in _NEEDS[kind]:
                del self.fields[name]
        own: Any = self.fields["from_account"]
        own.queryset = Account.objects.owned_by(user).to_pay_from().filter(currency="KES").in_order()
        if "to_account" in self.fields:
            to: Any = self.fields["to_account"]
            kept = Account.objects.owned_by(user).open().exclude(account_type="FIXED_DEPOSIT")
            to.queryset = kept.filter(currency="KES").in_order()
        if "amount" in self.fields and kind == RuleKind.ROUND_UP:
            self.fields["amount"].label = _("Round each payment up to the next")

    def terms(self) -> RuleTerms:
        """What was asked for."""
        asked = self.cleaned_data
        share = asked.get("share")
        return RuleTerms(
            kind=asked["kind"],
            from_account=asked["from_account"],
            to_account=asked.get("to_account"),
            amount=asked.get("amount"),
            rate=share / 100 if share else None,
            threshold=asked.get("threshold"),
            floor=asked.get("floor"),
            cadence=asked.get("cadence", ""),
            day=asked.get("day"),
        )


@require_http_methods(["GET", "POST"])
@customer_page
def new(request: HttpRequest) -> HttpResponse:
    """Choose what saves by itself, then how much."""
    user = signed_in(request)
    kind = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    if kind not in RuleKind.values:
        return show(request, "pay/auto_kind", kinds=RuleKind.choices)
    begin: dict[str, Any] = {"idempotency_key": fresh_key(), "kind": kind}
    savings = Account.objects.owned_by(user).open().filter(currency="KES", account_type="SAVINGS").first()
    if savings is not None:
        begin["to_account"] = savings.pk
    if request.GET.get("to", "").isdecimal():
        begin["to_account"] = request.GET["to"][:12]
    form = RuleSheet(request.POST if request.method == "POST" else None, user=user, kind=kind, initial=begin)
    if form.is_bound and form.is_valid():
        key = f"page/{form.cleaned_data['idempotency_key']}"
        try:
            rule = operations.make_rule(owner=user, terms=form.terms(), key=key, by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("It is set up and saves by itself from now on."))
            return done(request, "auto", rule.public_id)
    return show(request, "pay/auto_new", form, kind=kind, title=dict(RuleKind.choices)[kind])


def _own(user: User, public_id: uuid.UUID) -> AutoTransferRule:
    """One's own, or 404."""
    rows = AutoTransferRule.objects.owned_by(user).select_related("from_account", "to_account")
    return get_object_or_404(rows, public_id=public_id)


@require_GET
@customer_page
def rule(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What it says, and what became of its runs."""
    row = _own(signed_in(request), public_id)
    return show(request, "pay/auto", rule=row, runs=row.runs.order_by("-pk")[:RUNS_SHOWN])


@require_POST
@customer_page
def act(request: HttpRequest, public_id: uuid.UUID, act: str) -> HttpResponse:
    """Pause, resume, leave the next one out, or end it."""
    user = signed_in(request)
    row, at = _own(user, public_id), now()
    if act == "pause":
        operations.pause_rule(rule=row, until=None, by=user, at=at)
        words = gettext("Paused. Nothing moves until you resume it.")
    elif act == "resume":
        operations.resume_rule(rule=row, by=user, at=at)
        words = gettext("It saves again from now on.")
    elif act == "skip":
        operations.skip_rule(rule=row, skip=not row.skip_next, by=user, at=at)
        words = gettext("The next one happens.") if row.skip_next else gettext("The next one is left out.")
    else:
        operations.end_rule(rule=row, by=user, at=at)
        words = gettext("It is over. What it saved stays where it is.")
    messages.success(request, words)
    return done(request, "scheduled") if act == "end" else done(request, "auto", row.public_id)
