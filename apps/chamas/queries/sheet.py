"""The treasurer's sheet at a meeting: every member, what they owe, and the cash they gave."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from apps.chamas.models import CashNote, CashNoteStatus, ChamaGroup, Contribution, Fine, FineStatus, Membership
from apps.kernel.money import Money

IN_HAND = (CashNoteStatus.RECORDED, CashNoteStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Row:
    """One member: `owed` is open dues and fines, `given` the cash that is with the treasurer."""

    member: Membership
    owed: Money
    notes: tuple[CashNote, ...]

    @property
    def given(self) -> Money:
        """Cash that was noted and not paid in yet."""
        return Money(sum(note.amount_minor for note in self.notes), self.owed.currency)

    @property
    def left(self) -> Money:
        """What is still to be given."""
        return max(self.owed - self.given, Money.zero(self.owed.currency))

    @property
    def is_confirmed(self) -> bool:
        """Whether the member said of all of it that it is so."""
        return bool(self.notes) and all(note.status == CashNoteStatus.CONFIRMED for note in self.notes)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows and their sums."""

    rows: tuple[Row, ...]
    currency: str

    @property
    def in_hand(self) -> Money:
        """All cash with the treasurer."""
        return self._sum(note.amount_minor for row in self.rows for note in row.notes)

    @property
    def to_bank(self) -> tuple[CashNote, ...]:
        """What members have confirmed and can be paid in."""
        return tuple(note for row in self.rows for note in row.notes if note.status == CashNoteStatus.CONFIRMED)

    @property
    def bankable(self) -> Money:
        """How much that is."""
        return self._sum(note.amount_minor for note in self.to_bank)

    @property
    def owed(self) -> Money:
        """What all of them owe, cash in hand not yet taken off."""
        return self._sum(row.owed.minor for row in self.rows)

    @property
    def confirmed(self) -> int:
        """How many members have confirmed all their cash."""
        return sum(row.is_confirmed for row in self.rows)

    def _sum(self, minors: Any) -> Money:
        return Money(sum(minors), self.currency)


def sheet(group: ChamaGroup, treasurer: Membership) -> Sheet:
    """Members who save, by number; four queries. The treasurer's own dues are paid from their account."""
    members = list(Membership.objects.voters().filter(group=group).select_related("user").order_by("number"))
    dues = _sums(
        Contribution.objects.unpaid().filter(group=group),
        ("amount_minor", "paid_welfare_minor", "paid_rotation_minor", "paid_savings_minor"),
    )
    fines = _sums(Fine.objects.filter(group=group, status=FineStatus.OPEN), ("amount_minor", "paid_minor"))
    notes: dict[int, list[CashNote]] = {}
    for note in CashNote.objects.filter(group=group, treasurer=treasurer, status__in=IN_HAND).order_by("pk"):
        notes.setdefault(note.member_id, []).append(note)
    rows = (
        Row(one, Money(dues.get(one.pk, 0) + fines.get(one.pk, 0), group.currency), tuple(notes.get(one.pk, ())))
        for one in members
    )
    return Sheet(tuple(rows), group.currency)


def _sums(rows: Any, names: tuple[str, ...]) -> dict[int, int]:
    """By member, the first of the sums less the others."""
    found: dict[int, int] = {}
    for member_id, first, *rest in rows.values_list("member_id").annotate(*map(Sum, names)).order_by():
        found[member_id] = first - sum(rest)
    return found
