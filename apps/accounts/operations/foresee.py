"""Saying before anybody is asked for proof what a posting would refuse: the posting decides, under its locks."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import NotSpendable
from apps.accounts.models import POTS, Account, LimitUse
from apps.accounts.operations.limits import require_daily, require_single
from apps.accounts.operations.post import require_open
from apps.accounts.queries import holding
from apps.fx import queries as fx
from apps.kernel.clock import local_date
from apps.kernel.money import Money, total
from apps.kernel.serializers import money_json
from apps.kyc.queries import limits_of
from apps.ledger.errors import InsufficientFunds


def require_could_leave(
    *, account: Account, amounts: Sequence[Money], cost: Money, limited: bool, at: datetime
) -> None:
    """Whether so many payments, and `cost` with them, could leave an account as it stands now; nothing is locked.

    By the rules that posting and setting aside ask later. Whether a receiver may hold as much is not asked: before any
    proof the answer would tell strangers what they hold. Raises CurrencyMismatch, AccountClosed, AccountNotActive,
    NotSpendable, InsufficientFunds, LimitExceeded; RatesStale for a currency that never had a rate.
    """
    amount = total(amounts, account.currency)
    require_open(account, -amount, by_bank=False)
    if limited:  # before the funds: nobody adds money for what may not go
        _require_limits(account, amounts, at)
    _require_funds(account, amount + cost)


def require_may_ever_leave(*, account: Account, amount: Money, at: datetime) -> None:
    """Whether one payment of this amount may leave such an account at all, whatever is on it and was sent that day: for
    what is set up for later. Raises NotSpendable, LimitExceeded; RatesStale for a currency that never had a rate.
    """
    if account.account_type in POTS:
        raise NotSpendable(_("Money in a goal or a deposit is taken out on its own page. No money moved."))
    limits = limits_of(account.owner.kyc_tier, on=local_date(at))
    if limits.single is not None:
        require_single(fx.in_home(amount, at), limits)


def _require_funds(account: Account, needed: Money) -> None:
    free = holding(account).available
    if needed > free:
        words = _(
            "%(free)s is free in account %(number)s, and this needs %(needed)s. No money moved and no code was sent. "
            "Add money or choose a smaller amount."
        )
        no = InsufficientFunds(
            words % {"free": free, "number": account.masked_number, "needed": needed},
            available=money_json(free),
            needed=money_json(needed),
        )
        no.account_id = account.ledger_account_id
        raise no


def _require_limits(account: Account, amounts: Sequence[Money], at: datetime) -> None:
    day, worth_of = local_date(at), fx.to_home(at)
    worths = [worth_of(one) for one in amounts]
    limits = limits_of(account.owner.kyc_tier, on=day)
    require_single(max(worths), limits)
    used = LimitUse.objects.filter(user_id=account.owner_id, on_date=day, currency="KES")
    spent = total(worths, "KES")
    before = used.values_list("used_minor", flat=True).first() or 0
    require_daily(before + spent.minor, spent, limits, at)
