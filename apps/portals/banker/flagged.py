"""Payments that the screen held: looked at by a person, cleared or stopped, with a note."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.fraud import operations as fraud
from apps.fraud.models import FlaggedTransaction, FraudCheck, FraudRule
from apps.fraud.queries import RulesAsked, devices_of, rules_asked
from apps.fraud.rules import FACTS, Kind
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.payments.models import Payment
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.banker.model import in_words
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

RIGHT = "fraud.review_fraud"
MOST = 100
MOST_DEVICES = 10


class Decide(Sheet):
    """The decision and its reason."""

    note = forms.CharField(label=_("What you found out"), max_length=300)
    decision = forms.ChoiceField(
        choices=[(name, name) for name in ("clear", "stop", "payee_bad", "payee_good")],
        widget=forms.HiddenInput,
    )


DECISIONS: dict[str, tuple[Callable[..., None], str | Promise]] = {
    "clear": (fraud.clear, _("Cleared. The payment goes its way.")),
    "stop": (fraud.confirm_fraud, _("Stopped. The customer has all of it back.")),
    "payee_bad": (partial(fraud.judge_payee, is_fraud=True), _("Noted. The screen knows this payee now.")),
    "payee_good": (partial(fraud.judge_payee, is_fraud=False), _("Noted. The doubt is lifted.")),
}


@staff_page(RIGHT)
def flagged(request: HttpRequest) -> HttpResponse:
    """What waits, the most urgent first, and what was decided last."""
    rows = FlaggedTransaction.objects.select_related("check_made", "reviewed_by")
    waiting = list(rows.filter(status="OPEN").order_by("answer_by")[:MOST])
    decided = list(rows.exclude(status="OPEN").order_by("-reviewed_at")[:15])
    return page(
        request,
        "flagged",
        waiting=_with_reasons(waiting),
        decided=_with_reasons(decided),
        at=now(),
        place="flagged",
    )


@staff_page(RIGHT)
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """One held payment: why it is here, what it is, and the decision. The look at its customer is recorded."""
    user, at = signed_in(request), now()
    rows = FlaggedTransaction.objects.select_related("check_made", "user", "reviewed_by", "payee_judged_by")
    row = get_object_or_404(rows, pk=pk)
    record_look(user, row.user, _now("A payment that the screen held"))
    form = Decide(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        decide, done = DECISIONS[form.cleaned_data["decision"]]
        try:
            decide(flag=row, note=form.cleaned_data["note"], by=user, at=at)
        except DomainError as no:
            form.refuse(no)
            row.refresh_from_db()
        else:
            messages.success(request, str(done))
            return go(request, reverse("admin:flagged"))
    return page(
        request,
        "flag",
        status=form.status,
        form=form,
        flag=row,
        rules=_rules(row, rules_asked([row.check_made])),
        facts=_facts(row.check_made),
        odd=in_words(row.check_made.anomaly_because),
        judges=row.customer_said == "NO" and row.payee_is_fraud is None and row.user_id != user.pk,
        prints=devices_of(row.user_id),
        devices=row.user.devices.order_by("-last_seen_at")[:MOST_DEVICES],
        payment=_payment(row.reference),
        at=at,
        mine=row.user_id == user.pk,
        place="flagged",
    )


def _with_reasons(rows: Sequence[FlaggedTransaction]) -> list[tuple[FlaggedTransaction, list[str]]]:
    """Each with what the rules that held say of it, as they stood then."""
    asked = rules_asked([row.check_made for row in rows])
    return [(row, [words for words, _rule in _rules(row, asked)]) for row in rows]


def _rules(row: FlaggedTransaction, asked: RulesAsked) -> list[tuple[str, FraudRule | None]]:
    """Each rule that held, in words about this payment, and its version of then."""
    check, found = row.check_made, []
    for code in check.reasons:
        rule = asked.get((code, check.rule_versions.get(code, 1)))
        found.append((rule.said(check.facts or {"amount": check.amount_minor}, check.currency) if rule else code, rule))
    return found


def _facts(check: FraudCheck) -> list[tuple[Any, Any]]:
    """What was known, in words: amounts as money, yes and no, and counts."""
    known = [(name, kind, means) for name, (kind, means) in FACTS.items() if name in check.facts]
    return [
        (_now(means), Money(check.facts[name], check.currency) if kind is Kind.MONEY else check.facts[name])
        for name, kind, means in known
    ]


def _payment(reference: str) -> Payment | None:
    """The payment a flag is about."""
    try:
        public_id = UUID(reference.removeprefix("payments/"))
    except ValueError:
        return None
    rows = Payment.objects.select_related("from_account", "to_account")
    return rows.filter(public_id=public_id).first()
