"""Codes and tokens, each bound to the consent it was given for; none of them is kept readable.

The toolkit keeps access and refresh tokens as hashes (`COMPLIANT_BCP_RFC9700_TOKEN_STORAGE`); `oauth.validator` keeps
codes and device codes so. All that came of one code share its `family`, and die together.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractDeviceGrant,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from apps.open_banking.models.consent import Consent
from apps.open_banking.models.sandbox import SandboxPersona


class AuthorisationCode(AbstractGrant):
    """A code, good once and for a minute. It stays after its use, so that a second use is known for what it is."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="+")
    family = models.UUIDField(default=uuid.uuid4, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractGrant.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(code_challenge_method="S256") & ~Q(code_challenge=""), name="codes_need_a_proof_of_sender"
            )
        ]


class AccessToken(AbstractAccessToken):
    """Ten minutes of access: for a customer's consent, for an app by itself, or by DirectLogin."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, null=True, related_name="access_tokens")
    family = models.UUIDField(null=True, editable=False, db_index=True)
    is_direct = models.BooleanField(default=False, help_text=_("By DirectLogin"))
    persona = models.ForeignKey(
        SandboxPersona,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        help_text=_("By DirectLogin in the sandbox"),
    )
    certificate_thumbprint = models.CharField(
        max_length=64, blank=True, default="", editable=False,
        help_text=_("SHA-256 in hex of the certificate it was given behind; it opens nothing without that one"),
    )  # fmt: skip

    class Meta(AbstractAccessToken.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(token=""), name="access_tokens_are_kept_as_hashes"),
            models.CheckConstraint(
                condition=Q(user=None, consent=None) | Q(user__isnull=False, consent__isnull=False)
                | Q(user__isnull=False, is_direct=True),
                name="a_customers_token_has_a_consent",
            ),
            models.CheckConstraint(
                condition=Q(persona=None) | Q(is_direct=True, consent=None), name="personas_tokens_are_direct"
            ),
        ]  # fmt: skip


class RefreshToken(AbstractRefreshToken):
    """Good for one exchange; a second one ends the family."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="refresh_tokens")

    class Meta(AbstractRefreshToken.Meta):
        constraints = [models.CheckConstraint(condition=Q(token=""), name="refresh_tokens_are_kept_as_hashes")]


class IdToken(AbstractIDToken):
    """That an identity token was given; the token itself is not kept."""


class DeviceGrant(AbstractDeviceGrant):
    """A device waits for a person to let it in from elsewhere."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, null=True, related_name="+")
    family = models.UUIDField(default=uuid.uuid4, editable=False)
