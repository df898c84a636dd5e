"""Signs people in by phone or e-mail."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from apps.users.models import User


class PhoneOrEmail(ModelBackend):
    """Phone in any written form, or e-mail, with a password."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """The person, or None. An unknown name costs as much time as a wrong password."""
        if not username or not password:
            return None
        user = User.objects.called(username).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None
