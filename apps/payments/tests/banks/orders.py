"""Payments that leave for other banks: begun, handed over, waiting for a file since a time."""

from datetime import date, datetime

from apps.accounts.testing import kes
from apps.kernel.clock import now
from apps.payments import operations
from apps.payments.models import BankOrder
from apps.payments.tests.people import NAIROBI, pay

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


def begin(payer, amount="1000", *, rail="pesalink", bank="01", account="01109876543217", key="form-1", **more):
    asked = {"bank": bank, "account": account, **more}
    kind = "EXTERNAL_TRANSFER"
    found = operations.find_destination(rail=rail, kind=kind, asked=asked, amount=kes(amount), at=now())
    return operations.start_by_rail(
        payer=payer.owner, from_account=payer, rail=rail, kind=kind, destination=found, amount=kes(amount), key=key,
        at=now(),
    )  # fmt: skip


def sent(payer, amount="1000", **more):
    """Confirmed and handed to its rail."""
    payment = pay(begin(payer, amount, **more))
    operations.hand_over(payment_id=payment.pk, at=now())
    payment.refresh_from_db()
    return payment


def eft(payer, at, key="form-1", account="0987654321"):
    """A payment that waits for a file since `at`."""
    payment = sent(payer, rail="eft", bank="16", account=account, name="Amina Hassan", key=key)
    BankOrder.objects.filter(payment=payment).update(created_at=at)
    return payment


def on(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NAIROBI)
