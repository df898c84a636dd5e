"""Money of goals: paid in, taken out by whose it is, and given back to everybody by their share when one is closed.

Money leaves a goal in no other way (`POTS`). The other side of each move is an account of the person who makes it.
"""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import goals, queries
from apps.accounts.errors import AccountNotActive, GoalLocked, NoAccountForShare, NotYourShare
from apps.accounts.events import GoalClosed, GoalPaidIn, GoalReached
from apps.accounts.models import (
    Account,
    AccountStatus,
    AccruedInterest,
    GoalMember,
    GoalMove,
    MemberStatus,
    PaidBecause,
    SavingsGoal,
    TransactionType,
)
from apps.accounts.operations.accrue import book_accrued
from apps.accounts.operations.goal import locked_goal
from apps.accounts.operations.movement import into, out_of
from apps.accounts.operations.pay_interest import pay_off
from apps.accounts.operations.post import lock, post
from apps.accounts.operations.transfer_rules import end_rules_of
from apps.accounts.rules.interest import whole
from apps.accounts.states import ACCOUNT
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.money import BadAmount, Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.users.models import User


@transaction.atomic
def pay_into_goal(
    *, goal: SavingsGoal, account: Account, amount: Money, key: str, by: User, at: datetime
) -> SavingsGoal:
    """Put money of one's own into a goal, once per `key`. Into a goal of somebody else it counts against the limits.

    Raises NotFound, IllegalMove, BadAmount, and what posting raises.
    """
    _require_own(account, by, amount)
    theirs = goal.owner_id != by.pk
    kind = TransactionType.CONTRIBUTION if theirs else TransactionType.INTERNAL_TRANSFER
    movements = [
        out_of(account, amount, _now("To %(account)s") % {"account": goal.name}, category="savings"),
        into(goal.account, amount, _now("From %(account)s") % {"account": by.first_name}, category="savings"),
    ]
    lock(movements, with_siblings=theirs)  # all that limits will ask for, at once and in order
    goal = locked_goal(goal, by)
    lines = post(
        reference=f"goals/{goal.pk}/in/{by.pk}/{key}"[:120],
        kind=kind,
        narrative=f"Into goal {goal.pk}",
        movements=movements,
        limited=theirs,
        at=at,
    )
    note_paid_in(account=goal.account, user_id=by.pk, amount=amount, transfer_id=lines[0].transfer_id, at=at)
    return goal


def note_paid_in(*, account: Account, user_id: int, amount: Money, transfer_id: int, at: datetime) -> None:
    """Whose money came into the account of a goal, within the transaction that posted it; once per transfer."""
    goal = SavingsGoal.objects.select_for_update().get(account=account)
    _row, new = GoalMove.objects.get_or_create(
        goal=goal,
        transfer_id=transfer_id,
        defaults={"user_id": user_id, "amount_minor": amount.minor, "currency": amount.currency, "at": at},
    )
    if not new:
        return
    events.publish(GoalPaidIn(goal_id=goal.pk, user_id=user_id, minor=amount.minor, currency=amount.currency))
    if goal.reached_at is None and books.balance(account.ledger_account_id).posted >= goal.target:
        SavingsGoal.objects.filter(pk=goal.pk).update(reached_at=at)
        events.publish(GoalReached(goal_id=goal.pk, owner_id=goal.owner_id))


@transaction.atomic
def take_out(
    *,
    goal: SavingsGoal,
    account: Account,
    amount: Money,
    key: str,
    by: User,
    at: datetime,
    breaking: bool = False,
) -> SavingsGoal:
    """Take one's own money out of a goal into an account of one's own, once per `key`: at most one's share.

    Before the day until which it is locked, only from a goal that nobody shares, only when `breaking` is said, and the
    interest that was not paid yet is lost. Raises NotFound, IllegalMove, BadAmount, NotYourShare, GoalLocked,
    AccountNotActive, InsufficientFunds.
    """
    _require_own(account, by, amount)
    _lock(goal.account_id, account.pk)
    goal = locked_goal(goal, by)
    reference = f"goals/{goal.pk}/out/{by.pk}/{key}"[:120]
    if not GoalMove.objects.filter(goal=goal, transfer_id__in=_transfers(goal, reference)).exists():
        _require_unlocked(goal, at, breaking=breaking)
        _require_share(goal, by, amount, at)
    _pay_back(goal, account, amount, by, reference, at)
    audit_trail.record("accounts.goal.taken_out", on=goal, by=by, at=at, after={"amount": str(amount)})
    return goal


@transaction.atomic
def leave_goal(*, goal: SavingsGoal, account: Account, by: User, at: datetime) -> None:
    """Stop saving along, with one's share. Raises NotFound, IllegalMove, GoalLocked, NotYourShare."""
    _lock(goal.account_id, account.pk)
    goal = locked_goal(goal, by)
    member = GoalMember.objects.select_for_update().filter(goal=goal, user=by, status=MemberStatus.ACTIVE).first()
    if member is None or account.owner_id != by.pk:
        raise NotFound(_("You do not save along for this goal. Nothing was changed."))
    share = goals.one(goal, local_date(at)).share_of(by)
    if share:
        _require_unlocked(goal, at, breaking=False)
        _pay_back(goal, account, share, by, f"goals/{goal.pk}/leave/{member.pk}/{at.timestamp():.0f}", at)
    member.status, member.answered_at = MemberStatus.LEFT, at
    member.save(update_fields=["status", "answered_at"])
    audit_trail.record("accounts.goal.left", on=goal, by=by, at=at, after={"share": str(share)})


@transaction.atomic
def close_goal(
    *, goal: SavingsGoal, account: Account, by: User, at: datetime, breaking: bool = False
) -> dict[int, Money]:
    """End a goal: what it earned is paid, and everybody has their share back; answers it by person.

    The owner's goes to `account`, the others' to their main accounts in its currency. Only the owner closes.
    Raises NotFound, IllegalMove, GoalLocked, NoAccountForShare, Conflict when somebody new paid in meanwhile.
    """
    _require_own(account, by)
    people = _people(goal)
    to = {one.pk: queries.account_in(one, goal.currency) for one in User.objects.filter(pk__in=people)} | {
        by.pk: account
    }
    _lock(goal.account_id, *[one.pk for one in to.values() if one])
    goal = locked_goal(goal, by, owner_only=True)
    if not _people(goal) <= people:
        raise Conflict(_("Somebody paid in just now. Nothing was closed. Try again."))
    _require_unlocked(goal, at, breaking=breaking)
    pay_off(account=goal.account, into_account=goal.account, day=local_date(at), because=PaidBecause.CLOSING, at=at)
    shares = goals.one(goal, local_date(at)).shares
    for person, share in sorted(shares.items()):
        payee = to.get(person)
        if payee is None:
            raise NoAccountForShare(
                _("Somebody who saved along has no open account to take their share. Nothing was closed. Call us.")
            )
        _pay_back(goal, payee, share, payee.owner, f"goals/{goal.pk}/close/{person}", at)
    SavingsGoal.objects.filter(pk=goal.pk).update(closed_at=at)
    end_rules_of(goal.account, at)
    ACCOUNT.make(goal.account, "CLOSED", closed_at=at)
    ledger.close_account(goal.account.ledger_account_id, at=at)
    audit_trail.record("accounts.goal.closed", on=goal, by=by, at=at, after={"people": len(shares)})
    events.publish(GoalClosed(goal_id=goal.pk, owner_id=goal.owner_id))
    return shares


def _people(goal: SavingsGoal) -> set[int]:
    """Everybody who ever paid in, or may, and the owner."""
    along = goal.members.filter(status=MemberStatus.ACTIVE).values_list("user_id", flat=True)
    return {goal.owner_id, *along, *GoalMove.objects.filter(goal=goal).values_list("user_id", flat=True)}


def _pay_back(goal: SavingsGoal, account: Account, amount: Money, person: User, reference: str, at: datetime) -> None:
    kind = TransactionType.INTERNAL_TRANSFER if person.pk == goal.owner_id else TransactionType.PAYOUT
    with translation.override(person.language):
        words = _now("From %(account)s") % {"account": goal.name}
    lines = post(
        reference=reference,
        kind=kind,
        narrative=f"Out of goal {goal.pk}",
        movements=[
            out_of(goal.account, amount, _now("To %(account)s") % {"account": person.first_name}, category="savings"),
            into(account, amount, words, category="savings"),
        ],
        by_bank=True,
        at=at,
    )
    GoalMove.objects.get_or_create(
        goal=goal,
        transfer_id=lines[0].transfer_id,
        defaults={"user": person, "amount_minor": -amount.minor, "currency": amount.currency, "at": at},
    )


def _transfers(goal: SavingsGoal, reference: str) -> list[int]:
    return list(goal.account.lines.filter(reference=reference).values_list("transfer_id", flat=True))


def _require_unlocked(goal: SavingsGoal, at: datetime, *, breaking: bool) -> None:
    """Raises GoalLocked, AccountNotActive; broken early, what was earned and not paid yet goes back to the bank."""
    if goal.account.status != AccountStatus.ACTIVE:
        raise AccountNotActive(_("This goal is frozen, so money cannot leave it. No money moved."))
    today = local_date(at)
    if goal.locked_until is None or today >= goal.locked_until:
        return
    shared = goal.members.filter(status=MemberStatus.ACTIVE).exists()
    if shared or not breaking:
        raise GoalLocked(
            _("This goal is locked until %(day)s. No money moved.") % {"day": f"{goal.locked_until:%d/%m/%Y}"},
            locked_until=goal.locked_until.isoformat(),
            can_be_broken=not shared,
        )
    row = AccruedInterest.objects.select_for_update().filter(pk=goal.account_id).first()
    if row is not None:
        lost = Money(whole(int(row.parts)), goal.currency)
        AccruedInterest.objects.filter(pk=row.pk).update(parts=0, days=0, balance_days=0, segment_parts=0, terms=None)
        book_accrued(-lost, reference=f"goals/{goal.pk}/broken/{at.timestamp():.0f}", day=today, at=at)
        audit_trail.record("accounts.goal.broken", on=goal, by=goal.owner, at=at, after={"lost": str(lost)})


def _require_share(goal: SavingsGoal, by: User, amount: Money, at: datetime) -> None:
    share = goals.one(goal, local_date(at)).share_of(by)
    if amount > share:
        raise NotYourShare(
            _("Your share of this goal is %(share)s. No money moved. Take that or less.") % {"share": share}
        )


def _require_own(account: Account, by: User, amount: Money | None = None) -> None:
    if account.owner_id != by.pk or not by.is_active:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    if amount is not None and amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))


def _lock(*pks: int) -> None:
    rows = Account.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk")
    list(rows.values_list("pk"))
