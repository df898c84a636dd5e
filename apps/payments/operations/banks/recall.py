"""Recalling a payment from another bank: two people ask, the other bank answers, the money comes as a return."""

from datetime import datetime
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.sweeps import alone
from apps.payments import iso20022 as iso
from apps.payments.banks import transfers, wire
from apps.payments.errors import NotToRecall
from apps.payments.models import (
    BankOrder,
    Channel,
    OrderOutStatus,
    PaymentRecall,
    RecallReason,
    RecallStatus,
)
from apps.payments.states import RECALL
from apps.users.models import User
from apps.users.policies import require_unconnected
from apps.users.queries import system_user

log = structlog.get_logger(__name__)
RECALL_PAYMENT = "payments.recall"
RIGHT = "payments.refund_transactions"


def ask_recall(*, order: BankOrder, reason: str, words: str, why: str, by: User, at: datetime) -> Approval:
    """Ask a second person to agree that another bank is asked to send a payment back. `why` stays in the bank; `words`
    are told to the other one. Raises NotAllowed, NotToRecall.
    """
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to send payments back."))
    if reason not in RecallReason.values:
        raise NotToRecall(_("Choose why it should come back. Nothing was asked."))
    _require_may_come_back(order)
    payment = order.payment
    return approvals.ask(
        kind=RECALL_PAYMENT,
        subject=f"payments/{payment.public_id}",
        payload={"order": order.pk, "reason": reason, "words": " ".join(words.split())[:100]},
        before={"payment": payment.reference, "status": order.status},
        after={"reason": reason},
        amount=payment.amount,
        reason=why,
        by=by,
        at=at,
    )


def _require_may_come_back(order: BankOrder) -> None:
    if order.status != OrderOutStatus.SETTLED:
        raise NotToRecall(_("Only what the other bank has, and has not sent back, is recalled. Nothing was asked."))


@transaction.atomic
def run_recall(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """Write it down; a worker sends it. Raises NotAllowed for one's own payment, Connected, NotToRecall."""
    order = BankOrder.objects.select_for_update(of=("self",)).select_related("payment__payer").get(pk=payload["order"])
    _require_may_come_back(order)
    if order.payment.payer_id in {maker.pk, checker.pk}:
        raise NotAllowed(_("No one decides on their own payment."))
    for who in (maker, checker):
        require_unconnected(who, order.payment.payer)
    row = PaymentRecall(
        order=order,
        reason=payload["reason"],
        words=payload["words"],
        asked_by=maker,
        allowed_by=checker,
        asked_at=at,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise NotToRecall(_("The other bank was asked already. Wait for its answer.")) from no
    facts = {"reason": row.reason, "payment": order.payment.reference}
    audit_trail.record("payments.recall.asked", on=row, by=checker, at=at, after=facts, customer=order.payment.payer)
    return {"case": row.case}


def work_with_recalls(*, at: datetime) -> None:
    """Send what was allowed, and ask what became of what was sent. Outside any transaction; one stops no other."""
    open_ = PaymentRecall.objects.filter(status__in=[RecallStatus.ASKED, RecallStatus.SENT])
    for row in open_.select_related("order__payment", "order__file").order_by("pk"):
        with alone("recall_not_answered", case=row.case):
            _send(row, at) if row.status == RecallStatus.ASKED else _ask(row, at)


def _send(row: PaymentRecall, at: datetime) -> None:
    """Under its case, which the other side counts once: sent again after a lost answer it changes nothing."""
    wire.recall(row.order.channel, _document(row, at))
    RECALL.make(row, RecallStatus.SENT, sent_at=at)


def _document(row: PaymentRecall, at: datetime) -> bytes:
    order, payment = row.order, row.order.payment
    by_file = order.file
    recall = iso.Recall(
        case=row.case,
        message_id=by_file.message_id if by_file else f"KB-{payment.reference}",
        message_name="pain.001.001.09" if by_file else "pacs.008.001.08",
        end_to_end_id=payment.reference,
        uetr=payment.public_id,
        amount=order.moved,
        reason=row.reason,
        words=row.words,
    )
    theirs = transfers.counterpart(Channel(order.channel))
    return iso.write_camt056(recall=recall, made_at=at, ours=transfers.ours(), theirs=theirs)


def _ask(row: PaymentRecall, at: datetime) -> None:
    told = wire.resolution(row.order.channel, row.case)
    if told is None:
        return
    if (told.case, told.end_to_end_id) != (row.case, row.order.payment.reference):
        log.warning("recall_answered_for_another", case=row.case, told=told.case)
        return
    if told.is_accepted:
        _answered(row, RecallStatus.ACCEPTED, told, at)
    elif told.is_refused:
        _answered(row, RecallStatus.REFUSED, told, at)


@transaction.atomic
def _answered(row: PaymentRecall, to: RecallStatus, told: iso.Resolution, at: datetime) -> None:
    RECALL.make(row, to, answered_at=at, answer=told.reason[:35], answer_words=told.words[:140])
    facts = {"status": to.value, "reason": told.reason}
    payer = row.order.payment.payer
    audit_trail.record("payments.recall.answered", on=row, by=system_user(), at=at, after=facts, customer=payer)
