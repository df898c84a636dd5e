"""What holders and staff ask of accounts; answers are frozen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts import rules
from apps.accounts.errors import StatementTooLong
from apps.accounts.models import Account, LargePaymentFloor, Statement, Transaction
from apps.fx import queries as fx
from apps.fx.queries import Rates
from apps.kernel.money import Money, total
from apps.kernel.written import Written
from apps.ledger import queries as books
from apps.users.models import User

MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class Holding:
    """An account with its money: posted, held, and available (what may be spent, overdraft included)."""

    account: Account
    posted: Money
    held: Money
    available: Money


def holdings(accounts: Iterable[Account]) -> list[Holding]:
    """Accounts with their balances, in one query whatever their number."""
    rows = list(accounts)
    found = books.balances([row.ledger_account_id for row in rows])
    return [
        Holding(row, balance.posted, balance.held, balance.available)
        for row in rows
        for balance in [found[row.ledger_account_id]]
    ]


def holding(account: Account) -> Holding:
    """One account with its money."""
    return holdings([account])[0]


def large_payment(on: date) -> Money | None:
    """From which amount on, in the home currency, money that leaves is much on a day; None where no row says so."""
    floors = LargePaymentFloor.objects.filter(valid_from__lte=on).order_by("-valid_from")
    minor = floors.values_list("amount_minor", flat=True).first()
    return None if minor is None else Money(minor, settings.HOME_CURRENCY)


@dataclass(frozen=True, slots=True)
class Together:
    """Balances in the home currency at mid: the sum, each account's share of it, and of when the rates are.

    `left_out` names currencies that could not be reckoned, because there are no rates that are fresh enough.
    """

    total: Money
    worths: tuple[tuple[Holding, Money | None], ...]
    rates: Rates | None
    left_out: tuple[str, ...]


def together(held: Iterable[Holding], at: datetime) -> Together:
    """What accounts in several currencies come to; one query, and none where all are in the home currency."""
    rows, home = list(held), settings.HOME_CURRENCY
    foreign = {row.account.currency for row in rows} - {home}
    found = fx.newest(at) if foreign else None
    if found is not None and found.is_too_old:
        found = None
    known = {home} if found is None else {home, *found.table}
    worths = tuple((row, _worth(row.posted, found) if row.account.currency in known else None) for row in rows)
    left_out = tuple(sorted({row.account.currency for row, worth in worths if worth is None}))
    return Together(total((worth for _row, worth in worths if worth is not None), home), worths, found, left_out)


def _worth(amount: Money, found: Rates | None) -> Money:
    return amount if found is None else found.converted(amount, found.home)


_MAIN = Written(
    lambda owner: Account.objects.filter(owner=owner).open().for_payments().in_order().select_related("product")[:1],
    owner=-1,
)


def main_account(user: User) -> Account | None:
    """The account a person pays from and is paid on, unless they choose another: the first current account in the home
    currency, else what there is.
    """
    found: Account | None = _MAIN.first(owner=user.pk)
    return found


def account_in(user: User, currency: str) -> Account | None:
    """The account a person is paid on in a currency: where money must come back to them, whatever else they hold."""
    return Account.objects.owned_by(user).open().for_payments().filter(currency=currency).in_order().first()


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement that adds up, ready to be shown."""

    account: Account
    from_date: date
    to_date: date
    opening: Money
    closing: Money
    money_in: Money
    money_out: Money
    rows: tuple[rules.Row, ...]
    after_seq: int
    upto_seq: int
    seal: str


def statement(account: Account, from_date: date, to_date: date, *, most: int = MOST_LINES) -> StatementView:
    """Opening balance, lines and closing balance of a period (both days included), checked to add up.

    Lines are cut by their place in the account, not by the clock: two payments around midnight may be written in the
    other order than they were stamped, and the balances still run on. Raises StatementTooLong, DoesNotAddUp.
    """
    last = Transaction.objects.filter(account=account, booked_on__lte=to_date).aggregate(
        after=Max("seq", filter=Q(booked_on__lt=from_date)), upto=Max("seq")
    )
    after, upto = last["after"] or 0, last["upto"] or 0
    if upto - after > most:
        raise StatementTooLong(_("That period has more than %(most)s lines. Choose a shorter one.") % {"most": most})
    return _between(account, from_date, to_date, after, upto)


def _between(account: Account, from_date: date, to_date: date, after: int, upto: int) -> StatementView:
    columns = ("booked_on", "description", "reference", "amount_minor", "running_balance_minor")
    lines = Transaction.objects.filter(account=account, seq__gte=after, seq__lte=upto).order_by("seq")
    found = [rules.Row(*line) for line in lines.values_list(*columns)]
    return _adding_up(account, from_date, to_date, after, upto, found)


_LINES = """
WITH places AS (
    SELECT account_id, COALESCE(max(seq) FILTER (WHERE booked_on < %(from)s), 0) AS after, max(seq) AS upto
      FROM accounts_transaction WHERE account_id = ANY(%(accounts)s::bigint[]) AND booked_on <= %(to)s GROUP BY 1
)
SELECT p.account_id, p.after, p.upto, t.booked_on, t.description, t.reference, t.amount_minor, t.running_balance_minor
  FROM places p JOIN accounts_transaction t ON t.account_id = p.account_id AND t.seq BETWEEN p.after AND p.upto
 ORDER BY p.account_id, t.seq
"""


def statements(accounts: Iterable[Account], from_date: date, to_date: date) -> list[StatementView]:
    """As `statement`, of any length, for many accounts by one query. Raises DoesNotAddUp."""
    by_id = {account.pk: account for account in accounts}
    found: dict[int, tuple[int, int, list[rules.Row]]] = {pk: (0, 0, []) for pk in by_id}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"accounts": list(by_id), "from": from_date, "to": to_date})
        for pk, lines in groupby(cursor.fetchall(), itemgetter(0)):
            read = list(lines)
            found[pk] = (read[0][1], read[0][2], [rules.Row(*line[3:]) for line in read])
    return [_adding_up(account, from_date, to_date, *found[pk]) for pk, account in by_id.items()]


def _adding_up(
    account: Account, from_date: date, to_date: date, after: int, upto: int, found: list[rules.Row]
) -> StatementView:
    opening = found.pop(0).balance_minor if after else 0  # the line before the period carries the opening balance
    rows = tuple(found)
    closing = rows[-1].balance_minor if rows else opening
    rules.check_rows(opening, rows, closing)
    currency = account.currency
    return StatementView(
        account=account,
        from_date=from_date,
        to_date=to_date,
        opening=Money(opening, currency),
        closing=Money(closing, currency),
        money_in=Money(sum(row.amount_minor for row in rows if row.amount_minor > 0), currency),
        money_out=Money(sum(-row.amount_minor for row in rows if row.amount_minor < 0), currency),
        rows=rows,
        after_seq=after,
        upto_seq=upto,
        seal=rules.statement_seal(account.number, currency, opening, closing, rows),
    )


@dataclass(frozen=True, slots=True)
class StatementCheck:
    """Whether the books still say what a statement said."""

    statement: Statement
    is_genuine: bool


def check_statement(row: Statement) -> StatementCheck:
    """Make the statement again from the books and compare its seal."""
    again = _between(row.account, row.from_date, row.to_date, row.after_seq, row.upto_seq)
    return StatementCheck(row, again.seal == row.seal)
