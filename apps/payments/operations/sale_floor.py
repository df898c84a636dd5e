"""Changing which sale is a large one, of which shops hear: asked by one, allowed by another, from a later day on."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import day_start, local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.payments import queries
from apps.payments.errors import BadLargeSale
from apps.payments.models import SaleAlertFloor
from apps.payments.operations.shop import CURRENCY
from apps.users.models import User

CHANGE_LARGE_SALE = "payments.change_large_sale"
RIGHT = "accounts.manage_products"


def ask_large_sale_change(*, amount: Money, valid_from: date, reason: str, by: User, at: datetime) -> Approval:
    """Ask for another amount, in the currency of shops, from which on a sale is a large one; a second person must allow
    it. Raises NotAllowed, BadLargeSale.
    """
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to change from which amount on a sale is large."))
    if amount.currency != CURRENCY or amount.minor <= 0:
        raise BadLargeSale(_("Write an amount of more than nothing, in shillings. Nothing was changed."))
    _require_later(valid_from, at)
    before = queries.large_sale(CURRENCY, day_start(valid_from))
    if before == amount:
        raise BadLargeSale(_("That is the amount that holds on that day already. Nothing was changed."))
    return approvals.ask(
        kind=CHANGE_LARGE_SALE,
        subject="payments/large-sales",
        payload={"minor": amount.minor, "valid_from": valid_from.isoformat()},
        before={"amount": str(before)} if before else {},
        after={"from": valid_from.isoformat(), "amount": str(amount)},
        reason=reason,
        by=by,
        at=at,
    )


def _require_later(valid_from: date, at: datetime) -> None:
    if valid_from <= local_date(at):
        raise BadLargeSale(
            _("It changes tomorrow at the earliest, so that one day is told alike. Nothing was changed.")
        )


@transaction.atomic
def run_large_sale_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change. Raises BadLargeSale when its day has come meanwhile or another change took that day."""
    valid_from = date.fromisoformat(payload["valid_from"])
    _require_later(valid_from, at)
    row = SaleAlertFloor(currency=CURRENCY, amount_minor=payload["minor"], valid_from=valid_from)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise BadLargeSale(_("Another change already starts on that day. Choose another day.")) from no
    audit_trail.record("payments.large_sale.changed", on=row, by=checker, at=at, after=payload)
    return {"floor": row.pk}


def register_kind() -> None:
    """Called in `AppConfig.ready()`."""
    approvals.register(
        approvals.Kind(CHANGE_LARGE_SALE, _("From which amount on a sale is large"), RIGHT, run_large_sale_change)
    )
