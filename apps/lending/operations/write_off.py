"""Giving up on a loan in the books, by two people, and what comes back of it afterwards."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.lending import policies
from apps.lending.errors import NothingOwed
from apps.lending.events import LoanWrittenOff
from apps.lending.models import Loan, LoanStatus, Side
from apps.lending.operations import books
from apps.lending.states import LOAN
from apps.users.models import User

WRITE_OFF = "lending.write_off"


def ask_write_off(*, loan: Loan, reason: str, by: User, at: datetime) -> Approval:
    """Ask to write a loan off once it is late by the product's days; another person decides, within their own limit.

    Raises NotAllowed, NothingOwed.
    """
    policies.require_may_write_off(by, loan)
    _require_late(loan)
    return approvals.ask(
        kind=WRITE_OFF,
        subject=f"loan/{loan.pk}",
        payload={"loan": loan.pk},
        reason=reason,
        by=by,
        at=at,
        amount=_lost(loan),
        after={"days_past_due": loan.days_past_due, "provision": str(Money(loan.provision_minor, loan.currency))},
    )


@transaction.atomic
def run_write_off(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does: the loan leaves the books, against its provision first. It is still owed.

    Raises NotAllowed, NothingOwed, and AboveOwnLimit when it has grown over the checker's limit meanwhile.
    """
    loan = Loan.objects.select_related("terms", "borrower").select_for_update(of=("self",)).get(pk=payload["loan"])
    policies.require_may_write_off(checker, loan)
    _require_late(loan)
    gone = _lost(loan)
    policies.require_within_limit(checker, gone)
    parts = [
        (Side.PRINCIPAL, loan.principal_left_minor),
        (Side.INTEREST, loan.interest_accrued_minor - loan.interest_paid_minor),
        (Side.CHARGES, loan.charges_left_minor),
    ]
    posted = ledger.post(
        reference=f"loan/{loan.pk}/write-off",
        kind="LOAN_WRITE_OFF",
        narrative=f"Loan {loan.reference} written off",
        legs=[*_losses(loan, gone), *_assets(loan, parts)],
        at=at,
    )
    entries = [(loan.pk, side, Money(-minor, loan.currency)) for side, minor in parts]
    used = min(loan.provision_minor, gone.minor)
    entries.append((loan.pk, Side.PROVISION, Money(-used, loan.currency)))
    books.write(entries, transfer_id=posted.transfer_id, on=local_date(at), what="WRITE_OFF")
    LOAN.make(
        loan,
        LoanStatus.WRITTEN_OFF,
        over_at=at,
        written_off_minor=gone.minor,
        principal_left_minor=0,
        interest_accrued_minor=loan.interest_paid_minor,
        charges_left_minor=0,
        provision_minor=loan.provision_minor - used,
        regulatory_minor=0,
    )
    audit_trail.record("lending.loan.written_off", on=loan, by=checker, at=at, after={"amount": str(gone)})
    events.publish(
        LoanWrittenOff(loan_id=loan.pk, borrower_id=loan.borrower_id, minor=gone.minor, currency=loan.currency)
    )
    return {"written_off": str(gone)}


def _lost(loan: Loan) -> Money:
    """All that leaves the books: principal, interest that was earned, charges."""
    interest = loan.interest_accrued_minor - loan.interest_paid_minor
    return Money(loan.principal_left_minor + interest + loan.charges_left_minor, loan.currency)


def _losses(loan: Loan, gone: Money) -> list[Any]:
    """The provision pays as far as it goes; the rest is a loss of today."""
    used = Money(min(loan.provision_minor, gone.minor), loan.currency)
    sides = [(used, "loans:provision"), (gone - used, "loans:written_off")]
    return [ledger.debit(ledger.gl(purpose, loan.currency), amount) for amount, purpose in sides if amount]


def _assets(loan: Loan, parts: list[tuple[Side, int]]) -> list[Any]:
    return [
        ledger.credit(books.account_of(side, loan.currency), Money(minor, loan.currency))
        for side, minor in parts
        if minor
    ]


def _require_late(loan: Loan) -> None:
    if loan.status != LoanStatus.ACTIVE:
        raise NothingOwed(_("This loan is not running. Nothing was changed."))
    if loan.days_past_due < loan.terms.write_off_after_days:
        raise NotAllowed(
            _("A loan is written off once it is %(days)s days late. Nothing was changed.")
            % {"days": loan.terms.write_off_after_days}
        )
