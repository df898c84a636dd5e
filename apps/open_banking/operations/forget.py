"""Forgets what is over: requests that were pushed, and assertions that could not be used again anyway."""

from datetime import datetime

from apps.open_banking.models import PushedRequest, UsedAssertion


def forget_pushed(*, at: datetime) -> int:
    """Returns how many rows."""
    found = [table.objects.filter(expires_at__lte=at).delete()[0] for table in (PushedRequest, UsedAssertion)]
    return sum(found)
