"""Schedules of loans a second, against the plain loop one would write first."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from time import perf_counter

from bench.common import Options, Result, alternate, main

PRINCIPAL, RATE, PERIODS, DISBURSED = Decimal("5000"), Decimal("12"), 12, date(2026, 1, 31)
CENT = Decimal("0.01")


def run(options: Options) -> list[Result]:
    """Twelve equal instalments, monthly: planned by the engine, and by a loop without segments, events or reasons."""
    from apps.lending import rules

    terms = rules.LoanTerms(principal=PRINCIPAL, annual_rate_pct=RATE, periods=PERIODS, disbursed=DISBURSED)
    planned, naive = rules.plan(terms), _naive()
    assert [(row.due, row.principal, row.interest) for row in planned.rows] == naive
    window = options.seconds / 5
    ours, theirs, ratio = alternate(
        lambda: _rate(lambda: rules.plan(terms), window), lambda: _rate(_naive, window), options.rounds
    )
    return [
        Result("schedules of 12 instalments : a plain loop", ratio, note=f"{ours:,.0f} : {theirs:,.0f} a second"),
        Result("  milliseconds for one schedule", 1000 / ours, unit="ms"),
    ]


def _rate(act: Callable[[], object], seconds: float) -> float:
    """Acts a second of one process."""
    done, start = 0, perf_counter()
    while perf_counter() - start < seconds:
        for _ in range(50):
            act()
        done += 50
    return done / (perf_counter() - start)


def _naive() -> list[tuple[date, Decimal, Decimal]]:
    """The annuity and a row after the other, in Decimal: the same figures, nothing else."""
    rate, balance, rows = RATE / 1200, PRINCIPAL, []
    instalment = (balance * rate / (1 - (1 + rate) ** -PERIODS)).quantize(CENT, rounding=ROUND_HALF_EVEN)
    for k in range(1, PERIODS + 1):
        interest = (balance * rate).quantize(CENT, rounding=ROUND_HALF_EVEN)
        principal = balance if k == PERIODS else instalment - interest
        balance -= principal
        rows.append((_month_later(k), principal, interest))
    return rows


def _month_later(k: int) -> date:
    year, month = divmod(DISBURSED.year * 12 + DISBURSED.month - 1 + k, 12)
    return date(year, month + 1, min(DISBURSED.day, monthrange(year, month + 1)[1]))


if __name__ == "__main__":
    main(run)
