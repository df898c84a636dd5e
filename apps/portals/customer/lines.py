"""How a line of an account is read by a person: its words, its picture, and the day it belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from apps.accounts.models import Transaction, TransactionType
from apps.accounts.wording import written_on
from apps.kernel.money import Money
from apps.portals.templatetags.kit import long_day, weekday

_PICTURES: dict[str, str] = {
    TransactionType.INTERNAL_TRANSFER: "arrow-left-right",
    TransactionType.EXCHANGE: "refresh-cw",
    TransactionType.P2P_TRANSFER: "send",
    TransactionType.QR_PAYMENT: "qr-code",
    TransactionType.DEPOSIT: "banknote",
    TransactionType.WITHDRAWAL: "banknote",
    TransactionType.FEE: "receipt-text",
    TransactionType.INTEREST: "piggy-bank",
    TransactionType.WITHHOLDING_TAX: "receipt-text",
    TransactionType.AUTO_TRANSFER: "piggy-bank",
    TransactionType.CONTRIBUTION: "users-round",
    TransactionType.PAYOUT: "users-round",
    TransactionType.REVERSAL: "history",
    TransactionType.REFUND: "history",
    TransactionType.SALARY: "building-2",
    TransactionType.CARD_PAYMENT: "credit-card",
    TransactionType.MERCHANT_PAYMENT: "store",
    TransactionType.BILL_PAYMENT: "zap",
    TransactionType.MOBILE_MONEY: "smartphone",
}
_NOBODY_ELSE = {
    TransactionType.DEPOSIT,
    TransactionType.WITHDRAWAL,
    TransactionType.INTERNAL_TRANSFER,
    TransactionType.EXCHANGE,
}
_RECEIVED = {
    TransactionType.P2P_TRANSFER,
    TransactionType.QR_PAYMENT,
    TransactionType.EXTERNAL_TRANSFER,
    TransactionType.INTERNATIONAL_REMITTANCE,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as a row shows it: a title and a word below it."""

    line: Transaction
    title: str
    below: str
    kind: str
    picture: str
    note: str

    @property
    def is_in(self) -> bool:
        """Money that came."""
        return not self.line.is_out


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of a day that are on the page, with the total of the whole day."""

    on: date
    title: str
    total: Money | None
    rows: Sequence[Shown]
    continues: bool = False  # its heading stands above already


def shown(line: Transaction) -> Shown:
    """A line in the holder's words: who it was, or what it was when it was nobody else."""
    kind = kind_of(line)
    who = "" if line.txn_type in _NOBODY_ELSE else line.merchant or line.counterparty
    words = written_on(line)
    title, below = (who, kind) if who else (kind, words)
    note = "" if words in {title, below} else words
    came = not line.is_out and line.txn_type in _RECEIVED
    picture = "arrow-down-left" if came else _PICTURES.get(line.txn_type, "receipt-text")
    return Shown(line, title, below, kind, picture, note)


def kind_of(line: Transaction) -> str:
    """Why the money moved, from the holder's side."""
    if line.txn_type in _RECEIVED and not line.is_out:
        return _("Received")
    return str(line.get_txn_type_display())


def by_day(
    lines: Iterable[Transaction], totals: dict[date, Money], today: date, after: date | None = None
) -> list[Day]:
    """Lines, newest first, under their days. `after` is the day that the page above ended with."""
    days = groupby(lines, key=lambda line: line.booked_on)
    return [
        Day(on, day_title(on, today), totals.get(on), tuple(shown(line) for line in rows), continues=on == after)
        for on, rows in days
    ]


def day_title(on: date, today: date) -> str:
    """Today, Yesterday, `Saturday, 7 March`, with the year when it is another."""
    if on == today:
        return _("Today")
    if on == today - timedelta(days=1):
        return _("Yesterday")
    return weekday(on) if on.year == today.year else long_day(on)
