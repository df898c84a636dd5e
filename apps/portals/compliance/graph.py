"""Where the money went, and the usual pattern, as figures for SVG: drawn on the server, without a script."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.compliance.queries import Flow, Month, Side
from apps.compliance.wording import kes

SIDES, HEIGHT, GAP, TOP = 4, 48, 10, 8
MIDDLE_X, MIDDLE_W = 262, 116


@dataclass(frozen=True, slots=True)
class Node:
    """A box with two lines of words, and the stream between it and the middle."""

    x: int
    y: int
    name: str
    below: str
    path: str
    wide: int
    minor: int
    owner_id: int | None

    @property
    def words_x(self) -> int:
        """Where its words begin."""
        return self.x + 12

    @property
    def name_y(self) -> int:
        """The first line."""
        return self.y + 20

    @property
    def below_y(self) -> int:
        """The second."""
        return self.y + 38


@dataclass(frozen=True, slots=True)
class Drawing:
    """The money graph: in on the left, the customer in the middle, out on the right."""

    height: int
    came: list[Node]
    went: list[Node]
    middle_y: int
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of the usual pattern."""

    x: float
    label_x: float
    came_y: float
    came_h: float
    went_x: float
    went_y: float
    went_h: float
    begins: object


def draw(flow: Flow) -> Drawing:
    """Boxes and streams; the stream's width is its share of the money."""
    came, went = _top(flow.came), _top(flow.went)
    rows = max(len(came), len(went), 2)
    height = TOP * 2 + rows * (HEIGHT + GAP) - GAP
    middle_y = max(TOP, height // 2 - 32)
    most = max([side.minor for side in (*came, *went)], default=1)
    words = _("Money in: %(came)s from %(senders)s. Money out: %(went)s to %(receivers)s.") % {
        "came": kes(flow.in_minor), "senders": len(flow.came), "went": kes(flow.out_minor), "receivers": len(flow.went),
    }  # fmt: skip
    return Drawing(
        height, _nodes(came, 8, rows, most, height, is_in=True), _nodes(went, 446, rows, most, height, is_in=False),
        middle_y, words,
    )  # fmt: skip


def _top(sides: tuple[Side, ...]) -> list[Side]:
    if len(sides) <= SIDES:
        return list(sides)
    rest = sides[SIDES - 1 :]
    others = Side(_("%(n)s others") % {"n": len(rest)}, sum(one.minor for one in rest), sum(one.times for one in rest))
    return [*sides[: SIDES - 1], others]


def _nodes(sides: list[Side], x: int, rows: int, most: int, height: int, *, is_in: bool) -> list[Node]:
    start = TOP + (rows - len(sides)) * (HEIGHT + GAP) // 2
    nodes = []
    for nth, side in enumerate(sides):
        y = start + nth * (HEIGHT + GAP)
        centre, middle = y + HEIGHT // 2, height // 2
        path = (
            f"M{x + 186} {centre} C{x + 222} {centre} {MIDDLE_X - 36} {middle} {MIDDLE_X} {middle}"
            if is_in
            else f"M{MIDDLE_X + MIDDLE_W} {middle} C{MIDDLE_X + MIDDLE_W + 36} {middle} {x - 36} {centre} {x} {centre}"
        )
        name = side.name if len(side.name) <= 22 else f"{side.name[:21]}…"
        nodes.append(
            Node(
                x,
                y,
                name,
                f"{kes(side.minor)} · {side.times}×",
                path,
                max(2, round(36 * side.minor / most)),
                side.minor,
                side.owner_id,
            )
        )
    return nodes


def _short(minor: int) -> str:
    """An amount beside an axis: `426k`, `1.2M`."""
    thousands = minor // 100_000
    return f"{thousands / 1000:.3g}M" if thousands >= 1000 else f"{thousands}k"


def bars(months: list[Month]) -> tuple[list[Bar], list[tuple[float, str]], str]:
    """The months as bars, the lines behind them with their labels, and the whole in words."""
    most = max([max(one.came, one.went) for one in months], default=0) or 1
    room, floor = 120.0, 136.0
    drawn = []
    for nth, one in enumerate(months):
        x = 52 + nth * 48.8
        came, went = room * one.came / most, room * one.went / most
        drawn.append(Bar(round(x, 1), round(x + 18.6, 1), round(floor - came, 1), round(came, 1), round(x + 19.6, 1),
                         round(floor - went, 1), round(went, 1), one.begins))  # fmt: skip
    lines = [(floor - room * part / 2, _short(most * part // 2)) for part in (0, 1, 2)]
    words = _("Money in and out by month, the last twelve. The most in one month: %(most)s.") % {"most": kes(most)}
    return drawn, lines, words
