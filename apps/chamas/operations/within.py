"""What a group may hold and pay out before the bank has verified it, asked under the lock that its money moves by."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.chamas.errors import NotVerified
from apps.chamas.models import ChamaGroup, EntryKind, GroupEntry, GroupLimit, GroupLimitKind
from apps.kernel.clock import local_date, month_bounds
from apps.kernel.money import Money

# What members bring. Loans paid back and what investments return are the group's own and come home whatever it holds.
_COUNTED = (EntryKind.CONTRIBUTION, EntryKind.SHARE_PURCHASE)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A limit in force (None: there is none) and what is used of it."""

    kind: str
    limit: Money | None
    used: Money

    @property
    def name(self) -> str:
        """As people read it."""
        return str(GroupLimitKind(self.kind).label)

    @property
    def left(self) -> Money | None:
        """What more there may be; never below zero."""
        return None if self.limit is None else max(self.limit - self.used, Money.zero(self.used.currency))


def limits(currency: str, *, on: date) -> dict[str, int | None]:
    """By kind, the limit in force on a day (minor units; None: no limit), for groups that are not verified."""
    rows = GroupLimit.objects.filter(currency=currency, valid_from__lte=on)
    newest = rows.order_by("kind", "-valid_from").distinct("kind")
    return dict.fromkeys(GroupLimitKind.values) | dict(newest.values_list("kind", "amount_minor"))


def held_by(group: ChamaGroup) -> int:
    """What lies in the group's purses (minor units)."""
    return GroupEntry.objects.filter(group=group).aggregate(sum=Sum("amount_minor"))["sum"] or 0


_OUT = """
SELECT COALESCE(-sum(t.minor), 0)::bigint
  FROM (SELECT sum(amount_minor) AS minor FROM chamas_groupentry
         WHERE group_id = %s AND booked_on BETWEEN %s AND %s GROUP BY transfer_id HAVING sum(amount_minor) < 0) t
"""


def out_in_month(group: ChamaGroup, *, on: date) -> int:
    """What left the group in the month of a day (minor units)."""
    with connection.cursor() as cursor:
        cursor.execute(_OUT, [group.pk, *month_bounds(on)])
        return int(cursor.fetchone()[0])


def allowances(group: ChamaGroup, *, on: date) -> list[Allowance]:
    """What the group may do today; nothing for one that is verified."""
    if group.is_verified:
        return []
    used = {GroupLimitKind.HELD: held_by(group), GroupLimitKind.MONTH_OUT: out_in_month(group, on=on)}
    found = limits(group.currency, on=on)
    return [
        Allowance(kind, None if found[kind] is None else Money(int(found[kind] or 0), group.currency),
                  Money(minor, group.currency))
        for kind, minor in used.items()
    ]  # fmt: skip


def require_within(group: ChamaGroup, minor: int, kind: EntryKind, at: datetime) -> None:
    """What comes into (+) or leaves (−) a locked group is within its limits. Raises NotVerified."""
    if group.is_verified or not minor or (minor > 0 and kind not in _COUNTED):
        return
    found = limits(group.currency, on=local_date(at))
    limit = found[GroupLimitKind.HELD if minor > 0 else GroupLimitKind.MONTH_OUT]
    if limit is None:
        return
    used = held_by(group) if minor > 0 else out_in_month(group, on=local_date(at))
    if used + abs(minor) > limit:
        raise _refusal(group, Money(limit, group.currency), is_out=minor < 0)


def _refusal(group: ChamaGroup, limit: Money, *, is_out: bool) -> NotVerified:
    said = (
        _("Until the bank has seen the group's papers, %(limit)s may leave it in a month. No money moved. Officers hand"
          " the papers in under Chama, Papers; or wait for the next month.")
        if is_out
        else _("Until the bank has seen the group's papers, it may hold %(limit)s. No money moved. Officers hand the"
               " papers in under Chama, Papers.")
    )  # fmt: skip
    return NotVerified(said % {"limit": limit}, limit=str(limit.amount))
