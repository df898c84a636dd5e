"""What accounts do at the end of the bank's day."""

from datetime import date, datetime

from apps.accounts import operations
from apps.ledger import eod


def _statements(day: date, at: datetime) -> str:
    return f"{operations.make_month_statements(day=day, at=at)} statements made"


def _monthly_fees(day: date, at: datetime) -> str:
    charged, left = operations.charge_monthly_fees(day=day, at=at)
    return f"{charged} monthly fees charged, {left} accounts could not pay"


def _accrue(day: date, at: datetime) -> str:
    return operations.accrue(day=day, at=at)


def _mature(day: date, at: datetime) -> str:
    ended, left = operations.mature(day=day, at=at)
    return f"{ended} deposits ended, {left} are frozen or have nobody to be paid to"


def _ending(day: date, at: datetime) -> str:
    return f"{operations.tell_of_ending_deposits(day=day, at=at)} owners told that a deposit ends"


def _pay_interest(day: date, at: datetime) -> str:
    made, minor = operations.pay_month(day=day, at=at)
    return f"{made} accounts paid {minor} minor units of interest"


def _sleep(day: date, at: datetime) -> str:
    asleep, told = operations.fall_asleep(day=day, at=at), operations.give_notice(day=day, at=at)
    return f"{asleep} accounts fell asleep, {told} holders were told"


def _low(day: date, at: datetime) -> str:
    return f"{operations.tell_of_low_balances(day=day, at=at)} balances are low"


def register() -> None:
    """Monthly fees, deposits whose term is over, the day's interest and the month's, then the month's statements."""
    eod.register(eod.Step(name="accounts.mature_deposits", order=305, run=_mature))
    eod.register(eod.Step(name="accounts.ending_deposits", order=306, run=_ending))
    eod.register(eod.Step(name="accounts.accrue_interest", order=310, run=_accrue))
    eod.register(eod.Step(name="accounts.pay_interest", order=320, run=_pay_interest))
    eod.register(eod.Step(name="accounts.monthly_fees", order=300, run=_monthly_fees))
    eod.register(eod.Step(name="accounts.month_statements", order=800, run=_statements))
    eod.register(eod.Step(name="accounts.dormancy", order=330, run=_sleep))
    eod.register(eod.Step(name="accounts.low_balances", order=340, run=_low))
