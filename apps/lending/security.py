"""What stands behind a loan, as pages and the API show it: its things, their papers, and the share that is lent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.kernel.money import Money
from apps.lending.models import OPEN, Collateral, CollateralPaper, CollateralRelease, Loan


@dataclass(frozen=True, slots=True)
class Thing:
    """One pledged thing by its newest valuation, those before it, and its papers."""

    row: Collateral
    before: Sequence[Collateral]
    papers: Sequence[CollateralPaper]
    release: CollateralRelease | None
    has_expired: bool


@dataclass(frozen=True, slots=True)
class Security:
    """All that is pledged for a loan. `ltv` is principal owed over what counts; None where nothing does."""

    things: Sequence[Thing]
    pledged: Money
    counts: Money  # without valuations that have run out
    owed: Money
    most: Decimal | None  # the share the product lends

    @property
    def ltv(self) -> Decimal | None:
        """A share: 0.6 is 60 %."""
        return (Decimal(self.owed.minor) / self.counts.minor).quantize(Decimal("0.0001")) if self.counts.minor else None

    @property
    def is_covered(self) -> bool:
        """Whether the product's share of it is enough for the principal."""
        return self.most is None or self.counts.times(self.most) >= self.owed


def security_of(loan: Loan, on: date) -> Security:
    """What is pledged for a loan as seen on a day, in two queries."""
    rows = list(Collateral.objects.filter(loan=loan).select_related("made_by", "release").order_by("pk"))
    papers: dict[int, list[CollateralPaper]] = {}
    for paper in CollateralPaper.objects.filter(collateral__loan=loan).defer("content").order_by("pk"):
        papers.setdefault(paper.collateral_id, []).append(paper)
    by_id, replaced = {row.pk: row for row in rows}, {row.replaces_id for row in rows}
    things = []
    for row in rows:
        if row.pk in replaced:
            continue
        before, earlier = [], row.replaces_id
        while earlier is not None:
            before.append(by_id[earlier])
            earlier = by_id[earlier].replaces_id
        kept = [paper for one in (row, *before) for paper in papers.get(one.pk, [])]
        things.append(Thing(row, before, kept, getattr(row, "release", None), row.has_expired(on)))
    pledged = counts = Money.zero(loan.currency)
    for thing in things:
        if thing.release is None:
            pledged += thing.row.charged
            counts += Money.zero(loan.currency) if thing.has_expired else thing.row.charged
    owed = loan.principal if loan.status in OPEN else loan.principal_left
    return Security(things, pledged, counts, owed, loan.terms.loan_to_value)
