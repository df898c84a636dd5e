"""Early warnings in words, with the loans they are about: what the desk reads before anything is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.credit_scoring.models import EarlyWarning, Severity, Signal
from apps.kernel.money import Money
from apps.lending.models import Loan

HOME = "KES"
_ORDER = (Severity.SEVERE, Severity.SERIOUS, Severity.NOTICE)


@dataclass(frozen=True, slots=True)
class Told:
    """A warning with why in words and the loan it is about, where that still is there."""

    row: EarlyWarning
    why: str
    loan: Loan | None


def worst_first(rows: QuerySet[EarlyWarning]) -> QuerySet[EarlyWarning]:
    """The most serious first, then the oldest."""
    whens = [When(severity=severity, then=Value(nth)) for nth, severity in enumerate(_ORDER)]
    rank = Case(*whens, default=Value(len(_ORDER)), output_field=IntegerField())
    return rows.select_related("user", "taken_by").annotate(rank=rank).order_by("rank", "pk")


def told(rows: Sequence[EarlyWarning]) -> list[Told]:
    """In words, with their loans in one query."""
    loans = {f"loan/{one.pk}": one for one in Loan.objects.shown().filter(pk__in=map(_loan_id, rows))}
    return [Told(row, why(row), loans.get(row.loan_reference)) for row in rows]


def why(row: EarlyWarning) -> str:
    """The figures behind a warning as a sentence."""
    facts: dict[str, Any] = row.facts
    if row.signal == Signal.DAYS_LATE:
        days = facts.get("days_late", 0)
        return ngettext("An instalment is %(n)s day late.", "An instalment is %(n)s days late.", days) % {"n": days}
    if row.signal == Signal.MISSED_TWO:
        return _("%(n)s instalments are unpaid.") % {"n": facts.get("missed", 0)}
    if row.signal == Signal.INCOME_FELL:
        was, came = _kes(facts, "was_minor"), _kes(facts, "is_minor")
        return _("%(is)s came in during the last 30 days; %(was)s a month before that.") % {"is": came, "was": was}
    if row.signal == Signal.BALANCE_SHORT:
        due, there = _kes(facts, "due_minor"), _kes(facts, "available_minor")
        return _("%(due)s falls due within days, and %(there)s is there.") % {"due": due, "there": there}
    if row.signal == Signal.RISK_ROSE:
        before, risk = _share(facts, "was"), _share(facts, "is")
        return _("The chance of failing within a year rose from %(was)s to %(is)s.") % {"was": before, "is": risk}
    return str(Signal(row.signal).label)


def _loan_id(row: EarlyWarning) -> int:
    kind, _slash, key = row.loan_reference.partition("/")
    return int(key) if kind == "loan" and key.isdecimal() else 0


def _kes(facts: dict[str, Any], name: str) -> Money:
    return Money(int(facts.get(name, 0)), HOME)


def _share(facts: dict[str, Any], name: str) -> str:
    return f"{(Decimal(facts.get(name, '0')) * 100).quantize(Decimal('0.1'))} %"
