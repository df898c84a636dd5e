"""Where the bank's day stands, and what is set aside."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from apps.kernel.money import Money
from apps.ledger.models import BusinessDay, Hold


def business_day() -> date | None:
    """The day that is open or being closed; None before the bank's first day."""
    return BusinessDay.objects.exclude(status="CLOSED").values_list("day", flat=True).first()


@dataclass(frozen=True, slots=True)
class OpenHold:
    """Money that is set aside and not yet captured."""

    id: int
    reference: str
    account_id: int
    left: Money
    created_at: datetime
    expires_at: datetime | None


def open_holds(account_ids: Iterable[int]) -> list[OpenHold]:
    """The open holds of accounts, oldest first."""
    found = Hold.objects.filter(account_id__in=list(account_ids), status="OPEN").order_by("pk")
    return [
        OpenHold(
            id=hold.pk,
            reference=hold.reference,
            account_id=hold.account_id,
            left=hold.amount - hold.captured,
            created_at=hold.created_at,
            expires_at=hold.expires_at,
        )
        for hold in found
    ]
