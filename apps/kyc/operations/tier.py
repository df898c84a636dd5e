"""Giving a customer another tier."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import Approval, ApprovalStatus
from apps.kyc.errors import ScreeningOpen, TwoMustDecide
from apps.kyc.events import TierChanged
from apps.kyc.queries import open_hits
from apps.users.models import Party, Tier, User
from apps.users.policies import require_right, require_unconnected
from apps.users.queries import somebody, somebody_locked

RAISE = "kyc.tier_raise"


@transaction.atomic
def set_tier(*, person: User, tier: str, reason: str, by: User, at: datetime) -> User:
    """Lower a customer's tier; `reason` says why. Up only two people go: see `ask_tier`.

    Raises NotAllowed, Conflict, ScreeningOpen, TwoMustDecide.
    """
    person = _may_set(person, tier, reason, by)
    if tier > person.kyc_tier:
        raise TwoMustDecide(_("A higher tier takes two officers. Ask for it; nothing was changed."))
    return write_tier(person=person, tier=tier, status="VERIFIED", reason=reason, by=by, at=at)


@transaction.atomic
def ask_tier(*, person: User, tier: str, reason: str, by: User, at: datetime) -> Approval | None:
    """Set a customer's tier after their papers were seen; `reason` says which. A higher one waits for a second officer,
    whose request is answered: one person alone could say that they saw what nobody did.

    Raises NotAllowed, Conflict, ScreeningOpen.
    """
    if tier <= person.kyc_tier:
        set_tier(person=person, tier=tier, reason=reason, by=by, at=at)
        return None
    person = _may_set(person, tier, reason, by)
    subject = f"users/{person.pk}/tier"
    if Approval.objects.filter(kind=RAISE, subject=subject, status=ApprovalStatus.PENDING).exists():
        raise Conflict(_("Another officer asked for this already; it waits for a decision. Nothing was changed."))
    return approvals.ask(
        kind=RAISE, subject=subject,
        payload={"user": person.pk, "tier": str(tier), "from": person.kyc_tier, "reason": reason.strip()},
        before={"tier": person.kyc_tier}, after={"tier": str(tier)}, reason=reason, by=by, at=at,
    )  # fmt: skip


def run_raise(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved request: the tier, unless a match with a list has come up meanwhile, or the customer's tier has
    moved: a paper that expired, or a colleague, took it lower. Raises what `set_tier` does, and IllegalMove.
    """
    person = _may_set(somebody(payload["user"]), payload["tier"], payload["reason"], checker)
    if person.kyc_tier != payload.get("from", person.kyc_tier):
        raise IllegalMove(
            _("Their tier has changed since it was asked. Nothing was changed. Return this and look again.")
        )
    require_unconnected(maker, person)
    write_tier(person=person, tier=payload["tier"], status="VERIFIED", reason=payload["reason"], by=checker, at=at)
    return {"tier": person.kyc_tier}


def _may_set(person: User, tier: str, reason: str, by: User) -> User:
    """The person's locked row, when this officer may give them this tier now."""
    require_right(by, "kyc.approve_kyc")
    if by.pk == person.pk:
        raise NotAllowed(_("Another officer must decide on your own papers."))
    require_unconnected(by, person)
    if person.kind != Party.PERSON:
        raise NotAllowed(_("A business is verified by its papers. Nothing was changed."))
    if tier not in Tier.values or not reason.strip():
        raise NotAllowed(_("Name a tier, and which papers you checked."))
    person = somebody_locked(person.pk)
    if person.kyc_tier == tier:
        raise Conflict(_("They are on that tier already. Nothing was changed."))
    if tier > person.kyc_tier and open_hits(person.pk):
        raise ScreeningOpen(_("Compliance has not finished with this customer. Nothing was changed."))
    return person


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
