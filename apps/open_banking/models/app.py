"""Third parties: who develops, what they made, and the secrets it proves itself with."""

import uuid
from datetime import datetime
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from jwcrypto import jwk
from oauth2_provider.models import AbstractApplication

from apps.kernel import cipher
from apps.open_banking.models.key import SigningKey
from apps.open_banking.states import AppStatus

_DEVICE = AbstractApplication.GRANT_DEVICE_CODE


class DeveloperAccount(models.Model):
    """A person who registered to build apps on the bank."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="developer")
    organisation = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.organisation


class ThirdPartyApp(AbstractApplication):
    """An app of a third party: an OAuth2 client. It signs nobody in by itself, and keeps no secret in this row."""

    class Scope(models.TextChoices):
        """What an app may be allowed to ask for."""

        ACCOUNTS = "accounts", _("Accounts, balances and movements")
        PAYMENTS = "payments", _("Payments")
        FUNDS = "fundsconfirmations", _("Whether an amount is there")

    # Of the toolkit's columns these have no use here: secrets have a table, and nobody is let in without being asked.
    user = None
    client_secret: Any = None
    hash_client_secret: Any = None
    skip_authorization = False
    allowed_origins: Any = None

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    developer = models.ForeignKey(DeveloperAccount, on_delete=models.PROTECT, related_name="apps")
    description = models.CharField(max_length=300, blank=True, default="")
    website_url = models.CharField(max_length=500, blank=True, default="")
    logo_url = models.CharField(max_length=500, blank=True, default="")
    allowed_scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), default=list)
    status = models.CharField(max_length=9, choices=AppStatus.choices, default=AppStatus.PENDING)
    is_sandbox = models.BooleanField(default=True)
    uses_devices = models.BooleanField(default=False, help_text=_("May be let in from a screen without a keyboard"))
    allows_direct_login = models.BooleanField(default=False, help_text=_("May hand over a password (OBP DirectLogin)"))
    public_keys = models.JSONField(null=True, blank=True, help_text=_("Its key set: it proves itself by signing"))
    certificate_pem = models.TextField(blank=True, default="", help_text=_("Of its TLS client, where it has one"))
    certificate_thumbprint = models.CharField(max_length=64, blank=True, default="")
    rate_limit_per_minute = models.PositiveIntegerField(default=60)
    rate_limit_per_day = models.PositiveIntegerField(default=10_000)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    status_because = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        permissions = [("approve_apps", "Can look at third parties' apps, and decide on them")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=AppStatus.values), name="app_status_is_known"),
            models.CheckConstraint(condition=Q(algorithm="RS256"), name="apps_get_signed_tokens"),
            models.CheckConstraint(
                condition=Q(authorization_grant_type="authorization-code"), name="apps_use_the_code_flow"
            ),
            models.CheckConstraint(condition=Q(client_type__in=["confidential", "public"]), name="app_kind_is_known"),
            models.CheckConstraint(
                condition=Q(is_sandbox=True) | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="live_apps_were_approved",
            ),
            models.CheckConstraint(
                condition=~Q(status="APPROVED") | Q(is_sandbox=False), name="approved_apps_are_live"
            ),
            models.CheckConstraint(
                condition=Q(rate_limit_per_minute__gte=1, rate_limit_per_day__gte=F("rate_limit_per_minute")),
                name="app_limits_make_sense",
            ),
            models.CheckConstraint(condition=~Q(redirect_uris=""), name="apps_have_somewhere_to_return_to"),
            models.CheckConstraint(
                condition=Q(allows_direct_login=False) | Q(client_type="confidential"),
                name="direct_login_needs_a_secret",
            ),
            models.CheckConstraint(
                condition=Q(certificate_pem="", certificate_thumbprint="")
                | (~Q(certificate_pem="") & ~Q(certificate_thumbprint="")),
                name="certificates_have_thumbprints",
            ),
            models.CheckConstraint(
                condition=Q(public_keys=None) | Q(client_type="confidential"), name="apps_people_install_have_no_keys"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="going_live_ends_the_sandbox",
                operation=pgtrigger.UpdateOf("is_sandbox"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__is_sandbox=True, new__is_sandbox=False),
                func="""
                IF EXISTS (
                    SELECT 1 FROM open_banking_consent
                     WHERE app_id = NEW.id AND is_sandbox
                       AND status IN ('RECEIVED', 'PARTIALLY_AUTHORISED', 'VALID')
                ) OR EXISTS (
                    SELECT 1 FROM open_banking_accesstoken WHERE application_id = NEW.id AND persona_id IS NOT NULL
                ) THEN
                    RAISE EXCEPTION 'an app goes live without its sandbox: end its sandbox consents and tokens first';
                END IF;
                RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def is_live(self) -> bool:
        """Whether it may ask customers."""
        return self.status == AppStatus.APPROVED and not self.is_sandbox

    @property
    def may_ask(self) -> bool:
        """Whether it may ask anybody: customers when it is live; in the sandbox the personas of its own developer."""
        return self.is_live or (self.is_sandbox and self.status == AppStatus.PENDING)

    @property
    def may_hold_words(self) -> bool:
        """Whether it may read by a consent's word alone: what may take passwords, or in the sandbox has a secret."""
        if self.is_sandbox:
            return self.may_ask and self.client_type == AbstractApplication.CLIENT_CONFIDENTIAL
        return self.is_live and self.allows_direct_login

    def is_usable(self, request: Any) -> bool:
        """Whether it may prove itself at all: asked by the toolkit wherever a client is looked up."""
        return self.status in {AppStatus.PENDING, AppStatus.APPROVED}

    def allows_grant_type(self, *grant_types: str) -> bool:
        """Codes for all; client credentials for those with a secret; devices for those that say so."""
        has = {AbstractApplication.GRANT_AUTHORIZATION_CODE}
        if self.client_type == AbstractApplication.CLIENT_CONFIDENTIAL:
            has.add(AbstractApplication.GRANT_CLIENT_CREDENTIALS)
        if self.uses_devices:
            has.add(_DEVICE)
        return not has.isdisjoint(grant_types)

    def get_allowed_schemes(self) -> list[str]:
        """`http` is let through for loopback addresses alone, which registration has seen to."""
        return ["https", "http"]

    @property
    def jwk_key(self) -> jwk.JWK:
        """The bank's own key: every app gets tokens signed by it."""
        return SigningKey.objects.current().jwk()


def secret_print(secret: str) -> bytes:
    """What is kept of a secret: a keyed hash. Secrets are 256 random bits, which no list of words finds."""
    return cipher.fingerprint(secret, "open_banking_appsecret.secret")


class AppSecretQuerySet(models.QuerySet["AppSecret"]):
    """Secrets by whether they still open."""

    def live(self, at: datetime) -> "AppSecretQuerySet":
        """The one in force, and the one before it for a day."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at))


class AppSecret(models.Model):
    """A secret of an app, shown once and kept as a hash. A rotated one opens for a day more."""

    app = models.ForeignKey(ThirdPartyApp, on_delete=models.PROTECT, related_name="secrets")
    secret_print = models.BinaryField(max_length=32)
    hint = models.CharField(max_length=4, help_text=_("Its last characters, to know it by"))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = AppSecretQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["secret_print"], name="one_row_per_secret"),
            models.UniqueConstraint(fields=["app"], condition=Q(expires_at=None), name="one_secret_in_force_per_app"),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gte=F("created_at")), name="secrets_end_after_they_begin"
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"
