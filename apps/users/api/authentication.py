"""`Authorization: Bearer`: an access token, good while its session is."""

import uuid
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError
from rest_framework_simplejwt.tokens import Token

from apps.kernel.clock import now
from apps.kernel.context import note_stay
from apps.kernel.written import Written
from apps.users.models import Session, User

_STAY = Written(
    lambda sid, at: Session.objects.live(at).filter(pk=sid, door=Session.Door.API).select_related("user"),
    sid=uuid.UUID(int=1),
    at=datetime(1, 1, 2, tzinfo=UTC),
)


@lru_cache(maxsize=4096)
def _known(raw_token: bytes) -> Token:
    """A token whose signature is right; what is wrong is not kept. Raises InvalidToken."""
    return JWTAuthentication().get_validated_token(raw_token)


class BearerToken(JWTAuthentication):
    """The token's session is looked up with its person in one query, so signing out everywhere works at once."""

    def get_validated_token(self, raw_token: bytes) -> Token:
        """As simplejwt reads it; of one whose signature was found right before, only its time is looked at again."""
        known = _known(bytes(raw_token))
        try:
            known.check_exp(current_time=now())
        except TokenError:
            return super().get_validated_token(raw_token)  # refuses it in its own words
        return known

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]
        """The person of a live session. Raises AuthenticationFailed."""
        try:
            session = _STAY.first(sid=uuid.UUID(str(validated_token.get("sid"))), at=now())
        except ValueError:
            session = None
        if session is None or str(session.user.public_id) != validated_token.get("sub"):
            raise AuthenticationFailed(_("You were signed out. Sign in again."), code="session_ended")
        if not session.user.is_active:
            raise AuthenticationFailed(_("This profile cannot be used now. Call us."), code="profile_not_active")
        note_stay(session.pk)
        session.user.session = session  # type: ignore[attr-defined]
        return session.user  # type: ignore[no-any-return]


class BearerTokenSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the published schema names it."""

    target_class = BearerToken
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """HTTP bearer, JWT."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
