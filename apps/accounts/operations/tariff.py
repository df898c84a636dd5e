"""Changing a tariff: asked by one, allowed by another, valid from a later day; what stood before stays written."""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import fees, rules
from apps.accounts.errors import BadTariff
from apps.accounts.models import ChargedFor, FeeBand, FeeRule, Product
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import decimals
from apps.users.models import User

CHANGE_TARIFF = "accounts.change_tariff"


def ask_tariff_change(
    *,
    charged_for: str,
    product: Product | None,
    currency: str,
    bands: list[rules.Band],
    valid_from: date,
    reason: str,
    by: User,
    at: datetime,
) -> Approval:
    """Ask for other fees from a later day on; a second person must allow it.

    `bands` are in minor units of `currency`. Raises NotAllowed, BadTariff, UnknownCurrency.
    """
    if not by.has_perm("accounts.manage_products"):
        raise NotAllowed(_("You do not hold the right to change what things cost."))
    if charged_for not in ChargedFor.values:
        raise BadTariff(_("There is no such fee. Nothing was changed."))
    decimals(currency)
    _require_later(valid_from, at)
    try:
        rules.check_bands(bands)
    except rules.BadBands as no:
        raise BadTariff(_("The bands do not hold together: %(why)s. Nothing was changed.") % {"why": no}) from no
    before = fees.rule_for(charged_for=charged_for, product=product, currency=currency, on=valid_from)
    return approvals.ask(
        kind=CHANGE_TARIFF,
        subject=f"tariffs/{charged_for}",
        payload={
            "charged_for": charged_for,
            "product": product.pk if product else None,
            "currency": currency,
            "valid_from": valid_from.isoformat(),
            "bands": [_primitive(band) for band in bands],
        },
        before={"bands": [_primitive(band) for band in fees.bands_of(before)] if before else []},
        after={"from": valid_from.isoformat(), "bands": [_primitive(band) for band in bands]},
        reason=reason,
        by=by,
        at=at,
    )


def _require_later(valid_from: date, at: datetime) -> None:
    if valid_from <= local_date(at):
        raise BadTariff(_("A tariff changes tomorrow at the earliest, so that nobody pays more than they were shown."))


def _primitive(band: rules.Band) -> dict[str, Any]:
    return {**asdict(band), "rate": str(band.rate)}


@transaction.atomic
def run_tariff_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change. Raises BadTariff when its day has come meanwhile or another rule took that day."""
    valid_from = date.fromisoformat(payload["valid_from"])
    _require_later(valid_from, at)
    rule = FeeRule(
        charged_for=payload["charged_for"],
        product_id=payload["product"],
        currency=payload["currency"],
        valid_from=valid_from,
    )
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as no:
        raise BadTariff(_("Another change already starts on that day. Choose another day.")) from no
    FeeBand.objects.bulk_create(
        FeeBand(rule=rule, **{**band, "rate": Decimal(band["rate"])}) for band in payload["bands"]
    )
    facts = {"charged_for": rule.charged_for, "from": payload["valid_from"], "bands": payload["bands"]}
    audit_trail.record("accounts.tariff.changed", on=rule, by=checker, at=at, after=facts)
    return {"rule": rule.pk}
