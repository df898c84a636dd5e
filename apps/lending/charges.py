"""What a loan costs on the day it is paid out: fees with their duty, and premiums that are passed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts import operations as accounts
from apps.accounts.fees import duty_on
from apps.accounts.models import Account, TransactionType
from apps.kernel.money import Money, total
from apps.ledger import operations as ledger
from apps.lending.models import Loan, LoanFee, LoanFeeKind, ProductTerms, Renewal


@dataclass(frozen=True, slots=True)
class LoanCharge:
    """One charge: what it is for, the amount, and the duty on it."""

    kind: str
    amount: Money
    duty: Money

    @property
    def total(self) -> Money:
        """What the borrower pays."""
        return self.amount + self.duty

    @property
    def label(self) -> str:
        """Its name for people."""
        return str(LoanFeeKind(self.kind).label)


def charges_of(terms: ProductTerms, principal: Money, on: date) -> list[LoanCharge]:
    """The charges of a loan of `principal` paid out on a day; those that come to nothing are left out."""
    found = []
    for fee in sorted(terms.charged, key=lambda row: row.kind):
        amount = _amount(fee, principal)
        if amount:
            is_ours = fee.kind != LoanFeeKind.INSURANCE
            found.append(LoanCharge(fee.kind, amount, duty_on(amount, on) if is_ours else Money.zero(amount.currency)))
    return found


def of_loan(loan: Loan) -> list[LoanCharge]:
    """What was charged when a loan was paid out: nothing for one in place of a loan that was late."""
    if loan.disbursed_on is None or loan.renewal == Renewal.REFINANCE:
        return []
    return charges_of(loan.terms, loan.principal, loan.disbursed_on)


def _amount(fee: LoanFee, principal: Money) -> Money:
    minor = max(fee.flat_minor + principal.times(fee.rate).minor, fee.least_minor)
    return Money(minor if fee.most_minor is None else min(minor, fee.most_minor), principal.currency)


def total_of(charges: Sequence[LoanCharge], currency: str) -> Money:
    """All charges with their duty."""
    return total((charge.total for charge in charges), currency)


def taken(account: Account, charges: Sequence[LoanCharge]) -> list[accounts.Movement]:
    """The borrower's lines: one for each charge, one for all the duty."""
    lines = [
        accounts.out_of(account, charge.amount, charge.label, txn_type=TransactionType.FEE.value) for charge in charges
    ]
    duty = total((charge.duty for charge in charges), account.currency)
    if duty:
        lines.append(accounts.out_of(account, duty, _("Excise duty"), txn_type=TransactionType.EXCISE_DUTY.value))
    return lines


def given_back(account: Account, charges: Sequence[LoanCharge]) -> list[accounts.Movement]:
    """The lines that undo `taken`."""
    return [
        accounts.into(account, -line.amount, line.description, txn_type=TransactionType.REFUND.value)
        for line in taken(account, charges)
    ]


def earned(charges: Sequence[LoanCharge], *, back: bool = False) -> list[Any]:
    """The bank's side: fees earned, premiums owed to the insurer, duty owed to the revenue authority; or `back`."""
    side = ledger.debit if back else ledger.credit
    legs = []
    for charge in charges:
        purpose = "insurance:premiums" if charge.kind == LoanFeeKind.INSURANCE else "loans:fees"
        legs.append(side(ledger.gl(purpose, charge.amount.currency), charge.amount))
        if charge.duty:
            legs.append(side(ledger.gl("tax:excise", charge.duty.currency), charge.duty))
    return legs
