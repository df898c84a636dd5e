"""Who may do what in the gateway."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.gateway.models import WebhookEndpoint
from apps.kernel import third_parties
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.third_parties import Client
from apps.users.models import User

SEES_ALL = "audit_trail.view_audit"
CONNECTS = "gateway.manage_connections"


def own_client(user: User, client: UUID) -> Client:
    """One's own app. Raises NotFound."""
    found = third_parties.named([client]).get(client)
    if found is None or found.owner_id != user.pk:
        raise NotFound(_("There is no such app, or it is not yours."))
    return found


def own_endpoint(user: User, public_id: UUID) -> WebhookEndpoint:
    """One's own endpoint. Raises NotFound."""
    found = WebhookEndpoint.objects.owned_by(user).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such webhook, or it is not yours."))
    return found


def require_may_connect(user: User) -> None:
    """Raises NotAllowed."""
    if not user.has_perm(CONNECTS):
        raise NotAllowed(_("You may not change connections. Nothing was changed."))
