"""Fetching customers' payments that no callback told of: M-Pesa keeps them to be asked for during 48 hours."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from apps.kernel.sweeps import alone
from apps.mpesa import daraja, rules
from apps.mpesa.models import PulledUntil
from apps.mpesa.operations.c2b import confirm_c2b

log = structlog.get_logger(__name__)
PAGES = 50
KEPT = timedelta(hours=48)  # how long M-Pesa keeps them
OVERLAP = timedelta(hours=1)  # what was under way there when the feed was last read


def pull_receipts(*, at: datetime, back: timedelta) -> int:
    """Book what came to our paybill in the last `back`, or since the feed was last read to its end when that is longer
    ago (we or M-Pesa were away), and is not booked yet; returns how many that were.

    One that cannot be booked stops no other. Raises what the call raises; what was booked before that stays booked.
    """
    booked = offset = 0
    start = _start(at, back)
    for _nth in range(PAGES):
        rows = daraja.pull(start=start, end=at, offset=offset)
        for row in rows:
            booked += _book(row, at)
        if not rows:
            PulledUntil.objects.update_or_create(shortcode=settings.DARAJA_SHORTCODE, defaults={"at": at})
            break
        offset += len(rows)
    else:
        log.warning("pull_not_read_to_its_end", rows=offset)
    return booked


def _start(at: datetime, back: timedelta) -> datetime:
    mark = PulledUntil.objects.filter(shortcode=settings.DARAJA_SHORTCODE).first()
    since = mark.at - OVERLAP if mark else at
    return max(min(at - back, since), at - KEPT)


def _book(row: dict[str, object], at: datetime) -> int:
    try:
        told = rules.read_pulled(row)
    except rules.Unreadable as no:
        log.warning("pulled_row_unreadable", because=str(no))
        return 0
    with alone("pulled_payment_not_booked", receipt=told.receipt), transaction.atomic():
        return 1 if confirm_c2b(told=told, at=at) is not None else 0
    return 0
