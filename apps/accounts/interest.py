"""What savings earn on a day: the terms of a product, its slices, the tax that is withheld, what is accrued so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.accounts.models import AccruedInterest, InterestTerms, WithholdingRate
from apps.accounts.rules import interest as rules
from apps.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Offer:
    """What a product pays: its slices in their order, and the basis they are reckoned on."""

    terms: InterestTerms
    tiers: tuple[rules.Tier, ...]

    @property
    def best(self) -> Decimal:
        """The highest yearly rate that a shilling can earn."""
        return max(tier.rate for tier in self.tiers)

    @property
    def is_flat(self) -> bool:
        """Whether every shilling earns the same."""
        return len({tier.rate for tier in self.tiers}) == 1


def offers(on: date, products: Iterable[int] | None = None) -> dict[int, Offer]:
    """What each product pays on a day, by product id, in two queries; those that pay nothing are left out."""
    rows = InterestTerms.objects.filter(valid_from__lte=on)
    if products is not None:
        rows = rows.filter(product_id__in=list(products))
    newest = rows.order_by("product_id", "-valid_from").distinct("product_id").prefetch_related("tiers")
    found = {row.product_id: Offer(row, tiers_of(row)) for row in newest}
    return {product: offer for product, offer in found.items() if offer.best}


def offer(product_id: int, on: date) -> Offer | None:
    """What one product pays on a day."""
    return offers(on, [product_id]).get(product_id)


def tiers_of(terms: InterestTerms) -> tuple[rules.Tier, ...]:
    """The slices of terms in their order."""
    rows = sorted(terms.tiers.all(), key=lambda row: row.from_minor)
    return tuple(rules.Tier(row.from_minor, row.rate) for row in rows)


def withholding_rate(on: date) -> Decimal:
    """The share of interest that is withheld on a day; nothing before there was a law."""
    rows = WithholdingRate.objects.filter(valid_from__lte=on).order_by("-valid_from")
    return rows.values_list("rate", flat=True).first() or Decimal(0)


def accrued_on(account_id: int, currency: str) -> Money:
    """What an account has earned and was not paid yet, in whole cents; the fraction below is carried on."""
    parts = AccruedInterest.objects.filter(pk=account_id).values_list("parts", flat=True).first()
    return Money(rules.whole(int(parts or 0)), currency)
