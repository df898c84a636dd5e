"""Files of transfers: cut at their time from what waits, each payment in one; sent under one name until it is taken."""

from datetime import datetime
from hashlib import sha256

import structlog
from django.db import connection, transaction
from django.db.models import F, Max

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import IllegalMove, Unavailable
from apps.kernel.sweeps import alone
from apps.payments import iso20022 as iso
from apps.payments.banks import transfers, wire
from apps.payments.banks.reasons import DUPLICATES, why
from apps.payments.models import BankFile, BankOrder, FileStatus, OrderOutStatus, OutRail, Payment, PaymentStatus
from apps.payments.operations.banks import cut_offs, orders
from apps.payments.states import BANK_FILE
from apps.users.queries import system_user

log = structlog.get_logger(__name__)
RAILS = (OutRail.EFT, OutRail.RTGS)
MOST = 2_000  # transfers in a file; the rest waits for the next
_LOCK = {OutRail.EFT: 20_022_001, OutRail.RTGS: 20_022_002}
_LIVE = (PaymentStatus.PENDING, PaymentStatus.CHECKING)


def cut_files(*, at: datetime) -> list[BankFile]:
    """A file of each rail whose cut-off has come and was not made yet."""
    made = []
    for rail in RAILS:
        with alone("bank_file_not_cut", rail=rail):
            adopt_lost(rail=rail, at=at)
            moment = cut_offs.last_cut_off(rail, at)
            if moment and (file := cut_file(rail=rail, cut_at=moment, at=at)):
                made.append(file)
    return made


def adopt_lost(*, rail: OutRail, at: datetime) -> int:
    """Payments that a killed worker had taken and not written down: nothing was sent, so they wait for a file too."""
    lost = Payment.objects.filter(rail=rail, status__in=_LIVE, sent_at__isnull=False, bank_order=None)
    rows = list(lost.select_related("payer", "from_account", "quote").order_by("pk")[:MOST])
    for payment in rows:
        orders.wait_for_file(payment=payment, rail=rail, at=at)
    return len(rows)


@transaction.atomic
def cut_file(*, rail: OutRail, cut_at: datetime, at: datetime) -> BankFile | None:
    """What waited at `cut_at`, written as pain.001; None when nothing did, or that cut-off was made before.

    One cut of a rail at a time; whatever the number of workers, an order stands in one file. Payments that ended
    meanwhile (by a person's decision) are left out: nothing may be sent of what was given back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK[rail]])
    if BankFile.objects.filter(rail=rail, cut_at=cut_at).exists():
        return None
    _end_with_their_payments(rail, at)
    waiting = BankOrder.objects.filter(rail=rail, status=OrderOutStatus.WAITING, created_at__lte=cut_at)
    ids = list(waiting.order_by("pk").values_list("payment_id", flat=True)[:MOST])
    live = Payment.objects.select_for_update().filter(pk__in=ids, status__in=_LIVE).order_by("pk")
    live_ids = [payment.pk for payment in live]
    rows = list(
        waiting.filter(payment_id__in=live_ids)
        .select_for_update(of=("self",))
        .select_related("payment__payer", "payment__from_account", "payment__quote")
        .order_by("pk")
    )
    if not rows:
        return None
    return _written(rail, rows, cut_at, at)


def _end_with_their_payments(rail: OutRail, at: datetime) -> None:
    """Orders whose payment was given back wait for nothing any more, and take no place in a file from one that does."""
    over = BankOrder.objects.filter(rail=rail, status=OrderOutStatus.WAITING, payment__status=PaymentStatus.FAILED)
    over.update(status=OrderOutStatus.REJECTED, ended_at=at)


def _written(rail: OutRail, rows: list[BankOrder], cut_at: datetime, at: datetime) -> BankFile:
    sequence = (BankFile.objects.filter(rail=rail).aggregate(last=Max("sequence"))["last"] or 0) + 1
    message_id = f"KB-{rail.upper()}-{sequence:06d}"
    pays_on = cut_offs.pays_on(rail, cut_at)
    content = iso.write_pain001(
        message_id=message_id,
        made_at=at,
        pays_on=pays_on,
        payer=transfers.us(),
        transfers=[transfers.transfer_of(row) for row in rows],
        way=rail.upper(),
    )
    file = BankFile.objects.create(
        rail=rail,
        sequence=sequence,
        message_id=message_id,
        cut_at=cut_at,
        pays_on=pays_on,
        count=len(rows),
        total_minor=sum(row.moved_minor for row in rows),
        sha256=sha256(content).hexdigest(),
        content=content.decode(),
        created_at=at,
    )
    taken = BankOrder.objects.filter(pk__in=[row.pk for row in rows], status=OrderOutStatus.WAITING)
    if taken.update(status=OrderOutStatus.SENT, file=file) != len(rows):
        raise RuntimeError("an order left while its file was cut")  # the locks forbid it; nothing is kept
    facts = {"message": message_id, "count": str(len(rows)), "total": str(file.total), "sha256": file.sha256}
    audit_trail.record("payments.bank_file.cut", on=file, by=system_user(), at=at, after=facts)
    return file


def send_files(*, at: datetime) -> int:
    """Hand over what was cut, under the same name until it is taken; returns how many were. One stops no other."""
    taken = 0
    for file in BankFile.objects.filter(status=FileStatus.CUT).order_by("pk"):
        try:
            wire.put_file(file.message_id, file.content.encode())
        except Unavailable as no:
            log.warning("bank_file_not_taken", file=file.message_id, because=str(no))
            BankFile.objects.filter(pk=file.pk, status=FileStatus.CUT).update(trouble=str(no)[:200])
            continue
        taken += _is_taken_now(file, at)
    return taken


def _is_taken_now(file: BankFile, at: datetime) -> bool:
    """False when another worker handed the same file over and heard first that it was taken."""
    try:
        BANK_FILE.make(file, FileStatus.SENT, sent_at=at, trouble="")
    except IllegalMove:
        return False
    return True


def ask_about_files(*, at: datetime) -> None:
    """The newest pain.002 of every file that is not over; one that cannot be read stops no other."""
    due = BankFile.objects.filter(status=FileStatus.SENT)
    for file in due.order_by(F("asked_at").asc(nulls_first=True), "pk")[:50]:
        BankFile.objects.filter(pk=file.pk).update(asked_at=at)
        close_file(file)  # the account may have told of all that is in it before its taking was known
        with alone("bank_file_not_told_of", file=file.message_id):
            report = wire.file_status(file.message_id)
            if report is not None and report.about == file.message_id:
                hear_of_file(file, report, at=at)


def hear_of_file(file: BankFile, report: iso.Report, *, at: datetime) -> None:
    """Act on a pain.002: what it rejects is given back. That money left is told by a statement alone, not by this."""
    mine = {row.payment.reference: row for row in file.orders.select_related("payment")}
    for told in report.transfers:
        order = mine.get(told.end_to_end_id)
        if order is None:
            log.warning("bank_file_told_of_stranger", file=file.message_id, reference=told.end_to_end_id)
        elif not told.is_settled:
            orders.heard(order, told, at=at)
    reasons = {report.reason, *(told.reason for told in report.transfers)}
    if report.is_rejected and not reasons & DUPLICATES:  # a file sent again is refused: the first counts
        for order in mine.values():
            orders.reject(order, reason=report.reason, because=why(report.reason), at=at)
    elif report.status and not report.transfers and not report.is_rejected:
        file.orders.filter(status=OrderOutStatus.SENT).update(status=OrderOutStatus.TAKEN)
    close_file(file)


def close_file(file: BankFile) -> None:
    """A file is over when each of its orders is."""
    rows = list(file.orders.values_list("status", flat=True))
    over = {OrderOutStatus.SETTLED, OrderOutStatus.REJECTED, OrderOutStatus.RETURNED}
    if not set(rows) <= over:
        return
    rejected = rows.count(OrderOutStatus.REJECTED)
    status = FileStatus.DONE
    if rejected:
        status = FileStatus.REJECTED if rejected == len(rows) else FileStatus.PARTLY
    BankFile.objects.filter(pk=file.pk, status=FileStatus.SENT).update(status=status)
