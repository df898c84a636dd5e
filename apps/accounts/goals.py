"""What people ask of goals: what is saved, whose share is how much, and what a month reaches the target."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Min, OuterRef, Subquery, Sum

from apps.accounts.models import GoalMember, GoalMove, MemberStatus, SavingsGoal, Transaction
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
    moved = _entries([row.account_id for row in found])
    return [
        _shown(row, held[row.account.ledger_account_id].posted, moved.get(row.account_id, []), today) for row in found
    ]


def _entries(accounts: list[int]) -> dict[int, list[rules.Entry]]:
    """What moved on accounts of goals, by account, in its order; interest and its tax are one."""
    who = GoalMove.objects.filter(goal__account=OuterRef("account"), transfer_id=OuterRef("transfer_id"))
    lines = Transaction.objects.filter(account__in=accounts).values("account_id", "transfer_id")
    lines = lines.annotate(
        who=Subquery(who.values("user_id")), on=Min("booked_on"), minor=Sum("amount_minor"), nth=Min("seq")
    )
    entries: dict[int, list[rules.Entry]] = {}
    for line in lines.order_by("account_id", "nth"):
        entries.setdefault(line["account_id"], []).append(rules.Entry(line["on"], line["minor"], line["who"]))
    return entries


def _shown(row: SavingsGoal, saved: Money, moved: list[rules.Entry], today: date) -> Goal:
    parts = rules.shares(moved, row.owner_id)
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
