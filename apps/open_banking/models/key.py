"""The keys that identity tokens are signed with: sealed at rest, rotated by command, published while they are met."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection, models, transaction
from django.db.models import Q
from jwcrypto import jwk

from apps.kernel.clock import now
from apps.kernel.fields import EncryptedText

PUBLISHED_AFTER = timedelta(days=7)  # how long a key that signs no more is still published
_LOCK = 730_114_205  # the first key is made once, whoever asks first


def new_pem() -> str:
    """An RSA key of 2048 bits, as PKCS #8."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    """Keys by what they still do."""

    def published(self, at: datetime) -> "SigningKeyQuerySet":
        """The one that signs, and those whose signatures may still be met."""
        return self.filter(Q(retired_at=None) | Q(retired_at__gt=at - PUBLISHED_AFTER)).order_by("-created_at")

    def current(self) -> "SigningKey":
        """The one that signs; the first is made when it is first needed."""
        return self.filter(retired_at=None).first() or self._first()

    def _first(self) -> "SigningKey":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            return self.filter(retired_at=None).first() or self.make(at=now())

    def make(self, *, at: datetime, pem: str = "") -> "SigningKey":
        """Another key. The one in force must have been retired before."""
        row = SigningKey(pem=pem or new_pem(), created_at=at)
        row.kid = row.jwk().thumbprint()
        row.save()
        return row


class SigningKey(models.Model):
    """One RSA key; its `kid` is its thumbprint (RFC 7638)."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kid = models.CharField(max_length=64, unique=True)
    pem = EncryptedText()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["retired_at"], condition=Q(retired_at=None), nulls_distinct=False, name="one_key_signs"
            )
        ]

    def __str__(self) -> str:
        return self.kid

    def jwk(self) -> jwk.JWK:
        """With its private part."""
        return jwk.JWK.from_pem(str(self.pem).encode())

    def public(self) -> dict[str, Any]:
        """As it stands in the key set."""
        return {"use": "sig", "alg": "RS256", **json.loads(self.jwk().export_public()), "kid": self.kid}
