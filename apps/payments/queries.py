"""What people ask of their payments."""

from dataclasses import dataclass

from django.db.models import Max

from apps.payments.models import Payment
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Recent:
    """Someone the person has paid: the name shown, the masked address, and the account to pay again."""

    name: str
    address: str
    account_number: str


def recent_payees(user: User, limit: int = 6) -> list[Recent]:
    """The people paid last, each once, in one query."""
    newest = (
        Payment.objects.owned_by(user)
        .completed()
        .values("to_account__number", "payee_name", "payee_address")
        .annotate(last=Max("id"))
        .order_by("-last")[:limit]
    )
    return [Recent(row["payee_name"], row["payee_address"], row["to_account__number"]) for row in newest]
