"""What borrowers are told when something happens to a loan, and what money coming in is used for."""

from typing import Any

from django.db.models import F
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.events import DepositReceived, MoneyCameIn
from apps.kernel.clock import local_date, now
from apps.kernel.events import subscribe
from apps.kernel.money import Money, total
from apps.lending import operations
from apps.lending.events import (
    GuaranteeAsked,
    LoanApplied,
    LoanApproved,
    LoanCancelled,
    LoanDisbursed,
    LoanOverdue,
    LoanPaid,
    LoanRejected,
    LoanRepaid,
    PartPaidOut,
    PaymentForLoan,
)
from apps.lending.models import Guarantee, Instalment, Loan, LoanStatus, Repayment, Source
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
    rows = Instalment.objects.filter(loan=loan, schedule__version=1, due_on__gt=F("starts_on"))
    first = rows.order_by("number")[0]
    paid_out = Money(event.minor, event.currency)
    context = {"amount": str(paid_out), "first": str(first.total), "due_on": date_format(first.due_on)}
    if loan.replaces is None:
        _tell("disbursed", loan, context)
        return
    old = {"old": loan.replaces.reference, "payoff": str(loan.replaced)}
    _tell("renewed", loan, context | old | {"more": str(paid_out - loan.replaced)})


@subscribe(PartPaidOut)
def tell_of_the_part(event: PartPaidOut) -> None:
    """With what is due next by the new schedule."""
    loan = _loan(event.loan_id)
    coming = Instalment.objects.unpaid().filter(loan=loan)[0]
    context = {"amount": str(Money(event.minor, event.currency)), "due_on": date_format(coming.due_on)}
    _tell("part_paid_out", loan, context | {"first": str(coming.left)}, key=f"part/{event.tranche_id}")


@subscribe(PaymentForLoan)
def tell_what_stays(event: PaymentForLoan) -> None:
    """More came for a loan than it takes: how much stays on the account."""
    loan = _loan(event.loan_id)
    rest, came = (Money(minor, event.currency) for minor in (event.rest_minor, event.used_minor + event.rest_minor))
    context = {"amount": str(came), "rest": str(rest), "account": loan.account.masked_number.replace("•", "*")}
    _tell("more_than_owed", loan, context, key=f"rest/{event.key}")


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
def use_cash(event: DepositReceived) -> None:
    """Cash came in: it pays the loan it was brought for, then what is due; once for each deposit."""
    came = Money(event.minor, event.currency)
    operations.receive_for(
        purpose=event.purpose, amount=came, key=f"cash/{event.cash_id}", source=Source.CASH, at=now()
    )
    loans.collect_from(account_id=event.account_id, key=f"deposit/{event.cash_id}", at=now())


@subscribe(MoneyCameIn)
def use_money(event: MoneyCameIn) -> None:
    """Money came by a rail: it pays the loan it was sent for, then what is due; once for each receipt."""
    came, key = Money(event.minor, event.currency), f"{event.rail}/{event.receipt}"
    source = Source.MPESA if event.rail == "mpesa" else Source.BANK
    operations.receive_for(purpose=event.purpose, amount=came, key=key, source=source, at=now())
    loans.collect_from(account_id=event.account_id, key=f"{key}/due", at=now())


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


def _loan(pk: int) -> Loan:
    return Loan.objects.shown().get(pk=pk)


def _tell(what: str, loan: Loan, context: dict[str, Any], key: str = "") -> None:
    context = {"reference": loan.reference} | context
    notifications.send(
        f"lending.{what}", to=loan.borrower, context=context, at=now(), key=f"loan/{loan.pk}/{key or what}"
    )
