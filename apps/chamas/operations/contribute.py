"""Paying in: the oldest due first, then ahead; by whatever way the money comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, TransactionType
from apps.chamas.errors import Invalid
from apps.chamas.events import ContributionPaid
from apps.chamas.models import (
    Contribution,
    ContributionStatus,
    EntryKind,
    Fine,
    FineStatus,
    FundKind,
    Membership,
    MembershipStatus,
    PaidBy,
    PayIn,
    PayInPart,
)
from apps.chamas.operations import books
from apps.chamas.operations.books import Change
from apps.chamas.policies import NOT_THERE
from apps.chamas.references import new_receipt
from apps.chamas.rules.dues import Owed, Part, allocate
from apps.chamas.states import FINE
from apps.kernel import events
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.money import CurrencyMismatch, Money
from apps.kernel.written import Written
from apps.users.models import User

Thing = Contribution | Fine | None  # what a part is of; None: paid ahead


@dataclass(frozen=True, slots=True)
class Bill:
    """What a member owes now, locked, and how an amount pays it."""

    member: Membership
    owed: list[Owed[tuple[str, int]]]
    things: dict[tuple[str, int], Thing]


@transaction.atomic
def contribute(
    *, member: Membership, amount: Money, key: str, by: User, at: datetime, from_account: Account | None = None
) -> PayIn:
    """Pay in from an account of one's own; once per `key`. More than is due waits ahead for the next cycle.

    Raises NotFound, GroupNotOpen, Invalid, CurrencyMismatch, and what posting raises; then nothing moved.
    """
    account = from_account or member.account
    if account.owner_id != by.pk or member.user_id != by.pk:
        raise NotFound(NOT_THERE)
    return pay_in(member=member, amount=amount, key=key, source=PaidBy.WALLET, payer=account, by=by, at=at)


@transaction.atomic
def pay_in(
    *,
    member: Membership,
    amount: Money,
    key: str,
    source: str,
    by: User,
    at: datetime,
    payer: Account | None = None,
    legs: Sequence[Any] = (),
    only: Fine | None = None,
) -> PayIn:
    """Take money for a member: out of `payer`'s account, or from `legs` in the books. `only` pays one fine alone.

    Rows are locked in one order: the account, the group (shared), the member, their dues.
    """
    if amount.minor <= 0:
        raise Invalid(_("Write an amount of more than zero. No money moved."), errors={"amount": ["not_positive"]})
    movements = [accounts.out_of(payer, amount, member.group.name, category="group")] if payer else []
    accounts.lock(movements, with_siblings=False)
    held = locked_member(member)
    earlier = PayIn.objects.filter(member=held, key=key[:120]).first()
    if earlier is not None:
        return _same(earlier, amount)
    if amount.currency != held.group.currency:
        raise CurrencyMismatch(
            _("The group saves in %(currency)s. No money moved.") % {"currency": held.group.currency}
        )
    bill = bill_of(held, only=only)
    parts, rest = allocate(amount.minor, bill.owed)
    if rest and only is not None:
        raise Invalid(_("That is more than the fine. No money moved."), errors={"amount": ["too_much"]})
    row = _post(held, amount, key, source, parts, rest, by, at, movements, legs)
    _write_parts(row, parts, rest, bill)
    settle_parts(bill, parts, at)
    return row


_LOCK = Written(
    lambda pk: (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("group", "user", "account")
        .filter(pk=pk)
    ),
    pk=-1,
)


def locked_member(member: Membership) -> Membership:
    """The member, in a group that stays open: two payments for one member come one after the other.

    Raises GroupNotOpen, NotFound for who has left.
    """
    books.kept_open(member.group)
    held: Membership = _LOCK.rows(pk=member.pk)[0]
    if held.status != MembershipStatus.ACTIVE:
        raise NotFound(NOT_THERE)
    return held


def _same(row: PayIn, amount: Money) -> PayIn:
    if row.amount != amount:
        raise Conflict(_("This was sent before with another amount. No money moved; start anew."))
    return row


def bill_of(member: Membership, *, only: Fine | None = None) -> Bill:
    """What a member owes, its rows locked in order; the caller holds the member."""
    return bills_of([member], only=only)[member.pk]


def bills_of(members: Sequence[Membership], *, only: Fine | None = None) -> dict[int, Bill]:
    """By member's id, what each owes, in two queries however many they are; the caller holds the members."""
    bills = {one.pk: Bill(one, [], {}) for one in members}
    if only is None:
        dues = Contribution.objects.unpaid().select_for_update(no_key=True).filter(member__in=bills)
        for row in dues.order_by("due_on", "pk"):
            bill = bills[row.member_id]
            bill.things["contribution", row.pk] = row
            parts = row.open_parts().items()
            bill.owed.extend(Owed(row.due_on, fund, minor, ("contribution", row.pk)) for fund, minor in parts)
    fines = Fine.objects.select_for_update(no_key=True).filter(member__in=bills, status=FineStatus.OPEN)
    for fine in (fines if only is None else fines.filter(pk=only.pk)).order_by("due_on", "pk"):
        bill = bills[fine.member_id]
        bill.things["fine", fine.pk] = fine
        bill.owed.append(Owed(fine.due_on, FundKind.FINES, fine.open_minor, ("fine", fine.pk)))
    return bills


def _post(
    member: Membership,
    amount: Money,
    key: str,
    source: str,
    parts: list[Part[tuple[str, int]]],
    rest: int,
    by: User,
    at: datetime,
    movements: Sequence[accounts.Movement],
    legs: Sequence[Any],
) -> PayIn:
    receipt = new_receipt()
    rows = books.move(
        group=member.group,
        changes=changes_for(member, parts, rest),
        kind=EntryKind.CONTRIBUTION,
        line=TransactionType.CONTRIBUTION,
        reference=f"chama/{member.group_id}/in/{member.pk}/{key[:120]}",
        quoted=receipt,
        action="chamas.contribution.paid",
        movements=movements,
        legs=legs,
        by=by,
        at=at,
    )
    return PayIn.objects.create(
        group=member.group,
        member=member,
        amount_minor=amount.minor,
        currency=amount.currency,
        source=source,
        reference=receipt,
        key=key[:120],
        transfer_id=rows[0].transfer_id,
        paid_by=by,
        at=at,
    )


def changes_for(member: Membership, parts: list[Part[tuple[str, int]]], rest: int) -> list[Change]:
    """One change a fund, in a fixed order."""
    sums: dict[str, int] = {}
    for part in parts:
        sums[part.fund] = sums.get(part.fund, 0) + part.minor
    if rest:
        sums[FundKind.ADVANCE] = rest
    currency = member.group.currency
    return [
        Change(FundKind(fund), Money(minor, currency), member, EntryKind.FINE if fund == FundKind.FINES else None)
        for fund, minor in sums.items()
    ]


def _write_parts(row: PayIn, parts: list[Part[tuple[str, int]]], rest: int, bill: Bill) -> None:
    written = [
        PayInPart(
            pay_in=row,
            fund=part.fund,
            minor=part.minor,
            contribution_id=part.key[1] if part.key[0] == "contribution" else None,
            fine_id=part.key[1] if part.key[0] == "fine" else None,
        )
        for part in parts
    ]
    if rest:
        written.append(PayInPart(pay_in=row, fund=FundKind.ADVANCE, minor=rest))
    PayInPart.objects.bulk_create(written)


def settle_parts(bill: Bill, parts: list[Part[tuple[str, int]]], at: datetime) -> None:
    """Write on the due rows and fines what was paid of them, and tell which are paid in full."""
    settle_bills([(bill, parts)], at)


def settle_bills(paid: Sequence[tuple[Bill, list[Part[tuple[str, int]]]]], at: datetime) -> None:
    """As `settle_parts`, for many members: one statement writes all their dues."""
    dues: list[Contribution] = []
    for bill, parts in paid:
        for part in parts:
            thing = bill.things[part.key]
            if isinstance(thing, Contribution):
                name = f"paid_{part.fund.lower()}_minor"
                setattr(thing, name, getattr(thing, name) + part.minor)
            elif isinstance(thing, Fine):
                thing.paid_minor += part.minor
        for key in dict.fromkeys(part.key for part in parts):
            thing = bill.things[key]
            if isinstance(thing, Contribution):
                dues.append(_settled(thing, bill.member, at))
            elif isinstance(thing, Fine):
                settle_fine(thing, at)
    if dues:
        Contribution.objects.bulk_update(dues, _WRITTEN)


_WRITTEN = ["paid_welfare_minor", "paid_rotation_minor", "paid_savings_minor", "status", "settled_at"]


def _settled(row: Contribution, member: Membership, at: datetime) -> Contribution:
    if row.paid_minor == row.amount_minor:
        row.status, row.settled_at = ContributionStatus.PAID, at
        events.publish(
            ContributionPaid(
                group_id=row.group_id,
                contribution_id=row.pk,
                member_id=row.member_id,
                user_id=member.user_id,
                on_time=at <= row.late_at,
            )
        )
    return row


def settle_fine(fine: Fine, at: datetime) -> None:
    """A fine that somebody paid of, within the caller's transaction and lock."""
    if fine.paid_minor == fine.amount_minor:
        FINE.make(fine, FineStatus.PAID, paid_minor=fine.paid_minor, over_at=at)
    else:
        fine.save(update_fields=["paid_minor"])
