"""What people ask of goals: what is saved, whose share is how much, and what a month reaches the target."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from apps.accounts.models import GoalMember, GoalMove, MemberStatus, SavingsGoal
from apps.accounts.rules import goals as rules
from apps.kernel.money import Money
from apps.ledger import queries as books
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal with its money: what is saved, whose it is, and the pace that reaches it."""

    row: SavingsGoal
    saved: Money
    shares: dict[int, Money]
    pace: Money | None

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        return max(0, min(100, self.saved.minor * 100 // self.row.target_minor))

    @property
    def missing(self) -> Money:
        """What is still to be saved."""
        return Money(max(self.row.target_minor - self.saved.minor, 0), self.row.currency)

    def share_of(self, user: User) -> Money:
        """One's own part."""
        return self.shares.get(user.pk, Money.zero(self.row.currency))


def shown(rows: Iterable[SavingsGoal], today: date) -> list[Goal]:
    """Goals with their money, in two queries whatever their number."""
    found = list(rows)
    held = books.balances([row.account.ledger_account_id for row in found])
    paid: dict[int, dict[int, int]] = {}
    sums = GoalMove.objects.filter(goal__in=found).values_list("goal_id", "user_id").annotate(minor=Sum("amount_minor"))
    for goal_id, user_id, minor in sums.order_by():
        paid.setdefault(goal_id, {})[user_id] = minor
    return [_shown(row, held[row.account.ledger_account_id].posted, paid.get(row.pk, {}), today) for row in found]


def _shown(row: SavingsGoal, saved: Money, paid: dict[int, int], today: date) -> Goal:
    parts = rules.shares(max(saved.minor, 0), paid, row.owner_id)
    pace = rules.pace(saved.minor, row.target_minor, today, row.by_date)
    return Goal(
        row,
        saved,
        {person: Money(minor, row.currency) for person, minor in parts.items()},
        None if pace is None else Money(pace, row.currency),
    )


def one(row: SavingsGoal, today: date) -> Goal:
    """One goal with its money."""
    return shown([row], today)[0]


def invitations(user: User) -> list[GoalMember]:
    """What a person was asked to save along for and has not answered."""
    rows = GoalMember.objects.filter(user=user, status=MemberStatus.INVITED, goal__closed_at=None)
    return list(rows.select_related("goal__owner").order_by("pk"))


def names(goal: SavingsGoal) -> dict[int, str]:
    """The full names of those who save together, by id."""
    people = GoalMove.objects.filter(goal=goal).values_list("user_id", flat=True)
    return dict(User.objects.filter(pk__in=[*people, goal.owner_id]).values_list("pk", "full_name"))
