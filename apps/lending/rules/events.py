"""What happens to a loan after it was planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from apps.lending.rules.errors import BadTerms
from apps.lending.rules.soundness import HIGHEST_RATE, MOST_ROWS, has_places, is_amount
from apps.lending.rules.terms import LoanTerms


class InterestTo(StrEnum):
    """To which day a payoff asks for interest."""

    PAYOFF_DATE = "payoff_date"
    PERIOD_END = "period_end"


@dataclass(frozen=True, slots=True)
class Repayment:
    """A payment, in major units."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PayoffQuote:
    """Only asks what would pay the loan in full."""

    on: date
    interest_to: InterestTo = InterestTo.PAYOFF_DATE


@dataclass(frozen=True, slots=True)
class Payoff:
    """Paid in full: interest stops that day."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule:
    """From the instalment due that day: rows added, rows without principal, or a new rate; any of them together."""

    from_due: date
    extra_periods: int = 0
    grace_principal_periods: int = 0
    annual_rate_pct: Decimal | None = None


Event = Repayment | PayoffQuote | Payoff | Reschedule
OnADay = Repayment | PayoffQuote | Payoff


def check(terms: LoanTerms, events: Sequence[Event]) -> None:
    """Raises BadTerms for events that cannot have happened to this loan, whatever its schedule."""
    first, paid_off = terms.draws[0].on, False
    if events and first is None:
        raise BadTerms("missing", "disbursed: events need a loan with dates.")
    day = first
    for event in events:
        if isinstance(event, Reschedule):
            _check_reschedule(terms, event)
            continue
        if day is not None and event.on < day:
            raise BadTerms("disorder", f"events: {event.on} comes after {day}; they stand in date order.")
        if paid_off and not isinstance(event, PayoffQuote):
            raise BadTerms("paid_off", f"Nothing is owed on {event.on}: the loan was paid off.")
        if isinstance(event, Repayment):
            _check_repayment(terms, event)
        day, paid_off = event.on, paid_off or isinstance(event, Payoff)


def _check_repayment(terms: LoanTerms, event: Repayment) -> None:
    if not is_amount(event.amount) or not event.amount:
        raise BadTerms("bad_number", f"A payment is above 0, not {event.amount}.")
    if not has_places(event.amount, terms.decimals):
        raise BadTerms("too_fine", f"{event.amount} has more places than the currency.")


def _check_reschedule(terms: LoanTerms, event: Reschedule) -> None:
    rate = event.annual_rate_pct
    if not event.extra_periods and not event.grace_principal_periods and rate is None:
        raise BadTerms("missing", "reschedule: says nothing that changes.")
    if rate is not None and (not is_amount(rate) or rate > HIGHEST_RATE):
        raise BadTerms("bad_number", f"annual_rate_pct: {rate} % is no rate.")
    for count in (event.extra_periods, event.grace_principal_periods):
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST_ROWS:
            raise BadTerms("bad_count", f"reschedule: a count of rows, not {count!r}.")
    if terms.fixed_instalment is not None and event.extra_periods:
        raise BadTerms("contradiction", "extra_periods: a given instalment decides the number of rows.")
