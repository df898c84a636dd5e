"""camt.054: entries on our accounts at other banks. A debit settles a payment, a return gives it back, a credit is for
a customer of ours; each once.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Max

from apps.kernel.errors import Unavailable
from apps.ledger.errors import BooksBusy
from apps.payments import iso20022 as iso
from apps.payments.banks import wire
from apps.payments.models import BankNews, BankOrder, Channel, IncomingReturn, ReturnStatus
from apps.payments.operations.banks import files, orders
from apps.payments.operations.banks.receiving import receive_entry
from apps.payments.operations.banks.returned import give_back_returned
from apps.payments.operations.banks.returning import returned

log = structlog.get_logger(__name__)
AT_ONCE = 50


def hear_news(*, channel: Channel, at: datetime) -> int:
    """Fetch and act on what was not heard yet, in order; returns how many messages. What cannot be read is asked for
    again: without it nothing after it is believed.
    """
    for heard in range(AT_ONCE):
        last = BankNews.objects.filter(channel=channel).aggregate(last=Max("sequence"))["last"] or 0
        try:
            raw = wire.news(channel, last + 1)
            if raw is None:
                return heard
            news = iso.read_camt054(raw)
        except (Unavailable, iso.Unreadable) as no:
            log.warning("bank_news_not_read", channel=channel, sequence=last + 1, because=str(no))
            return heard
        keep_news(channel=channel, sequence=last + 1, raw=raw, news=news, at=at)
    return AT_ONCE


@transaction.atomic
def keep_news(
    *, channel: Channel, sequence: int, raw: bytes, news: tuple[iso.Statement, ...], at: datetime
) -> BankNews | None:
    """Act on one message, once; None when it was heard before. What cannot be placed is kept with it for a person."""
    row = BankNews(channel=channel, sequence=sequence, sha256=sha256(raw).hexdigest(), received_at=at)
    row.raw = raw.decode()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return None
    for entry in (entry for one in news for entry in one.entries):
        if not _is_placed(channel, entry, at):
            row.disputed.append(_shown(entry))
            log.warning("bank_entry_not_placed", channel=channel, entry=entry.reference)
    row.save(update_fields=["disputed"])
    return row


def _is_placed(channel: Channel, entry: iso.Entry, at: datetime) -> bool:
    """As `_act`. What breaks over one entry is undone, logged as a fault and shown to a person: it silences no other,
    where the news would be fetched, and break, for ever. Raises BooksBusy and what the database is in the way with:
    those pass, and the message is heard again.
    """
    try:
        with transaction.atomic():
            return _act(channel, entry, at)
    except (BooksBusy, OperationalError):
        raise
    except Exception:
        log.exception("bank_entry_not_acted_on", channel=channel, entry=entry.reference)
        return False


def _act(channel: Channel, entry: iso.Entry, at: datetime) -> bool:
    """Whether the entry is explained, now or before."""
    rows = BankOrder.objects.select_related("payment", "file")
    order = rows.filter(channel=channel, payment__reference=entry.end_to_end_id).first()
    if order is None:
        return _act_on_theirs(channel, entry, at)
    if entry.amount.currency != order.currency:
        return False
    if entry.amount.minor > 0:
        return entry.is_return and give_back_returned(order, entry, at=at)
    if -entry.amount.minor != order.moved_minor:
        return False
    orders.settled(order, their_reference=entry.reference, at=at)
    if order.file is not None:
        files.close_file(order.file)
    return BankOrder.objects.filter(pk=order.pk, status__in=["SETTLED", "RETURNED"]).exists()


def _act_on_theirs(channel: Channel, entry: iso.Entry, at: datetime) -> bool:
    """What another bank sends us, and what of it went back."""
    if entry.transfer is not None:
        return receive_entry(channel=channel, told=entry.transfer, at=at)
    if not entry.is_return or entry.amount.minor > 0 or entry.uetr is None:
        return False
    back = IncomingReturn.objects.exclude(status=ReturnStatus.REJECTED).select_related("incoming")
    found = back.filter(incoming__channel=channel, incoming__uetr=entry.uetr).first()
    if found is None or -entry.amount != found.incoming.amount:
        return False
    returned(found, at=at)
    return True


def _shown(entry: iso.Entry) -> dict[str, Any]:
    shown = {"reference": entry.reference, "amount": str(entry.amount), "of": entry.end_to_end_id}
    return shown | {"words": entry.words, "reason": entry.reason}
