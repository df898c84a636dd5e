"""What nobody claimed for five years goes to the Authority, by two people; and comes back by two when it is claimed."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import NotAsleep
from apps.accounts.models import Account, AccountStatus, PaidBecause, SleepingAccount, SleepStatus, TransactionType
from apps.accounts.operations.movement import into, out_of
from apps.accounts.operations.pay_interest import pay_off, pending
from apps.accounts.operations.post import post
from apps.accounts.operations.sleep import woken
from apps.accounts.policies import require_not_ones_own
from apps.accounts.rules.dormancy import HANDED_OVER_AFTER, NOTICE, months_before
from apps.accounts.states import SLEEP
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.users.models import User

HAND_OVER, RECLAIM = "accounts.hand_over", "accounts.reclaim"
RIGHT = "accounts.approve_cash"


def is_due(row: SleepingAccount, at: datetime) -> bool:
    """Whether five years have gone by, and a month since the holder was told."""
    today = local_date(at)
    told = row.noticed_at is not None and (today - local_date(row.noticed_at)).days >= NOTICE
    return row.status == SleepStatus.NOTICED and told and row.last_act_on <= months_before(today, HANDED_OVER_AFTER)


def ask_hand_over(*, row: SleepingAccount, reason: str, by: User, at: datetime) -> Approval:
    """Ask to pay what slept for five years to the Authority. Raises NotAllowed, NotAsleep."""
    _require_right(by)
    if not is_due(row, at):
        raise NotAsleep(_("The five years, or the month after the letter, are not over. Nothing was changed."))
    held = books.balance(row.account.ledger_account_id).posted
    if not held.minor + pending(row.account).minor:
        raise NotAsleep(_("There is nothing on this account to hand over. Nothing was changed."))
    return approvals.ask(
        kind=HAND_OVER,
        subject=f"accounts/{row.account_id}",
        payload={"row": row.pk},
        after={"account": row.account.number, "amount": str(held), "last act": row.last_act_on.isoformat()},
        amount=held,
        reason=reason,
        by=by,
        at=at,
    )


def ask_reclaim(*, row: SleepingAccount, reason: str, by: User, at: datetime) -> Approval:
    """Ask to give back what the Authority has returned. Raises NotAllowed, NotAsleep."""
    _require_right(by)
    if row.status != SleepStatus.HANDED_OVER:
        raise NotAsleep(_("Nothing of this account is with the Authority. Nothing was changed."))
    return approvals.ask(
        kind=RECLAIM,
        subject=f"accounts/{row.account_id}",
        payload={"row": row.pk},
        after={"account": row.account.number, "amount": str(row.amount)},
        amount=row.amount,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def run_hand_over(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved payment: what was earned, then all there is.

    Raises NotAsleep when the holder came meanwhile; NotAllowed, Connected.
    """
    row, account = _locked(payload["row"])
    for who in (maker, checker):
        require_not_ones_own(who, account)
    if not is_due(row, at) or account.status != AccountStatus.DORMANT:
        raise NotAsleep(_("The holder came back, or it was handed over before. No money moved."))
    pay_off(account=account, into_account=account, day=local_date(at), because=PaidBecause.CLOSING, at=at)
    amount = books.balance(account.ledger_account_id).posted
    if not amount:
        raise NotAsleep(_("There is nothing on this account to hand over. Nothing was changed."))
    lines = post(
        reference=f"unclaimed/{row.pk}",
        kind=TransactionType.UNCLAIMED,
        narrative="To the Unclaimed Financial Assets Authority",
        movements=[out_of(account, amount, _now("To the Unclaimed Financial Assets Authority"))],
        legs=[ledger.credit(ledger.gl("bank:settlement", amount.currency), amount)],
        by_bank=True,
        at=at,
    )
    transfer = lines[0].transfer_id
    SLEEP.make(row, SleepStatus.HANDED_OVER, amount_minor=amount.minor, transfer_id=transfer, handed_over_at=at)
    audit_trail.record("accounts.unclaimed.handed_over", on=account, by=checker, at=at, after={"amount": str(amount)})
    return {"transfer": transfer}


@transaction.atomic
def run_reclaim(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved return: the money is back on the account, and the account awake. Raises NotAllowed, Connected."""
    row, account = _locked(payload["row"])
    for who in (maker, checker):
        require_not_ones_own(who, account)
    lines = post(
        reference=f"unclaimed/{row.pk}/back",
        kind=TransactionType.UNCLAIMED,
        narrative="From the Unclaimed Financial Assets Authority",
        movements=[into(account, row.amount, _now("From the Unclaimed Financial Assets Authority"))],
        legs=[ledger.debit(ledger.gl("bank:settlement", row.currency), row.amount)],
        by_bank=True,
        at=at,
    )
    SLEEP.make(row, SleepStatus.RECLAIMED, back_transfer_id=lines[0].transfer_id, over_at=at)
    if account.status == AccountStatus.DORMANT:
        woken(account, by=checker, at=at)
    audit_trail.record("accounts.unclaimed.reclaimed", on=account, by=checker, at=at, after={"amount": str(row.amount)})
    return {"transfer": lines[0].transfer_id}


def _locked(pk: int) -> tuple[SleepingAccount, Account]:
    """The account before its row of the register."""
    account_id = SleepingAccount.objects.values_list("account_id", flat=True).get(pk=pk)
    account = Account.objects.select_for_update(of=("self",)).select_related("owner").get(pk=account_id)
    return SleepingAccount.objects.select_for_update().get(pk=pk), account


def _require_right(by: User) -> None:
    if not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to do this."))
