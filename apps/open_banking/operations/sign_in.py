"""A customer lets an app know who they are: a consent like any other, so that it is seen and stopped like any other."""

from datetime import datetime

from django.db import transaction

from apps.open_banking import policies
from apps.open_banking.models import Consent, ConsentType, SandboxPersona, ThirdPartyApp
from apps.open_banking.operations.authorise import give, locked, tell
from apps.open_banking.operations.lodge import Wish, lodge
from apps.users.models import User


@transaction.atomic
def let_know_who(*, app: ThirdPartyApp, by: User, at: datetime, persona: SandboxPersona | None = None) -> Consent:
    """The consent that lets an app know who the customer is, or in the sandbox who a persona is: the live one, or a new
    one. Raises AppNotLive, NotFound.
    """
    policies.require_may_ask(app, by)
    policies.require_fits(app, persona)
    User.objects.select_for_update().only("pk").get(pk=by.pk)  # two tabs at once: one consent
    held = Consent.objects.live(at).filter(app=app, user=by, consent_type=ConsentType.IDENTITY, persona=persona)
    if found := held.filter(is_sandbox=app.is_sandbox).first():
        return found
    made = lodge(app=app, wish=Wish(consent_type=ConsentType.IDENTITY), at=at)
    Consent.objects.filter(pk=made.pk).update(user=by, persona=persona)
    row, others = locked(made, by, at)
    give(row, others, [], method="", by=by, at=at)
    if not row.is_sandbox:
        tell(row, by, at)
    return row
