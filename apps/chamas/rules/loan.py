"""A group's loan: how much, its instalments by lending's schedule rules, and what a payment pays of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.lending.rules import LoanTerms, plan

CENTS = 100


@dataclass(frozen=True, slots=True)
class Instalment:
    """One row of a plan (minor units)."""

    number: int
    due_on: date
    principal: int
    interest: int


def instalments(principal: int, *, rate_bps: int, months: int, on: date) -> list[Instalment]:
    """Equal instalments, one a month from the day it is paid out, interest on what is left; to the cent.

    `principal` in minor units of a currency with two decimals, `rate_bps` a month. Raises BadTerms.
    """
    terms = LoanTerms(
        principal=Decimal(principal) / CENTS,
        disbursed=on,
        periods=months,
        period_rate_pct=Decimal(rate_bps) / 100,
    )
    return [
        Instalment(row.n, row.due or on, int(row.principal * CENTS), int(row.interest * CENTS))
        for row in plan(terms).rows
    ]


def limit(savings: int, multiple: int) -> int:
    """The most a member may owe: so many times their savings in the group."""
    return max(savings, 0) * multiple


def needed_savings(owed: int, multiple: int) -> int:
    """The savings that a debt needs to stay within the multiple."""
    return -(-owed // multiple) if multiple else 0


@dataclass(frozen=True, slots=True)
class Open:
    """What is open of one instalment (minor units), `number` being its own."""

    number: int
    due_on: date
    starts_on: date
    principal: int
    interest: int


@dataclass(frozen=True, slots=True)
class Paid:
    """What a payment paid of one instalment."""

    number: int
    principal: int
    interest: int


def pay(minor: int, rows: Sequence[Open], *, on: date) -> tuple[list[Paid], int]:
    """What a payment pays of the instalments that have begun, oldest first and interest before principal, and the rest.

    The rest lowers the principal of what has not begun, and the instalments to come are planned anew.
    """
    left, paid = minor, []
    for row in rows:
        if row.starts_on < on:
            interest = min(left, row.interest)
            principal = min(left - interest, row.principal)
            left -= interest + principal
            if interest or principal:
                paid.append(Paid(row.number, principal, interest))
    return paid, left


def to_come(rows: Sequence[Open], *, on: date) -> list[Open]:
    """The instalments whose month has not begun."""
    return [row for row in rows if row.starts_on >= on]


def interest_until(rows: Sequence[Open], *, on: date) -> int:
    """The interest owed by a day: of every instalment whose month has begun."""
    return sum(row.interest for row in rows if row.starts_on < on)
