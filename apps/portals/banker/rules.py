"""The rules of the screen at the desk: what holds, and another version, after seeing what it would have done."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.fraud import operations, queries
from apps.fraud import rules as language
from apps.fraud.errors import NotTriedYet
from apps.fraud.models import BlockedItem, BlockedKind, FraudRule
from apps.fraud.operations.change_rule import CHANGE_RULE
from apps.fraud.queries import Proposed
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

RIGHT, REVIEWS = "fraud.manage_rules", "fraud.review_fraud"
WARNINGS = {
    "STOPS_EVERYONE": _("It would hold or stop everyone, ordinary payments as well."),
    "HOLDS_FOR_EVERYONE": _("It holds for everyone: it says nothing about a payment."),
    "STOPS_MANY": _("It would hold or stop more than 5 % of the payments."),
    "LETS_GO": _("Payments that are held or stopped today would go on."),
    "FEW_CHECKS": _("There are few payments to try it on: look at the figures with care."),
}
ACTIONS = {"ALLOW": _("Goes on"), "REVIEW": _("Held for a look"), "BLOCK": _("Stopped")}


class Version(Sheet):
    """A version as it is typed. `seen` is set by the page that showed what it would have done."""

    where = {"bad_rule": "expression", "rule_too_broad": "despite"}
    code = forms.CharField(label=_("Code"), max_length=30)
    expression = forms.CharField(label=_("Rule"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    weight = forms.DecimalField(
        label=_("Weight"), min_value=0, max_value=1, max_digits=4, decimal_places=3, initial=Decimal("0.3")
    )
    sentence_en = forms.CharField(label=_("In English"), max_length=200)
    sentence_sw = forms.CharField(label=_("In Kiswahili"), max_length=200)
    is_active = forms.BooleanField(label=_("It counts"), required=False, initial=True)
    customer_may_answer = forms.BooleanField(label=_("The customer may say that it was them"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200)
    despite = forms.CharField(label=_("The code once more, if the warning is meant"), max_length=30, required=False)
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class Block(Sheet):
    """What is blocked, why and for how long."""

    where = {"bad_block": "value", "blocked_already": "value", "reason_needed": "why"}
    kind = forms.ChoiceField(label=_("What"), choices=BlockedKind.choices)
    value = forms.CharField(label=_("Which"), max_length=80)
    why = forms.CharField(label=_("Reason"), max_length=300)
    days = forms.IntegerField(label=_("Days (empty: until it is lifted)"), required=False, min_value=1, max_value=3650)


@staff_page(RIGHT)
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule as it stands, what waits for a second person, and what a rule may ask."""
    waiting = Approval.objects.filter(kind=CHANGE_RULE, status=ApprovalStatus.PENDING).select_related("maker")
    how = {one.code: one for one in queries.quality(now())}
    rows = [(row, how.get(row.code)) for row in queries.versions_at(now())]
    return page(request, "rules", rules=rows, pending=waiting.order_by("pk"), place="rules")


@staff_page(RIGHT)
def rule(request: HttpRequest, code: str = "") -> HttpResponse:
    """Write the next version, see what it would have done to the last 90 days, then ask a second person."""
    versions = list(FraudRule.objects.filter(code=code).select_related("asked_by", "allowed_by").order_by("-version"))
    names = ("code", "expression", "weight", "sentence_en", "sentence_sw", "is_active", "customer_may_answer")
    begin = {name: getattr(versions[0], name) for name in names} if versions else {}
    form = Version(request.POST if request.method == "POST" else None, initial=begin)
    facts: dict[str, Any] = {"versions": versions, "code": code, "facts": _facts()}
    if not form.is_bound or not form.is_valid():
        return _page(request, form, facts)
    asked, at = form.cleaned_data, now()
    proposed = Proposed(asked["code"].strip(), asked["expression"].strip(), asked["weight"], asked["is_active"])
    try:
        facts["test"] = test = operations.back_test(proposed=proposed, by=signed_in(request), at=at)
        facts["warnings"] = [WARNINGS[code] for code in test.warnings]
        facts["rows"] = [(ACTIONS[action], was, would) for action, was, would in test.rows]
        facts["samples"] = [
            sample | {"was": ACTIONS[sample["was"]], "would": ACTIONS[sample["would"]]} for sample in test.samples
        ]
        facts["seal"] = hashlib.sha256(repr(proposed).encode()).hexdigest()
        if asked["seen"] != facts["seal"]:
            return _page(request, form, facts)
        rest = ("sentence_en", "sentence_sw", "customer_may_answer", "reason")
        approval = operations.ask_rule_change(
            proposed=proposed,
            despite=asked["despite"].strip(),
            by=signed_in(request),
            at=at,
            **{name: asked[name] for name in rest},
        )
    except NotTriedYet:  # it runs by itself; the page shows how far it is
        facts["job"] = operations.ask_back_test(proposed=proposed, by=signed_in(request), at=at)
        return _page(request, form, facts)
    except DomainError as no:
        form.refuse(no)
        return _page(request, form, facts)
    messages.success(request, _now("Asked. Another member of staff decides."))
    return go(request, reverse("admin:approval", args=[approval.pk]))


def _page(request: HttpRequest, form: Version, facts: dict[str, Any]) -> HttpResponse:
    return page(request, "rule", status=form.status, place="rules", form=form, **facts)


def _facts() -> list[tuple[str, str, Any]]:
    return [(name, kind.value, _now(means)) for name, (kind, means) in language.FACTS.items()]


@staff_page(REVIEWS)
def blocked(request: HttpRequest) -> HttpResponse:
    """What may not take part now, what was lifted last, and blocking something more."""
    form, at = Block(request.POST if request.method == "POST" else None), now()
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        until = at + timedelta(days=asked["days"]) if asked["days"] else None
        try:
            operations.block(
                kind=asked["kind"], value=asked["value"], why=asked["why"], until=until, by=signed_in(request), at=at
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Blocked. The screen stops it from now on."))
            return go(request, reverse("admin:blocked"))
    rows = BlockedItem.objects.select_related("blocked_by", "lifted_by")
    return page(
        request,
        "blocked",
        status=form.status,
        form=form,
        live=rows.filter(lifted_at=None).order_by("-pk")[:100],
        lifted=rows.exclude(lifted_at=None).order_by("-lifted_at")[:15],
        at=at,
        place="blocked",
    )


@staff_page(REVIEWS)
def lift(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Ask to end one block; the reason comes with the button's form, and another officer allows it."""
    item = get_object_or_404(BlockedItem, public_id=public_id)
    if request.method == "POST":
        operations.ask_lift(item=item, why=request.POST.get("why", "")[:300], by=signed_in(request), at=now())
        messages.success(request, _now("Asked. Another officer must allow it; nothing has changed yet."))
    return go(request, reverse("admin:blocked"))
