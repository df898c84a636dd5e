"""The bank's own statements at any day: trial balance, income statement, balance sheet."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.kernel.money import Money, total

# Roll-ups up to their watermark and the entries since; sub-accounts count for the control account above them.
_SUMS = """
WITH mark AS (SELECT COALESCE(max(w.upto_transfer), 0) AS upto FROM ledger_watermark w WHERE w.name = 'rollups'),
moved AS (
    SELECT r.account_id, r.amount_minor FROM ledger_daily_rollup r
     WHERE r.booked_on <= %(until)s AND r.booked_on >= %(since)s
     UNION ALL
    SELECT e.account_id, sum(e.amount_minor) FROM ledger_entry e, mark
     WHERE e.id > mark.upto * 1000 + 999 AND e.booked_on <= %(until)s AND e.booked_on >= %(since)s
     GROUP BY e.account_id
)
SELECT line.code, line.name, line.kind, line.currency, sum(m.amount_minor)::bigint
  FROM moved m
  JOIN ledger_account a ON a.id = m.account_id
  LEFT JOIN ledger_account p ON p.id = a.parent_id AND p.role = 'CONTROL'
  JOIN ledger_account line ON line.id = COALESCE(p.id, a.id)
 WHERE line.currency = %(currency)s
 GROUP BY line.id ORDER BY line.code
"""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One account of the books; `net` has debits positive."""

    code: str
    name: str
    kind: str
    net: Money

    @property
    def debit(self) -> Money:
        """What stands on the debit side."""
        return self.net if self.net.minor > 0 else Money.zero(self.net.currency)

    @property
    def credit(self) -> Money:
        """What stands on the credit side."""
        return -self.net if self.net.minor < 0 else Money.zero(self.net.currency)

    @property
    def balance(self) -> Money:
        """The balance on the account's own side."""
        return self.net if self.kind in {"ASSET", "EXPENSE"} else -self.net


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account of a currency at the end of a day; both sides come to the same."""

    on: date
    currency: str
    lines: tuple[StatementLine, ...]

    @property
    def debits(self) -> Money:
        """All debit balances together."""
        return total((line.debit for line in self.lines), self.currency)

    @property
    def credits(self) -> Money:
        """All credit balances together."""
        return total((line.credit for line in self.lines), self.currency)


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    """What the bank earned and spent in a stretch of days."""

    since: date
    until: date
    currency: str
    income: tuple[StatementLine, ...]
    expenses: tuple[StatementLine, ...]

    @property
    def profit(self) -> Money:
        """Income less expenses."""
        income = total((line.balance for line in self.income), self.currency)
        return income - total((line.balance for line in self.expenses), self.currency)


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What the bank has and owes at the end of a day. `result` is the profit that is not yet in retained earnings."""

    on: date
    currency: str
    assets: tuple[StatementLine, ...]
    liabilities: tuple[StatementLine, ...]
    equity: tuple[StatementLine, ...]
    result: Money

    @property
    def total_assets(self) -> Money:
        """All assets together; equals `total_claims` in sound books."""
        return total((line.balance for line in self.assets), self.currency)

    @property
    def total_claims(self) -> Money:
        """Liabilities, equity and the result together."""
        return total((line.balance for line in (*self.liabilities, *self.equity)), self.currency) + self.result


def _lines(currency: str, *, since: date = date.min, until: date) -> tuple[StatementLine, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"currency": currency, "since": since, "until": until})
        return tuple(
            StatementLine(code, name, kind, Money(minor, currency))
            for code, name, kind, currency, minor in cursor.fetchall()
        )


def trial_balance(*, on: date, currency: str = "KES") -> TrialBalance:
    """Every account at the end of a day, accounts without a balance included when they have moved."""
    return TrialBalance(on, currency, _lines(currency, until=on))


def income_statement(*, since: date, until: date, currency: str = "KES") -> IncomeStatement:
    """Income and expenses booked from `since` to `until`, both included."""
    lines = _lines(currency, since=since, until=until)
    return IncomeStatement(since, until, currency, _of("INCOME", lines), _of("EXPENSE", lines))


def balance_sheet(*, on: date, currency: str = "KES") -> BalanceSheet:
    """Assets, liabilities and equity at the end of a day."""
    lines = _lines(currency, until=on)
    result = IncomeStatement(date.min, on, currency, _of("INCOME", lines), _of("EXPENSE", lines)).profit
    return BalanceSheet(on, currency, _of("ASSET", lines), _of("LIABILITY", lines), _of("EQUITY", lines), result)


def _of(kind: str, lines: tuple[StatementLine, ...]) -> tuple[StatementLine, ...]:
    return tuple(line for line in lines if line.kind == kind)
