"""Paying what was earned: at the end of the month to all, or to an account that closes; gross and tax as two lines."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts import interest
from apps.accounts.events import InterestPaid
from apps.accounts.models import (
    Account,
    AccountStatus,
    AccountType,
    AccruedInterest,
    InterestPayment,
    PaidBecause,
    TransactionType,
)
from apps.accounts.operations.movement import Movement, into, out_of
from apps.accounts.operations.post import Order, post_each
from apps.accounts.rules import interest as rules
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import month_bounds
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger.rules import arrays
from apps.users.queries import system_user

_AT_ONCE = 2000


def pay_month(*, day: date, at: datetime) -> tuple[int, int]:
    """On a month's last day: what each open account has earned, once; (accounts, gross minor units of all).

    Below a cent nothing is paid. What is left of a cent goes on into the next month. Fixed deposits are paid at the end
    of their term.
    """
    if day != month_bounds(day)[1]:
        return 0, 0
    rate = interest.withholding_rate(day)
    due = AccruedInterest.objects.filter(parts__gte=rules.PARTS).exclude(account__status=AccountStatus.CLOSED)
    due = due.exclude(account__account_type=AccountType.FIXED_DEPOSIT)
    due = due.exclude(account__in=InterestPayment.objects.filter(paid_for=day).values("account"))
    made = minor = after = 0
    while pks := list(due.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        paid = _pay(pks, day, rate, at)
        made, minor, after = made + len(paid), minor + sum(row.gross_minor for row in paid), pks[-1]
    return made, minor


_TAKE = """
UPDATE accounts_accruedinterest i SET parts = i.parts - paid.minor * %s::numeric
  FROM unnest(%s::bigint[], %s::bigint[]) AS paid (account_id, minor) WHERE i.account_id = paid.account_id
"""


@transaction.atomic
def _pay(pks: Sequence[int], day: date, rate: Decimal, at: datetime) -> list[InterestPayment]:
    """Accounts are locked before what they earned, as everywhere."""
    locked = Account.objects.select_for_update(of=("self",), no_key=True).select_related("owner").filter(pk__in=pks)
    accounts = {account.pk: account for account in locked.order_by("pk") if account.status != AccountStatus.CLOSED}
    rows = list(AccruedInterest.objects.select_for_update(no_key=True).filter(pk__in=accounts).order_by("pk"))
    payments = [_payment(row, accounts[row.pk], day, rate, at) for row in rows if rules.whole(int(row.parts))]
    orders = [_order(one, accounts[one.account_id], accounts[one.account_id], one.gross_minor) for one in payments]
    for one, transfer in zip(payments, post_each(orders=orders, at=at), strict=True):
        one.transfer_id = transfer
    gross = {one.account_id: one.gross_minor for one in payments}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [rules.PARTS, arrays.numbers(gross), arrays.numbers(gross.values())])
    InterestPayment.objects.bulk_create(payments)
    facts = {"day": str(day), "accounts": len(payments), "minor": sum(gross.values())}
    audit_trail.record("accounts.interest.paid", on=f"interest/{day:%Y-%m}", by=system_user(), at=at, after=facts)
    events.publish(InterestPaid(day=day.isoformat(), accounts=len(payments), minor=sum(gross.values())))
    return payments


def _payment(row: AccruedInterest, account: Account, day: date, rate: Decimal, at: datetime) -> InterestPayment:
    return paid_row(account, rules.whole(int(row.parts)), day, rate, PaidBecause.MONTH, at)


def paid_row(
    account: Account, gross_minor: int, day: date, rate: Decimal, because: PaidBecause, at: datetime
) -> InterestPayment:
    """A payment with its tax, not yet posted: the tax to the nearest cent, and never all of it."""
    gross = Money(gross_minor, account.currency)
    tax = min(gross.times(rate).minor, gross_minor - 1)
    return InterestPayment(
        account=account,
        paid_for=day,
        because=because,
        gross_minor=gross.minor,
        tax_minor=max(tax, 0),
        currency=account.currency,
        paid_at=at,
    )


def _order(payment: InterestPayment, of: Account, into_account: Account, payable_minor: int) -> Order:
    return Order(
        reference=f"interest/{payment.paid_for}/{of.pk}",
        kind=TransactionType.INTEREST,
        narrative=f"Interest to {payment.paid_for}",
        movements=_lines(payment, of, into_account),
        legs=_legs(payment, payable_minor),
    )


def _lines(payment: InterestPayment, of: Account, into_account: Account) -> list[Movement]:
    with translation.override(into_account.owner.language):
        words = _("Interest to %(day)s") % {"day": f"{payment.paid_for:%d/%m/%Y}"}
        if of.pk != into_account.pk:
            words = _("Interest of %(account)s, which was closed") % {"account": of.masked_number}
        taxed = _("Withholding tax on interest")
    lines = [into(into_account, payment.gross, words, category="interest")]
    if payment.tax:
        kind = TransactionType.WITHHOLDING_TAX.value
        lines.append(out_of(into_account, payment.tax, taxed, category="tax", txn_type=kind))
    return lines


def _legs(payment: InterestPayment, payable_minor: int) -> list[Any]:
    """What was taken up before is owed no more; a cent that rounding adds is an expense of today."""
    currency = payment.currency
    sides = [
        (ledger.debit, "interest:payable", payable_minor),
        (ledger.debit, "interest:deposits", payment.gross_minor - payable_minor),
        (ledger.credit, "tax:withholding", payment.tax_minor),
    ]
    return [side(ledger.gl(purpose, currency), Money(minor, currency)) for side, purpose, minor in sides if minor]


def pay_off(
    *, account: Account, into_account: Account, day: date, because: PaidBecause, at: datetime
) -> InterestPayment | None:
    """Pay all that an account has earned, to the nearest cent, within the caller's transaction and account locks.

    `day` is the last day it was earned on. None when it comes to less than half a cent.
    """
    row = AccruedInterest.objects.select_for_update(no_key=True).filter(pk=account.pk).first()
    if row is None:
        return None
    parts = int(row.parts)
    AccruedInterest.objects.filter(pk=row.pk).update(parts=0, days=0, balance_days=0, segment_parts=0, terms=None)
    if not rules.to_the_nearest(parts):
        return None
    rate = interest.withholding_rate(day)
    payment = paid_row(account, rules.to_the_nearest(parts), day, rate, because, at)
    order = _order(payment, account, into_account, rules.whole(parts))
    payment.transfer_id = post_each(orders=[order], at=at)[0]
    payment.save(force_insert=True)
    return payment


def pending(account: Account) -> Money:
    """What closing an account now would pay, before tax."""
    parts = AccruedInterest.objects.filter(pk=account.pk).values_list("parts", flat=True).first()
    return Money(rules.to_the_nearest(int(parts or 0)), account.currency)
