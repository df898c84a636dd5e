"""Limits of tiers, counted and looked at under the locks that a posting holds."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import LimitExceeded, PayeeLimit
from apps.accounts.models import Account, TransactionType
from apps.accounts.operations.movement import Movement
from apps.accounts.queries import holdings
from apps.fx import queries as fx
from apps.kernel import statements
from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money
from apps.kernel.serializers import money_json
from apps.kyc.queries import Limits, limits_from, limits_of
from apps.ledger.rules import arrays
from apps.users.models import User

_NOT_SPENT = {TransactionType.FEE.value, TransactionType.EXCISE_DUTY.value}  # a limit is on what people send


def spend_limits(
    movements: Sequence[Movement], accounts: dict[int, Account], at: datetime, *, one_by_one: bool = False
) -> None:
    """Count what people send against their tier, under the locks of `accounts`; other currencies at their mid rate.

    Movements of one account are one payment with its parts, or `one_by_one` so many payments. Raises LimitExceeded,
    PayeeLimit; RatesStale for a currency that never had a rate.
    """
    day, worth_of = local_date(at), fx.to_home(at)
    spent: dict[int, Money] = {}
    most: dict[int, Money] = {}
    for movement in movements:
        owner = accounts[movement.account.pk].owner_id
        if movement.amount.minor < 0 and movement.txn_type not in _NOT_SPENT:
            worth = worth_of(-movement.amount)
            spent[owner] = spent.get(owner, Money.zero("KES")) + worth
            most[owner] = max(most.get(owner, Money.zero("KES")), worth)
    receiving = _receiving(movements, accounts)
    used, limits, balances = _spend(spent, accounts, receiving, day)
    for account in {account.owner_id: account for account in accounts.values()}.values():
        its = limits[account.owner.kyc_tier]
        if account.owner_id in spent:
            require_single((most if one_by_one else spent)[account.owner_id], its)
            require_daily(used[account.owner_id], spent[account.owner_id], its, at)
    _require_room_within(movements, receiving, limits, balances, at)


# What was sent is counted; with it comes what the tiers allow, and what the receivers hold now that the money is
# posted: one look, for every payment of the bank waits for it.
_SPEND = """
WITH used AS (
    INSERT INTO accounts_limituse AS used (user_id, on_date, currency, used_minor)
    SELECT spent.user_id, %(day)s, 'KES', spent.minor
      FROM unnest(%(users)s::bigint[], %(minors)s::bigint[]) AS spent(user_id, minor)
    ON CONFLICT (user_id, on_date, currency) DO UPDATE SET used_minor = used.used_minor + excluded.used_minor
    RETURNING used.user_id, used.used_minor
)
SELECT (SELECT json_agg(json_build_array(used.user_id, used.used_minor)) FROM used),
       (SELECT json_agg(json_build_array(its.tier, its.kind, its.amount_minor)) FROM (
            SELECT DISTINCT ON (t.tier, t.kind) t.tier, t.kind, t.amount_minor FROM kyc_tierlimit t
             WHERE t.tier = ANY(%(tiers)s::text[]) AND t.currency = 'KES' AND t.valid_from <= %(day)s
             ORDER BY t.tier, t.kind, t.valid_from DESC
        ) its),
       (SELECT json_agg(json_build_array(b.account_id, b.posted_minor)) FROM ledger_balance b
         WHERE b.account_id = ANY(%(held)s::bigint[]))
"""


def _spend(
    spent: dict[int, Money], accounts: dict[int, Account], receiving: dict[int, list[Account]], day: date
) -> tuple[dict[int, int], dict[str, Limits], dict[int, int]]:
    """By person what they used today, by tier its limits, by account in the books what receivers hold (minor units)."""
    tiers = {account.owner.kyc_tier for account in accounts.values()}
    asked: dict[str, Any] = {
        "day": day,
        "users": arrays.numbers(spent),
        "minors": arrays.numbers(worth.minor for worth in spent.values()),
        "tiers": arrays.texts(tiers),
        "held": arrays.numbers(account.ledger_account_id for its in receiving.values() for account in its),
    }
    used, limits, balances = map(_read, statements.row(_SPEND, asked))
    return dict(used), limits_from(((tier, kind, minor) for tier, kind, minor in limits), tiers), dict(balances)


def _read(found: Any) -> list[Any]:
    return list(json.loads(found) if isinstance(found, str) else found or ())


def require_single(amount: Money, limits: Limits) -> None:
    """One payment is not above the limit of one. Raises LimitExceeded."""
    if limits.single is not None and amount > limits.single:
        raise LimitExceeded(
            _("One payment can be at most %(limit)s on your tier. No money moved. Send less, or raise your tier.")
            % {"limit": limits.single},
            limit_kind="SINGLE",
            limit=money_json(limits.single),
            left=money_json(limits.single),
            how_to_raise=str(_("Bring your ID to a branch to reach the next tier.")),
        )


def require_daily(used: int, amount: Money, limits: Limits, at: datetime) -> None:
    """The day's payments, `amount` among the `used` minor units, are not above its limit. Raises LimitExceeded."""
    if limits.daily is not None and used > limits.daily.minor:
        left = Money(max(limits.daily.minor - used + amount.minor, 0), "KES")
        raise LimitExceeded(
            _(
                "You can send %(limit)s a day on your tier and have %(left)s left today. No money moved. "
                "From midnight you have the whole limit again."
            )
            % {"limit": limits.daily, "left": left},
            limit_kind="DAILY",
            limit=money_json(limits.daily),
            left=money_json(left),
            free_again_at=day_start(local_date(at) + timedelta(days=1)).isoformat(),
            how_to_raise=str(_("Bring your ID to a branch to reach the next tier.")),
        )


def require_room(movements: Sequence[Movement], accounts: dict[int, Account], at: datetime) -> None:
    """Nobody receives more than their tier may hold, under the locks of `accounts`. Raises PayeeLimit."""
    receiving = _receiving(movements, accounts)
    _used, limits, balances = _spend({}, accounts, receiving, local_date(at))
    _require_room_within(movements, receiving, limits, balances, at)


def require_room_for(*, owner: User, amount: Money, at: datetime) -> None:
    """Room for `amount` more of a person's own, asked before a rail takes it from them: what could not be held would
    wait in suspense for a person at the bank. Looked at without locks; the posting counts anew. Raises LimitExceeded.
    """
    most = limits_of(owner.kyc_tier, on=local_date(at)).balance
    if most is None:
        return
    worth_of = fx.held_to_home(at, paid_in={amount.currency})
    held = sum(worth_of(one.posted).minor for one in holdings(Account.objects.filter(owner=owner)))
    left = Money(max(most.minor - held, 0), "KES")
    if worth_of(amount) > left:
        raise LimitExceeded(
            _("On your tier all your accounts together hold at most %(limit)s: there is room for %(left)s more. "
              "No money moved. Add less, or raise your tier.")
            % {"limit": most, "left": left},
            limit_kind="BALANCE",
            limit=money_json(most),
            left=money_json(left),
            how_to_raise=str(_("Bring your ID to a branch to reach the next tier.")),
        )  # fmt: skip


def _receiving(movements: Sequence[Movement], accounts: dict[int, Account]) -> dict[int, list[Account]]:
    """All locked accounts of those who receive and do not pay, by person."""
    receiving = {accounts[one.account.pk].owner_id for one in movements if one.amount.minor > 0}
    paying = {accounts[one.account.pk].owner_id for one in movements if one.amount.minor < 0}
    held: dict[int, list[Account]] = defaultdict(list)
    for account in accounts.values():
        if account.owner_id in receiving - paying:
            held[account.owner_id].append(account)
    return held


def _require_room_within(
    movements: Sequence[Movement],
    receiving: dict[int, list[Account]],
    limits: dict[str, Limits],
    balances: dict[int, int],
    at: datetime,
) -> None:
    """Nobody ends with more than their tier may hold, all their accounts together."""
    worth_of = fx.held_to_home(at, paid_in={movement.amount.currency for movement in movements})
    for its in receiving.values():
        most = limits[its[0].owner.kyc_tier].balance
        if most is None:
            continue
        held = (Money(balances[account.ledger_account_id], account.currency) for account in its)
        if sum(worth_of(one).minor for one in held) > most.minor:
            raise PayeeLimit(_("The receiving account cannot hold that much. No money moved. Send less."))
