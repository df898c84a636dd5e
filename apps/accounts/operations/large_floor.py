"""Changing which amount is much: asked by one, allowed by another, from a later day on; what stood before stays."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import queries
from apps.accounts.errors import BadLargePayment
from apps.accounts.models import LargePaymentFloor
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.users.models import User

CHANGE_LARGE = "accounts.change_large_payment"


def ask_large_payment_change(*, amount: Money, valid_from: date, reason: str, by: User, at: datetime) -> Approval:
    """Ask for another amount, in the home currency, from which on a payment is a large one; a second person must allow
    it. Raises NotAllowed, BadLargePayment.
    """
    if not by.is_active or not by.has_perm("accounts.manage_products"):
        raise NotAllowed(_("You do not hold the right to change from which amount on a payment is large."))
    if amount.currency != settings.HOME_CURRENCY or amount.minor <= 0:
        raise BadLargePayment(_("Write an amount of more than nothing, in shillings. Nothing was changed."))
    _require_later(valid_from, at)
    before = queries.large_payment(valid_from)
    if before == amount:
        raise BadLargePayment(_("That is the amount that holds on that day already. Nothing was changed."))
    return approvals.ask(
        kind=CHANGE_LARGE,
        subject="accounts/large-payments",
        payload={"minor": amount.minor, "valid_from": valid_from.isoformat()},
        before={"amount": str(before)} if before else {},
        after={"from": valid_from.isoformat(), "amount": str(amount)},
        reason=reason,
        by=by,
        at=at,
    )


def _require_later(valid_from: date, at: datetime) -> None:
    if valid_from <= local_date(at):
        raise BadLargePayment(
            _("It changes tomorrow at the earliest, so that one day is told alike. Nothing was changed.")
        )


@transaction.atomic
def run_large_payment_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change. Raises BadLargePayment when its day has come meanwhile or another change took that day."""
    valid_from = date.fromisoformat(payload["valid_from"])
    _require_later(valid_from, at)
    row = LargePaymentFloor(amount_minor=payload["minor"], valid_from=valid_from)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise BadLargePayment(_("Another change already starts on that day. Choose another day.")) from no
    audit_trail.record("accounts.large_payment.changed", on=row, by=checker, at=at, after=payload)
    return {"floor": row.pk}
