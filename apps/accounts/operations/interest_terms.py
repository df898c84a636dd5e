"""Changing what savings earn: asked by one, allowed by another, from a later day on; what stood before stays."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import interest
from apps.accounts.errors import BadInterest
from apps.accounts.models import Basis, InterestTerms, InterestTier, Product
from apps.accounts.rules.interest import BadTiers, Tier, check_tiers
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.users.models import User

CHANGE_INTEREST = "accounts.change_interest"


def ask_interest_change(
    *,
    product: Product,
    basis: str,
    tiers: Sequence[Tier],
    valid_from: date,
    reason: str,
    by: User,
    at: datetime,
) -> Approval:
    """Ask for other interest from a later day on; a second person must allow it.

    Slices begin at amounts in minor units of the product's currency. Raises NotAllowed, BadInterest.
    """
    if not by.has_perm("accounts.manage_products"):
        raise NotAllowed(_("You do not hold the right to change what savings earn."))
    if basis not in Basis.values:
        raise BadInterest(_("There is no such way to reckon interest. Nothing was changed."))
    _require_later(valid_from, at)
    try:
        check_tiers(tiers)
    except BadTiers as no:
        raise BadInterest(_("The slices do not hold together: %(why)s. Nothing was changed.") % {"why": no}) from no
    before = interest.offer(product.pk, valid_from)
    return approvals.ask(
        kind=CHANGE_INTEREST,
        subject=f"products/{product.code}/interest",
        payload={
            "product": product.pk,
            "basis": basis,
            "valid_from": valid_from.isoformat(),
            "tiers": [_primitive(tier) for tier in tiers],
        },
        before={"basis": before.terms.basis, "slices": [_primitive(tier) for tier in before.tiers]} if before else {},
        after={"from": valid_from.isoformat(), "basis": basis, "slices": [_primitive(tier) for tier in tiers]},
        reason=reason,
        by=by,
        at=at,
    )


def _require_later(valid_from: date, at: datetime) -> None:
    if valid_from <= local_date(at):
        raise BadInterest(_("Interest changes tomorrow at the earliest, so that no day earns other than was shown."))


def _primitive(tier: Tier) -> dict[str, Any]:
    return {"from_minor": tier.from_minor, "rate": str(tier.rate)}


@transaction.atomic
def run_interest_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change. Raises BadInterest when its day has come meanwhile or another change took that day."""
    valid_from = date.fromisoformat(payload["valid_from"])
    _require_later(valid_from, at)
    terms = InterestTerms(product_id=payload["product"], basis=payload["basis"], valid_from=valid_from)
    try:
        with transaction.atomic():
            terms.save()
    except IntegrityError as no:
        raise BadInterest(_("Another change already starts on that day. Choose another day.")) from no
    InterestTier.objects.bulk_create(
        InterestTier(terms=terms, from_minor=row["from_minor"], rate=Decimal(row["rate"])) for row in payload["tiers"]
    )
    audit_trail.record("accounts.interest.changed", on=terms, by=checker, at=at, after=payload)
    return {"terms": terms.pk}
