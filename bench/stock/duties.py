"""The same transfer with what a bank owes besides, each as a first version writes it: one question, one query.

What ours does at a confirm and the bare transfer does not: a rate limit, a payment that was quoted before, one answer
to a confirm that is sent again, a proof used once, a day's limit, a screen with reasons, an audit record, an event for
others. What ours does besides is not asked here: stays that can be ended, owners' standing and tiers, rules and limits
that are rows, statement lines, telling each who listens.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Avg, Count, Sum
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication

from bench import orm

DAY_LIMIT = 10**12  # minor units


class Duty(models.Model):
    """What all the tables of this module are called after."""

    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        app_label = "bench"

    def __str__(self) -> str:
        return str(self.pk)


class Payment(Duty):
    """Who pays whom how much, quoted before and confirmed once."""

    objects: ClassVar[models.Manager["Payment"]]  # as in `orm`
    payer_id: int
    payee_id: int
    payer = models.ForeignKey(orm.Account, on_delete=models.PROTECT, related_name="+")
    payee = models.ForeignKey(orm.Account, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    status = models.CharField(max_length=20, default="QUOTED", db_index=True)
    transfer = models.ForeignKey(orm.Transfer, null=True, on_delete=models.PROTECT)
    completed_at = models.DateTimeField(null=True)


class Proof(Duty):
    """A code that was typed for one payment."""

    objects: ClassVar[models.Manager["Proof"]]
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE)
    answered_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)


class KeptAnswer(Duty):
    """What was answered to an idempotency key."""

    objects: ClassVar[models.Manager["KeptAnswer"]]
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    answer = models.JSONField(null=True)

    class Meta:
        app_label = "bench"
        unique_together = (("user", "key"),)


class Screening(Duty):
    """What was thought of a payment, and why."""

    objects: ClassVar[models.Manager["Screening"]]
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE)
    score = models.IntegerField()
    reasons = models.JSONField()


class AuditRecord(Duty):
    """Who changed what."""

    objects: ClassVar[models.Manager["AuditRecord"]]
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    action = models.CharField(max_length=40)
    target = models.CharField(max_length=80, db_index=True)
    before = models.JSONField()
    after = models.JSONField()
    address = models.GenericIPAddressField()


class OutboxEvent(Duty):
    """What other parts hear of."""

    objects: ClassVar[models.Manager["OutboxEvent"]]
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    sent_at = models.DateTimeField(null=True, db_index=True)


class PaymentOut(serializers.ModelSerializer[Payment]):
    """A payment as it is answered."""

    class Meta:
        model = Payment
        fields = ("id", "payer", "payee", "amount", "status", "transfer", "created_at", "completed_at")


class Confirmed(serializers.Serializer[Any]):
    """What confirms a payment."""

    challenge = serializers.IntegerField(min_value=1)


class Throttle(UserRateThrottle):
    """Room for more than anybody sends."""

    rate = "99999999/min"


class Confirm(APIView):
    """A token, a throttle, a key and a serializer around `confirm`."""

    authentication_classes = (JWTAuthentication,)
    permission_classes = (IsAuthenticated,)
    throttle_classes = (Throttle,)

    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        """Move the money once, whatever is sent twice."""
        asked = Confirmed(data=request.data)
        asked.is_valid(raise_exception=True)
        kept, is_new = KeptAnswer.objects.get_or_create(user=request.user, key=request.headers["Idempotency-Key"])
        if not is_new:
            return Response(kept.answer)
        payment = Payment.objects.select_for_update().get(pk=pk, by=request.user)
        confirm(payment, asked.validated_data["challenge"], request)
        kept.answer = PaymentOut(payment).data
        kept.save()
        return Response(kept.answer)


def confirm(payment: Payment, challenge: int, request: Request) -> None:
    """Use the proof, keep to the limit, screen, move, and say so to auditors and others."""
    before = dict(PaymentOut(payment).data)
    proof = Proof.objects.select_for_update().get(pk=challenge, payment=payment)
    if payment.status != "QUOTED" or proof.answered_at is None or proof.used_at is not None:
        raise ValidationError("This payment cannot be confirmed.")
    proof.used_at = timezone.now()
    proof.save()
    within_limit(payment)
    score, reasons = screened(payment)
    Screening.objects.create(payment=payment, score=score, reasons=reasons)
    if score >= 80:
        raise PermissionDenied("We are looking at this payment.")
    payment.transfer = orm.transfer(f"payment-{payment.pk}", payment.payer_id, payment.payee_id, payment.amount)
    payment.status, payment.completed_at = "COMPLETED", timezone.now()
    payment.save()
    after = dict(PaymentOut(payment).data)
    AuditRecord.objects.create(
        actor=request.user,
        action="payment.confirmed",
        target=f"payment:{payment.pk}",
        before=before,
        after=after,
        address=request.META["REMOTE_ADDR"],
    )
    OutboxEvent.objects.create(name="payment.completed", payload=after)


def within_limit(payment: Payment) -> None:
    """Refuse more than a day's limit."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    sent = Payment.objects.filter(payer=payment.payer, status="COMPLETED", completed_at__gte=midnight)
    if (sent.aggregate(total=Sum("amount"))["total"] or 0) + payment.amount > DAY_LIMIT:
        raise ValidationError("More than a day's limit.")


def screened(payment: Payment) -> tuple[int, list[str]]:
    """A score of at most 100 and its reasons: how often, how much, to whom, and compared with what is usual."""
    at = timezone.now()
    sent = Payment.objects.filter(payer=payment.payer, status="COMPLETED")
    hour = sent.filter(completed_at__gte=at - timedelta(hours=1)).count()
    day = sent.filter(completed_at__gte=at - timedelta(days=1)).aggregate(count=Count("id"), total=Sum("amount"))
    usual = sent.filter(completed_at__gte=at - timedelta(days=90)).aggregate(mean=Avg("amount"))["mean"]
    score, reasons = 0, []
    for weight, reason, holds in (
        (30, "many payments in an hour", hour > 10**6),
        (30, "many payments in a day", day["count"] > 10**6),
        (30, "much money in a day", (day["total"] or 0) > DAY_LIMIT),
        (20, "a new payee", not sent.filter(payee=payment.payee).exists()),
        (20, "more than usual", usual is not None and payment.amount > 10 * usual),
    ):
        if holds:
            score += weight
            reasons.append(reason)
    return score, reasons


TABLES = (Payment, Proof, KeptAnswer, Screening, AuditRecord, OutboxEvent)


def make_tables() -> None:
    """The tables of this module, with the keys and indexes that Django gives them."""
    with connection.schema_editor() as editor:
        for model in TABLES:
            editor.create_model(model)
