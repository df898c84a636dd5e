"""Delivery reports: kept as they came, then applied once each, in whatever order they come."""

from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from apps.kernel.cipher import Print
from apps.notifications import wake
from apps.notifications.adapters import africastalking
from apps.notifications.errors import Unreadable
from apps.notifications.models import Message, ProviderReport
from apps.notifications.models.message import ReportOutcome
from apps.notifications.operations import settle
from apps.notifications.states import FINAL, MESSAGE, MessageStatus

log = structlog.get_logger(__name__)
MEMORY = timedelta(hours=72)  # how long after sending a report can still belong to a message nobody has a number for


@transaction.atomic
def receive_report(*, raw: str, at: datetime) -> ProviderReport:
    """Keep a report of Africa's Talking as it came, before anything is read from it."""
    report = ProviderReport.objects.create(provider=africastalking.NAME, raw=raw, received_at=at)
    transaction.on_commit(partial(wake.apply_report, report.pk), robust=True)
    return report


@transaction.atomic
def apply_report(*, report_id: int, at: datetime) -> ProviderReport:
    """Read a report and move its message. The same report counts once; a message that has ended stays as it is."""
    report = ProviderReport.objects.select_for_update().get(pk=report_id)
    if report.outcome:
        return report
    try:
        news = africastalking.read_report(str(report.raw))
    except Unreadable as no:
        log.warning("delivery_report_unreadable", report=report.pk, why=str(no))
        return _close(report, ReportOutcome.UNREADABLE, at)
    report.event_id, report.event_status = news.reference, news.status
    report.address_print = _print(news.phone) if news.phone else None
    try:
        with transaction.atomic():
            report.save()
    except IntegrityError:
        return _close(report, ReportOutcome.DUPLICATE, at)
    message = _message_of(report, at)
    if message is None:
        return _close(report, ReportOutcome.UNMATCHED, at)
    return _apply(report, message, news, at)


def apply_waiting(message: Message, at: datetime) -> None:
    """Apply the reports that came before the provider's answer was written down."""
    if not message.provider_reference or message.provider != africastalking.NAME:
        return
    waiting = ProviderReport.objects.select_for_update().filter(
        provider=message.provider, event_id=message.provider_reference, outcome=ReportOutcome.UNMATCHED
    )
    for report in waiting.order_by("received_at", "pk"):
        _apply(report, message, africastalking.read_report(str(report.raw)), at)


def match_waiting(*, at: datetime) -> int:
    """Apply reports whose message has got its reference meanwhile: the two were being written at the same moment."""
    known = Message.objects.filter(provider=OuterRef("provider"), provider_reference=OuterRef("event_id"))
    found = ProviderReport.objects.filter(Exists(known), outcome=ReportOutcome.UNMATCHED)
    matched = 0
    for pk in found.values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            report = ProviderReport.objects.select_for_update().get(pk=pk)
            message = _message_of(report, at)
            if report.outcome == ReportOutcome.UNMATCHED and message is not None:
                _apply(report, message, africastalking.read_report(str(report.raw)), at)
                matched += 1
    return matched


def find_lost(message: Message, at: datetime) -> None:
    """A message just became UNKNOWN: perhaps its report came already, and nothing else explains that report."""
    waiting = ProviderReport.objects.filter(
        address_print=_print_of(message), outcome=ReportOutcome.UNMATCHED, received_at__gte=message.created_at
    )
    references = set(waiting.values_list("event_id", flat=True))
    if len(references) == 1 and _only_candidate(_print_of(message), at) == message.pk:
        _adopt(message, references.pop())
        apply_waiting(message, at)


def _message_of(report: ProviderReport, at: datetime) -> Message | None:
    by_reference = Message.objects.select_for_update().filter(
        provider=report.provider, provider_reference=report.event_id
    )
    if message := by_reference.first():
        return message
    if report.address_print is None:
        return None
    lost = _only_candidate(_print(africastalking.read_report(str(report.raw)).phone), at)
    if lost is None:
        return None
    message = Message.objects.select_for_update().get(pk=lost)
    if message.status != MessageStatus.UNKNOWN or message.provider_reference:
        return None
    _adopt(message, report.event_id)
    return message


def _only_candidate(address_print: Print | None, at: datetime) -> int | None:
    """The one message to this address whose outcome is not known. None when there are two, or another is on its way:
    then the report may be that one's.
    """
    recent = Message.objects.filter(to_print=address_print, created_at__gt=at - MEMORY, provider_reference="")
    open_ones = recent.filter(status__in=[MessageStatus.UNKNOWN, MessageStatus.SENDING]).values_list("pk", "status")[:2]
    found = list(open_ones)
    return found[0][0] if len(found) == 1 and found[0][1] == MessageStatus.UNKNOWN else None


def _print(phone: str) -> Print:
    digest: Print = Message._meta.get_field("to_print").digest(phone)
    return digest


def _print_of(message: Message) -> Print | None:
    """Of where it went, made anew: rows keep it under the key of their time."""
    return _print(str(message.to)) if message.to else None


def _adopt(message: Message, reference: str) -> None:
    Message.objects.filter(pk=message.pk).update(provider=africastalking.NAME, provider_reference=reference)
    message.provider, message.provider_reference = africastalking.NAME, reference


def _apply(report: ProviderReport, message: Message, news: africastalking.Report, at: datetime) -> ProviderReport:
    report.message = message
    if message.status in FINAL:
        return _close(report, ReportOutcome.LATE, at)
    if news.is_delivered:
        settle.delivered(message, at)
    elif news.is_final:
        settle.failed(message, news.reason, at)
    elif message.status == MessageStatus.UNKNOWN:
        MESSAGE.make(message, MessageStatus.SENT, sent_at=at, error="")
    return _close(report, ReportOutcome.APPLIED, at)


def _close(report: ProviderReport, outcome: str, at: datetime) -> ProviderReport:
    report.outcome, report.applied_at = outcome, at
    report.save()
    return report
