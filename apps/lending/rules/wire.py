"""The published shape of a case, in and out: `{"kind": "schedule" | "apr", ...}`."""

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from typing import Any

from apps.lending.rules import choices as said
from apps.lending.rules.apr import Apr, AprMethod, Flow, annual_percentage_rate, effective_annual
from apps.lending.rules.errors import BadTerms
from apps.lending.rules.events import Event, InterestTo, Payoff, PayoffQuote, Repayment, Reschedule
from apps.lending.rules.figures import ONE, PRECISION, ZERO, Rounding, rounded
from apps.lending.rules.payments import plan, replay
from apps.lending.rules.reading import Fields, count, day, flag, fraction, many, number, one_of
from apps.lending.rules.schedule import Row, Schedule
from apps.lending.rules.soundness import MOST_DECIMALS
from apps.lending.rules.terms import Draw, Every, Grace, LoanTerms, Recalculation

Json = dict[str, Any]
MOST_REPEATS = 4_000
MOST_IN_A_YEAR = 1_000  # unit-periods or days


class Kind(StrEnum):
    """What is asked for."""

    SCHEDULE = "schedule"
    APR = "apr"


def answer(inputs: object) -> Json:
    """What the inputs of one case come to. Raises BadTerms for anything unknown or impossible."""
    fields = Fields(inputs, "inputs")
    with localcontext(prec=PRECISION):
        if fields.need("kind", one_of(Kind)) is Kind.APR:
            return _apr(fields)
        return _schedule(fields)


# ---- a schedule ----


def _schedule(fields: Fields) -> Json:
    terms = read_terms(fields)
    events: tuple[Event, ...] = fields.take("events", many(_event), ())
    as_of = fields.take("as_of", day, None)
    effective = fields.take("effective_rate", _effective, None)
    fields.done()
    after = replay(terms, events, as_of)
    result = written(after, effective)
    if events:
        result["quotes"] = [_quote(terms, quote) for quote in after.quotes]
        result["before"] = written(plan(terms), effective)
    return result


def read_terms(fields: Fields) -> LoanTerms:
    """The terms of a loan out of the members of a case; the rest is the caller's to take before `done`."""
    take = fields.take
    return LoanTerms(
        principal=take("principal", number, None),
        tranches=take("tranches", many(_draw), ()),
        disbursed=take("disbursed", day, None),
        schedule_start=take("schedule_start", day, None),
        first_due=take("first_due", day, None),
        repay_every=take("repay_every", _every, Every()),
        periods=take("periods", count, None),
        decimals=take("decimals", count, 2),
        amount_multiple_of=take("amount_multiple_of", number, None),
        report_decimals=take("report_decimals", count, None),
        rounding=take("rounding", one_of(Rounding), Rounding.HALF_EVEN),
        annual_rate_pct=take("annual_rate_pct", number, None),
        period_rate_pct=take("period_rate_pct", number, None),
        interest_method=take("interest_method", one_of(said.Method), said.Method.DECLINING),
        interest_calculation=take("interest_calculation", one_of(said.Calculation), said.Calculation.SAME_AS_PERIOD),
        day_count=take("day_count", one_of(said.DayCount), None),
        amortisation=take("amortisation", one_of(said.Amortisation), said.Amortisation.EQUAL_INSTALMENTS),
        principal_pct_per_period=take("principal_pct_per_period", number, None),
        fixed_instalment=take("fixed_instalment", number, None),
        instalment_multiple_of=take("instalment_multiple_of", number, None),
        instalment_rounding=take("instalment_rounding", one_of(Rounding), None),
        instalment_sizing=take("instalment_sizing", one_of(said.Sizing), said.Sizing.PERIOD_DAYS),
        smoothing=take("smoothing", flag, default=False),
        grace=take("grace", _grace, Grace()),
        down_payment_pct=take("down_payment_pct", number, ZERO),
        interest_recalculation=take("interest_recalculation", _recalculation, Recalculation()),
        prepayment=take("prepayment", one_of(said.Prepayment), said.Prepayment.REDUCE_INSTALMENT),
    )


def _draw(given: object, name: str) -> Draw:
    fields = Fields(given, name)
    found = Draw(fields.need("on", day), fields.need("amount", number))
    fields.done()
    return found


def _every(given: object, name: str) -> Every:
    fields = Fields(given, name)
    found = Every(fields.take("n", count, 1), fields.take("unit", one_of(said.Unit), said.Unit.MONTH))
    fields.done()
    return found


def _grace(given: object, name: str) -> Grace:
    fields = Fields(given, name)
    found = Grace(
        principal_periods=fields.take("principal_periods", count, 0),
        interest_deferred_periods=fields.take("interest_deferred_periods", count, 0),
        interest_free_periods=fields.take("interest_free_periods", count, 0),
    )
    fields.done()
    return found


class _Compounding(StrEnum):
    NONE = "none"


def _recalculation(given: object, name: str) -> Recalculation:
    fields = Fields(given, name)
    found = Recalculation(
        enabled=fields.take("enabled", flag, default=False),
        frequency=fields.take("frequency", one_of(said.Frequency), said.Frequency.DAILY),
    )
    fields.take("compounding", one_of(_Compounding), _Compounding.NONE)
    fields.done()
    return found


def _effective(given: object, name: str) -> tuple[Fraction, int]:
    fields = Fields(given, name)
    found = fields.take("days_in_year", _in_a_year, Fraction(365)), fields.take("decimals", _places, 2)
    fields.done()
    return found


def _event(given: object, name: str) -> Event:
    fields = Fields(given, name)
    found = EVENTS[fields.need("type", one_of(_EventType))](fields)
    fields.done()
    return found


class _EventType(StrEnum):
    REPAYMENT = "repayment"
    RESCHEDULE = "reschedule"
    PAYOFF_QUOTE = "payoff_quote"
    PAYOFF = "payoff"


def _reschedule(fields: Fields) -> Event:
    return Reschedule(
        from_due=fields.need("from_due", day),
        extra_periods=fields.take("extra_periods", count, 0),
        grace_principal_periods=fields.take("grace_principal_periods", count, 0),
        annual_rate_pct=fields.take("annual_rate_pct", number, None),
    )


def _payoff_quote(fields: Fields) -> Event:
    to = fields.take("interest_to", one_of(InterestTo), InterestTo.PAYOFF_DATE)
    return PayoffQuote(fields.need("on", day), to)


EVENTS: Mapping[_EventType, Callable[[Fields], Event]] = {
    _EventType.REPAYMENT: lambda fields: Repayment(fields.need("on", day), fields.need("amount", number)),
    _EventType.RESCHEDULE: _reschedule,
    _EventType.PAYOFF_QUOTE: _payoff_quote,
    _EventType.PAYOFF: lambda fields: Payoff(fields.need("on", day)),
}


# ---- a schedule, written ----


def written(schedule: Schedule, effective: tuple[Fraction, int] | None = None) -> Json:
    """A schedule as JSON: amounts as text with the places the terms report."""
    terms, totals = schedule.terms, schedule.totals
    shown = [_row(terms, n, row) for n, row in enumerate(schedule.rows, 1)]
    result: Json = {
        "disbursements": [
            {"on": one.on.isoformat(), "balance": _money(terms, one.balance)}
            for one in schedule.disbursements
            if one.on is not None
        ],
        "schedule": shown,
        "rows": {str(row["n"]): row for row in shown},
        "totals": {
            "principal": _money(terms, totals.principal),
            "interest": _money(terms, totals.interest),
            "total": _money(terms, totals.total),
        },
        "periods": schedule.periods,
        "closes_when_paid": _money(terms, schedule.closes_when_paid),
    }
    for name, value in (("instalment", schedule.instalment), ("first_instalment", schedule.first_instalment)):
        if value is not None:
            result[name] = _money(terms, value)
    if effective is not None:
        days_in_year, decimals = effective
        found = effective_annual(schedule, days_in_year=days_in_year, decimals=decimals)
        result["effective_annual_pct"] = f"{found.apr_pct:f}"
    return result


def _row(terms: LoanTerms, n: int, row: Row) -> Json:
    shown: Json = {"n": n}
    if row.due is not None:
        shown |= {"due": row.due.isoformat(), "days": row.days}
    for name in ("principal", "interest", "fees", "total", "balance", "paid"):
        shown[name] = _money(terms, getattr(row, name))
    return shown


def _quote(terms: LoanTerms, quote: Any) -> Json:
    return {
        "on": quote.on.isoformat(),
        "interest_to": quote.interest_to,
        "amount": _money(terms, quote.amount),
        "interest": _money(terms, quote.interest),
    }


def _money(terms: LoanTerms, amount: Decimal) -> str:
    places = terms.decimals if terms.report_decimals is None else terms.report_decimals
    return f"{rounded(amount, ONE.scaleb(-places), terms.rounding):f}"


# ---- a yearly rate ----


def _apr(fields: Fields) -> Json:
    method = fields.need("method", one_of(AprMethod))
    reg_z = method is AprMethod.REG_Z
    days_in_year = Fraction(365) if reg_z else fields.take("days_in_year", _in_a_year, Fraction(365))
    a_year = fields.need("unit_periods_per_year", _in_a_year) if reg_z else Fraction(1)

    def read(given: object, name: str) -> list[Flow]:
        return _flows(given, name, reg_z=reg_z, days_in_year=days_in_year)

    advances, payments = fields.need("advances", many(read)), fields.need("payments", many(read))
    decimals = fields.take("decimals", _places, 2)
    fields.done()
    return _written_apr(
        annual_percentage_rate(
            [flow for flows in advances for flow in flows],
            [flow for flows in payments for flow in flows],
            method=method,
            unit_periods_per_year=a_year,
            decimals=decimals,
        )
    )


def _written_apr(found: Apr) -> Json:
    return {"method": found.method.value, "apr_pct": f"{found.apr_pct:f}"}


def _flows(given: object, name: str, *, reg_z: bool, days_in_year: Fraction) -> list[Flow]:
    """One flow, or as many as `count` says, each `every` later."""
    fields = Fields(given, name)
    amount, times = fields.need("amount", number), fields.take("count", count, 1)
    if not 1 <= times <= MOST_REPEATS:
        raise BadTerms("bad_count", f"{name}.count: from 1 to {MOST_REPEATS}.")

    def moment(given: object, name: str) -> tuple[Fraction, Fraction]:
        return _periods(given, name) if reg_z else (_years(given, name, days_in_year), Fraction(0))

    (at, odd), nothing = fields.need("at", moment), (Fraction(0), Fraction(0))
    if times > 1:
        later, odd_later = fields.need("every", moment)
    else:
        later, odd_later = fields.take("every", moment, nothing)
    fields.done()
    if odd_later or (times > 1 and not later):
        raise BadTerms("bad_value", f"{name}.every: whole periods, at least one.")
    return [Flow(amount, at + nth * later, odd) for nth in range(times)]


def _periods(given: object, name: str) -> tuple[Fraction, Fraction]:
    fields = Fields(given, name)
    found = Fraction(fields.need("periods", count)), fields.take("odd", fraction, Fraction(0))
    fields.done()
    return found


def _years(given: object, name: str, days_in_year: Fraction) -> Fraction:
    fields = Fields(given, name)
    a_year = {"days": days_in_year, "weeks": Fraction(52), "months": Fraction(12), "years": Fraction(1)}
    found = [fields.need(unit, count) / each for unit, each in a_year.items() if fields.has(unit)]
    fields.done()
    if len(found) != 1:
        raise BadTerms("bad_value", f"{name}: one of days, weeks, months or years.")
    return found[0]


def _places(given: object, name: str) -> int:
    found = count(given, name)
    if found > MOST_DECIMALS:
        raise BadTerms("bad_count", f"{name}: at most {MOST_DECIMALS}.")
    return found


def _in_a_year(given: object, name: str) -> Fraction:
    found = fraction(given, name)
    if not 0 < found <= MOST_IN_A_YEAR:
        raise BadTerms("bad_number", f"{name}: above 0 and at most {MOST_IN_A_YEAR}.")
    return found
