"""What comes back of a loan that was written off: income of the day, until all that was given up is paid."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.lending.errors import NothingOwed
from apps.lending.events import LoanRepaid
from apps.lending.models import Loan, Repayment
from apps.lending.references import new_reference
from apps.users.models import User


def still_owed(loan: Loan) -> Money:
    """What was given up and has not come back."""
    left: Money = loan.written_off - loan.recovered
    return left


def recover(loan: Loan, amount: Money, *, words: str, source: str, key: str, by: User, at: datetime) -> Repayment:
    """Take `amount` of a loan that was written off, under the caller's locks and checks, and earn it as a recovery.

    Raises NothingOwed when all of it came back, InsufficientFunds.
    """
    if not still_owed(loan):
        raise NothingOwed(_("All of this loan was paid back. No money moved."))
    reference = new_reference()
    lines = accounts.post(
        reference=f"loan/{loan.pk}/recover/{reference}",
        kind=TransactionType.LOAN_REPAYMENT.value,
        narrative=f"Recovery of loan {loan.reference}",
        movements=[accounts.out_of(loan.account, amount, words, counterparty=str(loan.product))],
        legs=[ledger.credit(ledger.gl("loans:recoveries", loan.currency), amount)],
        at=at,
        receipt=reference,
    )
    row = Repayment.objects.create(
        loan=loan,
        reference=reference,
        key=key,
        source=source,
        currency=loan.currency,
        amount_minor=amount.minor,
        principal_minor=amount.minor,
        interest_minor=0,
        charges_minor=0,
        transfer_id=lines[0].transfer_id,
        paid_on=local_date(at),
        made_by=by,
        made_at=at,
    )
    loan.recovered_minor += amount.minor
    loan.save(update_fields=["recovered_minor"])
    audit_trail.record("lending.loan.recovered", on=loan, by=by, at=at, after={"amount": str(amount)})
    events.publish(
        LoanRepaid(
            loan_id=loan.pk,
            repayment_id=row.pk,
            borrower_id=loan.borrower_id,
            minor=amount.minor,
            currency=loan.currency,
        )
    )
    return row
