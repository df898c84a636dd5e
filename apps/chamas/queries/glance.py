"""One group at a glance: its money by purse, a member's part, who has paid, whose turn is next."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from apps.chamas.models import (
    BalanceConfirmation,
    ChamaGroup,
    Contribution,
    Cycle,
    FundKind,
    GroupDispute,
    GroupDisputeStatus,
    GroupEntry,
    GroupLoan,
    GroupLoanStatus,
    Meeting,
    MeetingStatus,
    Membership,
    RoundStatus,
    Turn,
)
from apps.chamas.queries.standing import Standing, standing_of
from apps.chamas.queries.waiting import Wait, waiting_for
from apps.chamas.rules.funds import PURSES, cash_of
from apps.kernel.money import Money

OPEN_LOANS = (GroupLoanStatus.ASKED, GroupLoanStatus.ACTIVE)


@dataclass(frozen=True, slots=True)
class Newest:
    """A member's newest row, and when they said that their balance up to it is right, if they did."""

    public_id: UUID
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Paying:
    """Who has paid the cycle that is open; rows come with member and person, the open ones first."""

    cycle: Cycle
    rows: tuple[Contribution, ...]

    @property
    def paid(self) -> int:
        """How many owe nothing for it."""
        return sum(not row.open_minor for row in self.rows)

    @property
    def brought(self) -> Money:
        """What it brought so far."""
        return Money(sum(row.paid_minor for row in self.rows), self.cycle.group.currency)


@dataclass(frozen=True, slots=True)
class Glance:
    """What a member sees first."""

    group: ChamaGroup
    me: Membership
    funds: dict[str, Money]
    own: dict[str, Money]
    standing: Standing
    paying: Paying | None
    next_turn: Turn | None
    loans: tuple[GroupLoan, ...]
    meetings: tuple[Meeting, ...]
    disputes: tuple[GroupDispute, ...]
    waiting: tuple[Wait, ...]
    newest: Newest | None

    @property
    def purses(self) -> dict[str, Money]:
        """The money that is there, by purse."""
        minors = {fund: amount.minor for fund, amount in self.funds.items()}
        return {purse: Money(cash_of(purse, minors), self.group.currency) for purse in PURSES}

    @property
    def lost(self) -> Money | None:
        """By how much more was lost together than earned, which a share-out takes off; None while it was not."""
        earned = self.funds["RESERVE"] + self.funds["FINES"]
        return -earned if earned.minor < 0 else None

    @property
    def mine(self) -> Money:
        """What is this member's own."""
        return self.own["SAVINGS"] + self.own["SHARES"] + self.own["ADVANCE"]

    @property
    def shares(self) -> list[tuple[str, Money]]:
        """This member's part of each fund that has any."""
        return [
            (str(FundKind(fund).label), amount)
            for fund, amount in self.own.items()
            if amount.minor > 0 and fund in ("SAVINGS", "SHARES", "ADVANCE", "WELFARE")
        ]


def glance(me: Membership, *, at: datetime) -> Glance:
    """Thirteen queries; the member comes with group and person."""
    group = me.group
    currency, entries = group.currency, GroupEntry.objects.filter(group=group)
    disputes = GroupDispute.objects.filter(group=group, status=GroupDisputeStatus.OPEN, entry__isnull=False)
    held = Meeting.objects.filter(group=group).exclude(status=MeetingStatus.CANCELLED)
    return Glance(
        group=group,
        me=me,
        funds={fund: Money(minor, currency) for fund, minor in entries.by_fund().items()},
        own={fund: Money(minor, currency) for fund, minor in entries.filter(member=me).by_fund().items()},
        standing=standing_of(me),
        paying=_paying(group),
        next_turn=_next_turn(group),
        loans=tuple(_loans(me)),
        meetings=tuple(held.order_by("-starts_at")[:2]),
        disputes=tuple(disputes.select_related("raised_by__user").order_by("pk")[:20]),
        waiting=tuple(waiting_for(me.user, group_id=group.pk, at=at)),
        newest=newest_confirmed(me),
    )


def _loans(me: Membership) -> QuerySet[GroupLoan]:
    """Asked for, running, or written off and not all back, from an earlier membership too."""
    lost = Q(written_off_minor__gt=F("recovered_minor"))
    return GroupLoan.objects.filter(lost | Q(status__in=OPEN_LOANS), group=me.group_id, member__user=me.user_id)


def newest_confirmed(me: Membership) -> Newest | None:
    """A member's newest row, and whether they have said that their balance up to it is right; one query."""
    said = BalanceConfirmation.objects.filter(member=me, entry=OuterRef("pk")).values("at")
    rows = GroupEntry.objects.filter(group=me.group_id, member=me).annotate(confirmed_at=Subquery(said))
    found = rows.order_by("-pk").values_list("public_id", "confirmed_at").first()
    return Newest(*found) if found else None


def _paying(group: ChamaGroup) -> Paying | None:
    cycle = Cycle.objects.filter(group=group, closed_at=None).select_related("group").first()
    if cycle is None:
        return None
    rows = cycle.contributions.select_related("member__user").order_by("member__number")
    return Paying(cycle, tuple(sorted(rows, key=lambda row: not row.open_minor)))


def _next_turn(group: ChamaGroup) -> Turn | None:
    rows = Turn.objects.filter(round__group=group, round__status=RoundStatus.RUNNING, paid_at=None)
    return rows.select_related("member__user", "cycle", "round").order_by("position").first()
