"""Goals as people arrange them: begun, changed, others invited, who answer, and who leave."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import BadGoal, GoalReused
from apps.accounts.events import GoalInvited
from apps.accounts.models import GoalMember, GoalPicture, MemberStatus, Product, SavingsGoal
from apps.accounts.operations.open import opened
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.money import Money
from apps.users.models import User

MOST_GOALS, MOST_MEMBERS = 20, 20


@transaction.atomic
def make_goal(
    *,
    owner: User,
    name: str,
    target: Money,
    key: str,
    at: datetime,
    by_date: date | None = None,
    picture: str = GoalPicture.SAVINGS,
    locked_until: date | None = None,
) -> SavingsGoal:
    """Begin a goal with an account of its own. The same `key`, the same goal.

    Raises NotAllowed, BadGoal, GoalReused.
    """
    product = Product.objects.filter(account_type="GOAL", currency=target.currency, is_active=True).first()
    if not owner.is_active or product is None:
        raise NotAllowed(_("A goal cannot be opened now. Nothing was done."))
    _require_sound(name, target, by_date, picture, locked_until, local_date(at))
    User.objects.select_for_update().get(pk=owner.pk)
    first = SavingsGoal.objects.select_related("account").filter(owner=owner, key=key[:120]).first()
    if first is not None:
        if (first.name, first.target, first.by_date) != (_tidy(name), target, by_date):
            raise GoalReused(_("This was sent before with other figures. Nothing was changed; start anew."))
        return first
    if SavingsGoal.objects.open().filter(owner=owner).count() >= MOST_GOALS:
        raise BadGoal(_("You have %(most)s goals, which is the most. Close one first.") % {"most": MOST_GOALS})
    goal = SavingsGoal.objects.create(
        owner=owner,
        account=opened(owner=owner, product=product, by=owner, at=at, nickname=_tidy(name)),
        name=_tidy(name),
        target_minor=target.minor,
        currency=target.currency,
        by_date=by_date,
        picture=picture,
        locked_until=locked_until,
        key=key[:120],
        created_at=at,
    )
    audit_trail.record("accounts.goal.made", on=goal, by=owner, at=at, after={"target": str(target)})
    return goal


@transaction.atomic
def change_goal(*, goal: SavingsGoal, by: User, at: datetime, **changes: Any) -> SavingsGoal:
    """Another `name`, `target`, `by_date` or `picture`; `locked_until` only later than it was, never sooner.

    Raises NotFound, IllegalMove, BadGoal.
    """
    goal = locked_goal(goal, by, owner_only=True)
    name, target = changes.get("name", goal.name), changes.get("target", goal.target)
    by_date, picture = changes.get("by_date", goal.by_date), changes.get("picture", goal.picture)
    until = changes.get("locked_until", goal.locked_until)
    if target.currency != goal.currency:
        raise BadGoal(_("This goal is in %(currency)s. Nothing was changed.") % {"currency": goal.currency})
    if goal.locked_until and (until is None or until < goal.locked_until):
        raise BadGoal(_("A lock can be made longer, not shorter. Nothing was changed."))
    new_days = (by_date if by_date != goal.by_date else None, until if until != goal.locked_until else None)
    _require_sound(name, target, new_days[0], picture, new_days[1], local_date(at))
    before = {"name": goal.name, "target": str(goal.target), "by": str(goal.by_date), "locked": str(goal.locked_until)}
    goal.name, goal.target_minor, goal.by_date = _tidy(name), target.minor, by_date
    goal.picture, goal.locked_until = picture, until
    goal.save(update_fields=["name", "target_minor", "by_date", "picture", "locked_until"])
    after = {"name": goal.name, "target": str(target), "by": str(by_date), "locked": str(until)}
    audit_trail.record("accounts.goal.changed", on=goal, by=by, at=at, before=before, after=after)
    return goal


@transaction.atomic
def invite(*, goal: SavingsGoal, phone: str, by: User, at: datetime) -> None:
    """Ask somebody to save along, by their phone. Nothing tells whether that phone banks here.

    Raises NotFound, BadGoal, IllegalMove.
    """
    goal = locked_goal(goal, by, owner_only=True)
    kept = goal.members.filter(status__in=[MemberStatus.INVITED, MemberStatus.ACTIVE]).count()
    if kept >= MOST_MEMBERS:
        raise BadGoal(_("%(most)s people save along already, which is the most.") % {"most": MOST_MEMBERS})
    user = User.objects.customers().with_phone(phone).exclude(pk=goal.owner_id).first()
    if user is None or not user.is_active:
        return
    row, new = GoalMember.objects.get_or_create(goal=goal, user=user, defaults={"invited_at": at})
    if not new and row.status in (MemberStatus.INVITED, MemberStatus.ACTIVE):
        return
    if not new:
        GoalMember.objects.filter(pk=row.pk).update(status=MemberStatus.INVITED, invited_at=at, answered_at=None)
    audit_trail.record("accounts.goal.invited", on=goal, by=by, at=at, after={"who": user.pk})
    events.publish(GoalInvited(goal_id=goal.pk, user_id=user.pk))


@transaction.atomic
def answer_invitation(*, goal: SavingsGoal, joins: bool, by: User, at: datetime) -> GoalMember:
    """Save along, or not. Raises NotFound."""
    row = GoalMember.objects.select_for_update().filter(goal=goal, user=by, goal__closed_at=None).first()
    if row is None or row.status != MemberStatus.INVITED or not by.is_active:
        raise NotFound(_("There is no such invitation, or it is over."))
    row.status, row.answered_at = MemberStatus.ACTIVE if joins else MemberStatus.DECLINED, at
    row.save(update_fields=["status", "answered_at"])
    audit_trail.record(f"accounts.goal.{'joined' if joins else 'declined'}", on=goal, by=by, at=at)
    return row


def locked_goal(goal: SavingsGoal, who: User, *, owner_only: bool = False) -> SavingsGoal:
    """An open goal of one's own, or that one has joined, under its lock. Raises NotFound, IllegalMove."""
    rows = SavingsGoal.objects.seen_by(who) if not owner_only else SavingsGoal.objects.filter(owner=who)
    if not who.is_active or not rows.filter(pk=goal.pk).exists():
        raise NotFound(_("There is no such goal, or it is not yours."))
    found = (
        SavingsGoal.objects.select_for_update(of=("self",)).select_related("account__owner", "owner").get(pk=goal.pk)
    )
    if found.closed_at is not None:
        raise IllegalMove(_("This goal is closed. Nothing was changed."))
    return found


def _tidy(name: str) -> str:
    return " ".join(name.split())[:40]


def _require_sound(
    name: str, target: Money, by_date: date | None, picture: str, locked_until: date | None, today: date
) -> None:
    if not _tidy(name):
        raise BadGoal(_("Give the goal a name. Nothing was done."))
    if target.minor <= 0:
        raise BadGoal(_("Write a target of more than zero. Nothing was done."))
    if picture not in GoalPicture.values:
        raise BadGoal(_("There is no such picture. Nothing was done."))
    for day in (by_date, locked_until):
        if day is not None and not today < day <= today.replace(year=today.year + 30, day=1):
            raise BadGoal(_("Choose a day after today, within 30 years. Nothing was done."))
