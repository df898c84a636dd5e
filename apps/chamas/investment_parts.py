"""What of a group's investments is each member's: measured as the rules in force share what was earned; of what was
brought in, by whose it was then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from apps.chamas.models import ChamaGroup, FundKind, GroupEntry, GroupRole, Investment, Membership, SharingKind
from apps.chamas.operations.share import begins_on
from apps.chamas.operations.share_out import weights
from apps.chamas.queries.investments import Holding, holdings
from apps.chamas.rules.investments import units_of, units_text
from apps.chamas.rules.sharing import share
from apps.kernel.clock import day_start
from apps.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Part:
    """One investment and, for one member, the units and the value that stand for their part; None for the group."""

    of: Holding
    units: Decimal
    value: Money | None

    @property
    def units_text(self) -> str:
        """Without noughts at the end."""
        return units_text(self.units)


def parts(group: ChamaGroup, *, on: date, member: Membership | None = None) -> list[Part]:
    """Each investment of a day, whole or as one member's part; all members' parts together are the whole, to the cent.

    A part is a measure and not a claim: what a member is paid comes from their savings, shares and what was earned.
    """
    held = holdings(group, on=on)
    if member is None:
        return [Part(one, one.units, one.value) for one in held]
    people, by = _measured(group, on) if held else ([], [])
    if member.pk not in people:
        return []
    mine, brought = people.index(member.pk), _brought(held, people)
    return [_part(one, brought.get(one.pk, by), mine) for one in held]


def _part(one: Holding, by: Sequence[int], nth: int) -> Part:
    value = None if one.value is None else Money(share(one.value.minor, by)[nth], one.value.currency)
    return Part(one, units_of(one.units, by)[nth], value)


def _brought(held: Sequence[Holding], people: Sequence[int]) -> dict[int, list[int]]:
    """By investment that was brought in, what of it became whose share capital, in the order of `people`. Where nobody
    of them is there any more it is left out, and measured as everything else.
    """
    ids = [one.pk for one in held if one.is_brought]
    if not ids:
        return {}
    transfers = dict(Investment.objects.filter(pk__in=ids).values_list("transfer_id", "pk"))
    found = {pk: [0] * len(people) for pk in ids}
    rows = GroupEntry.objects.filter(transfer_id__in=transfers, fund=FundKind.SHARES, member__in=people)
    for transfer_id, member_id, minor in rows.values_list("transfer_id", "member_id", "amount_minor"):
        found[transfers[transfer_id]][people.index(member_id)] = minor
    return {pk: weights for pk, weights in found.items() if any(weights)}


def _measured(group: ChamaGroup, on: date) -> tuple[list[int], list[int]]:
    """Members of that day by id, and what each is measured by."""
    until = day_start(min(on, date.max - timedelta(days=1)) + timedelta(days=1))  # no day follows the very last one
    there = Membership.objects.filter(Q(left_at=None) | Q(left_at__gte=until), group=group, joined_at__lt=until)
    members = list(there.exclude(role=GroupRole.AUDITOR).order_by("number"))
    found = weights(group, members, begins_on(group, SharingKind.SHARE_OUT, until=on), on)
    return [one.pk for one in members], [max(found.get(one.pk, 0), 0) for one in members]
