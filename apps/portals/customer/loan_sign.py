"""Signing an offer: everything it costs on one page, then the proof that it is the borrower."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.lending import documents, offers, operations, renewals
from apps.lending.models import Loan, LoanStatus
from apps.portals.customer import step_up as steps
from apps.portals.customer.door import customer_page
from apps.portals.customer.loan_facts import worked_out
from apps.portals.customer.loans import own_loan
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in
from apps.users.models import User


def _proof(request: HttpRequest, user: User, loan: Loan) -> steps.Bound:
    return steps.Bound(
        request,
        user,
        f"loan:{loan.public_id}",
        lambda way: operations.challenge(loan=loan, by=user, at=now(), method=way),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def sign(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The offer once more, and the proof. A signed one leads to its page, so a second press changes nothing."""
    user = signed_in(request)
    loan = own_loan(user, public_id)
    if loan.status != LoanStatus.APPROVED or loan.accepted_at:
        return done(request, "loan", loan.public_id)
    proof = _proof(request, user, loan)
    step = proof.step()
    form = steps.Proof(request.POST if request.method == "POST" else None, is_proved=step.is_proved)
    if form.is_bound and form.is_valid():
        try:
            steps.answer(request, step, form, user)
            challenge_id = step.challenge.pk if step.challenge else None
            loan = operations.accept(loan=loan, challenge_id=challenge_id, by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            proof.forget()
            return _signed(request, loan)
    return _page(request, loan, form, proof.step())


def _signed(request: HttpRequest, loan: Loan) -> HttpResponse:
    is_there = loan.status == LoanStatus.ACTIVE
    words = gettext("The money is on your account.") if is_there else gettext("Signed. An officer pays the money out.")
    messages.success(request, words)
    return done(request, "loan", loan.public_id)


def _page(request: HttpRequest, loan: Loan, form: steps.Proof, step: steps.Step) -> HttpResponse:
    shown = offers.of_loan(loan, local_date(now()))
    facts: dict[str, Any] = documents.penalties_of(shown)
    rows = list(zip(shown.plan.rows, worked_out(shown.plan.inputs, loan.currency), strict=True))
    return show(
        request,
        "borrow/sign",
        form,
        loan=loan,
        offer=shown,
        terms=loan.terms,
        rows=rows,
        last=shown.plan.rows[-1],
        step=step,
        sent=request.GET.get("sent"),
        renewed=renewals.beside(loan.replaces, renewals.rows_of(loan.replaces), shown, now())
        if loan.replaces
        else None,
        **facts,
    )


@require_POST
@customer_page
def code(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A code, or another way of proving it."""
    user = signed_in(request)
    loan = own_loan(user, public_id)
    proof = _proof(request, user, loan)
    try:
        proof.ask()
    except DomainError as no:
        if loan.status != LoanStatus.APPROVED:
            return done(request, "loan", loan.public_id)
        return _page(request, loan, steps.refused(no), proof.step())
    return done(request, "loan-sign", loan.public_id, query="?sent=1")
