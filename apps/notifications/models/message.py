"""What was said to whom, by which channel, and what became of it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.fields import EncryptedText, Fingerprint, PrintColumn
from apps.kernel.money import Money
from apps.notifications.models.template import Language, NotificationTemplate
from apps.notifications.states import Channel, MessageStatus, Topic

JUST_NOW = timedelta(minutes=2)


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by person and by what is to be done with them."""

    def owned_by(self, user: Any) -> "MessageQuerySet":
        """Those written to this person."""
        return self.filter(user=user)

    def due(self, at: datetime) -> "MessageQuerySet":
        """Waiting, and their time has come."""
        return self.filter(status=MessageStatus.QUEUED, next_attempt_at__lte=at)

    def in_turn(self) -> "MessageQuerySet":
        """Codes, then what is about safety and money, then the rest in the order of topics; of each the oldest."""
        place = models.Case(*(models.When(topic=topic, then=nth) for nth, topic in enumerate(Topic.values)))
        return self.order_by("-is_secret", place, "next_attempt_at", "pk")

    def somebody_waits_for(self, at: datetime) -> "MessageQuerySet":
        """Codes, and word of safety and money just written: whoever did that looks at their phone now."""
        just_now = Q(topic__in=[Topic.SECURITY, Topic.MONEY], created_at__gte=at - JUST_NOW)
        return self.filter(Q(is_secret=True) | just_now)

    def abandoned(self, at: datetime) -> "MessageQuerySet":
        """Being sent by somebody who never came back."""
        return self.filter(status=MessageStatus.SENDING, lease_until__lt=at)

    def to_address(self, address: str) -> "MessageQuerySet":
        """Those sent to this phone or mailbox."""
        return self.filter(to_print=Message._meta.get_field("to_print").digest(address))


class Message(models.Model):
    """One message to one address. What it says is sealed, and a one-time code is dropped once it is sent."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=80)
    topic = models.CharField(max_length=10, choices=Topic.choices)
    template = models.ForeignKey(NotificationTemplate, on_delete=models.PROTECT, null=True, related_name="+")
    template_version = models.PositiveIntegerField(default=0)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    language = models.CharField(max_length=2, choices=Language.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    to = EncryptedText(null=True)
    to_print = Fingerprint(of="to", null=True)
    to_masked = models.CharField(max_length=120, blank=True, default="")
    subject = EncryptedText(null=True)
    body = EncryptedText(null=True)
    fallback = EncryptedText(null=True, help_text=_("The e-mail to send should this not arrive"))
    is_secret = models.BooleanField(default=False)
    key = models.CharField(max_length=200, unique=True, help_text=_("The same key is never said twice"))
    status = models.CharField(max_length=9, choices=MessageStatus.choices, default=MessageStatus.QUEUED)
    provider = models.CharField(max_length=40, blank=True, default="")
    provider_reference = models.CharField(max_length=120, blank=True, default="")
    cost_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=8, blank=True, default="")
    error = models.CharField(max_length=300, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text=_("When it might first go out: after the quiet hours"))
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, help_text=_("When it was delivered, or failed for good"))
    instead_of = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="followed_by")

    objects = MessageQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MessageStatus.values), name="message_status_is_known"),
            models.CheckConstraint(
                # A call is taken before it is spoken: its words are kept until it ends, or runs out.
                condition=Q(is_secret=False)
                | Q(body=None, fallback=None)
                | Q(status__in=["QUEUED", "SENDING"])
                | Q(channel="VOICE", status="SENT", fallback=None),
                name="a_sent_code_is_unreadable",
            ),
            models.CheckConstraint(
                condition=~Q(status="SENDING") | Q(lease_until__isnull=False), name="whoever_sends_has_a_lease"
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="one_message_per_reference",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], condition=Q(user__isnull=False), name="messages_of_a_person"),
            models.Index(fields=["next_attempt_at"], condition=Q(status="QUEUED"), name="messages_due"),
            models.Index(fields=["lease_until"], condition=Q(status="SENDING"), name="messages_being_sent"),
            models.Index(fields=["to_print", "-id"], name="messages_to_an_address"),
            models.Index(fields=["created_at"], name="messages_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.code} → {self.to_masked}"

    @property
    def cost(self) -> Money | None:
        """What the provider charged; None while that is not known."""
        return None if self.cost_minor is None else Money(self.cost_minor, self.currency)


class Unwanted(models.Model):
    """A message that was not written, because the person chose not to hear of its topic on that channel."""

    key = models.CharField(max_length=200, unique=True, help_text=_("The same key is counted once"))
    code = models.CharField(max_length=80)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "unwanted messages"
        indexes = [models.Index(fields=["at"], name="unwanted_by_time")]

    def __str__(self) -> str:
        return f"{self.code} {self.channel}"


class ReportOutcome(models.TextChoices):
    """What became of a delivery report."""

    APPLIED = "APPLIED", _("Applied")
    DUPLICATE = "DUPLICATE", _("Seen before")
    LATE = "LATE", _("Came after the end")
    UNMATCHED = "UNMATCHED", _("No such message yet")
    UNREADABLE = "UNREADABLE", _("Could not be read")


class ProviderReport(models.Model):
    """A delivery report as it came in, kept before it was read."""

    LIFE = timedelta(days=90)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.CharField(max_length=40)
    raw = EncryptedText()
    received_at = models.DateTimeField()
    event_id = models.CharField(max_length=120, blank=True, default="")
    event_status = models.CharField(max_length=30, blank=True, default="")
    address_print = PrintColumn(max_length=32, null=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="reports")
    outcome = models.CharField(max_length=10, choices=ReportOutcome.choices, blank=True, default="")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id", "event_status"],
                condition=~Q(event_id="") & ~Q(outcome="DUPLICATE"),
                name="each_report_counts_once",
            )
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(outcome=""), name="reports_to_read"),
            models.Index(fields=["address_print"], condition=Q(outcome="UNMATCHED"), name="reports_unmatched"),
            models.Index(fields=["received_at"], name="reports_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id} {self.event_status}"
