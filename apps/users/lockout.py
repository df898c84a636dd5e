"""What failed sign-ins are counted by: the account that was tried, however its phone was written."""

from typing import Any

from django.http import HttpRequest

from apps.kernel import cipher
from apps.users import rules


def account_key(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """A fingerprint of the phone or e-mail that was tried, so that the attempts table holds neither."""
    login = str((credentials or {}).get("username") or "")
    try:
        login = rules.email(login) if "@" in login else rules.phone(login)
    except rules.Unreadable:
        login = login[:100]
    return cipher.fingerprint(login, "sign-in attempts").hex()
