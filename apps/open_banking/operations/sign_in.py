"""A customer lets an app know who they are: a consent like any other, so that it is seen and stopped like any other."""

from datetime import datetime

from django.db import transaction

from apps.open_banking import policies
from apps.open_banking.models import Consent, ConsentType, ThirdPartyApp
from apps.open_banking.operations.authorise import authorise
from apps.open_banking.operations.lodge import Wish, lodge
from apps.users.models import User


@transaction.atomic
def let_know_who(*, app: ThirdPartyApp, by: User, at: datetime) -> Consent:
    """The consent that lets an app know who the customer is: the live one, or a new one. Raises AppNotLive."""
    policies.require_live(app)
    User.objects.select_for_update().only("pk").get(pk=by.pk)  # two tabs at once: one consent
    held = Consent.objects.live(at).filter(app=app, user=by, consent_type=ConsentType.IDENTITY).first()
    if held is not None:
        return held
    row = lodge(app=app, wish=Wish(consent_type=ConsentType.IDENTITY), at=at)
    Consent.objects.filter(pk=row.pk).update(user=by)
    row.user = by
    return authorise(consent=row, accounts=[], by=by, at=at, challenge_id=None)
