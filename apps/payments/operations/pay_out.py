"""Paying shops what they took: at the end of the day, gross less refunds, fee and duty, one line each.

Set-based: a chunk of shops is one transaction. Their takings are locked, added up, written as settlements, posted and
marked, so that one killed anywhere is followed by one that finds exactly what is left. A refund locks its payment
first, so it is either inside the sum or after it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import ngettext

from apps.accounts import fees
from apps.accounts import operations as accounts
from apps.accounts.fees import Charge
from apps.accounts.models import ChargedFor, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import day_start
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.payments.events import MerchantsSettled
from apps.payments.models import Merchant, Settlement
from apps.payments.operations.carry import TAKINGS
from apps.payments.operations.start import new_reference
from apps.users.queries import system_user

SHOPS_AT_ONCE = 1000
TOLD_AT_ONCE = 250

_DUE = """
SELECT DISTINCT p.merchant_id
  FROM payments_payment p
  JOIN payments_merchant m ON m.id = p.merchant_id
  JOIN accounts_account a ON a.id = m.settlement_account_id AND a.status <> 'CLOSED'
 WHERE p.merchant_id > %(after)s AND p.settlement_id IS NULL AND p.status IN ('COMPLETED', 'REVERSED')
   AND p.completed_at < %(until)s
   AND NOT EXISTS (SELECT FROM payments_settlement s WHERE s.merchant_id = p.merchant_id AND s.day = %(day)s)
 ORDER BY 1 LIMIT %(most)s
"""
_TAKEN = """
WITH held AS (
    SELECT id, merchant_id, amount_minor FROM payments_payment
     WHERE merchant_id = ANY(%(shops)s) AND settlement_id IS NULL AND status IN ('COMPLETED', 'REVERSED')
       AND completed_at < %(until)s
     ORDER BY id FOR NO KEY UPDATE)
SELECT merchant_id, sum(amount_minor)::bigint, array_agg(id) FROM held GROUP BY merchant_id ORDER BY merchant_id
"""
_REFUNDED = """
SELECT p.merchant_id, sum(r.amount_minor)::bigint
  FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
 WHERE r.payment_id = ANY(%s) AND r.from_takings
 GROUP BY 1
"""
_MARK = """
UPDATE payments_payment p SET settlement_id = s.id
  FROM payments_settlement s
 WHERE p.id = ANY(%(payments)s) AND s.merchant_id = p.merchant_id AND s.day = %(day)s
"""


@dataclass(slots=True)
class Paid:
    """What one run paid out: shops, and the minor units they got."""

    shops: int = 0
    minor: int = 0
    left: int = 0  # shops whose settlement account is closed


@dataclass(frozen=True, slots=True)
class _Taken:
    merchant: Merchant
    sales: Money
    refunds: Money
    charge: Charge
    payments: list[int] = field(default_factory=list)

    @property
    def rest(self) -> Money:
        return self.sales - self.refunds

    @property
    def net(self) -> Money:
        return self.rest - self.charge.total


def pay_out_merchants(*, day: date, at: datetime) -> Paid:
    """Pay every shop what it took up to the end of `day` and was not paid yet; once a day, however often it is called.

    A shop whose settlement account is closed is left: its takings stay where they are and the day after tries again.
    """
    until, done, after = day_start(day + timedelta(days=1)), Paid(), 0
    prices: dict[tuple[int, str], Callable[[Money], Charge]] = {}
    while shops := _due(after, day, until):
        rows = _chunk(shops, day, until, at, prices)
        done.shops, done.minor = done.shops + len(rows), done.minor + sum(row.net_minor for row in rows)
        after = shops[-1]
    done.left = _left(until)
    return done


def _due(after: int, day: date, until: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"after": after, "until": until, "day": day, "most": SHOPS_AT_ONCE})
        return [shop for (shop,) in cursor.fetchall()]


@transaction.atomic
def _chunk(shops: list[int], day: date, until: datetime, at: datetime, prices: dict[Any, Any]) -> list[Settlement]:
    taken = _taken(shops, until, day, prices)
    rows = Settlement.objects.bulk_create(_settlement(one, day, at) for one in taken)
    orders = [_order(row, one, day) for row, one in zip(rows, taken, strict=True) if one.rest]
    accounts.post_many(orders=orders, at=at)
    payments = [pk for one in taken for pk in one.payments]
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"payments": payments, "day": day})
    if rows:
        facts = {"day": str(day), "shops": len(rows), "payments": len(payments)}
        audit_trail.record("payments.merchants.settled", on=f"settlements/{day}", by=system_user(), at=at, after=facts)
    for start in range(0, len(rows), TOLD_AT_ONCE):
        told = rows[start : start + TOLD_AT_ONCE]
        events.publish(MerchantsSettled(day=str(day), first=told[0].pk, last=told[-1].pk))
    return rows


def _taken(shops: list[int], until: datetime, day: date, prices: dict[Any, Any]) -> list[_Taken]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, {"shops": shops, "until": until})
        found = cursor.fetchall()
        cursor.execute(_REFUNDED, [[pk for _shop, _minor, payments in found for pk in payments]])
        refunded = dict(cursor.fetchall())
    merchants = Merchant.objects.select_related("settlement_account__owner", "settlement_account__product").in_bulk(
        [shop for shop, _minor, _payments in found]
    )
    taken = []
    for shop, minor, payments in found:
        merchant = merchants[shop]
        sales, refunds = Money(minor, merchant.currency), Money(refunded.get(shop, 0), merchant.currency)
        charge = _price(merchant, day, prices)(sales - refunds)
        if charge.total > sales - refunds:
            charge = fees.nothing(merchant.currency)  # a fee never makes a debt
        taken.append(_Taken(merchant, sales, refunds, charge, payments))
    return taken


def _price(merchant: Merchant, day: date, prices: dict[Any, Any]) -> Callable[[Money], Charge]:
    product = merchant.settlement_account.product
    known = (product.pk, merchant.currency)
    if known not in prices:
        prices[known] = fees.price(
            charged_for=ChargedFor.MERCHANT_FEE, product=product, currency=merchant.currency, on=day
        )
    found: Callable[[Money], Charge] = prices[known]
    return found


def _settlement(one: _Taken, day: date, at: datetime) -> Settlement:
    return Settlement(
        merchant=one.merchant,
        account=one.merchant.settlement_account,
        day=day,
        reference=new_reference(),
        sales_count=len(one.payments),
        sales_minor=one.sales.minor,
        refunds_minor=one.refunds.minor,
        fee_minor=one.charge.fee.minor,
        duty_minor=one.charge.duty.minor,
        net_minor=one.net.minor,
        currency=one.merchant.currency,
        created_at=at,
    )


def _order(row: Settlement, one: _Taken, day: date) -> accounts.Order:
    account = one.merchant.settlement_account
    with translation.override(account.owner.language):
        words = ngettext("%(n)s sale on %(day)s", "%(n)s sales on %(day)s", row.sales_count) % {
            "n": f"{row.sales_count:,}",
            "day": date_format(day),
        }
    line = accounts.into(account, one.net, words, counterparty=one.merchant.trading_name)
    return accounts.Order(
        reference=f"settlements/{row.pk}",
        kind=TransactionType.SETTLEMENT.value,
        narrative=f"Takings of {one.merchant.till} on {day}",
        movements=[line] if one.net else [],
        legs=[ledger.debit(ledger.gl(TAKINGS, row.currency), one.rest), *accounts.earned(one.charge)],
        receipt=row.reference,
    )


_LEFT = """
SELECT count(DISTINCT p.merchant_id)
  FROM payments_payment p
  JOIN payments_merchant m ON m.id = p.merchant_id
  JOIN accounts_account a ON a.id = m.settlement_account_id AND a.status = 'CLOSED'
 WHERE p.settlement_id IS NULL AND p.status IN ('COMPLETED', 'REVERSED') AND p.completed_at < %s
"""


def _left(until: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [until])
        return int(cursor.fetchone()[0])
