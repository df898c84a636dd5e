"""How a person proves who they are: sessions, devices, codes, and approvals bound to one act."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.fields import EncryptedText
from apps.kernel.money import MoneyOf


class Device(models.Model):
    """A browser or phone a person signs in from."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices", db_index=False)
    fingerprint = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    is_trusted = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "fingerprint"], name="one_row_per_device")]

    def __str__(self) -> str:
        return self.name


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions by whether they still open the door."""

    def live(self, at: object) -> "SessionQuerySet":
        """Neither ended nor run out."""
        return self.filter(revoked_at=None, expires_at__gt=at)


class Session(models.Model):
    """One stay: a browser session in a portal, or a family of refresh tokens of the API."""

    class Door(models.TextChoices):
        """Where it was opened."""

        API = "API", _("App")
        PORTAL = "PORTAL", _("Browser")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bank_sessions", db_index=False
    )
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="sessions")
    door = models.CharField(max_length=6, choices=Door.choices)
    token_id = models.CharField(max_length=64, help_text=_("The one refresh token of the family that is good"))
    browser_key = models.CharField(max_length=40, blank=True, default="")
    ip_address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=40, blank=True, default="")

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="sessions_of_a_person"),
            models.Index(fields=["browser_key"], condition=~Q(browser_key=""), name="sessions_by_browser"),
        ]

    def __str__(self) -> str:
        return f"{self.get_door_display()} {self.created_at:%Y-%m-%d %H:%M}"


class OtpChallenge(models.Model):
    """A six-digit code sent to a phone or an address, for one purpose, good for five minutes and three tries."""

    class Purpose(models.TextChoices):
        """What the code opens."""

        JOIN = "JOIN", _("Join")
        SIGN_IN = "SIGN_IN", _("Sign in")
        RESET = "RESET", _("Reset the password")
        CONFIRM_EMAIL = "CONFIRM_EMAIL", _("Confirm the e-mail address")

    class Channel(models.TextChoices):
        """How the code travels."""

        SMS = "SMS", "SMS"
        EMAIL = "EMAIL", _("E-mail")
        VOICE = "VOICE", _("Call")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    purpose = models.CharField(max_length=14, choices=Purpose.choices)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address = EncryptedText(row="id")
    address_print = models.BinaryField(max_length=32)
    code_hash = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(attempts__lte=3), name="a_code_has_three_tries")]
        indexes = [models.Index(fields=["address_print", "purpose", "-created_at"], name="codes_of_an_address")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.created_at:%H:%M}"


class StepUpChallenge(models.Model):
    """Proof asked for one act: operation, amount and payee are part of it, and its answer opens that act once."""

    class Method(models.TextChoices):
        """How it is answered."""

        SMS = "SMS", "SMS"
        TOTP = "TOTP", _("Authenticator app")
        PASSKEY = "PASSKEY", _("Passkey")
        USSD_PIN = "USSD_PIN", _("USSD PIN")  # answered on that channel alone, by operations.ussd

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    operation = models.CharField(max_length=60)
    subject = models.CharField(max_length=160, help_text=_("What is approved, as a reference: payments/7"))
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=8, blank=True, default="")
    payee = models.CharField(max_length=160, blank=True, default="", help_text=_("A print of who is paid, if anybody"))
    method = models.CharField(max_length=8, choices=Method.choices)
    code_hash = models.CharField(max_length=64, blank=True, default="")
    state = models.JSONField(null=True, help_text=_("What the method needs to check the answer"))
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(attempts__lte=3), name="a_challenge_has_three_tries"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(answered_at__isnull=False, used_at__gte=F("answered_at")),
                name="used_only_after_an_answer",
            ),
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="challenges_of_a_person")]

    def __str__(self) -> str:
        return f"{self.operation} {self.subject}"
