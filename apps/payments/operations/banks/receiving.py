"""What another bank sends to a customer of ours: on the account, in suspense, or refused; once, however often told.

A transfer that is asked about before it settles (PesaLink, the partner abroad) may be refused. One that a statement
entry tells of is in our account there already: it waits in suspense when it cannot be given to anybody.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountClosed, LimitExceeded, NotSpendable, PayeeLimit, TakesNoMoney
from apps.accounts.events import MoneyCameIn
from apps.accounts.models import Account, TransactionType
from apps.accounts.places import Meant, meant_by, meant_by_purpose
from apps.audit_trail import operations as audit_trail
from apps.kernel import events, live
from apps.kernel.errors import DomainError
from apps.kyc.operations.screening import may_be_sanctioned
from apps.ledger import operations as ledger
from apps.ledger.errors import BooksBusy
from apps.payments import iso20022 as iso
from apps.payments.events import TransferReceived, TransferRefused, TransferWaits
from apps.payments.models import Channel, IncomingStatus, IncomingTransfer
from apps.payments.operations.start import new_reference
from apps.users.queries import system_user

SETTLEMENTS = {
    Channel.PESALINK: "pesalink:settlement",
    Channel.BANK: "bank:settlement",
    Channel.ABROAD: "abroad:settlement",
}
ONLINE = frozenset({Channel.PESALINK, Channel.ABROAD})  # ask us before it settles
NO_ACCOUNT, CLOSED, OTHER_CURRENCY, LISTED, OTHER_BANK = "AC01", "AC04", "AM03", "RR04", "RC01"
_REASONS: tuple[tuple[type[DomainError], str], ...] = (
    (TakesNoMoney, "AG01"),  # before what it is a kind of
    (AccountClosed, CLOSED),
    (LimitExceeded, "AM21"),
    (PayeeLimit, "AM21"),
    (NotSpendable, "AG01"),
)
_Status = IncomingStatus


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it goes, or the ISO code of why it cannot."""

    meant: Meant | None
    reason: str = ""


def receive(*, channel: Channel, told: iso.Incoming, at: datetime) -> IncomingTransfer:
    """Take one transfer that may still be refused. Told again, whatever the words, it is what it was the first time.

    Raises BooksBusy: then it was not taken, and may be told again.
    """
    return _take(channel, told, at, may_refuse=True)


def receive_entry(*, channel: Channel, told: iso.Incoming, at: datetime) -> bool:
    """Take what an entry on our account there brings; True when it is explained, now or before.

    The entry of a transfer that was taken by `receive` books nothing more, and is kept with it.
    """
    if told.uetr is None and channel in ONLINE:
        row = _taken_as(channel, told)
    else:
        row = _take(channel, told, at, may_refuse=False)
    if row is None or row.amount != told.amount:
        return False
    if row.their_reference != told.reference:
        known = IncomingTransfer.objects.filter(pk=row.pk, their_reference="").update(their_reference=told.reference)
        if not known:
            return False
    return row.status != _Status.REFUSED


def _taken_as(channel: Channel, told: iso.Incoming) -> IncomingTransfer | None:
    """Which transfer an entry without a UETR tells of, when that is beyond doubt: nothing is given twice."""
    same = Q(their_reference="", end_to_end_id=told.end_to_end_id, amount_minor=told.amount.minor)
    rows = IncomingTransfer.objects.filter(channel=channel, currency=told.amount.currency)
    found = list(rows.filter(Q(their_reference=told.reference) | same)[:2])
    return found[0] if len(found) == 1 else None


@transaction.atomic
def _take(channel: Channel, told: iso.Incoming, at: datetime, *, may_refuse: bool) -> IncomingTransfer:
    row = IncomingTransfer(
        reference=new_reference(),
        channel=channel,
        uetr=told.uetr,
        message_id=told.message_id,
        end_to_end_id=told.end_to_end_id,
        their_reference=told.reference,
        amount_minor=told.amount.minor,
        currency=told.amount.currency,
        payer_name=told.payer_name,
        payer_account=told.payer_account or None,
        payer_bank=told.payer_bank,
        words=told.words,
        asked_account=told.account,
        asked_name=told.name,
        received_at=at,
    )
    place = _place(told)
    if place.meant is not None:
        row.account, row.purpose = place.meant.account, place.meant.purpose
    try:
        with transaction.atomic():
            _settle(row, place, at, may_refuse=may_refuse)
            row.save()
    except IntegrityError:
        return _known(channel, told)
    _tell(row, at)
    return row


def _known(channel: Channel, told: iso.Incoming) -> IncomingTransfer:
    rows = IncomingTransfer.objects.select_related("account__owner").filter(channel=channel)
    return rows.get(uetr=told.uetr) if told.uetr else rows.get(their_reference=told.reference)


def _place(told: iso.Incoming) -> _Place:
    if told.bank and not told.bank.startswith((settings.BANK_BIC[:8], settings.BANK_CODE)):  # perhaps with the branch
        return _Place(None, OTHER_BANK)  # led astray: the same phone or number may be somebody's here, too
    meant = meant_by(told.account) or meant_by_purpose(told.words)
    if meant is None:
        return _Place(None, NO_ACCOUNT)
    if meant.account.currency != told.amount.currency:
        return _Place(meant, OTHER_CURRENCY)
    if told.payer_name and may_be_sanctioned(told.payer_name):
        return _Place(meant, LISTED)
    return _Place(meant)


def _settle(row: IncomingTransfer, place: _Place, at: datetime, *, may_refuse: bool) -> None:
    """Post it, or say why not. Whoever may be on a list is never refused: that money waits, and a person looks."""
    row.reason = place.reason
    if row.account is not None and not row.reason:
        try:
            with transaction.atomic():
                row.transfer_id, row.status = _credit(row, row.account, at), _Status.CREDITED
        except BooksBusy:
            raise  # says nothing of the account: told again, it is taken
        except DomainError as no:
            row.reason = reason_of(no)
        else:
            return
    if may_refuse and row.reason != LISTED:
        row.status = _Status.REFUSED
        return
    row.transfer_id, row.status = _suspend(row, at), _Status.SUSPENSE


def reason_of(no: DomainError) -> str:
    """The ISO 20022 code of why an account does not take money."""
    return next((code for kind, code in _REASONS if isinstance(no, kind)), "MS03")


def _credit(row: IncomingTransfer, account: Account, at: datetime) -> int:
    lines = accounts.post(
        reference=f"incoming/{row.public_id}",
        kind=kind_of(row),
        narrative=f"From another bank {row.reference}",
        movements=[line_of(row, account)],
        legs=[ledger.debit(ledger.gl(SETTLEMENTS[Channel(row.channel)], row.currency), row.amount)],
        receipt=row.reference,
        limited=True,
        at=at,
    )
    return lines[0].transfer_id


def kind_of(row: IncomingTransfer) -> TransactionType:
    """What the line on the account is: no cash, which reports to the authority tell apart."""
    is_abroad = row.channel == Channel.ABROAD
    return TransactionType.INTERNATIONAL_REMITTANCE if is_abroad else TransactionType.EXTERNAL_TRANSFER


def line_of(row: IncomingTransfer, account: Account) -> accounts.Movement:
    """The line on an account that such a transfer makes."""
    with translation.override(account.owner.language):
        words = gettext("From %(who)s") % {"who": row.payer_name or gettext("another bank")}
    note = f"{words}: {row.words}" if row.words else words
    return accounts.into(account, row.amount, note, counterparty=row.payer_name)


def _suspend(row: IncomingTransfer, at: datetime) -> int:
    posted = ledger.post(
        reference=f"incoming/{row.public_id}",
        kind="SUSPENSE",
        narrative=f"From another bank {row.reference}, waits for a person",
        legs=[
            ledger.debit(ledger.gl(SETTLEMENTS[Channel(row.channel)], row.currency), row.amount),
            ledger.credit(ledger.gl("suspense:receipts", row.currency), row.amount),
        ],
        at=at,
    )
    return posted.transfer_id


def _tell(row: IncomingTransfer, at: datetime) -> None:
    owner = row.account.owner if row.account else None
    facts: dict[str, Any] = {"status": row.status, "amount": str(row.amount), "reason": row.reason}
    shown = None if row.reason == LISTED else owner  # a customer's own record tells nothing of lists
    audit_trail.record("payments.incoming.taken", on=row, by=system_user(), at=at, after=facts, customer=shown)
    if row.status == _Status.CREDITED:
        tell_of_credit(row)
    elif row.status == _Status.REFUSED:
        events.publish(TransferRefused(incoming_id=row.pk, owner_id=owner.pk if owner else None, reason=row.reason))
    else:
        events.publish(
            TransferWaits(incoming_id=row.pk, minor=row.amount_minor, currency=row.currency, reason=row.reason)
        )


def tell_of_credit(row: IncomingTransfer) -> None:
    """Who hears of money on accounts, and whose account it is."""
    account: Any = row.account
    events.publish(
        TransferReceived(
            incoming_id=row.pk,
            account_id=account.pk,
            owner_id=account.owner_id,
            minor=row.amount_minor,
            currency=row.currency,
        )
    )
    events.publish(
        MoneyCameIn(
            account_id=account.pk,
            rail=row.channel,
            receipt=row.reference,
            minor=row.amount_minor,
            currency=row.currency,
            purpose=row.purpose,
        )
    )
    live.tell(account.owner_id)
