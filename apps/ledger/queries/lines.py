"""The lines of a statement, newest first, by keyset: the thousandth page costs what the first does."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F

from apps.kernel.money import Money
from apps.ledger.models import Entry


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `amount` is signed on the account's own side (money in +), `cursor` is where the next page begins."""

    entry_id: int
    transfer_id: int
    reference: str
    kind: str
    narrative: str
    details: dict[str, Any] | None
    amount: Money
    balance_after: Money | None
    seq: int | None
    booked_on: date
    posted_at: datetime

    @property
    def cursor(self) -> int:
        """Hand it to `lines(before=)` for what came before."""
        return self.entry_id


def lines(account_id: int, *, before: int | None = None, limit: int = 20) -> list[Line]:
    """The newest `limit` lines of an account, or those before a cursor."""
    found = Entry.objects.filter(account_id=account_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = found.annotate(account_kind=F("account__kind")).select_related("transfer").order_by("-pk")[:limit]
    return [_line(row, 1 if row.account_kind in {"ASSET", "EXPENSE"} else -1) for row in rows]


def _line(row: Entry, side: int) -> Line:
    transfer = row.transfer
    return Line(
        entry_id=row.pk,
        transfer_id=row.transfer_id,
        reference=transfer.reference,
        kind=transfer.kind,
        narrative=transfer.narrative,
        details=transfer.details,
        amount=Money(side * row.amount_minor, row.currency),
        balance_after=None if row.balance_after is None else Money(row.balance_after, row.currency),
        seq=row.seq,
        booked_on=row.booked_on,
        posted_at=transfer.created_at,
    )
