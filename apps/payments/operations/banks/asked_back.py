"""Another bank asks for a transfer back (camt.056). It is the customer's money: they say yes, no, or nothing.

Nothing said for ten working days is a no (`NOAS`), as the rules of SEPA recalls have it, which this follows for want of
published rules of the Kenyan schemes. Money that nobody has yet goes back at once.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events, live
from apps.kernel.clock import day_start, local_date
from apps.kernel.errors import NotFound
from apps.ledger import operations as ledger
from apps.ledger.queries import calendar_of
from apps.payments import iso20022 as iso
from apps.payments.errors import AnsweredAlready
from apps.payments.events import TransferAskedBack
from apps.payments.models import AskedBack, AskedBackStatus, Channel, IncomingStatus, IncomingTransfer
from apps.payments.operations.banks.placing import locked
from apps.payments.operations.banks.receiving import LISTED
from apps.payments.operations.banks.returning import begin_return
from apps.payments.states import ASKED_BACK
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User
from apps.users.queries import system_user

OPERATION = "payments.send_back"
WORKING_DAYS = 10
AT_THEIR_WISH = "FOCR"
NOT_HERE, GONE_BACK, LAW, NO, SILENCE = "NOOR", "ARDT", "LEGL", "CUST", "NOAS"
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


def bound_to(asked: AskedBack) -> dict[str, Any]:
    """What a proof for sending this back is bound to."""
    row: Any = asked.incoming
    return {
        "operation": OPERATION,
        "subject": f"asked-back/{asked.public_id}",
        "amount": row.amount,
        "payee": f"{row.payer_name} {row.payer_bank}"[:160],
    }


def challenge_sending_back(*, asked: AskedBack, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask the customer to prove that it is them who sends it back. Raises NotFound, AnsweredAlready, TooSoon."""
    _require_open(asked, by, at)
    challenge = people.challenge(user=by, at=at, method=method, **bound_to(asked))
    AskedBack.objects.filter(pk=asked.pk).update(challenge=challenge.pk)
    asked.challenge = challenge.pk
    return challenge


@transaction.atomic
def send_back(*, asked: AskedBack, challenge_id: Any, by: User, at: datetime) -> AskedBack:
    """Agree: the money leaves the account at once, and a worker sends it. Agreed before, it is returned as it is.

    Raises NotFound, AnsweredAlready, StepUpRequired, InsufficientFunds, AccountNotActive.
    """
    row, asked = _held(asked, by)
    if asked.status == _Status.AGREED:
        return asked
    _require_open(asked, by, at)
    people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(asked))
    account: Any = row.account
    with translation.override(by.language):
        words = gettext("Sent back to %(who)s") % {"who": row.payer_name}
    accounts.post(
        reference=f"incoming/asked/{asked.public_id}",
        kind=TransactionType.REVERSAL,
        narrative=f"Going back to another bank {row.reference}",
        movements=[accounts.out_of(account, row.amount, words, counterparty=row.payer_name)],
        legs=[ledger.credit(ledger.gl("suspense:receipts", row.currency), row.amount)],
        receipt=row.reference,
        at=at,
    )
    ASKED_BACK.make(asked, _Status.AGREED, answered_at=at)
    begin_return(row, reason=AT_THEIR_WISH, by=by, at=at)
    live.tell(by.pk)
    return asked


@transaction.atomic
def keep(*, asked: AskedBack, by: User, at: datetime) -> AskedBack:
    """Say no; no money moves. Refused before, it is returned as it is. Raises NotFound, AnsweredAlready."""
    _row, asked = _held(asked, by)
    if asked.status == _Status.REFUSED:
        return asked
    _require_open(asked, by, at)
    _refuse(asked, NO, by, at)
    return asked


def refuse_what_is_due(*, at: datetime) -> int:
    """Nobody said anything in time: no. Returns how many."""
    refused = 0
    for pk in (
        AskedBack.objects.filter(status=_Status.ASKED, due_at__lte=at).order_by("pk").values_list("pk", flat=True)
    ):
        with transaction.atomic():
            asked = AskedBack.objects.select_for_update().get(pk=pk)
            if asked.status == _Status.ASKED:
                _refuse(asked, SILENCE, system_user(), at)
                refused += 1
    return refused


def answer_of(asked: AskedBack) -> iso.Resolution:
    """What the other bank is told about its case."""
    status = {_Status.ASKED: "PDCR", _Status.AGREED: "CNCL", _Status.REFUSED: "RJCR"}[_Status(asked.status)]
    return iso.Resolution(asked.case, asked.end_to_end_id, status, asked.answer)


def _refuse(asked: AskedBack, answer: str, by: User, at: datetime) -> None:
    ASKED_BACK.make(asked, _Status.REFUSED, answer=answer, answered_at=at)
    audit_trail.record("payments.incoming.kept", on=asked, by=by, at=at, after={"answer": answer})


def _held(asked: AskedBack, by: User) -> tuple[IncomingTransfer, AskedBack]:
    """The transfer first, then the wish, as everywhere. Raises NotFound."""
    _require_theirs(asked, by)
    row = locked(asked.incoming_id or 0)
    return row, AskedBack.objects.select_for_update(of=("self",)).select_related("incoming__account").get(pk=asked.pk)


def _require_theirs(asked: AskedBack, by: User) -> None:
    account = asked.incoming.account if asked.incoming else None
    if account is None or account.owner_id != by.pk:
        raise NotFound(_("There is nothing here for you. No money moved."))


def _require_open(asked: AskedBack, by: User, at: datetime) -> None:
    _require_theirs(asked, by)
    if asked.status != _Status.ASKED or asked.due_at <= at:
        raise AnsweredAlready(_("The other bank has its answer already. Nothing was changed."))
