"""What the group decides about dues: waiving one, and giving back what was meant for another group."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, Invalid, NotYet
from apps.chamas.models import (
    ChamaGroup,
    Contribution,
    ContributionStatus,
    EntryKind,
    Fine,
    FineStatus,
    FundKind,
    GroupStatus,
    Membership,
    PaidBy,
    PayIn,
    PayInPart,
    PayInRefund,
)
from apps.chamas.operations import asked, books
from apps.chamas.operations.books import Change
from apps.chamas.operations.contribute import pay_in
from apps.chamas.operations.payout import close_empty_turn
from apps.chamas.references import new_receipt
from apps.chamas.states import CONTRIBUTION
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.users.models import User


def read_waiver(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`contribution` and `reason`. Raises Invalid, NotFound, AlreadyDone."""
    row = asked.row(Contribution.objects.all(), facts, "contribution", group=group)
    if row.status not in (ContributionStatus.DUE, ContributionStatus.LATE):
        raise AlreadyDone(_("This contribution is paid or waived. Nothing was done."))
    return {"contribution": row.pk, "reason": asked.words(facts, "reason")}


def concerns_waiver(group: ChamaGroup, facts: Facts) -> set[int]:
    """Who owes it."""
    return {asked.row(Contribution.objects.all(), facts, "contribution", group=group).member_id}


def describe_waiver(group: ChamaGroup, facts: Facts) -> str:
    """Whose, and how much is still open."""
    rows = Contribution.objects.select_related("member__user", "cycle")
    row = asked.row(rows, facts, "contribution", group=group)
    words = {"left": Money(row.open_minor, row.currency), "who": asked.called(row.member), "due_on": row.due_on}
    return str(_("Waive %(left)s of %(who)s, due on %(due_on)s") % words)


@transaction.atomic
def waive(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """What is unpaid of a contribution is not owed any more; what was paid stays. Raises IllegalMove."""
    held = books.locked(group)  # before the row: paying out a turn holds the group, and waits for its cycle's rows
    rows = Contribution.objects.select_for_update(no_key=True, of=("self",)).select_related("member__user")
    row = asked.row(rows, facts, "contribution", group=held)
    CONTRIBUTION.make(row, ContributionStatus.WAIVED, settled_at=at)
    close_empty_turn(contribution=row, at=at)
    audit_trail.record(
        "chamas.contribution.waived",
        on=row,
        by=by,
        at=at,
        reason=str(facts.get("reason", "")),
        customer=row.member.user,
    )
    return f"K{row.pk}"


# ---- money that was meant for another group ----


def read_refund(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`pay_in`, `reason`, and `to` (the right group's slug, when the member belongs to it); completes `minor`."""
    row = asked.row(PayIn.objects.all(), facts, "pay_in", group=group)
    if PayInRefund.objects.filter(pay_in=row).exists():
        raise AlreadyDone(_("This payment was given back before. No money moved."))
    right = _right_group(row, facts)
    return {
        "pay_in": row.pk,
        "reason": asked.words(facts, "reason"),
        "to": right.group.slug if right else "",
        "minor": row.amount_minor,
    }


def concerns_refund(group: ChamaGroup, facts: Facts) -> set[int]:
    """Whose payment it was."""
    return {asked.row(PayIn.objects.all(), facts, "pay_in", group=group).member_id}


def describe_refund(group: ChamaGroup, facts: Facts) -> str:
    """How much, whose, and where it goes."""
    row = asked.row(PayIn.objects.select_related("member__user"), facts, "pay_in", group=group)
    right = _right_group(row, facts)
    words = {"amount": row.amount, "who": asked.called(row.member), "group": right.group if right else ""}
    if right:
        return str(_("Give back %(amount)s of %(who)s, which was meant for %(group)s") % words)
    return str(_("Give back %(amount)s of %(who)s, which was not meant for this group") % words)


def _right_group(row: PayIn, facts: Facts) -> Membership | None:
    """The payer's place in the group that was meant. Raises NotFound, Invalid."""
    slug = str(facts.get("to") or "")
    if not slug:
        return None
    rows = Membership.objects.active().select_related("group", "user", "account__owner")
    found = rows.filter(group__slug=slug, group__status=GroupStatus.ACTIVE, user_id=row.member.user_id).first()
    if found is None:
        raise NotFound(_("They do not belong to the group that was meant. Nothing was done."))
    if found.group_id == row.group_id:
        raise Invalid(_("That is the group that has it. Nothing was done."), errors={"to": ["same_group"]})
    return found


@transaction.atomic
def refund(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Undo a payment, once: its parts are owed again, and the money goes to the member and on to the right group.

    All in one transaction, so that nothing is lost between. Raises AlreadyDone; NotYet when what was paid ahead has
    been used since or the money is lent out; and what paying into the right group raises.
    """
    rows = PayIn.objects.select_related("member__user", "member__account__owner", "member__group")
    row = asked.row(rows, facts, "pay_in", group=group)
    right = _right_group(row, facts)
    accounts.lock([accounts.into(row.member.account, row.amount, "")], with_siblings=False)
    held = books.locked(group)
    member = Membership.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.member_id)
    if PayInRefund.objects.filter(pay_in=row).exists():
        raise AlreadyDone(_("This payment was given back before. No money moved."))
    parts = list(PayInPart.objects.filter(pay_in=row).order_by("pk"))
    _require_still_there(held, member, parts)
    _owe_again(parts)
    receipt = new_receipt()
    books.move(
        group=held,
        changes=[
            Change(FundKind(fund), Money(-minor, row.currency), row.member) for fund, minor in _by_fund(parts).items()
        ],
        kind=EntryKind.REFUND,
        line=TransactionType.REFUND,
        reference=f"chama/{held.pk}/refund/{row.pk}",
        quoted=receipt,
        action="chamas.contribution.refunded",
        movements=[accounts.into(row.member.account, row.amount, held.name, category="group")],
        note=str(facts.get("reason", "")),
        by=by,
        at=at,
    )
    paid = None
    if right is not None:
        paid = pay_in(
            member=right,
            amount=row.amount,
            key=f"refund/{row.pk}",
            source=PaidBy.WALLET,
            payer=row.member.account,
            by=row.member.user,
            at=at,
        )
    PayInRefund.objects.create(
        pay_in=row,
        to_group=right.group if right else None,
        to_pay_in=paid,
        reason=str(facts.get("reason", ""))[:140],
        at=at,
    )
    return receipt


def _by_fund(parts: list[PayInPart]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in parts:
        sums[part.fund] = sums.get(part.fund, 0) + part.minor
    return sums


def _require_still_there(group: ChamaGroup, member: Membership, parts: list[PayInPart]) -> None:
    own = books.balances(group, member=member)
    for fund, minor in _by_fund(parts).items():
        if fund in (FundKind.ADVANCE, FundKind.SAVINGS) and own[fund] < minor:
            raise NotYet(_("What this payment brought has been used since. Withdraw it as savings. No money moved."))
    turns = [part.contribution_id for part in parts if part.fund == FundKind.ROTATION and part.contribution_id]
    given = Q(cycle__turn__paid_minor__gt=0) | Q(cycle__turn__shared_minor__gt=0)
    if Contribution.objects.filter(given, pk__in=turns).exists():
        raise NotYet(_("Its part for the merry-go-round was paid out. No money moved."))


def _owe_again(parts: list[PayInPart]) -> None:
    """Paid rows are due again; the step that marks late rows looks at them anew, and fines nothing twice."""
    for part in parts:
        if part.contribution_id is not None:
            row = Contribution.objects.select_for_update(no_key=True).get(pk=part.contribution_id)
            name = f"paid_{part.fund.lower()}_minor"
            setattr(row, name, getattr(row, name) - part.minor)
            if row.status == ContributionStatus.PAID:
                row.status, row.settled_at = ContributionStatus.DUE, None
            row.save(update_fields=[name, "status", "settled_at"])
        if part.fine_id is not None:
            fine = Fine.objects.select_for_update(no_key=True).get(pk=part.fine_id)
            fine.paid_minor -= part.minor
            if fine.status == FineStatus.PAID:
                fine.status, fine.over_at = FineStatus.OPEN, None
            fine.save(update_fields=["paid_minor", "status", "over_at"])
