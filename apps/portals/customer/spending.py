"""Spending this month against last month, drawn as lines: arithmetic only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from apps.kernel.clock import month_bounds
from apps.kernel.money import Money, total
from apps.portals.customer.queries import DayFlow
from apps.portals.templatetags.kit import month_name, plain_money, short_day

LEFT, RIGHT, TOP, FOOT = 34.0, 334.0, 10.0, 170.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the grid, or a day under it."""

    at: float
    label: str

    @property
    def below(self) -> float:
        """Where a label stands that belongs to a grid line."""
        return self.at + 4


@dataclass(frozen=True, slots=True)
class Spending:
    """The card: this month's figures, the comparison, and the drawing."""

    month: str
    before: str
    came: Money
    went: Money
    difference: Money
    compares: bool
    sentence: str
    grid: Sequence[Mark]
    days: Sequence[Mark]
    this: str
    last: str
    tint: str
    dot: tuple[float, float]
    label: str
    label_anchor: str
    label_x: float
    label_y: float

    @property
    def less(self) -> Money:
        """How much less."""
        return -self.difference

    @property
    def is_less(self) -> bool:
        """Less was spent than by the same day of last month."""
        return self.difference.minor < 0


def spending(flows: Iterable[DayFlow], today: date, currency: str = "KES") -> Spending | None:
    """None when nothing was spent in either month."""
    first, last = month_bounds(today)
    first_before, last_before = month_bounds(first - timedelta(days=1))
    rows = list(flows)
    spent = {row.on: row.went for row in rows}
    now = _running(spent, first, today, currency)
    before = _running(spent, first_before, last_before, currency)
    if not now[-1] and not before[-1]:
        return None
    then = before[min(today.day, len(before)) - 1]
    days = max(last.day, last_before.day)
    top = _round_up(max(now[-1].minor, before[-1].minor))
    line = _points(now, days, top)
    x, y = line[-1]
    words = _("Spent so far in %(month)s: %(spent)s by day %(day)s.")
    if before[-1]:
        words = _(
            "Spent so far in %(month)s: %(spent)s by day %(day)s, against %(before)s by the same day in %(last)s."
        )
    return Spending(
        month=month_name(first),
        before=month_name(first_before),
        came=total((row.came for row in rows if row.on >= first), currency),
        went=now[-1],
        difference=now[-1] - then,
        compares=bool(before[-1]),
        sentence=words
        % {
            "month": month_name(first),
            "spent": plain_money(now[-1]),
            "day": today.day,
            "before": plain_money(then),
            "last": month_name(first_before),
        },
        grid=[Mark(round(FOOT - part * (FOOT - TOP) / 4, 1), _short(top * part // 4)) for part in range(5)],
        days=[Mark(round(_x(day, days), 1), short_day(first.replace(day=day))) for day in (5, 15, 25)],
        this=_path(line),
        last=_path(_points(before, days, top)),
        tint=f"M{_path(line).replace(' ', ' L')} L{x},{FOOT} L{line[0][0]},{FOOT} Z",
        dot=(x, y),
        label=_("%(sum)s today") % {"sum": _short(now[-1].minor)},
        label_anchor="end" if x > 120 else "start",  # a line that only rises leaves its upper left free
        label_x=round(x - 8 if x > 120 else x + 10, 1),
        label_y=round(max(y - 8, 10), 1),
    )


def _running(spent: dict[date, Money], first: date, last: date, currency: str) -> list[Money]:
    so_far, sums = Money.zero(currency), []
    for nth in range((last - first).days + 1):
        so_far += spent.get(first + timedelta(days=nth), Money.zero(currency))
        sums.append(so_far)
    return sums


def _x(day: int, days: int) -> float:
    return LEFT + (day - 1) * (RIGHT - LEFT) / (days - 1)


def _points(sums: Sequence[Money], days: int, top: int) -> list[tuple[float, float]]:
    return [
        (round(_x(nth, days), 1), round(FOOT - sum_.minor * (FOOT - TOP) / top, 1))
        for nth, sum_ in enumerate(sums, start=1)
    ]


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _round_up(minor: int) -> int:
    """The next 4, 8, 20, 40 … shillings times a power of ten, so that four grid lines are round."""
    step = 400
    while True:
        for times in (1, 2, 5):
            if step * times >= minor:
                return step * times
        step *= 10


def _short(minor: int) -> str:
    """`10.1k`: on axes only."""
    shillings = minor / 100
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if shillings >= size:
            return f"{shillings / size:.1f}".removesuffix(".0") + sign
    return f"{shillings:.0f}"
