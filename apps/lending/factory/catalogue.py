"""The shelf: every product with the terms in force, those to come, those that were, and the loans on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from apps.lending.factory.words import Change, changes
from apps.lending.models import Loan, LoanProduct, ProductTerms


@dataclass(frozen=True, slots=True)
class Version:
    """One version, the loans that run on it, and what it changed of the one before."""

    terms: ProductTerms
    running: int
    ever: int
    changed: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A product: its versions, the newest first; which holds today; which are to come."""

    product: LoanProduct
    versions: Sequence[Version]
    on: date

    @property
    def in_force(self) -> Version | None:
        """What somebody who asks today is offered, were the product on offer."""
        held = [one for one in self.versions if one.terms.valid_from <= self.on]
        return max(held, key=lambda one: (one.terms.valid_from, one.terms.version), default=None)

    @property
    def coming(self) -> list[Version]:
        """Allowed, from a later day on; the next first."""
        later = [one for one in self.versions if one.terms.valid_from > self.on]
        return sorted(later, key=lambda one: (one.terms.valid_from, one.terms.version))

    @property
    def running(self) -> int:
        """Loans that run, on any version."""
        return sum(one.running for one in self.versions)


def shelves(on: date, code: str = "") -> list[Shelf]:
    """Every product, or one, in four queries whatever their number."""
    products = LoanProduct.objects.select_related("loss_table").order_by("name")
    products = products.filter(code=code) if code else products
    by_product: dict[int, list[ProductTerms]] = {}
    rows = ProductTerms.objects.filter(product__in=products).select_related("product", "made_by")
    for terms in rows.prefetch_related("fees").order_by("product_id", "version"):
        by_product.setdefault(terms.product_id, []).append(terms)
    paid_out = Loan.objects.exclude(disbursed_at=None).filter(product__in=products)
    counted = paid_out.values("terms_id", "status").annotate(loans=Count("pk")).order_by()
    ever: dict[int, int] = {}
    running: dict[int, int] = {}
    for row in counted:
        ever[row["terms_id"]] = ever.get(row["terms_id"], 0) + row["loans"]
        if row["status"] == "ACTIVE":
            running[row["terms_id"]] = row["loans"]
    found = []
    for product in products:
        versions: list[Version] = []
        before: ProductTerms | None = None
        for terms in by_product.get(product.pk, []):
            changed = changes(before, terms) if before else []
            versions.append(Version(terms, running.get(terms.pk, 0), ever.get(terms.pk, 0), changed))
            before = terms
        found.append(Shelf(product, versions[::-1], on))
    return found


def in_force(product: LoanProduct, on: date) -> ProductTerms | None:
    """The terms of a product that hold on a day, on offer or not."""
    rows = ProductTerms.objects.filter(product=product, valid_from__lte=on).select_related("product")
    return rows.prefetch_related("fees").order_by("-valid_from", "-version").first()
