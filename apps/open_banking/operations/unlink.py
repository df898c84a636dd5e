"""Ends links to other banks: what was read and what opens it is forgotten here at once, and the other bank is told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import NotFound
from apps.open_banking.events import BankUnlinked
from apps.open_banking.linked import bank as there
from apps.open_banking.linked.wire import Troubled
from apps.open_banking.models import LinkedAccount, LinkedBank, LinkStatus
from apps.users.models import User

log = structlog.get_logger(__name__)
ONE_SWEEP = 50
TO_ALLOW = timedelta(days=1)  # a consent that nobody gave is over there too by then


def unlink(*, link: LinkedBank, by: User, at: datetime) -> LinkedBank:
    """Take a link away. Twice is once. Should the other bank not answer now, it is told later; until then nothing of
    the customer's access is kept here with which anybody could read. Raises NotFound.
    """
    row = _end(link, by, at)
    if row.ended_there_at is None:
        _end_there(row, at)
    return row


@transaction.atomic
def _end(link: LinkedBank, by: User, at: datetime) -> LinkedBank:
    rows = LinkedBank.objects.select_for_update(of=("self",)).select_related("bank").owned_by(by)
    row = rows.filter(pk=link.pk).first()
    if row is None:
        raise NotFound(_("There is nothing here, or it is not yours."))
    if row.status != LinkStatus.ENDED:
        end_links([row], at=at)
        row.refresh_from_db()
        audit_trail.record("open_banking.link.ended", on=row, by=by, at=at)
    return row


def end_links(links: Sequence[LinkedBank], *, at: datetime) -> int:
    """Forget locked links: their accounts, lines and secrets; only the consent's number stays, to give it back."""
    ids = [one.pk for one in links]
    LinkedAccount.objects.filter(link__in=ids).delete()
    count = LinkedBank.objects.filter(pk__in=ids).update(
        status=LinkStatus.ENDED, ended_at=at, refresh_token=None, pending=None, state_print=None, lease=None
    )
    for one in links:
        events.publish(BankUnlinked(link_id=one.pk, user_id=one.user_id))
    return count


def forget_links(people: Sequence[int], at: datetime) -> int:
    """Everything of who leaves the bank, at once; the other banks are told by the job."""
    rows = LinkedBank.objects.select_for_update().filter(user_id__in=people).exclude(status=LinkStatus.ENDED)
    return end_links(list(rows.order_by("pk")), at=at)


def end_links_there(*, at: datetime) -> int:
    """Tell other banks of links that ended here, and drop those that nobody came back from. Returns how many."""
    LinkedBank.objects.filter(status=LinkStatus.WAITING, created_at__lte=at - TO_ALLOW).delete()
    return sum(_end_there(row, at) for row in LinkedBank.objects.to_end_there(at)[:ONE_SWEEP])


def _end_there(row: LinkedBank, at: datetime) -> bool:
    try:
        there.end(row.bank, row.consent_id)
    except Troubled as no:
        LinkedBank.objects.filter(pk=row.pk).update(tried_at=at)
        log.info("link_not_ended_there", link=row.pk, trouble=no.trouble.value)
        return False
    LinkedBank.objects.filter(pk=row.pk).update(ended_there_at=at)
    row.ended_there_at = at
    return True
