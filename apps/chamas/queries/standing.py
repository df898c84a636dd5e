"""What a member owes a group now, and what an amount would pay of it."""

from dataclasses import dataclass
from datetime import date

from apps.chamas.models import Contribution, ContributionStatus, Fine, FineStatus, FundKind, Membership
from apps.chamas.rules.dues import TURN, Owed, allocate
from apps.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Standing:
    """Open dues and fines, the oldest first; nothing is locked, so it is what stood there when it was read."""

    member: Membership
    rows: tuple[Contribution, ...]
    fines: tuple[Fine, ...]

    @property
    def total(self) -> Money:
        """All of it; zero when nothing is owed."""
        minor = sum(row.open_minor for row in self.rows) + sum(fine.open_minor for fine in self.fines)
        return Money(minor, self.member.group.currency)

    @property
    def due_on(self) -> date | None:
        """When the oldest of it is due."""
        return min((row.due_on for row in self.rows), default=None)

    @property
    def is_late(self) -> bool:
        """Whether a contribution is late."""
        return any(row.status == ContributionStatus.LATE for row in self.rows)

    @property
    def by_fund(self) -> list[tuple[str, Money]]:
        """What is owed, by what it is for, in the order in which money pays it."""
        return self._named([(one.fund, one.minor) for one in self._owed()])

    def pays(self, amount: Money) -> list[tuple[str, Money]]:
        """What an amount pays, by what it is for; what is more is paid ahead."""
        parts, rest = allocate(amount.minor, self._owed())
        return self._named([*((part.fund, part.minor) for part in parts), *([("ADVANCE", rest)] if rest else [])])

    def _owed(self) -> list[Owed[int]]:
        owed = [Owed(row.due_on, fund, minor, row.pk) for row in self.rows for fund, minor in row.open_parts().items()]
        return owed + [Owed(fine.due_on, "FINES", fine.open_minor, fine.pk) for fine in self.fines]

    def _named(self, parts: list[tuple[str, int]]) -> list[tuple[str, Money]]:
        sums: dict[str, int] = {}
        for fund, minor in parts:
            sums[fund] = sums.get(fund, 0) + minor
        currency = self.member.group.currency
        order = sorted(sums, key=lambda fund: TURN.get(fund, len(TURN)))
        return [(str(FundKind(fund).label), Money(sums[fund], currency)) for fund in order]


def standing_of(member: Membership) -> Standing:
    """Two queries; the member comes with the group."""
    rows = Contribution.objects.unpaid().filter(member=member).select_related("cycle").order_by("due_on", "pk")
    fines = Fine.objects.filter(member=member, status=FineStatus.OPEN).order_by("due_on", "pk")
    return Standing(member, tuple(rows), tuple(fines))
