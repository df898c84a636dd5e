"""What borrowers are told when something happens to a loan, and what money coming in is used for."""

from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.events import DepositReceived
from apps.kernel.clock import local_date, now
from apps.kernel.events import subscribe
from apps.kernel.money import total
from apps.lending import operations
from apps.lending.events import (
    CollateralReleased,
    GuaranteeAsked,
    LimitChanged,
    LoanApplied,
    LoanApproved,
    LoanCancelled,
    LoanDisbursed,
    LoanOverdue,
    LoanPaid,
    LoanRejected,
    LoanRepaid,
)
from apps.lending.models import Collateral, CreditLimit, Guarantee, Instalment, Loan, LoanStatus, Repayment
from apps.lending.operations import day as loans
from apps.notifications import operations as notifications
from apps.users.rules import half_name


@subscribe(LoanApplied)
def tell_that_a_person_looks(event: LoanApplied) -> None:
    """Only when one does: what decides itself has its answer already."""
    loan = _loan(event.loan_id)
    if loan.status in (LoanStatus.APPLIED, LoanStatus.UNDER_REVIEW):
        _tell("applied", loan, {"amount": str(loan.principal)})


@subscribe(LoanApproved)
def tell_of_the_offer(event: LoanApproved) -> None:
    """Until when it holds; not when it was taken in the same breath."""
    loan = _loan(event.loan_id)
    if loan.status == LoanStatus.APPROVED and loan.offer_until:
        until = date_format(local_date(loan.offer_until))
        _tell("approved", loan, {"amount": str(loan.principal), "cost": str(loan.cost), "until": until})


@subscribe(LoanRejected)
def tell_why_not(event: LoanRejected) -> None:
    """The reason in words."""
    loan = _loan(event.loan_id)
    with translation.override(loan.borrower.language):
        because = _("Your score is too low for now.") if event.because == "SCORE" else event.because
    _tell("rejected", loan, {"because": because})


@subscribe(LoanDisbursed)
def tell_of_the_money(event: LoanDisbursed) -> None:
    """With the first date."""
    loan = _loan(event.loan_id)
    first = Instalment.objects.filter(loan=loan, schedule__version=1).order_by("number")[0]
    context = {"amount": str(loan.principal), "first": str(first.total), "due_on": date_format(first.due_on)}
    _tell("disbursed", loan, context)


@subscribe(LoanRepaid)
def tell_what_is_left(event: LoanRepaid) -> None:
    """Each repayment, once; the last one is told as such."""
    row = Repayment.objects.select_related("loan__borrower").get(pk=event.repayment_id)
    loan = row.loan
    if loan.status in (LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF):
        rows = Instalment.objects.unpaid().filter(loan=loan)
        left = total((one.left for one in rows), loan.currency)
        if loan.status == LoanStatus.WRITTEN_OFF:
            left = loan.written_off - loan.recovered
        _tell("repaid", loan, {"amount": str(row.amount), "left": str(left)}, key=f"repaid/{row.pk}")


@subscribe(LoanPaid)
def tell_that_it_is_over(event: LoanPaid) -> None:
    """Nothing is owed."""
    _tell("paid", _loan(event.loan_id), {})


@subscribe(LoanOverdue)
def tell_that_it_is_late(event: LoanOverdue) -> None:
    """On days 1, 3, 7, 14, 30, 60 and 90, to the borrower alone."""
    loan = _loan(event.loan_id)
    if loan.status == LoanStatus.ACTIVE and loan.arrears_minor:
        context = {"amount": str(loan.arrears), "days": str(event.days_past_due)}
        _tell("overdue", loan, context, key=f"overdue/{loan.oldest_due_on}/{event.days_past_due}")


@subscribe(GuaranteeAsked)
def tell_the_guarantor(event: GuaranteeAsked) -> None:
    """What they are asked to stand for, and for whom."""
    row = Guarantee.objects.select_related("loan__borrower", "guarantor").get(pk=event.guarantee_id)
    context = {
        "reference": row.loan.reference,
        "amount": str(row.amount),
        "borrower": half_name(row.loan.borrower.full_name),
    }
    notifications.send(
        "lending.guarantee_asked", to=row.guarantor, context=context, at=now(), key=f"guarantee/{row.pk}/asked"
    )


@subscribe(DepositReceived)
def collect_what_is_due(event: DepositReceived) -> None:
    """Money came in: what is due is taken from it now, once for each deposit."""
    loans.collect_from(account_id=event.account_id, key=f"deposit/{event.cash_id}", at=now())


@subscribe(LoanRepaid)
def free_what_is_no_longer_needed(event: LoanRepaid) -> None:
    """Guarantors have back what the principal no longer needs."""
    operations.free_guarantees(loan=_loan(event.loan_id), at=now())


@subscribe(LoanRejected)
def free_guarantees_of_a_declined_loan(event: LoanRejected) -> None:
    """All of it."""
    operations.free_guarantees(loan=_loan(event.loan_id), at=now())


@subscribe(LoanCancelled)
def free_guarantees_of_a_cancelled_loan(event: LoanCancelled) -> None:
    """All of it."""
    operations.free_guarantees(loan=_loan(event.loan_id), at=now())


@subscribe(LoanPaid)
def let_collateral_of_a_paid_loan_go(event: LoanPaid) -> None:
    """By itself."""
    operations.release_of_over(loan=_loan(event.loan_id), at=now())


@subscribe(LoanRejected)
def let_collateral_of_a_declined_loan_go(event: LoanRejected) -> None:
    """By itself."""
    operations.release_of_over(loan=_loan(event.loan_id), at=now())


@subscribe(LoanCancelled)
def let_collateral_of_a_cancelled_loan_go(event: LoanCancelled) -> None:
    """By itself."""
    operations.release_of_over(loan=_loan(event.loan_id), at=now())


@subscribe(CollateralReleased)
def tell_that_a_thing_is_free(event: CollateralReleased) -> None:
    """What it is, without its number."""
    row = Collateral.objects.get(pk=event.collateral_id)
    _tell("collateral_released", _loan(event.loan_id), {"thing": row.described}, key=f"released/{row.pk}")


@subscribe(LimitChanged)
def tell_of_the_limit(event: LimitChanged) -> None:
    """What staff set, until when and why; or that it is worked out again."""
    row = CreditLimit.objects.select_related("user", "product").get(pk=event.limit_id)
    with translation.override(row.user.language):
        context = {"product": str(row.product), "reason": row.reason, "until": date_format(row.until)}
    what = "limit_set" if row.amount is not None else "limit_back"
    if row.amount is not None:
        context["amount"] = str(row.amount)
    notifications.send(f"lending.{what}", to=row.user, context=context, at=now(), key=f"limit/{row.pk}")


def _loan(pk: int) -> Loan:
    return Loan.objects.shown().get(pk=pk)


def _tell(what: str, loan: Loan, context: dict[str, Any], key: str = "") -> None:
    context = {"reference": loan.reference} | context
    notifications.send(
        f"lending.{what}", to=loan.borrower, context=context, at=now(), key=f"loan/{loan.pk}/{key or what}"
    )
