"""Giving a customer another tier."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import Conflict, NotAllowed
from apps.kyc.errors import ScreeningOpen
from apps.kyc.events import TierChanged
from apps.kyc.queries import open_hits
from apps.users.models import Tier, User
from apps.users.policies import require_right


@transaction.atomic
def set_tier(*, person: User, tier: str, reason: str, by: User, at: datetime) -> User:
    """Set a customer's tier after their papers were checked; `reason` says which.

    Raises NotAllowed, Conflict, ScreeningOpen.
    """
    require_right(by, "kyc.approve_kyc")
    if by.pk == person.pk:
        raise NotAllowed(_("Another officer must decide on your own papers."))
    if tier not in Tier.values or not reason.strip():
        raise NotAllowed(_("Name a tier, and which papers you checked."))
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.kyc_tier == tier:
        raise Conflict(_("They are on that tier already. Nothing was changed."))
    if tier > person.kyc_tier and open_hits(person.pk):
        raise ScreeningOpen(_("Compliance has not finished with this customer. Nothing was changed."))
    return write_tier(person=person, tier=tier, status="VERIFIED", reason=reason, by=by, at=at)


def write_tier(*, person: User, tier: str, status: str, reason: str, by: User, at: datetime) -> User:
    """Write tier and status of a person whose row the caller has locked, and tell of it when the tier is another."""
    before = person.kyc_tier
    User.objects.filter(pk=person.pk).update(kyc_tier=tier, kyc_status=status)
    person.kyc_tier, person.kyc_status = tier, status
    if before != tier:
        facts = {"tier": before}, {"tier": tier}
        audit_trail.record("kyc.tier.changed", on=person, by=by, at=at, before=facts[0], after=facts[1], reason=reason)
        events.publish(TierChanged(user_id=person.pk, before=before, after=tier))
    return person
