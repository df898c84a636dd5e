"""A group's register of investments as it stood at the end of a day: what it had, had paid, and what that is worth."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.chamas.models import ChamaGroup, InvestmentKind
from apps.chamas.rules.investments import VALUED_WITHIN_DAYS, part_of, units_text
from apps.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Holding:
    """One investment on a day; `value` is None when nobody has said what it is worth."""

    pk: int
    public_id: Any
    kind: str
    name: str
    custodian: str
    custody_reference: str
    reference: str
    bought_on: date
    units: Decimal
    cost: Money
    value: Money | None
    valued_on: date | None
    says: str
    earned: Money  # what it brought: earnings, and gains and losses of what was sold
    is_brought: bool  # nobody was paid for it: it was the group's or its members' before

    @property
    def kind_name(self) -> str:
        """As people read it."""
        return str(InvestmentKind(self.kind).label)

    @property
    def units_text(self) -> str:
        """Without noughts at the end."""
        return units_text(self.units)

    @property
    def gain(self) -> Money | None:
        """What it is worth above what it cost; below zero when it lost. Not earned before it is sold."""
        return None if self.value is None else self.value - self.cost

    def is_valued(self, on: date) -> bool:
        """Whether somebody has said within a quarter what it is worth."""
        return self.valued_on is not None and (on - self.valued_on).days <= VALUED_WITHIN_DAYS


_HELD = """
SELECT i.id, i.public_id, i.kind, i.name, i.custodian, i.custody_reference, i.reference, i.bought_on,
       i.units - s.units, i.cost_minor - s.cost, v.value_minor, v.units, v.valued_on, COALESCE(v.says, ''), s.earned,
       i.is_brought
  FROM chamas_investment i
 CROSS JOIN LATERAL (
       SELECT COALESCE(sum(l.units), 0) AS units, COALESCE(sum(r.cost_minor), 0)::bigint AS cost,
              COALESCE(sum(r.amount_minor - r.cost_minor), 0)::bigint AS earned
         FROM chamas_investmentreceipt r LEFT JOIN chamas_investmentsale l ON l.id = r.sale_id
        WHERE r.investment_id = i.id AND (r.at AT TIME ZONE 'Africa/Nairobi')::date <= %(on)s) s
  LEFT JOIN LATERAL (
       SELECT w.value_minor, w.units, w.valued_on, w.says FROM chamas_investmentvaluation w
        WHERE w.investment_id = i.id AND w.valued_on <= %(on)s ORDER BY w.valued_on DESC, w.id DESC LIMIT 1) v ON true
 WHERE i.group_id = %(group)s AND i.bought_on <= %(on)s AND (%(all)s OR i.units > s.units)
 ORDER BY i.bought_on, i.id
"""


def holdings(group: ChamaGroup, *, on: date, sold_too: bool = False) -> list[Holding]:
    """What the group had at the end of a day, the oldest first, in one query; `sold_too` with what is sold by then.

    What is left after a sale is worth its part of what all of it was worth.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"group": group.pk, "on": on, "all": sold_too})
        rows = cursor.fetchall()
    currency, found = group.currency, []
    for *head, of_units, valued_on, says, earned, is_brought in rows:
        pk, public_id, kind, name, custodian, custody, reference, bought_on, units, cost, value = head
        found.append(
            Holding(
                pk, public_id, kind, name, custodian, custody, reference, bought_on, units, Money(cost, currency),
                None if value is None else Money(_worth(value, units, of_units), currency), valued_on, says,
                Money(earned, currency), is_brought,
            )
        )  # fmt: skip
    return found


def _worth(value: int, units: Decimal, valued_units: Decimal) -> int:
    return part_of(value, min(units, valued_units), valued_units) if units else 0
