"""The dated figures in force on a day, and what pages and the API ask."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.credit_scoring.models import (
    ArrearsRate,
    CreditScore,
    DecisionLine,
    DriftReading,
    FactorWeight,
    ListingRule,
    LoanLimitRule,
    ModelVersion,
    PricingRule,
)
from apps.credit_scoring.rules.deciding import Lines
from apps.credit_scoring.rules.pricing import Price, Rate, price
from apps.credit_scoring.states import ModelStatus
from apps.kernel.money import Money
from apps.kyc.queries import limits_of_all
from apps.users.models import Tier


def weights_on(day: date) -> dict[str, Decimal]:
    """The five weights in force, by factor."""
    rows = FactorWeight.objects.filter(valid_from__lte=day).order_by("factor", "-valid_from").distinct("factor")
    return {row.factor: row.weight for row in rows}


def lines_on(day: date) -> Lines:
    """Where a machine says yes and no."""
    row = _newest(DecisionLine.objects.filter(valid_from__lte=day))
    return Lines(row.approve_above, row.reject_upto)


def price_on(day: date, product: str = "") -> Price:
    """What a rate is made of, for a product or for all."""
    rows = PricingRule.objects.filter(valid_from__lte=day, product__in={product, ""})
    row = rows.order_by("-product", "-valid_from").first()
    if row is None:
        raise LookupError(f"no price of credit is written down for {day}")
    return Price(
        row.cost_of_funds, row.operating_cost, row.margin, row.loss_given_default, row.floor_rate, row.cap_rate
    )


def rate_for(score: CreditScore, *, product: str, on: date) -> Rate:
    """The yearly rate of a score for one product, within that product's bounds; the score's own is of all products."""
    return price(score.probability_of_default, price_on(on, product))


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything dated that a score needs on a day: asked once, used for many customers."""

    weights: dict[str, Decimal]
    price: Price
    deposit_share: Decimal
    first_loan: Money
    caps: dict[str, Money | None]  # by tier


def figures_on(day: date, *, currency: str) -> Figures:
    """The figures in force, in four queries."""
    limit = _newest(LoanLimitRule.objects.filter(valid_from__lte=day, currency=currency))
    limits = limits_of_all(list(Tier.values), on=day, currency=currency)
    caps = {tier: found.loan for tier, found in limits.items()}
    return Figures(weights_on(day), price_on(day), limit.deposit_share, limit.first_loan, caps)


def arrears_rates_on(day: date) -> list[tuple[int, Decimal]]:
    """The chance of failing by days late, the latest first."""
    rows = ArrearsRate.objects.filter(valid_from__lte=day).order_by("days_from", "-valid_from").distinct("days_from")
    return sorted(((row.days_from, row.probability) for row in rows), reverse=True)


def listing_rule_on(day: date, currency: str) -> ListingRule:
    """When a bureau may be told."""
    row: ListingRule = _newest(ListingRule.objects.filter(valid_from__lte=day, currency=currency))
    return row


HALF_A_YEAR = 26  # weekly readings of each of two models


@dataclass(frozen=True, slots=True)
class Monitor:
    """The models in use and their last readings, the newest first."""

    champion: ModelVersion | None
    challenger: ModelVersion | None
    readings: tuple[DriftReading, ...]


def monitor() -> Monitor:
    """What the model monitor shows; two queries."""
    rows = ModelVersion.objects.filter(status__in=[ModelStatus.CHAMPION, ModelStatus.CHALLENGER])
    in_use = {row.status: row for row in rows}
    readings = DriftReading.objects.select_related("model").order_by("-read_on", "model_id")[: 2 * HALF_A_YEAR]
    return Monitor(in_use.get(ModelStatus.CHAMPION), in_use.get(ModelStatus.CHALLENGER), tuple(readings))


def _newest(rows: Any) -> Any:
    """The row in force. Raises LookupError where none is written down."""
    row = rows.order_by("-valid_from").first()
    if row is None:
        raise LookupError(f"no {rows.model._meta.verbose_name} is in force")
    return row
