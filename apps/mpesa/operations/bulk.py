"""Bringing a batch of payouts to phones, paid from an account of the bank itself."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Product
from apps.mpesa.models import MpesaBulkPayment
from apps.payments import operations as payments
from apps.payments.models import BulkKind
from apps.users.models import User
from apps.users.policies import require_right

RIGHT = "payments.bulk_pay"
COLUMNS = ("phone", "name", "amount", "note")


def payouts_account(*, by: User, at: datetime) -> Account:
    """The bank's account that payouts are made from; opened the first time. The treasurer puts money on it."""
    return accounts.open_house_account(name="M-Pesa payouts", product=Product.objects.get(code="HOUSE"), by=by, at=at)


def bring_bulk(
    *, name: str, rows: Iterable[Mapping[str, str]], key: str, by: User, at: datetime, file_name: str = "rows.csv"
) -> MpesaBulkPayment:
    """Write a batch of payouts down and check it; nothing is sent. `rows` are phone, name, amount (text) and note.

    They are read by the rules of a file, so that both doors refuse the same. Submitted and approved as every batch.
    Raises NotAllowed, FileRefused, KeyReused.
    """
    require_right(by, RIGHT)
    out = io.StringIO()
    sheet = csv.DictWriter(out, COLUMNS, extrasaction="ignore")
    sheet.writeheader()
    sheet.writerows(rows)
    made = payments.bulk.bring(
        from_account=payouts_account(by=by, at=at),
        kind=BulkKind.PAYOUT,
        name=name,
        file_name=file_name,
        content=out.getvalue().encode(),
        key=key,
        rail="mpesa",
        by=by,
        at=at,
    )
    return MpesaBulkPayment.payouts.get(pk=made.pk)
