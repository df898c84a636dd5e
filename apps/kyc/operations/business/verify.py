"""A business shows the bank what it is: begun by an owner, its papers brought, all of it handed in."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import Conflict, NotAllowed
from apps.kyc.errors import NotReady
from apps.kyc.models import BusinessPerson, KycDocument, VerificationWorkflow
from apps.kyc.operations.papers import bring
from apps.kyc.queries import lacking_of
from apps.kyc.rules import needs
from apps.users.models import BusinessProfile, User
from apps.users.operations.businesses import locked
from apps.users.policies import require_owner


@transaction.atomic
def start(*, business: BusinessProfile, by: User, at: datetime) -> VerificationWorkflow:
    """Begin, or go on with, the verification of a business; owners only. Raises NotFound, NotAllowed, Conflict."""
    business = locked(business)
    require_owner(by, business)
    live = live_of(business)
    if live is not None:
        return live
    party = User.objects.get(pk=business.party_id)
    if party.kyc_status == "VERIFIED":
        raise Conflict(_("We know this business already. Nothing was changed."))
    tier = needs.TIER_OF_BUSINESS[business.kind]
    live = VerificationWorkflow.objects.create(
        user=party, target_tier=tier, started_at=at, is_reopened=party.kyc_tier == tier
    )
    audit_trail.record("kyc.verification.started", on=live, by=by, at=at, after={"tier": tier}, customer=by)
    return live


def live_of(business: BusinessProfile) -> VerificationWorkflow | None:
    """The verification that is under way."""
    rows = VerificationWorkflow.objects.live().filter(user=business.party_id)
    return rows.select_related("user").first()


def bring_paper(
    *,
    business: BusinessProfile,
    paper: bring.Paper,
    raw: bytes,
    name: str,
    key: str,
    by: User,
    at: datetime,
    person: BusinessPerson | None = None,
) -> KycDocument:
    """Keep one part of a paper of a business, or of somebody it named; owners only. Raises what `bring_paper` of a
    customer raises, NotFound, NotAllowed, Conflict before it was begun.
    """
    require_owner(by, business)
    workflow = live_of(business)
    if workflow is None:
        raise Conflict(_("Begin a verification first. Nothing was kept."))
    if person is not None and (person.business_id != business.pk or person.removed_at or person.banks_here):
        raise NotAllowed(_("No paper of theirs is asked for. Nothing was kept."))
    return bring.bring_paper(workflow=workflow, paper=paper, raw=raw, name=name, key=key, at=at, person=person, by=by)


@transaction.atomic
def hand_in(*, business: BusinessProfile, says_complete: bool, by: User, at: datetime) -> VerificationWorkflow:
    """Hand all of it in. `says_complete`: an owner says that nobody who was not named holds a tenth or more of it.

    Raises NotFound, NotAllowed, Conflict, NotReady (its `missing` and `lacking` name what), IllegalMove.
    """
    business = locked(business)
    require_owner(by, business)
    workflow = live_of(business)
    if workflow is None:
        raise Conflict(_("Begin a verification first. Nothing was sent."))
    if lacking := lacking_of(business, says_complete=says_complete):
        raise NotReady(_("Not everybody who must be is named. Nothing was sent."), lacking=lacking)
    tier = needs.TIER_OF_BUSINESS[business.kind]
    VerificationWorkflow.objects.filter(pk=workflow.pk).update(says_complete=says_complete, target_tier=tier)
    User.objects.filter(pk=business.party_id).exclude(kyc_status="EXPIRED").update(kyc_status="PENDING")
    return bring.hand_in(workflow=workflow, by=by, at=at)
