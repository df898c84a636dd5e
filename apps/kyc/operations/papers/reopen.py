"""A known business changed: its verification begins anew. Its limits stay until that is decided, unless a list hits."""

from datetime import datetime

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.kyc.models import DocumentKind, DocumentStatus, KycDocument, VerificationWorkflow, WorkflowStatus
from apps.kyc.operations.tier import write_tier
from apps.kyc.queries import in_the_way
from apps.kyc.rules import needs
from apps.users.models import Tier, User
from apps.users.queries import business_of

_OF_PEOPLE = (DocumentKind.CR12, DocumentKind.PARTNERSHIP_DEED, DocumentKind.GROUP_CONSTITUTION)
KNOWN = ("VERIFIED", "PENDING", "EXPIRED")


@transaction.atomic
def reopen(
    party: User, *, because: str, by: User, at: datetime, stale: tuple[str, ...] = ()
) -> VerificationWorkflow | None:
    """Begin a known business's verification anew; `stale` kinds of papers are asked again. None when it was not known.

    What lies with an officer goes back to the business: what they look at is not what it is any more.
    """
    mine = VerificationWorkflow.objects.owned_by(party).live().select_for_update()
    mine.first()  # rows are locked in the order in which deciding locks them
    party = User.objects.select_for_update().get(pk=party.pk)
    live, business = mine.first(), business_of(party)
    if business is None or (live is None and party.kyc_status not in KNOWN):
        return None
    KycDocument.objects.current().filter(
        user=party, person=None, kind__in=stale, status=DocumentStatus.VERIFIED
    ).update(replaced_at=at)
    tier = needs.TIER_OF_BUSINESS[business.kind]
    if live is not None and live.status != WorkflowStatus.IN_REVIEW:
        VerificationWorkflow.objects.filter(pk=live.pk).update(target_tier=tier)
        lower_when_hit(party, by=by, at=at)
        return live  # it is with the business anyway
    if live is None:
        live = VerificationWorkflow.objects.create(user=party, target_tier=tier, started_at=at, is_reopened=True)
    else:
        back = {"status": WorkflowStatus.STARTED, "assigned_to": None, "claimed_at": None, "waits_for_second": False}
        VerificationWorkflow.objects.filter(pk=live.pk).update(target_tier=tier, says_complete=False, **back)
        KycDocument.objects.current().filter(workflow=live, status=DocumentStatus.IN_REVIEW).update(
            status=DocumentStatus.UPLOADED
        )
        live.refresh_from_db()
    if party.kyc_status == "VERIFIED":
        User.objects.filter(pk=party.pk).update(kyc_status="PENDING")
    audit_trail.record("kyc.business.reopened", on=live, by=by, at=at, reason=because)
    lower_when_hit(party, by=by, at=at)
    return live


def changed_itself(party: User, *, by: User, at: datetime) -> VerificationWorkflow | None:
    """Its name, number or kind is another one: the certificate is asked again."""
    stale = (DocumentKind.BUSINESS_REGISTRATION.value,)
    return reopen(party, because="Name, number or kind changed", by=by, at=at, stale=stale)


def changed_people(party: User, *, by: User, at: datetime) -> VerificationWorkflow | None:
    """It names other people: the paper that lists them is asked again."""
    stale = tuple(kind.value for kind in _OF_PEOPLE)
    return reopen(party, because="Directors or owners changed", by=by, at=at, stale=stale)


@transaction.atomic
def lower_when_hit(party: User, *, by: User, at: datetime) -> bool:
    """While a changed business is verified anew, a match of it or of those it names takes its limits at once."""
    row = User.objects.select_for_update().get(pk=party.pk)
    live = VerificationWorkflow.objects.owned_by(row).live().filter(is_reopened=True)
    if row.kyc_tier == Tier.TIER_1 or not live.exists() or not in_the_way(row):
        return False
    write_tier(person=row, tier=Tier.TIER_1, status="PENDING", reason="Verified anew", by=by, at=at)
    return True
