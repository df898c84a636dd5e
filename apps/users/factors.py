"""How django-allauth keeps our second factors: secrets sealed with the bank's own keys."""

import base64
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter

from apps.kernel import cipher

PLACE = "mfa_authenticator.data:secret"


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals TOTP secrets and recovery seeds, and names the person in authenticator apps."""

    def encrypt(self, text: str) -> str:
        """Seal a secret for the authenticators' table."""
        return base64.b64encode(cipher.seal(text.encode(), PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed."""
        return cipher.unseal(base64.b64decode(encrypted_text), PLACE).decode()

    def get_totp_label(self, user: Any) -> str:
        """The line an authenticator app shows."""
        return str(user.full_name)
