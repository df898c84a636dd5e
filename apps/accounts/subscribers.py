"""What accounts do when a floor below speaks, and what holders are told."""

from django.db.models import Q
from django.utils import translation

from apps.accounts import operations
from apps.accounts.events import AutoTransferFailed, DepositReceived, MoneyCameIn, WithdrawalMade
from apps.accounts.models import Account, AccountStatus, AutoTransferRun, CashMovement
from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.kyc.events import ScreeningConfirmed
from apps.kyc.models import BusinessPerson, ScreeningHit, WatchListKind
from apps.ledger.queries import balances
from apps.notifications import operations as notifications
from apps.users.events import UserRegistered
from apps.users.models import User
from apps.users.queries import system_user


@subscribe(UserRegistered, promptly=True)
def open_first_accounts(event: UserRegistered) -> None:
    """A current and a savings account wait for everyone who joins."""
    owner = User.objects.get(pk=event.user_id)
    if owner.is_active:
        operations.open_first_accounts(owner=owner, by=system_user(), at=owner.created_at)


@subscribe(ScreeningConfirmed)
def freeze_who_is_sanctioned(event: ScreeningConfirmed) -> None:
    """Nothing leaves the accounts of who is on a sanctions list, nor of a business that they direct or own."""
    hit = ScreeningHit.objects.select_related("watch_list", "decided_by").get(pk=event.hit_id)
    if hit.decided_by and hit.watch_list.kind == WatchListKind.SANCTIONS and hit.status == "CONFIRMED":
        named = BusinessPerson.objects.present().filter(who_id=event.user_id).values("business__party")
        theirs = Q(owner_id=event.user_id) | Q(owner__in=named)
        for account in Account.objects.filter(theirs, status=AccountStatus.ACTIVE).order_by("pk"):
            operations.freeze(account=account, by=hit.decided_by, at=now(), reason="Decided by compliance")


@subscribe(DepositReceived)
def tell_of_deposit(event: DepositReceived) -> None:
    """Tell the holder that cash came in."""
    _tell("accounts.deposit_received", event.cash_id)


@subscribe(WithdrawalMade)
def tell_of_withdrawal(event: WithdrawalMade) -> None:
    """Tell the holder that cash went out."""
    _tell("accounts.withdrawal_made", event.cash_id)


@subscribe(DepositReceived)
def save_of_cash(event: DepositReceived) -> None:
    """Automatic transfers look at what came in over the counter, unless it came for something."""
    if not event.purpose:
        _run_rules(event.account_id, f"cash/{event.cash_id}")


@subscribe(MoneyCameIn)
def save_of_income(event: MoneyCameIn) -> None:
    """Automatic transfers look at what came in by a rail, unless it came for something."""
    if not event.purpose:
        _run_rules(event.account_id, f"{event.rail}/{event.receipt}")


def _run_rules(account_id: int, occasion: str) -> None:
    owner = Account.objects.values_list("owner_id", flat=True).get(pk=account_id)
    operations.run_rules(owner_id=owner, occasion=occasion, at=now())


@subscribe(AutoTransferFailed)
def tell_what_did_not_move(event: AutoTransferFailed) -> None:
    """Tell the owner of a rule why it moved nothing."""
    run = AutoTransferRun.objects.select_related("rule__owner", "rule__from_account").get(pk=event.run_id)
    with translation.override(run.rule.owner.language):
        what = str(run.get_kind_display())
    context = {
        "rule": what,
        "account": run.rule.from_account.masked_number.replace("•", "*"),
        "because": run.because,
    }
    notifications.send(
        "accounts.auto_transfer_failed", to=run.rule.owner, context=context, at=run.at, key=f"auto-transfer/{run.pk}"
    )


def _tell(text: str, cash_id: int) -> None:
    cash = CashMovement.objects.select_related("account__owner", "till__branch").get(pk=cash_id)
    balance = balances([cash.account.ledger_account_id])[cash.account.ledger_account_id]
    context = {
        "amount": str(cash.amount),
        "account": cash.account.masked_number.replace("•", "*"),
        "branch": cash.till.branch.name,
        "receipt": cash.receipt,
        "balance": str(balance.posted),
    }
    at = cash.done_at or now()
    notifications.send(text, to=cash.account.owner, context=context, at=at, key=f"cash/{cash_id}/{text}")
