"""Fetching customers' payments that no callback told of: M-Pesa keeps them to be asked for during 48 hours."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from apps.kernel.sweeps import alone
from apps.mpesa import daraja, rules
from apps.mpesa.operations.c2b import confirm_c2b

log = structlog.get_logger(__name__)
PAGES = 50


def pull_receipts(*, at: datetime, back: timedelta) -> int:
    """Book what came to our paybill in the last `back` and is not booked yet; returns how many that were.

    One that cannot be booked stops no other. Raises what the call raises; what was booked before that stays booked.
    """
    booked = offset = 0
    for _nth in range(PAGES):
        rows = daraja.pull(start=at - back, end=at, offset=offset)
        for row in rows:
            booked += _book(row, at)
        if not rows:
            break
        offset += len(rows)
    return booked


def _book(row: dict[str, object], at: datetime) -> int:
    try:
        told = rules.read_pulled(row)
    except rules.Unreadable as no:
        log.warning("pulled_row_unreadable", because=str(no))
        return 0
    with alone("pulled_payment_not_booked", receipt=told.receipt), transaction.atomic():
        return 1 if confirm_c2b(told=told, at=at) is not None else 0
    return 0
