"""The kernel's own rows: outbox, idempotency keys, rate counters, switches, approvals."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction in which it happened."""

    name = models.CharField(max_length=120)
    payload = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["name", "-id"], name="outbox_by_name")]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class DeliveryStatus(models.TextChoices):
    """Where a delivery stands."""

    PENDING = "PENDING", _("Pending")
    DONE = "DONE", _("Done")
    PARKED = "PARKED", _("Parked")


class Delivery(models.Model):
    """One event for one subscriber."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subscriber = models.CharField(max_length=200)
    status = models.CharField(max_length=8, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="delivered_to_each_once")]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(status="PENDING"), name="deliveries_due"),
            models.Index(fields=["id"], condition=Q(status="PARKED"), name="deliveries_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.subscriber}"


class IdempotencyKey(models.Model):
    """A caller's key for one write, with the answer it got."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return self.key


class RateCounter(models.Model):
    """How often a caller came through a door in one window of time. The table is UNLOGGED: losing it costs nothing."""

    scope = models.CharField(max_length=40)
    caller = models.CharField(max_length=80)
    window = models.BigIntegerField()
    count = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "caller", "window"], name="one_counter_per_window")]

    def __str__(self) -> str:
        return f"{self.scope}/{self.caller}: {self.count}"


class Switch(models.Model):
    """Something the bank can stop and start as a whole, with who did it and why."""

    name = models.CharField(max_length=40, unique=True)
    is_on = models.BooleanField(default=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        verbose_name_plural = "switches"

    def __str__(self) -> str:
        return f"{self.name}: {'on' if self.is_on else 'off'}"


class ProviderState(models.Model):
    """How an outside provider has been answering: the circuit breaker of `apps.kernel.breaker`."""

    name = models.CharField(max_length=40, primary_key=True)
    failures = models.PositiveIntegerField(default=0, help_text=_("In a row"))
    open_until = models.DateTimeField(null=True, help_text=_("Left alone until then"))
    is_off = models.BooleanField(default=False, db_default=False, help_text=_("Switched off by people"))
    last_error = models.CharField(max_length=300, blank=True, default="")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {'resting' if self.open_until else 'in use'}"


class ApprovalStatus(models.TextChoices):
    """Where an approval stands."""

    PENDING = "PENDING", _("Waiting")
    APPROVED = "APPROVED", _("Approved")
    RETURNED = "RETURNED", _("Returned")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class Approval(models.Model):
    """Something one member of staff asks for and another must allow."""

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, help_text=_("What it is about, as a reference: accounts/7"))
    payload = models.JSONField(help_text=_("The arguments of the operation that will run"))
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    amount_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=8, blank=True, default="")
    reason = models.TextField()
    status = models.CharField(max_length=9, choices=ApprovalStatus.choices, default=ApprovalStatus.PENDING)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")
    outcome = models.JSONField(null=True)
    stands_alone = models.BooleanField(default=False, db_default=False)  # as its kind said when it was asked for

    amount = MoneyOf("amount_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(status="PENDING", stands_alone=True),
                name="one_waiting_request_about_it",
            ),
            models.CheckConstraint(
                condition=Q(checker=None) | ~Q(checker=F("maker")), name="no_one_approves_their_own"
            ),
            models.CheckConstraint(
                condition=Q(status="PENDING", checker=None, decided_at=None)
                | Q(status="WITHDRAWN", checker=None, decided_at__isnull=False)
                | Q(status__in=["APPROVED", "RETURNED"], checker__isnull=False, decided_at__isnull=False),
                name="a_decision_has_someone_and_a_time",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(status="PENDING"), name="approvals_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
