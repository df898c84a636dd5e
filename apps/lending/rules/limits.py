"""How much may be lent: from what a customer deposits, saves and earns, under the ceilings of a product and a tier.

All amounts are whole minor units, rounded down: a limit is never more than its rule says. The multiples are the
bank's own product rules (rows of a table), SACCOs lending a multiple of savings by custom of the movement.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal


def of_deposits(monthly: Sequence[int], multiple: Decimal, *, ceilings: Sequence[int] = ()) -> int:
    """The average of the months' deposits times a multiple. A month without deposits counts as one; none gives 0."""
    _sound([*monthly, *ceilings], multiple)
    return _under(sum(monthly) * multiple / len(monthly), ceilings) if monthly else 0


def of_savings(savings: int, multiple: Decimal = Decimal(4), *, pledged: int = 0, ceilings: Sequence[int] = ()) -> int:
    """Savings that secure nothing else, times a multiple: four by default."""
    _sound([savings, pledged, *ceilings], multiple)
    return _under(max(0, savings - pledged) * multiple, ceilings)


def left(limit: int, owed: int) -> int:
    """What of a limit is still free."""
    _sound([limit, owed], Decimal(0))
    return max(0, limit - owed)


def largest_instalment(income: int, share: Decimal, *, other_instalments: int = 0) -> int:
    """What a month's income may carry: a share of it less what other loans take already.

    For salaries the Employment Act 2007, s. 19 (3) keeps a third of the wage free of deductions; a product may be
    stricter. Raises ValueError for a share outside 0 to 1.
    """
    _sound([income, other_instalments], share)
    if share > 1:
        raise ValueError("a share of income is 1 at most")
    return max(0, _floor(income * share) - other_instalments)


def repayment_share(income: int, instalments: int) -> Decimal | None:
    """The share of a month's income that instalments take; None without income, when any is too much."""
    _sound([income, instalments], Decimal(0))
    return Decimal(instalments) / income if income else None


def _under(limit: Decimal, ceilings: Sequence[int]) -> int:
    return min([_floor(limit), *ceilings])


def _floor(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_FLOOR))


def _sound(amounts: Sequence[int], multiple: Decimal) -> None:
    if any(amount < 0 for amount in amounts) or not multiple.is_finite() or multiple < 0:
        raise ValueError("amounts and multiples are never negative")
