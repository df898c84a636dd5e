"""One loan: where it stands in words, its schedule and the versions before, its papers, taking an application back."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.queries import holding
from apps.credit_scoring.models import Decision
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.lending import documents, guarantors, operations, owed, renewals
from apps.lending.models import OPEN, Guarantee, Instalment, Loan, LoanStatus, Repayment, Tranche, TrancheStatus
from apps.lending.operations.disburse import PAID_OUT
from apps.lending.security import security_of
from apps.portals.customer.door import customer_page
from apps.portals.customer.loan_facts import Answer, answer_of, standing_of, versions_of
from apps.portals.customer.loan_late import late_plan
from apps.portals.customer.loan_pay import Pay
from apps.portals.customer.pages import done, show
from apps.portals.customer.public import SUPPORT_PHONE, SUPPORT_PHONE_SHOWN
from apps.users.doors import signed_in
from apps.users.models import User

TOO_MANY = _("Too many papers at once. Wait a minute and try again.")
REPAYMENTS = 50


def own_loan(user: User, public_id: uuid.UUID) -> Loan:
    """One's own, or 404."""
    rows = Loan.objects.owned_by(user).shown().select_related("account__product")
    return get_object_or_404(rows, public_id=public_id)


@require_GET
@customer_page
def loan(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Running: what is owed, and paying it. Before: what we wait for, or the offer. After: how it ended."""
    user, at = signed_in(request), now()
    row = own_loan(user, public_id)
    if row.status in OPEN:
        return _before(request, row)
    if row.status not in PAID_OUT:
        return show(request, "borrow/declined", loan=row, answer=_answer(row))
    versions = versions_of(row, at)
    standing = (
        standing_of(row, [shown.row for shown in versions[0].rows], at) if row.status == LoanStatus.ACTIVE else None
    )
    days = owed.on_days(row, standing.rows, at, owed.payoff_days(at)) if standing else []
    parts = list(Tranche.objects.filter(loan=row).order_by("number")) if row.terms.most_parts > 1 else []
    return show(
        request,
        "borrow/loan",
        loan=row,
        security=security_of(row, local_date(at)),
        standing=standing,
        pay=Pay.fresh() if standing else None,
        held=holding(row.account) if standing else None,
        days=days,
        spares=any(one.saves.minor for one in days),
        parts=parts,
        has_parts_to_come=any(part.status == TrancheStatus.PLANNED for part in parts),
        may_have_more=_may_have_more(row, standing.rows, at) if standing else False,
        followed_by=Loan.objects.filter(replaces=row, status__in=PAID_OUT).first(),
        current=versions[0],
        before=versions[1:],
        repayments=Repayment.objects.filter(loan=row).select_related("reversal").order_by("-pk")[:REPAYMENTS],
        guarantees=list(Guarantee.objects.filter(loan=row).select_related("guarantor").order_by("pk")),
        plan=late_plan(row, at) if standing and standing.due else None,
        phone=SUPPORT_PHONE,
        phone_shown=SUPPORT_PHONE_SHOWN,
    )


def _may_have_more(row: Loan, rows: Sequence[Instalment], at: datetime) -> bool:
    """Whether more is lent on top of it now."""
    try:
        renewals.require_good_standing(row, rows, at)
    except DomainError:
        return False
    return True


def _before(request: HttpRequest, row: Loan) -> HttpResponse:
    """Asked for, being looked at, or offered."""
    asked = list(Guarantee.objects.filter(loan=row).select_related("guarantor").order_by("pk"))
    return show(
        request,
        "borrow/waiting",
        loan=row,
        security=security_of(row, local_date(now())),
        guarantees=asked,
        cover=guarantors.cover_of(row, asked) if row.terms.guarantee_cover else None,
        may_sign=row.status == LoanStatus.APPROVED and row.accepted_at is None,
        answer=_answer(row),
    )


def _answer(row: Loan) -> Answer | None:
    decision = Decision.objects.owned_by(row.borrower).filter(pk=row.decision_id).first() if row.decision_id else None
    return answer_of(decision)


@require_POST
@customer_page
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take an application back, or decline an offer."""
    user = signed_in(request)
    row = own_loan(user, public_id)
    operations.cancel(loan=row, by=user, at=now())
    messages.success(request, gettext("Taken back. No money moved, and nothing is owed."))
    return done(request, "loan", row.public_id)


@require_POST
@customer_page
def auto_debit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Whether what is due is taken from the account by itself."""
    user = signed_in(request)
    row = own_loan(user, public_id)
    on = request.POST.get("on") == "1"
    operations.set_auto_debit(loan=row, on=on, by=user, at=now())
    words = (
        gettext("What is due is taken from your account on its day.")
        if on
        else gettext("Nothing is taken by itself any more. Pay by hand on the day, or the loan is late.")
    )
    messages.success(request, words)
    return done(request, "loan", row.public_id)


@require_POST
@customer_page
def give_up_parts(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Give up the parts that were not paid out yet."""
    user = signed_in(request)
    row = own_loan(user, public_id)
    operations.cancel_parts(loan=row, by=user, at=now())
    messages.success(request, gettext("Given up. Nothing of those parts is owed."))
    return done(request, "loan", row.public_id)


@require_GET
@customer_page
def contract(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The contract of an offer or of a loan that was paid out."""
    row = own_loan(signed_in(request), public_id)
    if row.status not in (*PAID_OUT, *OPEN):
        raise Http404
    require("money", caller_of(request), TOO_MANY)
    return documents.contract_of_loan(row, at=now())


@require_GET
@customer_page
def statement(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """All that happened to it."""
    row = own_loan(signed_in(request), public_id)
    if row.status not in PAID_OUT:
        raise Http404
    require("money", caller_of(request), TOO_MANY)
    return documents.statement_of_loan(row, at=now())


@require_GET
@customer_page
def schedule(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What is due when, and what was paid."""
    row = own_loan(signed_in(request), public_id)
    if row.status not in PAID_OUT:
        raise Http404
    require("money", caller_of(request), TOO_MANY)
    return documents.schedule_of_loan(row, at=now())


@require_GET
@customer_page
def clearance(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The letter that all of it was paid back."""
    row = own_loan(signed_in(request), public_id)
    if row.status != LoanStatus.PAID:
        raise Http404
    require("money", caller_of(request), TOO_MANY)
    return documents.clearance_of_loan(row, at=now())
