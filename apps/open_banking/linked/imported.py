"""Movements that customers bring as a file from another bank, beside those that it tells by itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from apps.accounts.rules.imports import Row
from apps.kernel.clock import day_start, local_date
from apps.open_banking.models import LinkedAccount, LinkedLine, LinkStatus
from apps.users.models import User

IMPORTED = "csv/"  # how the ids of imported rows begin; no bank's own id holds a slash
NOON = timedelta(hours=12)  # a file says the day alone


class Target:
    """A linked account to which rows are added."""

    def __init__(self, account: LinkedAccount) -> None:
        self.account, self.currency = account, account.currency

    def add(self, rows: Sequence[Row], *, at: datetime) -> int:
        """Those that neither the bank told nor an earlier file; one file after the other for one account."""
        LinkedAccount.objects.select_for_update(no_key=True).get(pk=self.account.pk)
        there = {
            (local_date(booked_at), minor, words)
            for booked_at, minor, words in LinkedLine.objects.filter(account=self.account).values_list(
                "booked_at", "amount_minor", "description"
            )
        }
        fresh = {_told(row): row for row in rows if _told(row) not in there}
        made = LinkedLine.objects.bulk_create(
            LinkedLine(
                account=self.account, their_id=_id_of(row), booked_at=day_start(row.on) + NOON,
                amount_minor=row.amount.minor, currency=self.currency, description=row.description,
            )
            for row in fresh.values()
        )  # fmt: skip
        return len(made)


def _told(row: Row) -> tuple[object, int, str]:
    return row.on, row.amount.minor, row.description


def _id_of(row: Row) -> str:
    said = f"{row.on}|{row.amount.minor}|{row.description}"
    return f"{IMPORTED}{sha256(said.encode()).hexdigest()[:40]}"


def target(user: User, public_id: UUID) -> Target | None:
    """A linked account of the customer that was not taken away."""
    rows = LinkedAccount.objects.filter(link__user=user, link__status__in=[LinkStatus.ACTIVE, LinkStatus.BROKEN])
    found = rows.filter(public_id=public_id).first()
    return Target(found) if found else None
