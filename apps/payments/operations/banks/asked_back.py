"""Another bank asks for a transfer back (camt.056). It is the customer's money: they say yes, no (`agreeing.py`), or
nothing.

Nothing said for ten working days is a no (`NOAS`), as the rules of SEPA recalls have it, which this follows for want of
published rules of the Kenyan schemes. Money that nobody has yet goes back at once.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel import events, live
from apps.kernel.clock import day_start, local_date
from apps.kernel.sweeps import alone
from apps.ledger.queries import calendar_of
from apps.payments import iso20022 as iso
from apps.payments.events import TransferAskedBack
from apps.payments.models import AskedBack, AskedBackStatus, Channel, IncomingStatus, IncomingTransfer
from apps.payments.operations.banks.placing import locked
from apps.payments.operations.banks.receiving import LISTED
from apps.payments.operations.banks.returning import begin_return
from apps.payments.states import ASKED_BACK
from apps.users.models import User
from apps.users.queries import system_user

WORKING_DAYS = 10
AT_THEIR_WISH = "FOCR"
NOT_HERE, GONE_BACK, LAW, SILENCE = "NOOR", "ARDT", "LEGL", "NOAS"
_Status = AskedBackStatus


@transaction.atomic
def hear_wish(*, channel: Channel, wish: iso.Wish, at: datetime) -> AskedBack:
    """Write a case down, once. What cannot go back is answered at once; what nobody has goes back at once."""
    if known := AskedBack.objects.filter(channel=channel, case=wish.case).first():
        return known
    row = _meant(channel, wish)
    asked = AskedBack(
        channel=channel,
        case=wish.case,
        incoming=row,
        end_to_end_id=wish.end_to_end_id,
        reason=wish.reason,
        words=wish.words,
        asked_at=at,
        due_at=_due(at),
    )
    if answer := _answer_at_once(row):
        asked.status, asked.answer, asked.answered_at = _Status.REFUSED, answer, at
    elif row is not None and row.status == IncomingStatus.SUSPENSE:
        asked.status, asked.answered_at = _Status.AGREED, at
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError:
        return AskedBack.objects.filter(channel=channel, case=wish.case).first() or _while_another_waits(asked, at)
    owner = row.account.owner if row is not None and row.account else None
    facts = {"case": wish.case, "reason": wish.reason, "status": asked.status}
    audit_trail.record("payments.incoming.asked_back", on=asked, by=system_user(), at=at, after=facts, customer=owner)
    if row is not None and asked.status == _Status.AGREED:
        begin_return(row, reason=AT_THEIR_WISH, by=system_user(), at=at)
    elif owner is not None and asked.status == _Status.ASKED:
        events.publish(TransferAskedBack(asked_id=asked.pk, owner_id=owner.pk))
        live.tell(owner.pk)
    return asked


def _meant(channel: Channel, wish: iso.Wish) -> IncomingTransfer | None:
    """The transfer they mean, held; by its UETR, or by their reference when that names one alone."""
    rows = IncomingTransfer.objects.filter(channel=channel)
    found = rows.filter(uetr=wish.uetr) if wish.uetr else rows.filter(end_to_end_id=wish.end_to_end_id or "-")
    ids = list(found.values_list("pk", flat=True)[:2])
    return locked(ids[0]) if len(ids) == 1 else None


def _answer_at_once(row: IncomingTransfer | None) -> str:
    if row is None or row.status == IncomingStatus.REFUSED:
        return NOT_HERE
    if row.status in {IncomingStatus.RETURNING, IncomingStatus.RETURNED}:
        return GONE_BACK
    return LAW if row.reason == LISTED else ""


def _while_another_waits(asked: AskedBack, at: datetime) -> AskedBack:
    """The same transfer under a second case, while the first is not answered."""
    asked.status, asked.answer, asked.answered_at = _Status.REFUSED, "DUPL", at
    asked.save(force_insert=True)
    return asked


def _due(at: datetime) -> datetime:
    day = local_date(at)
    calendar = calendar_of(day, day + timedelta(days=3 * WORKING_DAYS))
    for _nth in range(WORKING_DAYS):
        day = calendar.working_day_from(day + timedelta(days=1))
    return day_start(day + timedelta(days=1))


def refuse_what_is_due(*, at: datetime) -> int:
    """Nobody said anything in time: no. Returns how many."""
    refused = 0
    for pk in (
        AskedBack.objects.filter(status=_Status.ASKED, due_at__lte=at).order_by("pk").values_list("pk", flat=True)
    ):
        with alone("wish_of_a_bank_not_refused", asked=pk), transaction.atomic():
            asked = AskedBack.objects.select_for_update().get(pk=pk)
            if asked.status == _Status.ASKED:
                refuse(asked, SILENCE, system_user(), at)
                refused += 1
    return refused


def answer_of(asked: AskedBack) -> iso.Resolution:
    """What the other bank is told about its case."""
    status = {_Status.ASKED: "PDCR", _Status.AGREED: "CNCL", _Status.REFUSED: "RJCR"}[_Status(asked.status)]
    return iso.Resolution(asked.case, asked.end_to_end_id, status, asked.answer)


def refuse(asked: AskedBack, answer: str, by: User, at: datetime) -> None:
    """It stays here; `answer` is the ISO 20022 reason they are told. Within the caller's transaction and its lock."""
    ASKED_BACK.make(asked, _Status.REFUSED, answer=answer, answered_at=at)
    audit_trail.record("payments.incoming.kept", on=asked, by=by, at=at, after={"answer": answer})
