"""`Authorization: Bearer`: an access token, good while its session is."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.tokens import Token

from apps.kernel.clock import now
from apps.users.models import Session, User


class BearerToken(JWTAuthentication):
    """The token's session is looked up with its person in one query, so signing out everywhere works at once."""

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]
        """The person of a live session. Raises AuthenticationFailed."""
        live = Session.objects.live(now()).filter(pk=validated_token.get("sid"), door=Session.Door.API)
        session = live.select_related("user").first()
        if session is None or str(session.user.public_id) != validated_token.get("sub"):
            raise AuthenticationFailed(_("You were signed out. Sign in again."), code="session_ended")
        if not session.user.is_active:
            raise AuthenticationFailed(_("This profile cannot be used now. Call us."), code="profile_not_active")
        session.user.session = session  # type: ignore[attr-defined]
        return session.user


class BearerTokenSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the published schema names it."""

    target_class = BearerToken
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """HTTP bearer, JWT."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
