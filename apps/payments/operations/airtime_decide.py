"""Deciding airtime nobody can be asked about: two people who read the provider's own console say whether it loaded."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.payments.africastalking import Answer, Told
from apps.payments.errors import AirtimeNotToDecide
from apps.payments.models import AirtimeCallback, AirtimeOrder, AirtimeStatus
from apps.payments.operations.airtime import NOT_LOADED, loaded, not_loaded
from apps.users.models import User
from apps.users.policies import require_unconnected

DECIDE_AIRTIME = "payments.decide_airtime"
RIGHT = "payments.refund_transactions"
SILENCE = timedelta(minutes=10)  # before that the provider's own word is on its way
Outcome = AirtimeCallback.Outcome


def in_doubt(at: datetime) -> models.QuerySet[AirtimeOrder]:
    """Orders sent ten minutes ago or more of which nobody knows what became; the oldest first."""
    rows = AirtimeOrder.objects.filter(ended_at=None, sent_at__lte=at - SILENCE)
    return rows.select_related("payment__payer").order_by("sent_at")


def odd_callbacks(at: datetime) -> models.QuerySet[AirtimeCallback]:
    """What the provider said that was not applied: against what we know, unreadable, or about no order of ours."""
    odd = models.Q(outcome__in=[Outcome.DISPUTED, Outcome.UNREADABLE])
    late = models.Q(outcome=Outcome.WAITING, received_at__lte=at - SILENCE)
    return AirtimeCallback.objects.filter(odd | late).select_related("about__payment").order_by("-received_at")


def ask_to_decide_airtime(*, order: AirtimeOrder, loaded: bool, reason: str, by: User, at: datetime) -> Approval:
    """Ask a second person to agree that an order in doubt was loaded, or was not.

    Raises NotAllowed, AirtimeNotToDecide.
    """
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to send payments back."))
    _require_in_doubt(order, at)
    payment = order.payment
    return approvals.ask(
        kind=DECIDE_AIRTIME,
        subject=f"airtime/{payment.public_id}",
        payload={"order": order.pk, "loaded": loaded},
        before={"status": order.status},
        after={"loaded": "yes" if loaded else "no", "payment": payment.reference},
        amount=payment.amount,
        reason=reason,
        by=by,
        at=at,
    )


def _require_in_doubt(order: AirtimeOrder, at: datetime) -> None:
    if order.ended_at is not None or order.sent_at > at - SILENCE:
        raise AirtimeNotToDecide(
            _("Only airtime ordered ten minutes ago, of which nobody knows, is decided by people. Nothing was changed.")
        )


@transaction.atomic
def run_airtime_decision(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What the two agreed on is booked, as if the provider had said it.

    Raises AirtimeNotToDecide, NotAllowed, Connected.
    """
    rows = AirtimeOrder.objects.select_for_update(of=("self",)).select_related("payment__payer")
    order = rows.get(pk=payload["order"])
    _require_in_doubt(order, at)
    payment = order.payment
    if payment.payer_id in {maker.pk, checker.pk}:
        raise NotAllowed(_("No one decides on their own payment."))
    for who in (maker, checker):
        require_unconnected(who, payment.payer)
    if payload["loaded"]:
        loaded(order, Answer(Told.DELIVERED, order.request_id or ""), at)
    else:
        not_loaded(order, because=NOT_LOADED, words="Decided by two people from the provider's console.", at=at)
    facts = {"loaded": payload["loaded"], "status": AirtimeStatus(order.status).value}
    audit_trail.record("payments.airtime.decided", on=payment, by=checker, at=at, after=facts, customer=payment.payer)
    return {"payment": payment.reference}
