"""Taxes in the demo: a year of returns filed and paid month after month, last month's left as it was computed."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.accounts import fees
from apps.accounts import operations as accounts
from apps.accounts.models import Account, ChargedFor
from apps.compliance.models import TaxReturn
from apps.compliance.operations import taxes
from apps.kernel import approvals
from apps.kernel.clock import day_start, local_date, month_bounds
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.users.models import User

MONTHS = 11  # before the current one
PAYMENTS = Decimal(30)  # a month


def file_the_taxes(landlord: Account, *, officer: User, second: User, end: datetime) -> int:
    """Fees of a landlord's payments, and then the returns of each month; how many there are."""
    months = months_before(end)
    _charge(landlord, months)
    for first in months:
        after = day_start(month_bounds(first)[1] + timedelta(days=1)) + timedelta(hours=4)
        _pay_on_account(first, officer, second)
        taxes.draft_due(at=after)
        if first != months[-1]:
            for row in TaxReturn.objects.filter(first_on=first).select_related("computation"):
                _settle(row, officer, second, after)
    return TaxReturn.objects.count()


def months_before(end: datetime) -> list[date]:
    found = [local_date(end).replace(day=1)]
    while len(found) <= MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[:0:-1]


def _charge(account: Account, months: list[date]) -> None:
    """Thirty payments a month to other banks, charged together."""
    act, on = ChargedFor.EXTERNAL_TRANSFER, month_bounds(months[-1])[1]
    quoted = fees.quote(charged_for=act, amount=Money.of("20000", "KES"), product=account.product, on=on)
    charge = fees.with_duty(quoted.fee.times(PAYMENTS), act, on)
    orders = [
        accounts.Order(
            reference=f"demo/taxes/{first:%Y-%m}",
            kind="FEE",
            narrative="Payments to other banks",
            movements=accounts.charged(account, charge),
            legs=accounts.earned(charge),
            at=day_start(month_bounds(first)[1]) + timedelta(hours=18),
        )
        for first in months
    ]
    accounts.post_many(orders=orders, at=day_start(on) + timedelta(hours=18))


def _pay_on_account(first: date, officer: User, second: User) -> None:
    """What was withheld from interest on the first, five days later."""
    account = ledger.gl("tax:withholding", "KES").id
    amount = books.balance_as_of(account, first) - books.balance_as_of(account, first - timedelta(days=1))
    if amount.minor <= 0:
        return
    at, number = day_start(first) + timedelta(days=4, hours=10), f"{first:%Y%m}000001"
    slip = taxes.Payment(f"3{number}", f"RTGS3{number}", local_date(at))
    asked = taxes.ask_pay_on_account(
        kind="WITHHOLDING", amount=amount, payment=slip, reason="Interest of last month", by=officer, at=at
    )
    approvals.approve(approval=asked, by=second, at=at + timedelta(hours=1))


def _settle(row: TaxReturn, officer: User, second: User, after: datetime) -> None:
    """Filed on the third day, paid on the fifth or on the day it is due."""
    number = f"{row.first_on:%Y%m}{row.pk:06}"
    row = taxes.file(tax_return=row, acknowledgement=f"KRA{number}", by=officer, at=after + timedelta(days=2))
    if row.is_settled:
        return
    at = min(after + timedelta(days=4), day_start(row.due_on) + timedelta(hours=9))
    slip = taxes.Payment(prn=f"2{number}", bank_reference=f"RTGS{number}", paid_on=local_date(at))
    asked = taxes.ask_pay(tax_return=row, payment=slip, reason="Sent by RTGS this morning", by=officer, at=at)
    approvals.approve(approval=asked, by=second, at=at + timedelta(hours=1))
