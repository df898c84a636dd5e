"""What borrowers are told when something happens to a loan, and what money coming in is used for."""

from typing import Any

from django.db.models import F
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.events import DepositReceived, MoneyCameIn
from apps.accounts.models import Transaction
from apps.credit_scoring.events import DecisionMade
from apps.kernel.clock import local_date, now
from apps.kernel.events import subscribe
from apps.kernel.money import Money, total
from apps.kernel.written import Written
from apps.lending import operations
from apps.lending.events import (
    CollateralReleased,
    GuaranteeAsked,
    GuaranteeCalled,
    LetterSent,
    LimitChanged,
    LoanApplied,
    LoanApproved,
    LoanCancelled,
    LoanDisbursed,
    LoanPaid,
    LoanRejected,
    LoanRepaid,
    MoreTimeAnswered,
    PartPaidOut,
    PaymentForLoan,
    PromiseMade,
    RepaymentTakenBack,
)
from apps.lending.models import (
    Because,
    Collateral,
    CollectionLetter,
    CreditLimit,
    Guarantee,
    Instalment,
    LetterKind,
    Loan,
    LoanStatus,
    MoreTime,
    MoreTimeStatus,
    Promise,
    Repayment,
    RepaymentReversal,
    Source,
)
from apps.lending.operations import collections
from apps.lending.operations import day as loans
from apps.lending.operations.incoming import is_free_for_loans
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


@subscribe(DecisionMade)
def do_as_a_person_decided(event: DecisionMade) -> None:
    """A review or an override changed what a machine had said about a loan of ours."""
    kind, _slash, pk = event.loan_reference.partition("/")
    if event.by_person and kind == "loan" and pk.isdecimal() and Loan.objects.filter(pk=pk).exists():
        operations.reconsider(loan_id=int(pk), outcome=event.outcome, at=now())


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


@subscribe(RepaymentTakenBack)
def tell_what_is_owed_again(event: RepaymentTakenBack) -> None:
    """Why a payment does not count any more, where its money is, and what is left to pay."""
    row = RepaymentReversal.objects.select_related("repayment", "loan__borrower", "loan__account").get(
        pk=event.reversal_id
    )
    loan = row.loan
    left = total((one.left for one in Instalment.objects.unpaid().filter(loan=loan)), loan.currency)
    if loan.status == LoanStatus.WRITTEN_OFF:
        left = loan.written_off - loan.recovered
    line = Transaction.objects.select_related("account").filter(transfer_id=row.transfer_id).order_by("pk")[0]
    with translation.override(loan.borrower.language):
        where = _("It went on to the loan it was meant for.")
        if row.moved_to_id is None:
            where = _("It is on account %(account)s.") % {"account": line.account.masked_number.replace("•", "*")}
        because = str(Because(row.because).label)
        paid_on = date_format(row.repayment.paid_on)
    context = {"amount": str(row.repayment.amount), "paid_on": paid_on, "because": because, "where": where}
    _tell("taken_back", loan, context | {"left": str(left)}, key=f"taken-back/{row.pk}")


@subscribe(LoanPaid)
def tell_that_it_is_over(event: LoanPaid) -> None:
    """Nothing is owed."""
    _tell("paid", _loan(event.loan_id), {})


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
    """Cash came in: it pays the loan it was brought for, then what is due; once for each deposit.

    What was brought for something else of the customer's is left for that.
    """
    came = Money(event.minor, event.currency)
    operations.receive_for(
        purpose=event.purpose, amount=came, key=f"cash/{event.cash_id}", source=Source.CASH, at=now()
    )
    if is_free_for_loans(event.purpose):
        loans.collect_from(account_id=event.account_id, key=f"deposit/{event.cash_id}", at=now())


@subscribe(MoneyCameIn)
def use_money(event: MoneyCameIn) -> None:
    """Money came by a rail: it pays the loan it was sent for, then what is due; once for each receipt.

    What was sent for something else of the customer's is left for that.
    """
    came, key = Money(event.minor, event.currency), f"{event.rail}/{event.receipt}"
    source = Source.MPESA if event.rail == "mpesa" else Source.BANK
    operations.receive_for(purpose=event.purpose, amount=came, key=key, source=source, at=now())
    if is_free_for_loans(event.purpose):
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


@subscribe(LoanRepaid)
def close_the_case(event: LoanRepaid) -> None:
    """Once nothing is late any more."""
    collections.close_if_paid_up(loan=_loan(event.loan_id), at=now())


@subscribe(PromiseMade)
def tell_of_the_promise(event: PromiseMade) -> None:
    """What was promised, as it was written down."""
    row = Promise.objects.select_related("loan__borrower").get(pk=event.promise_id)
    context = {"amount": str(row.amount), "due_on": date_format(row.due_on)}
    _tell("promise_made", row.loan, context, key=f"promise/{row.pk}/made")


@subscribe(LetterSent)
def tell_of_the_letter(event: LetterSent) -> None:
    """The borrower that it can be read; a guarantor what is asked of them, and from when."""
    row = CollectionLetter.objects.defer("paper").select_related("case__loan__borrower", "to").get(pk=event.letter_id)
    loan, key = row.case.loan, f"letter/{row.pk}"
    if row.kind != LetterKind.GUARANTOR or row.takes_effect_on is None:
        _tell("letter_sent", loan, {}, key=key)
        return
    held = Guarantee.objects.given().filter(loan=loan, guarantor=row.to)
    context = {
        "reference": loan.reference,
        "borrower": half_name(loan.borrower.full_name),
        "amount": str(total((one.held for one in held), loan.currency)),
        "from_day": date_format(row.takes_effect_on),
    }
    notifications.send("lending.guarantor_notice", to=row.to, context=context, at=now(), key=f"loan/{loan.pk}/{key}")


@subscribe(GuaranteeCalled)
def tell_who_paid_for_another(event: GuaranteeCalled) -> None:
    """What was taken of a guarantor's savings."""
    row = Guarantee.objects.select_related("loan__borrower", "guarantor").get(pk=event.guarantee_id)
    context = {
        "reference": row.loan.reference,
        "borrower": half_name(row.loan.borrower.full_name),
        "amount": str(Money(event.minor, event.currency)),
    }
    notifications.send(
        "lending.guarantor_called", to=row.guarantor, context=context, at=now(), key=f"guarantee/{row.pk}/called"
    )


@subscribe(MoreTimeAnswered)
def tell_the_answer(event: MoreTimeAnswered) -> None:
    """Other terms, or why not."""
    row = MoreTime.objects.select_related("loan__borrower").get(pk=event.wish_id)
    if row.status == MoreTimeStatus.GRANTED:
        _tell("more_time_granted", row.loan, {}, key=f"wish/{row.pk}/answer")
    else:
        _tell("more_time_declined", row.loan, {}, key=f"wish/{row.pk}/answer")


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


_SHOWN = Written(lambda pk: Loan.objects.shown().filter(pk=pk), pk=-1)


def _loan(pk: int) -> Loan:
    loan: Loan = _SHOWN.rows(pk=pk)[0]
    return loan


def _tell(what: str, loan: Loan, context: dict[str, Any], key: str = "") -> None:
    context = {"reference": loan.reference} | context
    notifications.send(
        f"lending.{what}", to=loan.borrower, context=context, at=now(), key=f"loan/{loan.pk}/{key or what}"
    )
