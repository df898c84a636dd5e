"""`Authorization: Bearer` of an app by itself: a client-credentials token."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.kernel.clock import now
from apps.open_banking import rules
from apps.open_banking.models import AccessToken, ThirdPartyApp
from apps.open_banking.oauth.certificates import may_use


@dataclass(frozen=True, slots=True)
class AppUser:
    """An app that asks in its own name: nobody's money, nobody's rights."""

    app: ThirdPartyApp
    scopes: frozenset[str]
    is_authenticated: bool = True
    is_active: bool = True
    is_staff: bool = False

    @property
    def pk(self) -> str:
        """How it is counted."""
        return f"app-{self.app.pk}"

    def has_perm(self, permission: str, row: Any = None) -> bool:
        """None."""
        return False


class AppToken(BaseAuthentication):
    """A token of an app's own; people's tokens (JWT) are left to who reads them."""

    def authenticate(self, request: Request) -> tuple[AppUser, AccessToken] | None:
        """The app. Raises AuthenticationFailed for a token that is over, a person's, or of an app that was stopped."""
        kind, _space, raw = str(request.headers.get("Authorization", "")).partition(" ")
        if kind.lower() != "bearer" or raw.count(".") == 2:
            return None
        rows = AccessToken.objects.select_related("application__developer")
        row = rows.filter(token_checksum=rules.checksum(raw.strip()), expires__gt=now(), user=None).first()
        if row is None or row.application is None or not row.application.is_usable(request):
            raise AuthenticationFailed(_("The token is not known, or its time is over."), code="token_not_valid")
        if not may_use(row, row.application, request.META, now()):
            words = _("The call did not come with the certificate that the app registered.")
            raise AuthenticationFailed(words, code="certificate_not_its_own")
        return AppUser(row.application, frozenset(row.scope.split())), row

    def authenticate_header(self, request: Request) -> str:
        """401, not 403."""
        return 'Bearer realm="api"'


class AppTokenSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # spectacular has no types
    """How the published schema names it."""

    target_class = AppToken
    name = "app"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """HTTP bearer."""
        return {"type": "http", "scheme": "bearer", "description": "A client-credentials token of an app"}


class IsPerson(BasePermission):
    """A signed-in person, not an app."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """People have no app."""
        return bool(request.user and request.user.is_authenticated and not isinstance(request.user, AppUser))
