"""Telling owners in time that a deposit ends, while they can still say what becomes of it."""

from datetime import date, datetime, timedelta

from django.utils import translation

from apps.accounts.models import FixedDeposit
from apps.notifications import operations as notifications

AHEAD = timedelta(days=7)


def tell_of_ending_deposits(*, day: date, at: datetime) -> int:
    """Tell the owners of deposits that end within a week from `day`, once for each term; how many were told."""
    ending = FixedDeposit.objects.running().filter(matures_on__gt=day, matures_on__lte=day + AHEAD)
    told = 0
    for deposit in ending.exclude(starts_on__gt=day - AHEAD).select_related("owner").order_by("pk"):
        with translation.override(deposit.owner.language):
            then = str(deposit.get_on_maturity_display())
        context = {"amount": str(deposit.principal), "day": f"{deposit.matures_on:%d/%m/%Y}", "then": then}
        key = f"deposits/{deposit.pk}/ending"
        told += bool(notifications.send("accounts.deposit_ending", to=deposit.owner, context=context, at=at, key=key))
    return told
