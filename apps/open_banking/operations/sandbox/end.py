"""Ends what was let in to sandboxes: when a developer begins anew, and when an app leaves it for real money."""

from datetime import datetime

from apps.open_banking.models import AccessToken, Actor, Consent, ThirdPartyApp
from apps.open_banking.operations.end import end_many
from apps.open_banking.states import OPEN, ConsentStatus
from apps.users.models import User


def end_sandbox(*apps: ThirdPartyApp, by: User, reason: str, at: datetime) -> int:
    """Every open sandbox consent of these apps ends with its codes and tokens, and so do the personas' own tokens.

    Inside a transaction. Returns how many consents.
    """
    rows = Consent.objects.select_for_update().filter(app__in=apps, is_sandbox=True, status__in=OPEN).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    ended = end_many(ids, to=ConsentStatus.REVOKED_BY_BANK, actor=Actor.BANK, by=by, reason=reason, at=at)
    AccessToken.objects.filter(application__in=apps, persona__isnull=False).delete()
    return ended
