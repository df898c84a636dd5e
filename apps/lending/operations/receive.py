"""Booking what came back of loans, many at once: the lines, the books, the instalments, the loans, the news."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import translation

from apps.accounts import operations as accounts
from apps.accounts.models import Account, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.lending import charges
from apps.lending.events import LoanPaid, LoanRepaid
from apps.lending.models import (
    Instalment,
    Loan,
    LoanEntry,
    LoanStatus,
    Owed,
    Repayment,
    RepaymentPart,
    Side,
    Tranche,
    TrancheStatus,
)
from apps.lending.operations import books
from apps.lending.operations.schedules import keep, unasked_minor
from apps.lending.operations.settle import Closing, Settled, pay
from apps.lending.references import new_reference
from apps.lending.rules import arrears
from apps.lending.states import LOAN
from apps.users.models import User

Asked = tuple[Settled, Account, str, str]  # what it does, from which account, the source, the key
_PAID = ["paid_principal_minor", "paid_interest_minor", "paid_fee_minor", "paid_penalty_minor", "settled_on"]
_CHANGED = [
    "principal_left_minor",
    "interest_accrued_minor",
    "interest_paid_minor",
    "interest_suspended_minor",
    "charges_left_minor",
    "paid_since_non_performing_minor",
    "paid_minor",
    "arrears_minor",
    "days_past_due",
    "oldest_due_on",
]


def receive(asked: Sequence[Asked], *, by: User, at: datetime) -> list[Repayment]:
    """Take each payment from its account and write it down, under the caller's locks of accounts and loans."""
    before = [_stood(settled) for settled, *_rest in asked]
    for settled, _account, _source, _key in asked:
        _renew_schedule(settled, by, at)
    references = [new_reference() for _one in asked]
    transfers = accounts.post_each(
        orders=[_order(one, reference) for one, reference in zip(asked, references, strict=True)], at=at
    )
    entries: list[LoanEntry] = []
    for (settled, *_rest), transfer, stood in zip(asked, transfers, before, strict=True):
        entries += _entries(settled, transfer)
        _change(settled)
        stood["suspended_paid"] -= settled.loan.interest_suspended_minor
    made = Repayment.objects.bulk_create(
        _repayment(one, reference, transfer, stood, by, at)
        for one, reference, transfer, stood in zip(asked, references, transfers, before, strict=True)
    )
    LoanEntry.objects.bulk_create(entries, batch_size=5000)
    parts = [part for settled, *_rest in asked for part in settled.parts]
    Instalment.objects.bulk_update([part.row for part in parts], _PAID, batch_size=500)
    RepaymentPart.objects.bulk_create(
        _part(row, part) for row, (settled, *_rest) in zip(made, asked, strict=True) for part in settled.parts
    )
    Loan.objects.bulk_update([settled.loan for settled, *_rest in asked], _CHANGED, batch_size=500)
    for row, (settled, *_rest) in zip(made, asked, strict=True):
        _tell(row, settled, by, at)
    return made


def _stood(settled: Settled) -> dict[str, Any]:
    """How the loan stands before a payment: what its entries and instalments do not say, should it be taken back."""
    loan = settled.loan
    return {
        "version": loan.version,
        "renews": settled.closing is not None,
        "interest_paid": loan.interest_paid_minor,
        "suspended_paid": loan.interest_suspended_minor,  # less what is noted after it
        "is_non_accrual": loan.is_non_accrual,
        "owed_when_non_performing": loan.owed_when_non_performing_minor,
        "paid_since_non_performing": loan.paid_since_non_performing_minor,
        "held_at_days": loan.held_at_days,
        "on_time_since": loan.on_time_since.isoformat() if loan.on_time_since else None,
    }


def _renew_schedule(settled: Settled, by: User, at: datetime) -> None:
    """The version that counts from now on, when a payment changes what is to come; its closing row is paid by it."""
    if settled.closing is None:
        return
    fell_due = [] if settled.is_free else [row for row in settled.rows if row.settled_on or row.due_on <= settled.on]
    paid = {part.row.pk: part.row for part in settled.parts}
    Instalment.objects.bulk_update(list(paid.values()), _PAID)
    closing = _closing_row(settled, settled.closing, fell_due)
    keep(settled.loan, settled.rest, why=settled.why, by=by, at=at, kept=fell_due, closing=closing)
    current = list(Instalment.objects.current().filter(loan=settled.loan).order_by("number"))
    by_number = {row.number: row for row in current}
    for part in settled.parts:
        part.row = by_number[part.row.number]
    part, _left = pay(by_number[closing.number], closing.left_minor, settled.loan.terms.repayment_order, settled.on)
    settled.parts.append(part)
    settled.rows = current


def _closing_row(settled: Settled, closing: Closing, fell_due: Sequence[Instalment]) -> Instalment:
    """The row of today that takes what no other row asks for; interest that rows before it earned and left for later is
    not earned once more.
    """
    starts = fell_due[-1].due_on if fell_due else settled.rows[0].starts_on
    rest = settled.rest.principal.minor if settled.rest else 0
    before = 0 if settled.is_free else unasked_minor(fell_due)
    return Instalment(
        loan=settled.loan,
        starts_on=min(starts, settled.on),
        due_on=settled.on,
        currency=settled.loan.currency,
        principal_minor=closing.principal,
        interest_minor=closing.interest,
        earned_minor=max(closing.interest - before, 0),
        fee_minor=closing.fee,
        penalty_minor=closing.penalty,
        paid_principal_minor=closing.paid_principal,
        paid_interest_minor=closing.paid_interest,
        paid_fee_minor=closing.paid_fee,
        paid_penalty_minor=closing.paid_penalty,
        balance_minor=rest,
    )


def _order(asked: Asked, reference: str) -> accounts.Order:
    settled, account, _source, _key = asked
    loan = settled.loan
    with translation.override(loan.borrower.language):
        words = translation.gettext("Repayment of loan %(reference)s") % {"reference": loan.reference}
        back = _given_back(settled, account) if settled.is_free else []
    return accounts.Order(
        reference=f"loan/{loan.pk}/repay/{reference}",
        kind=TransactionType.LOAN_REPAYMENT.value,
        narrative=f"Repayment of loan {loan.reference}",
        movements=[accounts.out_of(account, settled.amount, words, counterparty=str(loan.product)), *back],
        legs=_legs(settled),
        receipt=reference,
    )


def _legs(settled: Settled) -> list[Any]:
    """Principal and receivables go down; interest that was not counted as earned yet is earned now."""
    loan, currency = settled.loan, settled.loan.currency
    receivable, direct = _interest(settled)
    excess = _excess(settled)
    credits = [
        (books.account_of(Side.PRINCIPAL, currency), settled.of(Owed.PRINCIPAL)),
        (books.account_of(Side.INTEREST, currency), receivable + excess),
        (ledger.gl("loans:interest", currency), direct),
        (books.account_of(Side.CHARGES, currency), settled.of(Owed.FEE) + settled.of(Owed.PENALTY)),
    ]
    legs = [ledger.credit(account, Money(minor, currency)) for account, minor in credits if minor]
    taken_back = excess + (loan.interest_paid_minor if settled.is_free else 0)
    if taken_back:
        legs.append(ledger.debit(ledger.gl("loans:interest", currency), Money(taken_back, currency)))
    if settled.is_free:
        legs += charges.earned(_charges(settled), back=True)
    return legs


def _interest(settled: Settled) -> tuple[int, int]:
    """Of the interest paid: what was receivable, and what becomes income only now."""
    paid = settled.of(Owed.INTEREST)
    loan = settled.loan
    receivable = min(paid, loan.interest_accrued_minor - loan.interest_paid_minor)
    return receivable, paid - receivable


def _excess(settled: Settled) -> int:
    """Interest counted as earned that is not owed after all, because the loan ends here."""
    loan = settled.loan
    if not _ends(settled):
        return 0
    receivable, _direct = _interest(settled)
    return loan.interest_accrued_minor - loan.interest_paid_minor - receivable


def _ends(settled: Settled) -> bool:
    return settled.of(Owed.PRINCIPAL) == settled.loan.principal_left_minor and all(
        row.settled_on for row in settled.rows
    )


def _charges(settled: Settled) -> list[charges.LoanCharge]:
    return charges.of_loan(settled.loan)


def _given_back(settled: Settled, account: Account) -> list[accounts.Movement]:
    """Within its free minutes a loan costs nothing: charges and interest that were paid come back."""
    lines = charges.given_back(account, _charges(settled))
    paid = Money(settled.loan.interest_paid_minor, settled.loan.currency)
    if paid:
        words = translation.gettext("Interest")
        lines.append(accounts.into(account, paid, words, txn_type=TransactionType.REFUND.value))
    return lines


def _entries(settled: Settled, transfer: int) -> list[LoanEntry]:
    loan, currency = settled.loan, settled.loan.currency
    receivable, _direct = _interest(settled)
    rows = [
        (loan.pk, Side.PRINCIPAL, Money(-settled.of(Owed.PRINCIPAL), currency)),
        (loan.pk, Side.INTEREST, Money(-receivable - _excess(settled), currency)),
        (loan.pk, Side.CHARGES, Money(-settled.of(Owed.FEE) - settled.of(Owed.PENALTY), currency)),
    ]
    return books.entries(rows, transfer_id=transfer, on=settled.on, what="REPAYMENT")


def _change(settled: Settled) -> None:
    """The loan's own figures, as its entries and rows say them."""
    loan = settled.loan
    receivable, direct = _interest(settled)
    excess = _excess(settled)
    if settled.is_free:
        loan.interest_accrued_minor = loan.interest_paid_minor = 0
    else:
        loan.interest_accrued_minor += direct - excess
        loan.interest_paid_minor += receivable + direct
    loan.interest_suspended_minor -= min(loan.interest_suspended_minor, direct)
    loan.principal_left_minor -= settled.of(Owed.PRINCIPAL)
    loan.charges_left_minor -= settled.of(Owed.FEE) + settled.of(Owed.PENALTY)
    if loan.owed_when_non_performing_minor is not None:
        loan.paid_since_non_performing_minor += settled.amount.minor - settled.of(Owed.PRINCIPAL)
    loan.paid_minor += settled.amount.minor
    unpaid = [row for row in settled.rows if row.settled_on is None]
    late = [row for row in unpaid if row.due_on < settled.on]
    loan.oldest_due_on = unpaid[0].due_on if unpaid else None
    loan.arrears_minor = sum(row.left_minor for row in late)
    loan.days_past_due = arrears.days_past_due(((row.due_on, row.left_minor) for row in unpaid), settled.on)
    if not unpaid:
        loan.interest_suspended_minor = 0


def _repayment(asked: Asked, reference: str, transfer: int, stood: dict[str, Any], by: User, at: datetime) -> Repayment:
    settled, _account, source, key = asked
    return Repayment(
        loan=settled.loan,
        reference=reference,
        key=key,
        source=source,
        currency=settled.loan.currency,
        amount_minor=settled.amount.minor,
        principal_minor=settled.of(Owed.PRINCIPAL),
        interest_minor=settled.of(Owed.INTEREST),
        charges_minor=settled.of(Owed.FEE) + settled.of(Owed.PENALTY),
        transfer_id=transfer,
        paid_on=settled.on,
        made_by=by,
        made_at=at,
        before=stood,
    )


def _part(repayment: Repayment, part: Any) -> RepaymentPart:
    return RepaymentPart(
        repayment=repayment,
        instalment=part.row,
        principal_minor=part.of(Owed.PRINCIPAL),
        interest_minor=part.of(Owed.INTEREST),
        fee_minor=part.of(Owed.FEE),
        penalty_minor=part.of(Owed.PENALTY),
    )


def _tell(row: Repayment, settled: Settled, by: User, at: datetime) -> None:
    loan = settled.loan
    facts = {"amount": str(row.amount), "principal": str(row.principal), "interest": str(row.interest)}
    audit_trail.record("lending.loan.repaid", on=loan, by=by, at=at, after=facts | {"source": row.source})
    events.publish(
        LoanRepaid(
            loan_id=loan.pk,
            repayment_id=row.pk,
            borrower_id=loan.borrower_id,
            minor=row.amount_minor,
            currency=row.currency,
        )
    )
    if loan.principal_left_minor == 0 and all(one.settled_on for one in settled.rows):
        LOAN.make(loan, LoanStatus.PAID, over_at=at)
        Tranche.objects.planned().filter(loan=loan).update(status=TrancheStatus.CANCELLED, over_at=at)
        audit_trail.record("lending.loan.paid", on=loan, by=by, at=at)
        events.publish(LoanPaid(loan_id=loan.pk, borrower_id=loan.borrower_id))
