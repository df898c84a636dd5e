"""Loans at the desk: what waits for a decision, and one loan with everything a decision needs."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring import wording
from apps.credit_scoring.models import BureauReport, CreditScore, Decision
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.lending import offers, operations, owed
from apps.lending.affordability import affordability_of
from apps.lending.models import CollectionCase, Guarantee, Instalment, Loan, LoanStatus, Why
from apps.lending.operations.back_date import BACK_DATE
from apps.lending.operations.refinance import REFINANCE
from apps.lending.operations.restructure import RESTRUCTURE
from apps.lending.operations.reverse_repayment import REVERSE_REPAYMENT
from apps.lending.operations.write_off import WRITE_OFF
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.loan_facts import versions_of
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User

SEE = "lending.view_loans"
PER_PAGE = 25
VIEWS = {
    "waiting": (_("To be decided"), [LoanStatus.APPLIED, LoanStatus.UNDER_REVIEW]),
    "offered": (_("Offered"), [LoanStatus.APPROVED]),
    "running": (_("Running"), [LoanStatus.ACTIVE]),
    "late": (_("Late"), [LoanStatus.ACTIVE]),
    "over": (_("Over"), [LoanStatus.PAID, LoanStatus.REJECTED, LoanStatus.CANCELLED, LoanStatus.WRITTEN_OFF]),
}


class Decide(Sheet):
    """A word for the record, and which button was pressed."""

    note = forms.CharField(label=_("Note"), max_length=1900, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class Change(Sheet):
    """Other terms for a loan that runs."""

    why = forms.ChoiceField(label=_("What changes"), choices=[])
    periods = forms.IntegerField(label=_("Instalments"), min_value=0, max_value=60, required=False, initial=0)
    percent = forms.DecimalField(
        label=_("New rate in per cent, for the time of the product"),
        required=False,
        min_value=0,
        max_value=Decimal("99.99"),
        max_digits=6,
        decimal_places=4,
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = (Why.RESCHEDULED, Why.MORATORIUM, Why.REAGED, Why.NEW_RATE)
        self.fields["why"].choices = [(one.value, one.label) for one in kinds]  # type: ignore[attr-defined]  # a ChoiceField


@staff_page(SEE)
def loans(request: HttpRequest) -> HttpResponse:
    """The queue: what waits first, the oldest first; then what runs, what is late, what is over."""
    chosen = request.GET.get("view", "waiting")
    chosen = chosen if chosen in VIEWS else "waiting"
    rows = Loan.objects.shown().filter(status__in=VIEWS[chosen][1])
    order = {"waiting": ("applied_at", "pk"), "late": ("-days_past_due", "pk")}.get(chosen, ("-pk",))
    rows = rows.filter(days_past_due__gt=0) if chosen == "late" else rows
    found = Paginator(rows.order_by(*order), PER_PAGE).get_page(request.GET.get("page"))
    views = [(code, label, code == chosen) for code, (label, _statuses) in VIEWS.items()]
    return page(request, "loans", rows=found, views=views, chosen=chosen, at=now(), place="loans")


ACTS = {"recommend", "advise_against", "approve", "reject", "disburse", "write_off", "change"}


@staff_page(SEE)
def loan(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One loan. The look at its borrower is recorded; what is pressed goes through the same operations as the API."""
    user = signed_in(request)
    row = get_object_or_404(Loan.objects.shown(), public_id=public_id)
    if row.borrower_id != user.pk:
        record_look(user, row.borrower, _now("A loan"))
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act and act not in ACTS:
        raise Http404
    form = Decide(request.POST if act and act != "change" else None)
    change = Change(request.POST if act == "change" else None)
    used = change if act == "change" else form
    if used.is_bound and used.is_valid():
        try:
            said = _act(act, row, used, user)
        except DomainError as no:
            used.refuse(no)
            row.refresh_from_db()
        else:
            messages.success(request, said)
            return go(request, reverse("admin:loan", args=[row.public_id]))
    return page(request, "loan", status=used.status, form=form, change=change, place="loans", **_facts(row, user))


def _act(act: str, row: Loan, form: Sheet, by: User) -> str:
    """One act on a loan, and what is said when it is done. Raises DomainError."""
    asked, at = form.cleaned_data, now()
    if act in ("recommend", "advise_against"):
        operations.review(loan=row, recommends=act == "recommend", note=asked["note"], by=by, at=at)
        return _now("Your review is kept. Another officer decides.")
    if act == "approve":
        operations.approve(loan=row, by=by, at=at, note=asked["note"])
        return _now("Approved. The borrower is told and signs the offer.")
    if act == "reject":
        operations.reject(loan=row, because=asked["note"], by=by, at=at)
        return _now("Declined. The borrower reads your reason.")
    if act == "disburse":
        operations.disburse(loan=row, by=by, at=at)
        return _now("Paid out. The money is on the borrower's account.")
    if act == "write_off":
        operations.ask_write_off(loan=row, reason=asked["note"], by=by, at=at)
        return _now("Asked. Another person decides.")
    percent = asked.get("percent")
    operations.ask_restructure(
        loan=row,
        why=asked["why"],
        periods=asked.get("periods") or 0,
        rate=None if percent is None else percent / 100,
        reason=asked["reason"],
        by=by,
        at=at,
    )
    return _now("Asked. Another officer decides.")


def _facts(row: Loan, user: User) -> dict[str, Any]:
    at = now()
    rows = list(Instalment.objects.current().filter(loan=row).order_by("number"))
    decision = Decision.objects.filter(pk=row.decision_id or 0).first()
    scores = CreditScore.objects.select_related("snapshot").filter(user=row.borrower)
    score = scores.filter(pk=decision.score_id).first() if decision else scores.order_by("-pk").first()
    language = get_language() or "en"
    waits = row.status in (LoanStatus.APPLIED, LoanStatus.UNDER_REVIEW, LoanStatus.APPROVED)
    shown = offers.of_loan(row, local_date(at)) if waits else None
    pending = Approval.objects.filter(
        subject=f"loan/{row.pk}",
        kind__in=[RESTRUCTURE, WRITE_OFF, REFINANCE, BACK_DATE, REVERSE_REPAYMENT],
        status=ApprovalStatus.PENDING,
    )
    return {
        "loan": row,
        "is_mine": row.borrower_id == user.pk,
        "waits": waits,
        "offer": shown,
        "planned": _planned(shown) if shown else [],
        "carries": affordability_of(row, shown.plan.rows, score, local_date(at)) if shown and score else None,
        "bureau": BureauReport.objects.filter(user=row.borrower).order_by("-pk").first() if waits else None,
        "rows": [(one, one.status(local_date(at))) for one in rows],
        "owed": owed.payoff(row, rows, at).total if row.status == LoanStatus.ACTIVE else None,
        "versions": versions_of(row, at) if rows else [],
        "followed_by": Loan.objects.filter(replaces=row).exclude(disbursed_at=None).first(),
        "repayments": list(row.repayments.select_related("reversal__moved_to").order_by("-pk")[:20]),
        "guarantees": list(Guarantee.objects.filter(loan=row).select_related("guarantor").order_by("pk")),
        "decision": decision,
        "score": score,
        "factors": wording.explain(score.factors, language) if score else [],
        "reasons": wording.explain_reasons(decision.reasons, language) if decision else [],
        "notes": wording.explain_notes(score.notes, language) if score else [],
        "pending": list(pending.select_related("maker")),
        "case": CollectionCase.objects.open().filter(loan=row).first()
        if user.has_perm("lending.collect_loans")
        else None,
        "can": {
            "approve": user.has_perm("lending.approve_loan"),
            "disburse": user.has_perm("lending.disburse_loan"),
            "write_off": user.has_perm("lending.write_off_loan"),
        },
    }


def _planned(shown: offers.Offer) -> list[dict[str, Any]]:
    from_minor = shown.principal.currency
    return [{"row": row, "currency": from_minor} for row in shown.plan.rows]
