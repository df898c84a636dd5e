"""A figure of a schedule in words: the explanations of `rules.explain` as sentences a borrower can check by hand."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.lending.rules.explain import Explanation, Number
from apps.lending.rules.figures import Rounding

MODES: Mapping[Rounding, Promise] = {
    Rounding.HALF_EVEN: _("a half to the even digit"),
    Rounding.HALF_UP: _("a half up"),
    Rounding.UP: _("always up"),
}
BORNE = _("%(formula)s = %(value)s, rounded to %(unit)s (%(rounding)s).")
BORNE_BETWEEN = _("%(start)s to %(end)s: %(formula)s = %(value)s, rounded to %(unit)s (%(rounding)s).")
PIECES = ("interest.days", "interest.years", "interest.period", "interest.part")
SENTENCES: Mapping[str, Promise] = {
    "days.undated": _("This loan has no dates yet, so its days are not counted."),
    "days.between": _("Days from %(start)s to %(due)s: %(value)s."),
    "total.sum": _("Principal %(principal)s + interest %(interest)s + fees %(fees)s = %(value)s."),
    "balance.left": _("%(opening)s owed before − %(principal)s principal = %(value)s."),
    "balance.drawn": _("%(opening)s owed before + %(drawn)s paid out − %(principal)s principal = %(value)s."),
    "principal.down_payment": _(
        "Down payment: %(percent)s of %(lent)s = %(value)s, rounded to %(unit)s (%(rounding)s)."
    ),
    "principal.grace": _("A grace period: no principal is due yet."),
    "principal.put_off": _("No principal is due before the last instalment."),
    "principal.instalment": _("Instalment %(instalment)s − interest of the period %(accrued)s = %(value)s."),
    "principal.share": _("%(owed)s shared over %(rows)s instalments = %(value)s, rounded to %(unit)s (%(rounding)s)."),
    "principal.percent": _("%(percent)s of the original %(lent)s = %(value)s, rounded to %(unit)s (%(rounding)s)."),
    "principal.last": _("The last instalment takes all that is still owed: %(value)s."),
    "principal.ahead": _("%(value)s of principal was paid before the due date, more than the %(planned)s planned."),
    "principal.beyond": _("%(owed)s of principal was due and %(beyond)s more was paid: %(value)s."),
    "principal.settled": _("The loan was paid off: the instalment of %(value)s is principal only."),
    "principal.cleared": _("Only %(value)s was still owed."),
    "principal.covered": _("The interest of the period, %(accrued)s, took the whole instalment."),
    "interest.free": _("An interest-free period."),
    "interest.down_payment": _("A down payment bears no interest."),
    "interest.nothing_owed": _("Nothing bore interest in this period."),
    "interest.put_off": _("The interest of this period, %(accrued)s, is paid with a later instalment."),
    "interest.with_put_off": _(
        "Interest of this period %(accrued)s + interest put off until now %(brought)s = %(value)s."
    ),
    "interest.segments": _("Each piece is rounded by itself, then they are added: %(pieces)s = %(value)s."),
    "interest.share": _(
        "Interest of the whole term: %(formula)s = %(total)s. Shared over %(rows)s instalments = %(value)s, "
        "rounded to %(unit)s (%(rounding)s)."
    ),
    "interest.share_left": _(
        "Interest of the whole term: %(formula)s = %(total)s. The instalments before took %(before)s; "
        "%(value)s is left."
    ),
    "interest.share_part": _(
        "Interest of the whole term: %(formula)s = %(total)s. Of this instalment's share %(amount)s for "
        "%(part_days)s of %(part_of)s days = %(value)s."
    ),
}
NOT_MONEY = frozenset({"rows", "part_days", "part_of"})


def in_words(told: Explanation, currency: str) -> list[str]:
    """The sentence of a figure, then one for each figure it is made of. Amounts are in major units of the currency."""
    lines = [_sentence(told, currency)]
    for part in told.parts:
        if not part.code.startswith("lent."):
            lines += in_words(part, currency)
    return lines


def _sentence(told: Explanation, currency: str) -> str:
    words = {name: _shown(name, value, currency) for name, value in told.numbers.items()}
    words["value"] = _shown("value", told.value, currency) if told.code != "days.between" else str(told.value)
    words["pieces"] = " + ".join(_shown("piece", part.value, currency) for part in told.parts)
    if told.code in PIECES:
        words["formula"] = _formula(told, currency)
        return str(BORNE if told.numbers["start"] is None else BORNE_BETWEEN) % words
    words["formula"] = " + ".join(_formula(part, currency) for part in told.parts if part.value is None)
    return str(SENTENCES[told.code]) % words


def _formula(told: Explanation, currency: str) -> str:
    """balance x rate x time, in figures that need no language."""
    said = told.numbers
    factors = [_shown("balance", said["balance"], currency), _percent(said["rate_pct"])]
    if "rate_times" in said:
        factors.append(_over(said["rate_times"], said["rate_of"]))
    if "days_of_365" in said:
        factors.append(f"({said['days_of_365']}/365 + {said['days_of_366']}/366)")
    elif (said["times"], said["of"]) != (1, 1):
        factors.append(_over(said["times"], said["of"]))
    part, more = (said.get("part_days", 1), said.get("part_of", 1)), said.get("more_periods", 0)
    if part[0] != part[1]:
        factors.append(f"({_over(*part)} + {more})" if more else _over(*part))
    elif isinstance(more, int) and more:
        factors.append(str(more + 1))
    return " × ".join(factors)


def _over(one: Number, other: Number) -> str:
    return f"{one}/{other}"


def _percent(value: Number) -> str:
    return f"{value.normalize():f}%" if isinstance(value, Decimal) else f"{value}%"


def _shown(name: str, value: Number, currency: str) -> str:
    """A number as people read it: money with its currency, a day as the language writes it."""
    if isinstance(value, Rounding):
        return str(MODES[value])
    if isinstance(value, date):
        return date_format(value)
    if name == "percent":
        return _percent(value)
    if value is None or name in NOT_MONEY:
        return str(value)
    if name == "unit":
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return f"{currency} {value:,f}"
