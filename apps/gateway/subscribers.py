"""Hears every event that third parties may be told, under whatever app publishes it, by the kernel's list of offers;
and of providers that do not answer.
"""

from datetime import datetime

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import translation

from apps.gateway.events import ConnectionBroke
from apps.gateway.models import ExternalApiConnection
from apps.gateway.operations.tell import tell
from apps.gateway.policies import CONNECTS
from apps.kernel import events, third_parties
from apps.kernel.breaker import ProviderBroke
from apps.kernel.clock import now
from apps.kernel.events import Event
from apps.notifications import operations as notifications
from apps.users.models import User


def tell_third_parties(event: Event) -> None:
    """Have the app it concerns told."""
    offer = third_parties.offer_of(event)
    notice = offer.notice(event)
    if notice is not None:
        tell(event_type=offer.name, notice=notice, at=now())


@events.subscribe(ProviderBroke)
@transaction.atomic
def tell_of_silence(event: ProviderBroke) -> None:
    """Whoever may change connections has an alert, once a day for each; the floors above hear of it."""
    row = ExternalApiConnection.objects.filter(name=event.provider).first()
    if row is None:
        return  # not one of ours to mind: another bank that a customer linked
    events.publish(ConnectionBroke(connection_id=row.pk, provider=row.name))
    app, _dot, codename = CONNECTS.partition(".")
    right = Permission.objects.filter(codename=codename, content_type__app_label=app)
    staff = User.objects.filter(is_staff=True, status="ACTIVE", groups__permissions__in=right).distinct()
    at, about = datetime.fromisoformat(event.at), f"gateway/connections/{row.name}"
    for person in staff.order_by("pk"):
        with translation.override(person.language):
            words = {"name": row.label, "error": event.error[:60]}
        notifications.alert("gateway.connection_down", to=person, context=words, about=about, at=at)
