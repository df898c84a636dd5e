"""The one way a group's money moves: members' accounts, the funds in the books, and the rows every member sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.errors import PayeeLimit
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.chamas.errors import GroupNotOpen, GroupRestricted, NotEnoughInPurse
from apps.chamas.events import GroupMoneyMoved
from apps.chamas.models import ChamaGroup, EntryKind, Fund, FundKind, GroupEntry, GroupStatus, Membership
from apps.chamas.operations import within
from apps.chamas.rules import funds as purses
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.kernel.written import Written
from apps.ledger import operations as ledger
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one fund, for one member or for all together (None); + the fund holds more."""

    fund: FundKind
    amount: Money
    member: Membership | None = None
    kind: EntryKind | None = None  # unless it is another than the movement's: interest within a repayment


def open_funds(group: ChamaGroup, *, at: datetime) -> None:
    """Give a group its accounts in the books, one for each fund; once.

    They are derived accounts: a locked balance row would make all members who pay in the same minute wait in a line.
    What leaves is checked under the group's own lock, and by the database again when the transaction ends.
    """
    parent = ledger.gl("accounts:group", group.currency).code
    opened = ledger.open_accounts(
        [
            ledger.AccountToOpen(
                code=f"chama/{group.pk}/{kind.lower()}",
                name=f"{group.name} {kind.lower()}",
                kind="LIABILITY",
                currency=group.currency,
                mode=ledger.DERIVED,
                owner_reference=f"chamas/{group.pk}",
                parent_code=parent,
            )
            for kind in FundKind.values
        ],
        at=at,
    )
    Fund.objects.bulk_create(
        Fund(group=group, kind=kind, ledger_account_id=account.id)
        for kind, account in zip(FundKind.values, opened, strict=True)
    )


def balances(group: ChamaGroup, *, member: Membership | None = None) -> dict[str, int]:
    """What each fund holds (minor units), of the whole group or for one member; every fund is named."""
    rows = GroupEntry.objects.filter(group=group)
    if member is not None:
        rows = rows.filter(member=member)
    return rows.by_fund()


_LOCK = Written(lambda pk: ChamaGroup.objects.select_for_update(no_key=True).filter(pk=pk), pk=-1)


def locked(group: ChamaGroup) -> ChamaGroup:
    """The group, held until the transaction ends against others who take money out or change who belongs to it.

    Members' accounts that the transaction will touch are locked before (`accounts.lock`), never after.
    """
    held: ChamaGroup = _LOCK.rows(pk=group.pk)[0]
    return held


def kept_open(group: ChamaGroup) -> ChamaGroup:
    """The group, which nobody closes until the transaction ends. Who pays in waits for nobody, unless the group is not
    verified: then it is counted what lies in it, and they come one after the other. Raises GroupNotOpen.
    """
    if not group.is_verified:  # never taken back, so what was read before at worst waits without need
        return _require_active(locked(group))
    return _require_active(ChamaGroup.objects.raw(_KEEP_OPEN, [group.pk])[0])


def hold_payee(member: Membership) -> None:
    """Lock all accounts of who will be paid, before the group: their tier says how much they may hold in all."""
    accounts.lock([accounts.into(member.account, Money(1, member.account.currency), "")], with_siblings=True)


def move(
    *,
    group: ChamaGroup,
    changes: Sequence[Change],
    kind: EntryKind,
    line: TransactionType,
    reference: str,
    quoted: str,
    action: str,
    by: User,
    at: datetime,
    movements: Sequence[accounts.Movement] = (),
    legs: Sequence[Any] = (),
    note: str = "",
) -> list[GroupEntry]:
    """Move money into, out of or within a group, once for `reference` however often it is asked.

    `changes` say what happens to the funds, `movements` to customers' accounts (`line` is the kind their holders read),
    `legs` to the bank's own books; together they balance. `quoted` is what people are told to quote, `action` what the
    audit trail calls it. Every member hears of it. What pays one person stays within what their tier may hold.
    Raises GroupNotOpen, GroupRestricted, NotEnoughInPurse, NotVerified, PayeeLimit, and what `accounts.post` and
    `ledger.post` raise.
    """
    pays_one = len(movements) == 1 and movements[0].amount.minor > 0
    with transaction.atomic():
        locked_accounts = accounts.lock(movements, with_siblings=pays_one)
        held = _held(group, changes)
        transfer_id = _post(held, changes, line, reference, quoted, at, movements, legs)
        there = list(GroupEntry.objects.filter(transfer_id=transfer_id).order_by("pk"))
        if there:
            return there
        within.require_within(held, sum(change.amount.minor for change in changes), kind, at)
        if pays_one:
            _require_room(movements, locked_accounts, at)
        rows = GroupEntry.objects.bulk_create(
            GroupEntry(
                group=held,
                fund=change.fund,
                member=change.member,
                kind=change.kind or kind,
                amount_minor=change.amount.minor,
                currency=held.currency,
                transfer_id=transfer_id,
                reference=quoted,
                note=note[:140],
                booked_on=local_date(at),
                at=at,
            )
            for change in changes
        )
        _tell(rows, kind, action, by, at)
        return rows


def _require_room(movements: Sequence[accounts.Movement], locked_accounts: dict[int, Any], at: datetime) -> None:
    try:
        accounts.require_room(movements, locked_accounts, at)
    except PayeeLimit as no:
        raise PayeeLimit(
            _(
                "Who it goes to may not hold that much yet. No money moved. It can be carried out again once they have"
                " brought their papers and reached the next tier."
            )
        ) from no


_KEEP_OPEN = "SELECT * FROM chamas_chamagroup WHERE id = %s FOR KEY SHARE"  # waits for who closes it, for nobody else


def _held(group: ChamaGroup, changes: Sequence[Change]) -> ChamaGroup:
    """The open group; locked, and asked whether it has enough, when a purse gives."""
    drawn = purses.drawn((change.fund, change.amount.minor) for change in changes)
    if not drawn:
        return kept_open(group)
    held = _require_active(locked(group))
    if held.restricted_at is not None:
        raise GroupRestricted(
            _("The bank has stopped money from leaving this group. No money moved. Ask at a branch or write to us.")
        )
    _require_enough(held, drawn)
    return held


def _require_active(group: ChamaGroup) -> ChamaGroup:
    if group.status != GroupStatus.ACTIVE:
        raise GroupNotOpen(_("The group has not begun yet, or is closed. No money moved."))
    return group


def _require_enough(group: ChamaGroup, drawn: dict[purses.Purse, int]) -> None:
    held = balances(group)
    for purse, minor in drawn.items():
        cash = Money(purses.cash_of(purse, held), group.currency)
        if cash.minor < minor:
            raise NotEnoughInPurse(
                _("The group has %(cash)s for this, and it takes more. No money moved.") % {"cash": cash},
                purse=purse,
                cash=str(cash.amount),
            )


def _post(
    group: ChamaGroup,
    changes: Sequence[Change],
    line: TransactionType,
    reference: str,
    quoted: str,
    at: datetime,
    movements: Sequence[accounts.Movement],
    legs: Sequence[Any],
) -> int:
    """Post the transfer on accounts and funds; returns its id in the books."""
    narrative = f"{line.label} {group.name}"
    sides = [*_fund_legs(group, changes), *legs]
    if not movements:
        return ledger.post(reference=reference, kind=line, narrative=narrative, legs=sides, at=at).transfer_id
    lines = accounts.post_within(
        reference=reference,
        kind=line,
        narrative=narrative,
        movements=movements,
        legs=sides,
        receipt=quoted,
        at=at,
    )
    transfer_id: int = lines[0].transfer_id
    return transfer_id


def _fund_legs(group: ChamaGroup, changes: Sequence[Change]) -> list[Any]:
    """One leg for each fund whose money changes: funds are what the bank owes the group."""
    kept = dict(Fund.objects.filter(group=group).values_list("kind", "ledger_account_id"))
    sums: dict[str, int] = {}
    for change in changes:
        sums[change.fund] = sums.get(change.fund, 0) + change.amount.minor
    sides = ((kept[fund], minor, ledger.credit if minor > 0 else ledger.debit) for fund, minor in sums.items() if minor)
    return [side(account, Money(abs(minor), group.currency)) for account, minor, side in sides]


def _tell(rows: Sequence[GroupEntry], kind: EntryKind, action: str, by: User, at: datetime) -> None:
    first, minor = rows[0], sum(row.amount_minor for row in rows)
    facts = {"kind": str(kind), "minor": minor, "reference": first.reference, "group": first.group_id}
    audit_trail.record(
        action, on=first, by=by, at=at, after=facts, customer=first.member.user if first.member else None
    )
    events.publish(
        GroupMoneyMoved(
            group_id=first.group_id,
            transfer_id=first.transfer_id,
            kind=str(kind),
            minor=minor,
            currency=first.currency,
        )
    )
