"""Sizing: the instalment or the share of principal that brings a balance to nothing over the rows left."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from apps.lending.rules.figures import ONE, ZERO, Ratio, rounded
from apps.lending.rules.terms import LoanTerms


def annuity(balance: Decimal, first_interest: Decimal, later_rates: Sequence[Ratio]) -> Decimal:
    """The equal instalment, unrounded, that brings a balance to zero in the last period.

    `first_interest` is the exact interest of the first period (its segments, when money goes out inside it);
    `later_rates` are the rates of the periods after it. At rate 0 it is balance / periods.
    """
    growth, weight = ONE, ONE
    for rate in later_rates:
        factor = ONE + rate.value
        growth *= factor
        weight = weight * factor + ONE
    return (balance + first_interest) * growth / weight


def sized(terms: LoanTerms, exact: Decimal) -> Decimal:
    """A computed instalment, rounded to its unit in its mode."""
    return rounded(exact, terms.instalment_unit, terms.instalment_mode)


def share(terms: LoanTerms, balance: Decimal, rows: int) -> Decimal:
    """Equal principal: the balance over the rows that carry principal, rounded."""
    return rounded(balance / rows, terms.unit, terms.rounding) if rows else ZERO


def smoothed(terms: LoanTerms, instalment: Decimal, rows: int, last_total: Callable[[Decimal], Decimal]) -> Decimal:
    """The instalment moved once by its share of the last one's difference, if that brings the last one closer.

    `last_total` answers what the last row would come to with an instalment. (Fineract's progressive engine.)
    """
    gap = last_total(instalment) - instalment
    moved = instalment + rounded(gap / rows, terms.instalment_unit, terms.instalment_mode)
    if moved <= 0 or moved == instalment:
        return instalment
    return moved if abs(last_total(moved) - moved) < abs(gap) else instalment
