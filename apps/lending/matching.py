"""Which loan fits a need, and why: products ranked, each with its reasons in words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.credit_scoring import operations as scoring
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.lending import limits, offers
from apps.lending.models import ProductTerms
from apps.users.models import User

# What counts, out of 100: what the money is for, whether the amount can be had, and what it costs.
PURPOSE, AMOUNT, COST = 40, 35, 25


@dataclass(frozen=True, slots=True)
class Match:
    """A product for a need: how well it fits (0 to 100), its limit, the offer when it can be had, and reasons."""

    terms: ProductTerms
    fit: int
    limit: limits.LoanLimit
    offer: offers.Offer | None
    reasons: list[str] = field(default_factory=list)

    @property
    def can_be_had(self) -> bool:
        """Whether this person can ask for that amount now."""
        asked = self.offer.principal if self.offer else None
        return asked is not None and self.limit.is_open and self.terms.least <= asked <= self.limit.amount


def on_offer(at: datetime) -> list[ProductTerms]:
    """The terms in force of every product, the smallest loans first."""
    rows = ProductTerms.objects.in_force(local_date(at)).select_related("product").prefetch_related("fees")
    return sorted(rows, key=lambda terms: (terms.most_minor, terms.product_id))


def match(*, user: User, amount: Money, purpose: str, periods: int | None, by: User, at: datetime) -> list[Match]:
    """Every product for a need of `amount`, the best fit first. A score is made when none holds.

    Raises BadAmount, CurrencyMismatch.
    """
    score = scoring.score(user=user, at=at, by=by)
    found = []
    for limit in limits.limits_of_all(user=user, terms=on_offer(at), by=by, at=at, score=score):
        terms = limit.terms
        term = min(max(periods or terms.usual_periods, terms.least_periods), terms.most_periods)
        rate = offers.priced(terms, score.recommended_interest_rate, local_date(at))
        offer = offers.offer(terms=terms, principal=amount, periods=term, on=local_date(at), rate=rate)
        found.append((terms, limit, offer))
    cheapest = min((offer.apr_pct for _terms, _limit, offer in found), default=None)
    matches = [_judged(limit, offer, purpose, cheapest) for _terms, limit, offer in found]
    return sorted(matches, key=lambda one: (-one.fit, one.terms.product_id))


def _judged(limit: limits.LoanLimit, offer: offers.Offer, purpose: str, cheapest: Decimal | None) -> Match:
    terms, amount = limit.terms, offer.principal
    fit, reasons = 0, []
    if purpose in terms.product.purposes:
        fit += PURPOSE
        reasons.append(_("It is made for what you need the money for."))
    fits = limit.is_open and terms.least <= amount <= limit.amount
    if fits:
        fit += AMOUNT
        reasons.append(_("You can have all of %(amount)s.") % {"amount": amount})
    else:
        reasons += [one.says for one in _against(limit, amount)]
    if offer.apr_pct == cheapest:
        fit += COST
        reasons.append(_("It costs the least: %(apr)s %% a year, all charges counted.") % {"apr": offer.apr_pct})
    else:
        fit += COST // 3
        reasons.append(_("It costs %(cost)s in all.") % {"cost": offer.cost})
    return Match(terms, fit if fits else fit // 2, limit, offer, reasons)


def _against(limit: limits.LoanLimit, amount: Money) -> Iterable[limits.Reason]:
    if limit.blocks:
        return limit.blocks
    if amount < limit.terms.least:
        return [limits.Reason("TOO_LITTLE", _("It starts at %(least)s.") % {"least": limit.terms.least})]
    most = _("You can have up to %(most)s of it.") % {"most": limit.amount}
    return [limits.Reason("TOO_MUCH", most), *limit.reasons]
