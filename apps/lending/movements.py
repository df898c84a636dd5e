"""What happened to what a borrower owes, day by day: lent, added and paid, up to the figure that is owed now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money
from apps.lending.models import Loan, LoanEntry, LoanStatus, Repayment, RepaymentReversal, Side

WORDS: dict[str, Promise] = {
    "DISBURSEMENT": _("Paid out to your account"),
    "ACCRUAL": _("Interest"),
    "INTEREST_SUSPENDED": _("Interest no longer counted as earned"),
    "PENALTY": _("Penalty for late days"),
    "ACCRUAL_BACK": _("Interest of days taken back: a payment had come earlier"),
    "PENALTY_BACK": _("Penalties taken back: a payment had come earlier"),
    "ACCRUAL_ANEW": _("Interest of those days worked out anew"),
    "PENALTY_ANEW": _("Penalties of those days worked out anew"),
    "REPAYMENT": _("Paid back"),
    "REPAYMENT_BACK": _("A payment was taken back"),
    "WRITE_OFF": _("Written off; it is still owed"),
    "INTEREST_PAID": _("Interest to the day of the payment"),
    "INTEREST_BACK": _("Interest taken back: it was paid back in time to cost nothing"),
    "INTEREST_AGAIN": _("Interest as it was before that payment"),
}
DAILY = ("ACCRUAL", "PENALTY", "ACCRUAL_BACK", "PENALTY_BACK", "ACCRUAL_ANEW", "PENALTY_ANEW")


@dataclass(frozen=True, slots=True)
class Line:
    """One movement (minor units; + the borrower owes more) and what was owed after it."""

    on: date
    what: str
    reference: str
    amount_minor: int
    balance_minor: int

    @property
    def words(self) -> str:
        """What it was, for people."""
        return str(WORDS[self.what])


@dataclass(frozen=True, slots=True)
class LoanAccount:
    """The whole life of a loan as a statement: nothing at first, then `lines`, and `closing` at the end.

    `lent`, `added` (interest and penalties, less what was taken back) and `paid` add up to `closing`.
    """

    loan: Loan
    lines: tuple[Line, ...]
    lent: Money
    added: Money
    paid: Money
    closing: Money


def account_of(loan: Loan) -> LoanAccount:
    """A loan's statement, in three queries. Raises ValueError should the movements not add up to what is owed."""
    paid = {row.transfer_id: (row, -1) for row in Repayment.objects.filter(loan=loan)}
    taken_back = RepaymentReversal.objects.filter(loan=loan).select_related("repayment")
    paid |= {row.transfer_id: (row.repayment, 1) for row in taken_back}
    moves = list(_moves(_by_transfer(loan), paid))
    lines, balance = [], 0
    for on, what, reference, minor in moves:
        balance += minor
        lines.append(Line(on, what, reference, minor, balance))
    closing = owed_in_books(loan)
    if balance != closing.minor:
        raise ValueError(f"loan {loan.pk}: movements make {balance}, {closing.minor} is owed")

    def total(*kinds: str) -> Money:
        return Money(sum(minor for _on, what, _reference, minor in moves if what in kinds), loan.currency)

    lent, back = total("DISBURSEMENT"), total("REPAYMENT", "REPAYMENT_BACK")
    return LoanAccount(loan, tuple(lines), lent, closing - lent - back, -back, closing)


def owed_in_books(loan: Loan) -> Money:
    """Principal, interest to the last end of a day, fees and penalties; nothing of a loan that was written off."""
    if loan.status == LoanStatus.WRITTEN_OFF:
        return Money.zero(loan.currency)
    owed: Money = loan.principal_left + loan.interest_due + loan.charges_left
    return owed


def _by_transfer(loan: Loan) -> dict[tuple[int, date, str], int]:
    """What each transfer did to what the borrower owes, in the order it was booked."""
    sums: dict[tuple[int, date, str], int] = {}
    rows = LoanEntry.objects.filter(loan=loan).exclude(side=Side.PROVISION).order_by("pk")
    for row in rows:
        key = (row.transfer_id, row.booked_on, row.what)
        sums[key] = sums.get(key, 0) + row.amount_minor
    return sums


def _moves(
    sums: dict[tuple[int, date, str], int], paid: dict[int, tuple[Repayment, int]]
) -> Iterable[tuple[date, str, str, int]]:
    """What days in a row add is one line each for interest and penalties; a payment (-1), or one that was taken back
    (1), shows all of it, with the interest that it was the first to count.
    """
    added: dict[str, tuple[date, int]] = {}
    for (transfer, on, what), minor in sums.items():
        if what in DAILY:
            added[what] = (on, minor + added.get(what, (on, 0))[1])
            continue
        yield from _together(added)
        added = {}
        if transfer not in paid:
            yield on, what, "", minor
            continue
        row, sign = paid[transfer]
        if other := minor - sign * row.amount_minor:
            yield on, _interest(other, sign), "", other
        yield on, what, row.reference, sign * row.amount_minor
    yield from _together(added)


def _interest(minor: int, sign: int) -> str:
    if sign > 0:
        return "INTEREST_AGAIN"
    return "INTEREST_PAID" if minor > 0 else "INTEREST_BACK"


def _together(added: dict[str, tuple[date, int]]) -> Iterable[tuple[date, str, str, int]]:
    return ((on, what, "", minor) for what, (on, minor) in added.items())
