"""Statements of a group and of one member: what a fund held, every movement, what it holds; as data, never as a claim.

Written as JSON (`api/statement.py`), PDF (`documents.py`), a workbook and a short text to share (`statement_files.py`).
What was made as a file is kept as a seal (`operations/statement.py`), and checked by making it again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.chamas.errors import Invalid
from apps.chamas.investment_parts import Part, parts
from apps.chamas.models import ChamaGroup, EntryKind, FundKind, GroupEntry, Membership
from apps.kernel.money import Money
from apps.users.rules import half_name

BACKWARDS = _("The last day is before the first. Swap them.")
TOO_LONG = _("That is too much for one statement. Choose a shorter time.")
NEWEST = 2**63 - 1  # all rows
MOST_LINES = 5_000  # of one statement; a year of a group of forty has about 1,500


class DoesNotAddUp(ArithmeticError):
    """What was there and what moved is not what is there: a bug, and nothing is written on paper."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the group's ledger as it is read; `after` is what the fund held then, in this statement's view."""

    on: date
    fund: str
    kind: str
    who: str
    number: int | None
    amount: Money
    after: Money
    reference: str
    note: str

    @property
    def words(self) -> str:
        """What happened, and to which fund."""
        return f"{EntryKind(self.kind).label}, {FundKind(self.fund).label}"


@dataclass(frozen=True, slots=True)
class FundLine:
    """One fund over the period: opening and movements are the closing."""

    fund: str
    opening: Money
    came: Money
    went: Money
    closing: Money

    @property
    def name(self) -> str:
        """As people read it."""
        return str(FundKind(self.fund).label)


@dataclass(frozen=True, slots=True)
class Statement:
    """From the first day to the last, both included; of the whole group, or of one member."""

    group: ChamaGroup
    member: Membership | None
    first: date
    last: date
    funds: tuple[FundLine, ...]
    lines: tuple[Line, ...]
    investments: tuple[Part, ...] = ()  # as they stood on the last day, whole or the member's part
    upto_id: int = 0  # the newest row of the group that it knows

    @property
    def seal(self) -> str:
        """SHA-256 over what it says of money, so that an altered copy shows; names may change, rows and sums never."""
        number = self.member.number if self.member else None
        said = [
            [self.group.slug, number, self.group.currency, self.first.isoformat(), self.last.isoformat()],
            [[one.fund, one.opening.minor, one.closing.minor] for one in self.funds],
            *(
                [one.on.isoformat(), one.fund, one.kind, one.number, one.amount.minor, one.after.minor, one.reference]
                for one in self.lines
            ),
        ]
        return sha256(json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()

    @property
    def worth(self) -> Money:
        """What all investments are said to be worth; those that nobody valued count for nothing."""
        return self._sum(one.value for one in self.investments if one.value is not None)

    @property
    def title(self) -> str:
        """Whose statement it is."""
        return half_name(self.member.user.full_name) if self.member else self.group.name

    @property
    def opening(self) -> Money:
        """All funds together at the beginning."""
        return self._sum(one.opening for one in self.funds)

    @property
    def came(self) -> Money:
        """All that came in."""
        return self._sum(one.came for one in self.funds)

    @property
    def went(self) -> Money:
        """All that went out."""
        return self._sum(one.went for one in self.funds)

    @property
    def closing(self) -> Money:
        """All funds together at the end."""
        return self._sum(one.closing for one in self.funds)

    def _sum(self, amounts: Any) -> Money:
        return Money(sum(one.minor for one in amounts), self.group.currency)


# What a fund held after each row is counted by the database over all its history, and not from the opening that is
# printed: the two are compared below. A row that arrives meanwhile is in this one statement whole, or not at all.
_LINES = """
SELECT booked_on, fund, kind, number, full_name, amount_minor, after, reference, note FROM (
    SELECT e.id, e.booked_on, e.fund, e.kind, m.number, u.full_name, e.amount_minor, e.reference, e.note,
           sum(e.amount_minor) OVER (PARTITION BY e.fund ORDER BY e.booked_on, e.id)::bigint AS after
      FROM chamas_groupentry e
      LEFT JOIN chamas_membership m ON m.id = e.member_id
      LEFT JOIN users_user u ON u.id = m.user_id
     WHERE e.group_id = %(group)s AND (%(member)s::bigint IS NULL OR e.member_id = %(member)s)
       AND e.booked_on <= %(last)s AND e.id <= %(upto)s) every
 WHERE booked_on >= %(first)s
 ORDER BY booked_on, id
 LIMIT %(most)s
"""


def statement(
    group: ChamaGroup, *, first: date, last: date, member: Membership | None = None, upto_id: int = NEWEST
) -> Statement:
    """What happened from `first` to `last`, and what is owned on the last day; as many queries whatever the period.

    `upto_id`: the newest row to know of, as when an earlier statement is made again. Raises Invalid for a period that
    runs backwards or has too many rows; DoesNotAddUp, which is a bug.
    """
    if first > last:
        raise Invalid(BACKWARDS, errors={"to_date": [BACKWARDS]})
    lines = _lines(group, member, first, last, upto_id)
    if len(lines) > MOST_LINES:
        raise Invalid(TOO_LONG, errors={"to_date": [TOO_LONG]})
    before = GroupEntry.objects.filter(group=group, booked_on__lt=first, pk__lte=upto_id)
    if member is not None:
        before = before.filter(member=member)
    opening: dict[str, int] = dict(before.values_list("fund").annotate(Sum("amount_minor")).order_by())
    held = parts(group, on=last, member=member)
    return Statement(group, member, first, last, _funds(group, opening, lines), tuple(lines), tuple(held), upto_id)


def _lines(group: ChamaGroup, member: Membership | None, first: date, last: date, upto_id: int) -> list[Line]:
    values: dict[str, Any] = {
        "group": group.pk,
        "member": member.pk if member else None,
        "first": first,
        "last": last,
        "upto": upto_id,
        "most": MOST_LINES + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LINES, values)
        rows = cursor.fetchall()
    return [
        Line(
            on=on,
            fund=fund,
            kind=kind,
            who=half_name(name) if name else _now("All together"),
            number=number,
            amount=Money(minor, group.currency),
            after=Money(after, group.currency),
            reference=reference,
            note=note,
        )
        for on, fund, kind, number, name, minor, after, reference, note in rows
    ]


def _funds(group: ChamaGroup, opening: dict[str, int], lines: Sequence[Line]) -> tuple[FundLine, ...]:
    """Every fund that held or moved something. Raises DoesNotAddUp."""
    found, money = [], group.currency
    for fund in FundKind.values:
        own = [line for line in lines if line.fund == fund]
        begins = opening.get(fund, 0)
        if not own and not begins:
            continue
        came = sum(line.amount.minor for line in own if line.amount.minor > 0)
        went = -sum(line.amount.minor for line in own if line.amount.minor < 0)
        closing = own[-1].after.minor if own else begins
        if begins + came - went != closing:
            raise DoesNotAddUp(f"{group.slug} {fund}: {begins} + {came} - {went} is not {closing}")
        found.append(
            FundLine(fund, Money(begins, money), Money(came, money), Money(went, money), Money(closing, money))
        )
    return tuple(found)
