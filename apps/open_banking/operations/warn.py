"""Tells customers a week before that an app's access ends; whoever does nothing lets it end."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.kernel.clock import local_date
from apps.notifications import operations as notifications
from apps.open_banking.models import Consent, ConsentType

BEFORE = timedelta(days=7)
SHORT = timedelta(days=14)  # what was given for less needs no warning
ONE_SWEEP = 500


@transaction.atomic
def warn_before_end(*, at: datetime) -> int:
    """Tell each customer once; a few hundred at a time. Returns how many."""
    rows = Consent.objects.live(at).filter(
        valid_until__lte=at + BEFORE,
        warned_at=None,
        is_recurring=True,
        is_sandbox=False,
        consent_type=ConsentType.AIS,
    )
    found = (
        rows.select_for_update(of=("self",), skip_locked=True).select_related("app", "user").order_by("pk")[:ONE_SWEEP]
    )
    due = list(found)
    for row in due:
        if row.user is not None and row.valid_until - row.valid_from > SHORT:
            facts = {"app": row.app.name, "until": f"{local_date(row.valid_until):%d/%m/%Y}"}
            key = f"open_banking/{row.pk}/ending"
            notifications.send("open_banking.ending", to=row.user, context=facts, at=at, key=key)
    Consent.objects.filter(pk__in=[row.pk for row in due]).update(warned_at=at)
    return len(due)
