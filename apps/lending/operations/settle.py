"""Working out what a payment does to a loan's instalments, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F

from apps.kernel.money import Money
from apps.lending import owed, planning
from apps.lending.models import Instalment, InterestMethod, Loan, Owed, Why
from apps.lending.rules import allocation
from apps.lending.rules.allocation import allocate


@dataclass(slots=True)
class Part:
    """What of a payment one instalment takes (minor units)."""

    row: Instalment
    took: dict[str, int] = field(default_factory=dict)

    def of(self, kind: Owed) -> int:
        """Its share of one kind."""
        return self.took.get(kind.value, 0)


@dataclass(frozen=True, slots=True)
class Closing:
    """One row of today that takes what no other row asks for, with what had been paid of it before (minor units)."""

    principal: int
    interest: int
    fee: int = 0
    penalty: int = 0
    paid_principal: int = 0
    paid_interest: int = 0
    paid_fee: int = 0
    paid_penalty: int = 0


@dataclass(slots=True)
class Settled:
    """A payment spread over a loan's rows. With `closing` the schedule is made anew: the rows that had fallen due, the
    closing row, and then `rest`, the plan of what is left.
    """

    loan: Loan
    amount: Money
    on: date
    rows: list[Instalment]
    parts: list[Part] = field(default_factory=list)
    closing: Closing | None = None
    rest: planning.Plan | None = None
    is_free: bool = False
    why: str = Why.PREPAID.value

    def of(self, kind: Owed) -> int:
        """All that went to one kind."""
        return sum(part.of(kind) for part in self.parts)


def pay(row: Instalment, minor: int, order: Sequence[str], on: date) -> tuple[Part, int]:
    """Pay up to `minor` on one instalment in the order of the product; what is left over comes back."""
    part = Part(row)
    if minor <= 0:
        return part, minor
    unpaid = {
        kind: getattr(row, f"{kind}_minor") - getattr(row, f"paid_{kind}_minor")
        for kind in ("penalty", "fee", "interest", "principal")
    }
    shared = allocate(
        minor, [allocation.Owed(n=row.number, **unpaid)], order=[allocation.Part(kind.lower()) for kind in order]
    )
    for one in shared.allocations:
        part.took[one.part.value.upper()] = one.minor
        paid = f"paid_{one.part.value}_minor"
        setattr(row, paid, getattr(row, paid) + one.minor)
    if row.left_minor == 0 and row.settled_on is None:
        row.settled_on = on
    return part, shared.rest


def spread(loan: Loan, rows: list[Instalment], amount: Money, on: date) -> Settled:
    """A payment that does not end the loan: what is due first, the oldest first; then ahead.

    What comes ahead pays the next instalments of a flat loan, whose interest does not change; of others it pays the
    interest to the day and charges put off to a later day, then principal, and what is left is planned anew over the
    same dates.
    """
    result = Settled(loan, amount, on, rows)
    left = _pay_each(result, owed.due_rows(rows, on), amount.minor)
    ahead = [row for row in rows if row.settled_on is None]
    if not left or not ahead:
        return result
    interest = owed.interest_owed(loan, rows, on)
    charges = sum(row.charges_left_minor for row in ahead)
    if loan.terms.interest_method == InterestMethod.FLAT or left <= interest + charges:
        _pay_each(result, ahead, left)
        return result
    back = left - interest - charges
    rest = Money(sum(row.principal_minor - row.paid_principal_minor for row in ahead) - back, loan.currency)
    result.closing = _closing(ahead, principal=back, interest=interest)
    result.rest = planning.rest_of(
        loan,
        principal=rest,
        dates=[row.due_on for row in ahead],
        on=on,
        running_since=min(planning.period_start(loan, ahead[0].due_on), on),
        passed=passed_of(loan, ahead),
    )
    return result


def passed_of(loan: Loan, ahead: Sequence[Instalment]) -> int:
    """How many of the instalments that were agreed are over: what of the first instalments' grace is used up."""
    if not (loan.terms.principal_grace or loan.terms.interest_deferred or loan.terms.interest_free):
        return 0
    agreed = Instalment.objects.filter(loan=loan, schedule__version=1, due_on__gt=F("starts_on"))
    return agreed.filter(due_on__lt=ahead[0].due_on).count()


def end(loan: Loan, rows: list[Instalment], what: owed.Owed, on: date) -> Settled:
    """A payment that ends the loan: the rows that are due in full, the rest in one row of this day."""
    result = Settled(loan, what.total, on, rows, is_free=what.is_free)
    if what.is_free:
        paid = sum(row.paid_principal_minor for row in rows)
        result.closing = Closing(what.principal + paid, 0, paid_principal=paid)
        return result
    if loan.terms.interest_method == InterestMethod.FLAT:
        _pay_each(result, [row for row in rows if row.settled_on is None], what.total.minor)
        return result
    _pay_each(result, owed.due_rows(rows, on), what.total.minor)
    ahead = [row for row in rows if row.settled_on is None]
    principal = what.principal - result.of(Owed.PRINCIPAL)
    interest = what.interest - result.of(Owed.INTEREST)
    if ahead:
        result.closing = _closing(ahead, principal=principal, interest=interest)
    return result


def _pay_each(result: Settled, rows: Sequence[Instalment], left: int) -> int:
    for row in rows:
        if left:
            part, left = pay(row, left, result.loan.terms.repayment_order, result.on)
            result.parts.append(part)
    return left


def _closing(ahead: Sequence[Instalment], *, principal: int, interest: int) -> Closing:
    """What was paid ahead on rows that are now replaced stays paid, on the row that replaces them; their charges are
    asked for on it.
    """
    paid = {kind: sum(getattr(row, f"paid_{kind}_minor") for row in ahead) for kind in ("principal", "interest")}
    return Closing(
        principal + paid["principal"],
        interest + paid["interest"],
        fee=sum(row.fee_minor for row in ahead),
        penalty=sum(row.penalty_minor for row in ahead),
        paid_principal=paid["principal"],
        paid_interest=paid["interest"],
        paid_fee=sum(row.paid_fee_minor for row in ahead),
        paid_penalty=sum(row.paid_penalty_minor for row in ahead),
    )
