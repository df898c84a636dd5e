"""Reads linked accounts at other banks: on the customer's tap, and by itself four times a day at most.

One reader at a time holds the link's lease. The token that renews is good once: the new one is committed before
anything is read with it, and nothing is written by whoever lost the lease, or after the customer took the link away.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.open_banking.errors import LinkOver, OtherBankFailed, ReadJustNow
from apps.open_banking.events import LinkBroken
from apps.open_banking.linked import bank as there
from apps.open_banking.linked.imported import IMPORTED
from apps.open_banking.linked.reading import Line, Told
from apps.open_banking.linked.wire import Troubled
from apps.open_banking.models import LinkedAccount, LinkedBank, LinkedLine, LinkStatus, OtherBank, Trouble
from apps.open_banking.models.linked import APART, BREAKS, LINK, UNATTENDED
from apps.users.models import User

LEASE = timedelta(minutes=5)
BETWEEN_TAPS = timedelta(minutes=1)
OVERLAP = timedelta(hours=1)  # banks book a little out of order
ONE_SWEEP, SWEEP_SECONDS = 200, 300.0


@dataclass(frozen=True, slots=True)
class _Found:
    """What one read brought."""

    account: Told
    booked: Money
    lines: Sequence[Line]


def read_link(*, link: LinkedBank, at: datetime, by: User | None = None, address: str = "") -> LinkedBank:
    """Read balances and new lines. With `by` it is the customer's own tap, once a minute, and `address` is theirs;
    without, it is one of four reads a day. What was read before stays when the other bank fails.

    Raises LinkOver, ReadJustNow, OtherBankFailed.
    """
    row = _lease(link, at, is_attended=by is not None)
    try:
        tokens = there.renew(row.bank, str(row.refresh_token))
        _keep_token(row, tokens.refresh)
        _write(row, _read(row, tokens.access, at, address), at)
    except Troubled as no:
        _note(row, no.trouble, at)
        raise OtherBankFailed(no.trouble.label, trouble=no.trouble.value) from no
    return row


def read_first(*, link: LinkedBank, access: str, at: datetime, address: str) -> LinkedBank:
    """The first read of a link that was just made, with the customer there. Its trouble is noted, not raised: the link
    stands, and the next read may go well.
    """
    row = _lease(link, at, is_attended=True, is_first=True)
    try:
        _write(row, _read(row, access, at, address), at)
    except Troubled as no:
        _note(row, no.trouble, at)
    return row


def read_due_links(*, at: datetime) -> int:
    """Read every link whose last read is six hours ago, for five minutes at most. Returns how many went well."""
    until, done = monotonic() + SWEEP_SECONDS, 0
    for link in LinkedBank.objects.due(at)[:ONE_SWEEP]:
        if monotonic() > until:
            break
        try:
            read_link(link=link, at=at)
        except (OtherBankFailed, ReadJustNow, LinkOver):
            continue  # noted on the link, or somebody else is at it
        done += 1
    return done


def _lease(link: LinkedBank, at: datetime, *, is_attended: bool, is_first: bool = False) -> LinkedBank:
    """Be the only one who reads, for minutes: one guarded UPDATE. Raises LinkOver, ReadJustNow."""
    mine, today = uuid.uuid4(), local_date(at)
    open_banks = OtherBank.objects.filter(is_active=True).values("pk")  # no join: the UPDATE guards its own row
    free = LinkedBank.objects.filter(pk=link.pk, status=LinkStatus.ACTIVE, consent_until__gt=at, bank__in=open_banks)
    free = free.filter(Q(lease=None) | Q(leased_until__lte=at))
    changes = {"lease": mine, "leased_until": at + LEASE, "tried_at": at}
    if is_attended:
        free = free if is_first else free.filter(Q(tried_at=None) | Q(tried_at__lte=at - BETWEEN_TAPS))
        taken = free.update(**changes)
    else:
        free = free.filter(Q(tried_at=None) | Q(tried_at__lte=at - APART))
        taken = free.filter(reads_on=today, reads__lt=UNATTENDED).update(reads=F("reads") + 1, **changes)
        taken = taken or free.exclude(reads_on__gte=today).update(reads_on=today, reads=1, **changes)
    row = LinkedBank.objects.select_related("bank", "user").get(pk=link.pk)
    if taken:
        return row
    if row.status == LinkStatus.ACTIVE and row.consent_until <= at:
        _break(row, Trouble.EXPIRED, at)
        raise LinkOver(Trouble.EXPIRED.label)
    if row.status != LinkStatus.ACTIVE:
        raise LinkOver(_("This link has ended. Link the bank again to go on. No money moved."))
    if not row.bank.is_active:
        raise LinkOver(_("We read nothing at this bank any more. What you see stays as it was read. No money moved."))
    raise ReadJustNow(_("The other bank was asked a moment ago. What you see is the newest; try again in a minute."))


def _read(row: LinkedBank, access: str, at: datetime, address: str) -> list[_Found]:
    """Everything there, outside any transaction. Raises Troubled."""
    reader = there.Reader.starting(row.bank, access, address, at)
    newest = dict(
        LinkedAccount.objects.filter(link=row)
        .annotate(newest=Max("lines__booked_at", filter=~Q(lines__their_id__startswith=IMPORTED)))
        .values_list("their_id", "newest")
    )
    found = []
    for told, booked in there.accounts(row.bank, access, address):
        since = newest.get(told.their_id)
        lines = list(reader.lines(told.their_id, booked.currency, since - OVERLAP if since else None))
        found.append(_Found(told, booked, lines))
    return found


@transaction.atomic
def _keep_token(row: LinkedBank, refresh_token: str) -> None:
    held = _held(row)
    held.refresh_token = refresh_token
    held.save(update_fields=["refresh_token"])


@transaction.atomic
def _write(row: LinkedBank, found: Sequence[_Found], at: datetime) -> None:
    """What the other bank tells now: an account it tells no more is gone, a line it told stays as it was told."""
    held = _held(row)
    held.accounts.exclude(their_id__in=[one.account.their_id for one in found]).delete()
    accounts = [
        LinkedAccount(
            link=held, their_id=one.account.their_id, label=one.account.label, currency=one.booked.currency,
            masked_number=one.account.masked_number, balance_minor=one.booked.minor, balance_at=at,
        )
        for one in found
    ]  # fmt: skip
    told = ["label", "masked_number", "currency", "balance_minor", "balance_at"]
    LinkedAccount.objects.bulk_create(
        accounts, update_conflicts=True, unique_fields=["link", "their_id"], update_fields=told
    )
    ids = dict(held.accounts.values_list("their_id", "pk"))
    lines = [
        LinkedLine(
            account_id=ids[one.account.their_id], their_id=line.their_id, booked_at=line.booked_at,
            amount_minor=line.amount.minor, currency=line.amount.currency, description=line.description,
            counterparty=line.counterparty,
        )
        for one in found
        for line in one.lines
    ]  # fmt: skip
    LinkedLine.objects.bulk_create(lines, ignore_conflicts=True, batch_size=1000)
    LinkedBank.objects.filter(pk=held.pk).update(last_read_at=at, because="", lease=None, leased_until=None)
    row.last_read_at, row.because, row.lease = at, "", None


def _held(row: LinkedBank) -> LinkedBank:
    """The link, locked, while it still is ours to write to. Raises LinkOver."""
    found = LinkedBank.objects.select_for_update().filter(pk=row.pk, status=LinkStatus.ACTIVE, lease=row.lease).first()
    if found is None:
        raise LinkOver(_("The link was taken away meanwhile. Nothing of what was read is kept."))
    return found


def _note(row: LinkedBank, trouble: Trouble, at: datetime) -> None:
    """Let the next one try; or break off where trying again is of no use."""
    if trouble.value in BREAKS:
        _break(row, trouble, at)
        return
    LinkedBank.objects.filter(pk=row.pk, lease=row.lease).update(because=trouble, lease=None, leased_until=None)
    row.because = trouble


@transaction.atomic
def _break(row: LinkedBank, trouble: Trouble, at: datetime) -> None:
    """Nothing can be read any more until the customer links anew; what was read stays, as of when it was read."""
    found = LinkedBank.objects.select_for_update().filter(pk=row.pk, status=LinkStatus.ACTIVE).first()
    if found is None:
        return
    found.refresh_token = None
    LINK.make(found, LinkStatus.BROKEN, because=trouble.value, refresh_token=None, lease=None, leased_until=None)
    row.status, row.because = found.status, trouble.value
    audit_trail.record("open_banking.link.broken", on=found, by=None, at=at, after={"because": trouble.value})
    events.publish(LinkBroken(link_id=found.pk, user_id=found.user_id, because=trouble.value))
    notifications.send(
        "open_banking.link_broken", to=row.user, context={"bank": row.bank.name}, at=at,
        key=f"open_banking/link/{found.pk}/broken",
    )  # fmt: skip
