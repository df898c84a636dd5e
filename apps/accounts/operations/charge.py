"""Charging fees: with the act they belong to, in the same transfer, duty as a line and a leg of its own."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts import fees
from apps.accounts.events import MonthlyFeesCharged
from apps.accounts.models import Account, AccountStatus, ChargedFor, Product, TransactionType
from apps.accounts.operations.movement import Movement, out_of
from apps.accounts.operations.post import Order, post_many
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import day_start, month_bounds
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.users.queries import system_user

_AT_ONCE = 2000


def charged(account: Account, charge: fees.Charge) -> list[Movement]:
    """What a charge takes from the account: one line for the fee, one for the duty; none when it is free."""
    with translation.override(account.owner.language):
        named = [
            (charge.fee, TransactionType.FEE, _("Fee")),
            (charge.duty, TransactionType.EXCISE_DUTY, _("Excise duty")),
        ]
    return [out_of(account, amount, words, txn_type=kind.value) for amount, kind, words in named if amount]


def earned(charge: fees.Charge) -> list[Any]:
    """The other side of a charge: the bank's income, and what it owes the revenue authority."""
    sides = [(charge.fee, charge.income), (charge.duty, "tax:excise")]
    return [ledger.credit(ledger.gl(purpose, amount.currency), amount) for amount, purpose in sides if amount]


def charge_monthly_fees(*, day: date, at: datetime) -> tuple[int, int]:
    """On a month's last day: the monthly fee of every open account, once; (charged, left uncharged).

    An account that cannot pay all of it is left uncharged that month: a fee never makes a debt.
    """
    first, last = month_bounds(day)
    if day != last:
        return 0, 0
    made = left = 0
    for product_id, charge in _monthly(last).items():
        due = Account.objects.filter(product_id=product_id, opened_at__lt=day_start(first)).exclude(
            status=AccountStatus.CLOSED
        )
        after = 0
        while pks := list(due.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
            paid = _charge(pks, charge, f"{first:%Y-%m}", at)
            made, left, after = made + paid, left + len(pks) - paid, pks[-1]
    return made, left


def _monthly(day: date) -> dict[int, fees.Charge]:
    quoted = {
        product.pk: fees.quote(
            charged_for=ChargedFor.MONTHLY, amount=Money.zero(product.currency), product=product, on=day
        )
        for product in Product.objects.all()
    }
    return {pk: charge for pk, charge in quoted.items() if charge.fee}


@transaction.atomic
def _charge(pks: Sequence[int], charge: fees.Charge, month: str, at: datetime) -> int:
    """The accounts are locked first, so that what was looked at is still there when it is taken."""
    locked = Account.objects.select_for_update(of=("self",), no_key=True).select_related("owner").filter(pk__in=pks)
    accounts = list(locked.order_by("pk"))
    held = books.balances([account.ledger_account_id for account in accounts])
    orders = [
        Order(
            reference=f"fees/monthly/{month}/{account.pk}",
            kind=TransactionType.FEE,
            narrative=f"Monthly fee {month}",
            movements=charged(account, charge),
            legs=earned(charge),
        )
        for account in accounts
        if held[account.ledger_account_id].available >= charge.total
    ]
    post_many(orders=orders, at=at)
    facts = {"month": month, "accounts": len(orders), "fee": str(charge.fee), "duty": str(charge.duty)}
    audit_trail.record(
        "accounts.monthly_fees.charged", on=f"fees/monthly/{month}", by=system_user(), at=at, after=facts
    )
    events.publish(
        MonthlyFeesCharged(month=month, accounts=len(orders), minor=charge.total.minor, currency=charge.total.currency)
    )
    return len(orders)
