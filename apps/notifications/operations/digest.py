"""The daily digest: one mail to those who have alerts they have not looked at."""

from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db.models import Count

from apps.kernel.clock import local_date
from apps.notifications import people
from apps.notifications.models import Alert
from apps.notifications.operations.send import send
from apps.notifications.states import Channel

SPAN = timedelta(hours=24)


def send_digests(*, at: datetime) -> int:
    """Write a digest to everyone with unread alerts of the last 24 hours; returns how many were written.

    It is a reminder, so people may turn it off; run twice on a day it is still written once.
    """
    waiting = Alert.objects.filter(deleted_at=None, created_at__gt=at - SPAN).unread()
    counts = dict(waiting.values_list("user_id").annotate(count=Count("pk")).order_by("user_id"))
    written = 0
    for person in get_user_model().objects.filter(pk__in=counts).iterator(chunk_size=500):
        known = people.find(person.pk)
        if known is None or not known.email:
            continue
        context = {"count": counts[person.pk]}
        key = f"notifications/{person.pk}/digest/{local_date(at)}"
        sent = send("notifications.digest", to=person, context=context, at=at, key=key, channel=Channel.EMAIL)
        written += sent is not None
    return written
