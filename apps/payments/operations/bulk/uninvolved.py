"""Who allows a batch of the bank gets nothing of it, and nobody does whom they must keep away from."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.kernel.errors import DomainError
from apps.payments import rails
from apps.payments.models import BulkPayment, RowStatus
from apps.payments.operations.book import ANY_RAIL_TAKES
from apps.payments.operations.bulk.check import DEFAULT_RAIL
from apps.users.errors import Connected
from apps.users.models import User
from apps.users.policies import connected_with


def require_for_others(bulk: BulkPayment, who: User) -> None:
    """No row is for `who`, their family or their firms: neither an account of theirs nor a phone. Raises Connected."""
    near = list(connected_with(who))
    keys = [key for one in near if one.phone and (key := _key_of_phone(bulk, str(one.phone)))]
    theirs = Q(to_account__owner__in=near) | Q(payee_key__in=keys)
    if bulk.rows.filter(theirs, status=RowStatus.READY).exists():
        raise Connected(
            _("Money in this batch is for you, or for somebody you are connected with. No money moved. A colleague who "
              "is not must decide.")
        )  # fmt: skip


def _key_of_phone(bulk: BulkPayment, phone: str) -> str:
    """How a row to the mobile money of a phone is known; empty where its rail takes no such phone."""
    rail = rails.bulk_rail(bulk.rail or DEFAULT_RAIL)
    try:
        asked: dict[str, Any] = {
            "kind": TransactionType.MOBILE_MONEY.value,
            "asked": {"phone": phone},
            "amount": ANY_RAIL_TAKES,
        }
        return "" if rail is None else rail.read(**asked).key[:80]
    except DomainError:
        return ""
