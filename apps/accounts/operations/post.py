"""The one way money moves on customers' accounts: status, limits, books and lines in one transaction.

Rows are locked in one order: customers' accounts by id, then the ledger (which orders its own), then the limit used.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import AccountClosed, AccountNotActive, LimitExceeded, PayeeLimit
from apps.accounts.models import Account, AccountStatus, Transaction, TransactionType
from apps.fx import queries as fx
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.kernel.serializers import money_json
from apps.kyc.queries import Limits, limits_of_all
from apps.ledger import operations as ledger
from apps.ledger import queries as books

_NOT_SPENT = {TransactionType.FEE.value, TransactionType.EXCISE_DUTY.value}  # a limit is on what people send


@dataclass(frozen=True, slots=True)
class Movement:
    """Money into (+) or out of (−) one customer's account, and what the holder will read on the line."""

    account: Account
    amount: Money
    description: str
    counterparty: str = ""
    merchant: str = ""
    category: str = ""
    mcc: str = ""  # of the merchant
    txn_type: str = ""  # the posting's kind, unless this line is another, such as a FEE


def into(account: Account, amount: Money, description: str, **words: str) -> Movement:
    """Money in."""
    return Movement(account, amount, description, **words)


def out_of(account: Account, amount: Money, description: str, **words: str) -> Movement:
    """Money out."""
    return Movement(account, -amount, description, **words)


@transaction.atomic
def post(
    *,
    reference: str,
    kind: str,
    narrative: str,
    movements: Sequence[Movement],
    at: datetime,
    legs: Sequence[Any] = (),
    limited: bool = False,
    by_bank: bool = False,
    details: dict[str, Any] | None = None,
    receipt: str = "",
) -> list[Transaction]:
    """Post one transfer on customers' accounts, `legs` being its other side in the bank's own books.

    Statuses and, when `limited`, the tier limits of who pays and who receives are checked under the locks that the
    posting holds, so no other payment fits between. `by_bank` lets the bank charge or correct a frozen account.
    A reference posts once: asked again, the first lines are returned. `receipt` is what people are told to quote.
    Raises AccountClosed, AccountNotActive, InsufficientFunds, LimitExceeded, PayeeLimit, ReferenceReused.
    """
    accounts = lock(movements, with_siblings=limited)
    for movement in movements:
        require_open(accounts[movement.account.pk], is_out=movement.amount.minor < 0, by_bank=by_bank)
    posted = ledger.post(
        reference=reference,
        kind=kind,
        narrative=narrative,
        legs=[*map(leg_of, movements), *legs],
        at=at,
        details=details,
    )
    if posted.is_replay:
        return list(Transaction.objects.filter(transfer_id=posted.transfer_id).order_by("pk"))
    if limited:
        spend_limits(movements, accounts, at)
    return Transaction.objects.bulk_create(line_rows(receipt or reference, kind, movements, posted, at))


def lock(movements: Iterable[Movement], *, with_siblings: bool) -> dict[int, Account]:
    """The accounts as they stand now, locked in id order; with every account of their owners when balances count."""
    rows = Account.objects.select_related("owner").select_for_update(of=("self",), no_key=True).order_by("pk")
    if with_siblings:
        rows = rows.filter(owner_id__in={movement.account.owner_id for movement in movements})
    else:
        rows = rows.filter(pk__in={movement.account.pk for movement in movements})
    return {account.pk: account for account in rows}


def require_open(account: Account, *, is_out: bool, by_bank: bool) -> None:
    """Raises AccountClosed; AccountNotActive when money would leave a frozen account."""
    if account.status == AccountStatus.CLOSED:
        raise AccountClosed(_("That account is closed. No money moved."))
    if is_out and account.status != AccountStatus.ACTIVE and not by_bank:
        raise AccountNotActive(
            _("Account %(number)s is frozen, so money cannot leave it. No money moved.")
            % {"number": account.masked_number}
        )


def leg_of(movement: Movement) -> Any:
    """The customer's side of a movement in the books: accounts are what the bank owes."""
    side = ledger.credit if movement.amount.minor > 0 else ledger.debit
    return side(movement.account.ledger_account_id, abs(movement.amount))


def line_rows(reference: str, kind: str, movements: Sequence[Movement], posted: Any, at: datetime) -> list[Transaction]:
    """The lines of a posting whose first legs are `movements`, in their order; not yet written."""
    entries = {(entry.account_id, entry.leg): entry for entry in posted.entries}
    lines = []
    for leg, movement in enumerate(movements, start=1):
        entry = entries[movement.account.ledger_account_id, leg]
        lines.append(
            Transaction(
                account=movement.account,
                transfer_id=posted.transfer_id,
                seq=entry.seq,
                txn_type=movement.txn_type or kind,
                amount_minor=movement.amount.minor,
                currency=movement.amount.currency,
                running_balance_minor=entry.balance_after,
                description=movement.description[:140],
                counterparty=movement.counterparty[:140],
                merchant=movement.merchant[:100],
                mcc=movement.mcc,
                category=movement.category[:40],
                reference=reference,
                booked_on=local_date(at),
                posted_at=at,
            )
        )
    return lines


def spend_limits(
    movements: Sequence[Movement], accounts: dict[int, Account], at: datetime, *, one_by_one: bool = False
) -> None:
    """Count what people send against their tier, under the locks of `accounts`; other currencies at their mid rate.

    Movements of one account are one payment with its parts, or `one_by_one` so many payments. Raises LimitExceeded,
    PayeeLimit; RatesStale for a currency that never had a rate.
    """
    day = local_date(at)
    tiers = {account.owner.kyc_tier for account in accounts.values()}
    limits = limits_of_all(sorted(tiers), on=day)
    spent: dict[int, Money] = {}
    most: dict[int, Money] = {}
    for movement in movements:
        owner = accounts[movement.account.pk].owner
        if movement.amount.minor < 0 and movement.txn_type not in _NOT_SPENT:
            worth = fx.in_home(-movement.amount, at)
            spent[owner.pk] = spent.get(owner.pk, Money.zero("KES")) + worth
            most[owner.pk] = max(most.get(owner.pk, Money.zero("KES")), worth)
    for account in {account.owner_id: account for account in accounts.values()}.values():
        its = limits[account.owner.kyc_tier]
        if account.owner_id in spent:
            _require_single((most if one_by_one else spent)[account.owner_id], its)
            _spend_daily(account.owner_id, spent[account.owner_id], its, day)
    _require_room_within(movements, accounts, limits, at)


def _require_single(amount: Money, limits: Limits) -> None:
    if limits.single is not None and amount > limits.single:
        raise LimitExceeded(
            _("One payment can be at most %(limit)s on your tier. No money moved. Send less, or raise your tier.")
            % {"limit": limits.single},
            limit_kind="SINGLE",
            limit=money_json(limits.single),
            left=money_json(limits.single),
            how_to_raise=str(_("Bring your ID to a branch to reach the next tier.")),
        )


_SPEND = """
INSERT INTO accounts_limituse AS used (user_id, on_date, currency, used_minor)
VALUES (%(user)s, %(day)s, 'KES', %(minor)s)
ON CONFLICT (user_id, on_date, currency) DO UPDATE SET used_minor = used.used_minor + %(minor)s
RETURNING used_minor
"""


def _spend_daily(user_id: int, amount: Money, limits: Limits, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, {"user": user_id, "day": day, "minor": amount.minor})
        used: int = cursor.fetchone()[0]
    if limits.daily is not None and used > limits.daily.minor:
        left = Money(max(limits.daily.minor - used + amount.minor, 0), "KES")
        raise LimitExceeded(
            _("You can send %(limit)s a day on your tier and have %(left)s left today. No money moved.")
            % {"limit": limits.daily, "left": left},
            limit_kind="DAILY",
            limit=money_json(limits.daily),
            left=money_json(left),
            how_to_raise=str(_("Bring your ID to a branch to reach the next tier.")),
        )


def require_room(movements: Sequence[Movement], accounts: dict[int, Account], at: datetime) -> None:
    """Nobody receives more than their tier may hold, under the locks of `accounts`. Raises PayeeLimit."""
    tiers = {account.owner.kyc_tier for account in accounts.values()}
    _require_room_within(movements, accounts, limits_of_all(sorted(tiers), on=local_date(at)), at)


def _require_room_within(
    movements: Sequence[Movement], accounts: dict[int, Account], limits: dict[str, Limits], at: datetime
) -> None:
    """Nobody ends with more than their tier may hold, all their accounts together."""
    receiving = {accounts[one.account.pk].owner_id for one in movements if one.amount.minor > 0}
    paying = {accounts[one.account.pk].owner_id for one in movements if one.amount.minor < 0}
    held: dict[int, list[Account]] = defaultdict(list)
    for account in accounts.values():
        if account.owner_id in receiving - paying:
            held[account.owner_id].append(account)
    capped = {owner: its for owner, its in held.items() if limits[its[0].owner.kyc_tier].balance is not None}
    if not capped:
        return
    balances = books.balances([account.ledger_account_id for its in capped.values() for account in its])
    for its in capped.values():
        most = limits[its[0].owner.kyc_tier].balance
        worths = (fx.in_home(balances[account.ledger_account_id].posted, at) for account in its)
        together = sum(worth.minor for worth in worths)
        if most is not None and together > most.minor:
            raise PayeeLimit(_("The receiving account cannot hold that much. No money moved. Send less."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One transfer for `post_many`; see `post` for what the members mean."""

    reference: str
    kind: str
    narrative: str
    movements: Sequence[Movement]
    legs: Sequence[Any] = ()
    at: datetime | None = None
    receipt: str = ""


@transaction.atomic
def post_many(*, orders: Sequence[Order], at: datetime) -> int:
    """Post many transfers at once by the bank (salaries, interest, fees): the same books, set-based.

    Statuses are checked under the same locks; tier limits do not apply to what the bank itself pays. `at` is the moment
    of orders that bring none. Returns the lines written. Raises what `post` raises.
    """
    return _post_all(orders, at)[1]


@transaction.atomic
def post_each(*, orders: Sequence[Order], at: datetime) -> list[int]:
    """As `post_many`; returns the id of each order's transfer in the books, in their order."""
    return _post_all(orders, at)[0]


def _post_all(orders: Sequence[Order], at: datetime) -> tuple[list[int], int]:
    accounts = lock([movement for order in orders for movement in order.movements], with_siblings=False)
    for order in orders:
        for movement in order.movements:
            require_open(accounts[movement.account.pk], is_out=movement.amount.minor < 0, by_bank=True)
    results = ledger.post_many([_posting(order, at) for order in orders], at=at)
    lines: list[Transaction] = []
    for order, posted in zip(orders, results, strict=True):
        if not posted.is_replay:
            lines += line_rows(order.receipt or order.reference, order.kind, order.movements, posted, order.at or at)
    written = len(Transaction.objects.bulk_create(lines, batch_size=5000))
    return [posted.transfer_id for posted in results], written


def _posting(order: Order, at: datetime) -> ledger.Posting:
    return ledger.Posting(
        reference=order.reference,
        kind=order.kind,
        narrative=order.narrative,
        legs=[*map(leg_of, order.movements), *order.legs],
        at=order.at or at,
    )
