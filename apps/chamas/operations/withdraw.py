"""Savings taken out, and welfare paid for what happened to a member: both by an act."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, Invalid, NotYet, OverTheLimit
from apps.chamas.models import (
    ChamaGroup,
    EntryKind,
    FundKind,
    Membership,
    WelfareClaim,
)
from apps.chamas.operations import asked, books, group_loans
from apps.chamas.operations.books import Change
from apps.chamas.operations.propose import in_force
from apps.chamas.references import new_receipt
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.lending.rules.calendar import later
from apps.lending.rules.terms import Every
from apps.users.models import User


def read_withdrawal(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`member` and `minor`, of savings that no loan needs. Raises Invalid, NotFound, OverTheLimit."""
    member, minor = asked.member(group, facts), asked.number(facts, "minor")
    _require_free(member, minor)
    return {"member": member.pk, "minor": minor}


def _require_free(member: Membership, minor: int) -> None:
    free = group_loans.free_savings(member)
    if minor > free:
        raise OverTheLimit(
            _("They can take out %(free)s: the rest is not theirs, or stands for a loan. No money moved.")
            % {"free": Money(free, member.group.currency)},
            free_minor=free,
        )


def describe_withdrawal(group: ChamaGroup, facts: Facts) -> str:
    """How much, to whom."""
    words = {
        "amount": Money(asked.number(facts, "minor"), group.currency),
        "who": asked.called(asked.member(group, facts)),
    }
    return str(_("Pay %(amount)s of their savings to %(who)s") % words)


@transaction.atomic
def withdraw(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Pay out savings. Raises OverTheLimit, NotEnoughInPurse when the money is lent out, and what posting raises."""
    member, amount = asked.member(group, facts), Money(asked.number(facts, "minor"), group.currency)
    books.hold_payee(member)
    held = books.locked(group)
    _require_free(member, amount.minor)
    return _pay(held, member, FundKind.SAVINGS, EntryKind.WITHDRAWAL, amount, key, "withdrawal", by, at)[1]


def _pay(
    group: ChamaGroup,
    member: Membership,
    fund: FundKind,
    kind: EntryKind,
    amount: Money,
    key: str,
    what: str,
    by: User,
    at: datetime,
) -> tuple[int, str]:
    """Money of one fund to one member; the transfer, and what is quoted. A key of before gives what it gave."""
    rows = books.move(
        group=group,
        changes=[Change(fund, -amount, member)],
        kind=kind,
        line=TransactionType.PAYOUT,
        reference=f"chama/{group.pk}/{what}/{key[:100]}",
        quoted=new_receipt(),
        action=f"chamas.{what}.paid",
        movements=[accounts.into(member.account, amount, group.name, category="group")],
        by=by,
        at=at,
    )
    return rows[0].transfer_id, rows[0].reference


# ---- welfare ----


def read_claim(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`member`, `what` (a claim of the constitution), `happened_on`; completes `minor`.

    Raises Invalid, NotFound, NotYet within the waiting months, AlreadyDone for an event that was paid.
    """
    member = asked.member(group, facts)
    what, day = asked.words(facts, "what", most=60), asked.day(facts, "happened_on")
    terms = in_force(group).terms
    if what not in terms.welfare_claims:
        raise Invalid(_("The group's rules pay nothing for this. Nothing was done."), errors={"what": ["no_such_rule"]})
    if member.joined_at is None or later(local_date(member.joined_at), Every(), terms.welfare_waiting_months) > day:
        raise NotYet(_("It happened before they had been members long enough. No money moved."))
    if WelfareClaim.objects.filter(member=member, what=what, happened_on=day).exists():
        raise AlreadyDone(_("The group has paid for this event. No money moved."))
    minor = terms.welfare_claims[what]
    return {"member": member.pk, "what": what, "happened_on": day.isoformat(), "minor": minor}


def describe_claim(group: ChamaGroup, facts: Facts) -> str:
    """For what, to whom."""
    words = {
        "what": facts["what"],
        "day": asked.day_said(facts, "happened_on"),
        "who": asked.called(asked.member(group, facts)),
    }
    return str(_("Welfare for %(who)s: %(what)s on %(day)s") % words)


@transaction.atomic
def pay_claim(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Pay welfare by the constitution in force, once for an event. Raises what `read_claim` and moving money raise."""
    member = asked.member(group, facts)
    books.hold_payee(member)
    held = books.locked(group)
    said = read_claim(held, facts)
    if asked.day(said, "happened_on") > local_date(at):
        raise Invalid(_("That day has not come. Nothing was done."), errors={"happened_on": ["in_the_future"]})
    amount = Money(said["minor"], held.currency)
    transfer, receipt = _pay(held, member, FundKind.WELFARE, EntryKind.WELFARE_CLAIM, amount, key, "welfare", by, at)
    try:
        with transaction.atomic():
            WelfareClaim.objects.create(
                group=held,
                member=member,
                what=said["what"],
                happened_on=said["happened_on"],
                amount_minor=amount.minor,
                currency=amount.currency,
                transfer_id=transfer,
                at=at,
            )
    except IntegrityError as no:
        raise AlreadyDone(_("The group has paid for this event. No money moved.")) from no
    return receipt
