"""What failed sign-ins are counted by: the person, whichever of their names was tried and however it was written."""

from typing import Any

from django.http import HttpRequest

from apps.kernel import cipher
from apps.users import rules
from apps.users.models import User


def key_of(user: User) -> str:
    """What a person's failed sign-ins are counted by."""
    return _print(f"users/{user.pk}")


def account_key(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """A fingerprint of who was tried, so that the attempts table holds neither phone nor e-mail; of what was typed,
    where nobody here is called so. django-axes asks several times a try: it is looked up once.
    """
    login = str((credentials or {}).get("username") or "")
    known: dict[str, str] = request.__dict__.setdefault("sign_in_keys", {}) if request else {}
    if login not in known:
        owner = User.objects.called(login).only("pk").first()
        known[login] = key_of(owner) if owner else _print(_normal(login))
    return known[login]


def _normal(login: str) -> str:
    try:
        return rules.email(login) if "@" in login else rules.phone(login)
    except rules.Unreadable:
        return login[:100]


def _print(text: str) -> str:
    return cipher.fingerprint(text, "sign-in attempts").hex()
