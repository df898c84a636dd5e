"""What accounts do when a floor below speaks, and what holders are told."""

from datetime import datetime

from django.db.models import Q
from django.utils import translation

from apps.accounts import operations
from apps.accounts.events import (
    AutoTransferFailed,
    DepositEnded,
    DepositReceived,
    GoalInvited,
    GoalReached,
    MoneyCameIn,
    WithdrawalMade,
)
from apps.accounts.models import (
    Account,
    AutoTransferRun,
    CashMovement,
    DepositStatus,
    FixedDeposit,
    GoalMember,
    MemberStatus,
    PaidBecause,
    SavingsGoal,
    Transaction,
)
from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.kernel.money import Money
from apps.kyc.events import ScreeningConfirmed
from apps.kyc.models import BusinessPerson, ScreeningHit, WatchListKind
from apps.ledger.queries import balances
from apps.notifications import operations as notifications
from apps.users.events import UserRegistered
from apps.users.models import User
from apps.users.queries import system_user
from apps.users.rules import half_name


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
        # Also what its holder froze or lets sleep: they could let go of that themselves.
        for account in Account.objects.filter(theirs, frozen_by_bank=False).open().order_by("pk"):
            operations.freeze(account=account, by=hit.decided_by, at=now(), reason="Decided by compliance")


@subscribe(DepositReceived)
def tell_of_deposit(event: DepositReceived) -> None:
    """Tell the holder that cash came in."""
    _tell("accounts.deposit_received", event.cash_id)


@subscribe(WithdrawalMade)
def tell_of_withdrawal(event: WithdrawalMade) -> None:
    """Tell the holder that cash went out."""
    _tell("accounts.withdrawal_made", event.cash_id)


@subscribe(WithdrawalMade)
def alert_of_large_withdrawal(event: WithdrawalMade) -> None:
    """Much cash stands among the alerts, too."""
    cash = CashMovement.objects.select_related("account__owner", "till__branch").get(pk=event.cash_id)
    operations.tell_of_large_payment(
        holder=cash.account.owner,
        amount=cash.amount,
        payee=cash.till.branch.name,
        reference=cash.receipt,
        about=f"cash/{cash.pk}",
        at=cash.done_at or now(),
    )


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


@subscribe(GoalInvited)
def tell_who_is_asked_to_save_along(event: GoalInvited) -> None:
    """By whom, and for what; who answered meanwhile is not asked again."""
    asked = GoalMember.objects.select_related("goal__owner", "user").get(goal_id=event.goal_id, user_id=event.user_id)
    if asked.status == MemberStatus.INVITED:
        context = {"who": half_name(asked.goal.owner.full_name), "goal": asked.goal.name}
        key = f"goals/{asked.goal_id}/invited/{asked.user_id}/{asked.invited_at.isoformat()}"
        notifications.send("accounts.goal_invited", to=asked.user, context=context, at=asked.invited_at, key=key)


@subscribe(GoalReached)
def tell_savers_it_is_full(event: GoalReached) -> None:
    """The owner and who saves along."""
    goal = SavingsGoal.objects.select_related("owner", "account").get(pk=event.goal_id)
    saved = balances([goal.account.ledger_account_id])[goal.account.ledger_account_id]
    context = {"goal": goal.name, "saved": str(saved.posted), "target": str(goal.target)}
    along = goal.members.filter(status=MemberStatus.ACTIVE).select_related("user")
    for person in (goal.owner, *(member.user for member in along)):
        key = f"goals/{goal.pk}/reached/{person.pk}"
        notifications.send("accounts.goal_reached", to=person, context=context, at=goal.reached_at or now(), key=key)


@subscribe(DepositEnded)
def tell_that_a_deposit_ended(event: DepositEnded) -> None:
    """What it came to, and where that is; who broke it saw that on the page."""
    deposit = FixedDeposit.objects.select_related("owner", "account").get(pk=event.deposit_id)
    ended = deposit.ended_at
    if event.how == DepositStatus.BROKEN or ended is None:
        return
    context, text = {"amount": str(deposit.principal)}, "accounts.deposit_paid_out"
    if event.how == DepositStatus.ROLLED:
        text, new = "accounts.deposit_rolled", deposit.rolled_to
        rate = f"{(new.rate * 100).normalize():f}"
        context |= {"now": str(new.principal), "day": f"{new.matures_on:%d/%m/%Y}", "rate": rate}
    else:
        paid = Transaction.objects.select_related("account").filter(reference=f"deposits/{deposit.pk}/out")
        out = paid.get(amount_minor__gt=0)
        came = out.amount + _interest_of(deposit, ended)
        context |= {"account": out.account.masked_number.replace("•", "*"), "paid": str(came)}
    notifications.send(text, to=deposit.owner, context=context, at=ended, key=f"deposits/{deposit.pk}/ended")


def _interest_of(deposit: FixedDeposit, ended: datetime) -> Money:
    """What its end paid, less the tax."""
    paid = deposit.account.interest_payments.filter(because=PaidBecause.MATURITY, paid_at=ended).first()
    return paid.gross - paid.tax if paid else Money(0, deposit.currency)


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
