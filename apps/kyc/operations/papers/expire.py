"""Papers grow old: reminders, then the end of what they proved; and pictures that are not needed are deleted."""

from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q
from django.utils import translation

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove
from apps.kernel.sweeps import alone
from apps.kyc.events import DocumentExpired
from apps.kyc.models import DocumentFile, DocumentKind, DocumentStatus, KycDocument
from apps.kyc.operations.papers.reopen import reopen
from apps.kyc.operations.tier import write_tier
from apps.kyc.rules import needs
from apps.kyc.states import DOCUMENT
from apps.notifications import operations as notifications
from apps.users.models import Party, Tier, User
from apps.users.queries import system_user

REMIND_DAYS = (needs.RENEW_DAYS, 7)
KEEP_REJECTED = timedelta(days=90)
ONE_DAY = timedelta(days=1)


def remind(*, at: datetime) -> int:
    """Tell whose paper expires within 30 and within 7 days, once for each; a missed day is made up for. Who has sent
    another identity paper already need do nothing.

    Returns how many papers are near their end, told of before or not.
    """
    today, told = local_date(at), 0
    soon = KycDocument.objects.current().filter(
        status=DocumentStatus.VERIFIED, expires_on__gte=today, expires_on__lte=today + timedelta(days=max(REMIND_DAYS))
    )
    for document in soon.select_related("user").order_by("pk"):
        if document.expires_on is None or not needs.is_first(document.kind, document.side):
            continue
        if _has_another(document, at):
            continue
        days = min(day for day in REMIND_DAYS if document.expires_on <= today + timedelta(days=day))
        told += _told("kyc.expiring", document, document.expires_on, at, key=f"expiring/{days}")
    return told


def _told(code: str, document: KycDocument, on: date, at: datetime, *, key: str) -> bool:
    with translation.override(document.user.language):
        context = {"part": str(document.get_kind_display()), "on": on.isoformat()}
    whole = f"kyc/document/{document.pk}/{key}"
    return notifications.send(code, to=document.user, context=context, at=at, key=whole) is not None


def expire(*, at: datetime) -> int:
    """End what was proven by papers whose day has passed. Safe to run twice. Returns how many expired."""
    due = KycDocument.objects.filter(status=DocumentStatus.VERIFIED, expires_on__lt=local_date(at))
    ended = 0
    for document in due.select_related("user").order_by("pk"):
        with alone("paper_did_not_expire", document=document.pk):
            ended += _expire_one(document, at)
    return ended


@transaction.atomic
def _expire_one(document: KycDocument, at: datetime) -> bool:
    """The paper, and with the last identity paper the tier. Another run that was faster is no fault."""
    person = document.user
    if document.person_id is None:  # else `reopen` locks it, after the verification, as deciding does
        person = User.objects.select_for_update().get(pk=document.user_id)
    is_needed = not _has_another(document, at)
    try:
        DOCUMENT.make(document, DocumentStatus.EXPIRED)
    except IllegalMove:
        return False
    bank = system_user()
    audit_trail.record("kyc.document.expired", on=document, by=bank, at=at)
    events.publish(DocumentExpired(document_id=document.pk, user_id=person.pk))
    if is_needed and document.expires_on is not None and needs.is_first(document.kind, document.side):
        _told("kyc.expired", document, document.expires_on, at, key="expired")
    if document.person_id is not None:
        reopen(person, because=f"Paper {document.pk} of somebody it names expired", by=bank, at=at)
    elif document.kind == DocumentKind.BUSINESS_REGISTRATION and person.kind == Party.BUSINESS:
        write_tier(person=person, tier=Tier.TIER_1, status="EXPIRED", reason="Certificate expired", by=bank, at=at)
    elif document.kind in needs.IDENTITY and is_needed:
        write_tier(person=person, tier=Tier.TIER_1, status="EXPIRED", reason="Paper expired", by=bank, at=at)
    return True


def _has_another(document: KycDocument, at: datetime) -> bool:
    """Whether another identity paper of the customer proves who they are: also a newer one of the same kind. The side
    that carries the number and the dates speaks for the paper.
    """
    if document.kind not in needs.IDENTITY or document.person_id is not None:
        return False
    still = Q(expires_on=None) | Q(expires_on__gte=max(local_date(at), (document.expires_on or date.min) + ONE_DAY))
    rows = KycDocument.objects.current().filter(still, user_id=document.user_id, status=DocumentStatus.VERIFIED)
    sides = [Q(kind=kind, side=sides[0]) for kind, sides in needs.IDENTITY.items()]
    return rows.filter(reduce(or_, sides), person=None).exclude(workflow=document.workflow_id).exists()


@transaction.atomic
def purge(*, at: datetime) -> int:
    """Delete the pictures of parts that were not accepted or were replaced, 90 days after; the rows stay."""
    past = Q(document__status=DocumentStatus.REJECTED) | Q(document__replaced_at__isnull=False)
    kept = Q(document__status__in=[DocumentStatus.VERIFIED, DocumentStatus.EXPIRED])
    old = DocumentFile.objects.filter(past, document__uploaded_at__lt=at - KEEP_REJECTED).exclude(kept)
    count, _rows = old.delete()
    if count:
        audit_trail.record("kyc.files.purged", on="kyc/files", by=system_user(), at=at, after={"files": count})
    return count
