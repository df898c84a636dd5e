"""Who is told when a feed is not believed."""

from django.contrib.auth.models import Permission
from django.utils import translation

from apps.fx.events import FeedRefused
from apps.fx.models import RefusedFeed
from apps.kernel.events import subscribe
from apps.notifications import operations as notifications
from apps.users.models import User


@subscribe(FeedRefused)
def tell_staff(event: FeedRefused) -> None:
    """Everyone who may change rates has an alert, once a day for each reason."""
    row = RefusedFeed.objects.get(pk=event.refused_id)
    right = Permission.objects.filter(codename="manage_rates", content_type__app_label="fx")
    staff = User.objects.filter(is_staff=True, status="ACTIVE", groups__permissions__in=right).distinct()
    for person in staff.order_by("pk"):
        with translation.override(person.language):
            words = {"why": str(row.get_because_display()), "detail": row.detail}
        notifications.alert(
            "fx.feed_refused", to=person, context=words, about=f"fx/feeds/{row.because}", at=row.received_at
        )
