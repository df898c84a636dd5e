"""The treasurer's sheet at a meeting: every member, whether they are here, what they owe, and the cash they gave."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum

from apps.chamas.models import (
    Attendance,
    CashNote,
    CashNoteStatus,
    ChamaGroup,
    Contribution,
    Fine,
    FineStatus,
    Meeting,
    MeetingStatus,
    Membership,
    Presence,
    RollMark,
)
from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money

IN_HAND = (CashNoteStatus.RECORDED, CashNoteStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Row:
    """One member: `owed` is open dues and fines, `notes` the cash that is with the treasurer, `presence` what the roll
    of today's meeting says of them (empty: nothing yet).
    """

    member: Membership
    owed: Money
    notes: tuple[CashNote, ...]
    presence: str = ""

    @property
    def given(self) -> Money:
        """Cash that was noted and not paid in yet."""
        return Money(sum(note.amount_minor for note in self.notes), self.owed.currency)

    @property
    def left(self) -> Money:
        """What is still to be given."""
        return max(self.owed - self.given, Money.zero(self.owed.currency))


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows and their sums, at the meeting of the day if there is one."""

    rows: tuple[Row, ...]
    currency: str
    meeting: Meeting | None

    @property
    def is_ticked(self) -> bool:
        """Whether members are ticked on the roll: there is a meeting, and it was not written down yet."""
        return self.meeting is not None and self.meeting.status == MeetingStatus.CALLED

    @property
    def here(self) -> int:
        """How many are here."""
        return sum(row.presence == Presence.PRESENT for row in self.rows)

    @property
    def owe_nothing(self) -> int:
        """How many have paid all they owe."""
        return sum(not row.owed for row in self.rows)

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

    def _sum(self, minors: Any) -> Money:
        return Money(sum(minors), self.currency)


def sheet(group: ChamaGroup, treasurer: Membership, *, at: datetime) -> Sheet:
    """Members who save, by number; six queries. The treasurer's own dues are paid from their account."""
    members = list(Membership.objects.voters().filter(group=group).select_related("user").order_by("number"))
    dues = _sums(
        Contribution.objects.unpaid().filter(group=group),
        ("amount_minor", "paid_welfare_minor", "paid_rotation_minor", "paid_savings_minor"),
    )
    fines = _sums(Fine.objects.filter(group=group, status=FineStatus.OPEN), ("amount_minor", "paid_minor"))
    notes: dict[int, list[CashNote]] = {}
    for note in CashNote.objects.filter(group=group, treasurer=treasurer, status__in=IN_HAND).order_by("pk"):
        notes.setdefault(note.member_id, []).append(note)
    meeting = meeting_of_the_day(group, at=at)
    came = _came(meeting)
    rows = (
        Row(
            one,
            Money(dues.get(one.pk, 0) + fines.get(one.pk, 0), group.currency),
            tuple(notes.get(one.pk, ())),
            came.get(one.pk, ""),
        )
        for one in members
    )
    return Sheet(tuple(rows), group.currency, meeting)


def meeting_of_the_day(group: ChamaGroup, *, at: datetime) -> Meeting | None:
    """Today's meeting; the one that is not over first."""
    today = local_date(at)
    rows = Meeting.objects.filter(
        group=group, starts_at__gte=day_start(today), starts_at__lt=day_start(today + timedelta(days=1))
    )
    return rows.exclude(status=MeetingStatus.CANCELLED).order_by("status", "starts_at").first()


def _came(meeting: Meeting | None) -> dict[int, str]:
    """By member: as it was written down, and until then as it is ticked."""
    if meeting is None:
        return {}
    written = Attendance if meeting.status == MeetingStatus.HELD else RollMark
    return dict(written.objects.filter(meeting=meeting).values_list("member_id", "presence"))


def _sums(rows: Any, names: tuple[str, ...]) -> dict[int, int]:
    """By member, the first of the sums less the others."""
    found: dict[int, int] = {}
    for member_id, first, *rest in rows.values_list("member_id").annotate(*map(Sum, names)).order_by():
        found[member_id] = first - sum(rest)
    return found
