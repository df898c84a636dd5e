"""What accounts tell the floors above."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(Event):
    """An account was opened."""

    name = "accounts.account.opened"
    account_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFrozen(Event):
    """An account was frozen, by its holder or by the bank."""

    name = "accounts.account.frozen"
    account_id: int
    by_bank: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(Event):
    """An account was closed."""

    name = "accounts.account.closed"
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFinished(Event):
    """A customer brought movements of an account at another bank."""

    name = "accounts.import.finished"
    batch_id: int
    user_id: int
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositReceived(Event):
    """Cash was paid in (minor units); `purpose` is what it is for, `loan/LK4T9ZB2M1`, when the payer said so."""

    name = "accounts.deposit.received"
    account_id: int
    cash_id: int
    minor: int
    currency: str
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyCameIn(Event):
    """Money came from outside by a rail (minor units), once per `receipt`; `purpose` as with cash."""

    name = "accounts.money.came_in"
    account_id: int
    rail: str
    receipt: str
    minor: int
    currency: str
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalMade(Event):
    """Cash was paid out (minor units)."""

    name = "accounts.withdrawal.made"
    account_id: int
    cash_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyFeesCharged(Event):
    """Accounts of one product paid their monthly fee; `minor` is what each paid, duty included."""

    name = "accounts.monthly_fees.charged"
    month: str
    accounts: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestPaid(Event):
    """Interest to a day (ISO) was paid to so many accounts; `minor` is the gross of all of them."""

    name = "accounts.interest.paid"
    day: str
    accounts: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestTakenBack(Event):
    """A payment of interest left the account again with its tax; `minor` is its gross, `owed_minor` what of it was
    earned all the same.
    """

    name = "accounts.interest.taken_back"
    payment_id: int
    account_id: int
    minor: int
    owed_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoTransferMade(Event):
    """A rule moved money (minor units) between accounts of one person, or paid what was due on their loans."""

    name = "accounts.auto_transfer.made"
    rule_id: int
    run_id: int
    owner_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoTransferFailed(Event):
    """A rule had something to do and moved nothing; told once until it works again."""

    name = "accounts.auto_transfer.failed"
    rule_id: int
    run_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalInvited(Event):
    """Somebody was asked to save along."""

    name = "accounts.goal.invited"
    goal_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalPaidIn(Event):
    """A person paid into a goal (minor units), by hand or by a rule: what savings challenges count."""

    name = "accounts.goal.paid_in"
    goal_id: int
    user_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalReached(Event):
    """A goal has what it wants, for the first time."""

    name = "accounts.goal.reached"
    goal_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalClosed(Event):
    """A goal was closed, and everybody has their share back."""

    name = "accounts.goal.closed"
    goal_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositOpened(Event):
    """Money was laid aside for a term."""

    name = "accounts.deposit.opened"
    deposit_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositEnded(Event):
    """A term ended: PAID_OUT, ROLLED into another one, or BROKEN early."""

    name = "accounts.deposit.ended"
    deposit_id: int
    owner_id: int
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFellAsleep(Event):
    """Nobody touched an account for a year."""

    name = "accounts.account.fell_asleep"
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWoken(Event):
    """The holder of a sleeping account woke it."""

    name = "accounts.account.woken"
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceLow(Event):
    """A current account fell below a fifth of its average of 90 days (minor units)."""

    name = "accounts.balance.low"
    account_id: int
    minor: int
    currency: str
