"""Which terms can be offered: every rule by itself with a sentence, then schedules at the edges of what is allowed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from apps.kernel.errors import DomainError
from apps.kernel.money import LARGEST, Money
from apps.lending import offers
from apps.lending.models import (
    Amortisation,
    DayCount,
    InterestMethod,
    LoanFeeKind,
    Owed,
    ProductTerms,
    RatePer,
    ReferenceRate,
    Rounding,
    Unit,
)
from apps.users.models import Tier

MOST_PERIODS, MOST_EVERY, MOST_SMALL = 600, 366, 32_767
MOST_OFFER_DAYS, MOST_SCORE, MOST_RATE = 90, 1000, 10
CHOICES: dict[str, type[TextChoices]] = {
    "rate_per": RatePer,
    "interest_method": InterestMethod,
    "amortisation": Amortisation,
    "day_count": DayCount,
    "unit": Unit,
    "rounding": Rounding,
    "least_tier": Tier,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with terms: at which field (empty: of them together), in words."""

    field: str
    says: str


def faults(terms: ProductTerms, on: date) -> list[Fault]:
    """Everything that is wrong with terms that would hold from `on`; empty when the bank can offer them."""
    found = [
        fault for rule in (_words, _amounts, _rates, _lengths, _grace, _late, _who, _fees) for fault in rule(terms)
    ]
    if not found and terms.reference and not _known(terms, on):
        found.append(Fault("reference", _("This reference rate is not known for that day.")))
    return found or list(_tried(terms, on))


def _words(terms: ProductTerms) -> Iterator[Fault]:
    for name, choices in CHOICES.items():
        if getattr(terms, name) not in choices.values:
            yield Fault(name, _("Choose one of the list."))
    if sorted(terms.repayment_order) != sorted(Owed.values):
        yield Fault("repayment_order", _("Name penalty, fee, interest and principal, each once."))
    if not terms.source.strip() or len(terms.source) > 200:
        yield Fault("source", _("Say who decided these terms, and where, in up to 200 characters."))
    if len(terms.reference) > 20:
        yield Fault("reference", _("Choose one of the list."))


def _amounts(terms: ProductTerms) -> Iterator[Fault]:
    if not 0 < terms.least_minor <= LARGEST:
        yield Fault("least_minor", _("The least must be more than nothing."))
    if not terms.least_minor <= terms.most_minor <= LARGEST:
        yield Fault("most_minor", _("The most is not below the least."))
    multiple = terms.instalment_multiple_minor
    if multiple is not None and not 0 < multiple <= max(terms.least_minor, 1):
        yield Fault("instalment_multiple_minor", _("A multiple is above nothing and not above the smallest loan."))
    if not 0 <= terms.two_officers_above_minor <= LARGEST:
        yield Fault("two_officers_above_minor", _("An amount of nothing or more."))


def _rates(terms: ProductTerms) -> Iterator[Fault]:
    if not 0 <= terms.rate < MOST_RATE:
        yield Fault("rate", _("A rate is from 0 to 999 %."))
    least, most = terms.least_rate, terms.most_rate
    if (least is None) != (most is None):
        yield Fault("least_rate", _("A rate priced by risk has a lower and an upper bound, or neither."))
    elif least is not None and most is not None:
        if not 0 <= least <= terms.rate <= most < MOST_RATE:
            yield Fault("least_rate", _("The rate lies between its bounds."))
        if terms.rate_per == RatePer.TERM:
            yield Fault("least_rate", _("A rate for the whole term is not priced by risk."))
    if terms.reference and (terms.rate_per != RatePer.YEAR or least is not None):
        yield Fault("reference", _("A margin on a reference rate is a year's, and is not priced by risk."))
    if terms.rate_per == RatePer.TERM and terms.is_daily:
        yield Fault("is_daily", _("A rate for the whole term is shared over instalments, not counted by days."))


def _lengths(terms: ProductTerms) -> Iterator[Fault]:
    if not 1 <= terms.every <= MOST_EVERY:
        yield Fault("every", _("A period is 1 to 366 of its unit."))
    if not 1 <= terms.least_periods <= MOST_PERIODS:
        yield Fault("least_periods", _("From 1 to 600 instalments."))
    if not terms.least_periods <= terms.most_periods <= MOST_PERIODS:
        yield Fault("most_periods", _("Not below the least, and up to 600 instalments."))
    if not terms.least_periods <= terms.usual_periods <= terms.most_periods:
        yield Fault("usual_periods", _("The usual number lies between the least and the most."))
    by_share = terms.amortisation == Amortisation.FIXED_PRINCIPAL_PCT
    if by_share != (terms.principal_pct is not None):
        yield Fault("principal_pct", _("A share of each instalment goes with a balloon, and only with it."))
    elif terms.principal_pct is not None:
        rows = terms.most_periods - 1 - terms.principal_grace
        if not 0 < terms.principal_pct <= 100 or terms.principal_pct * max(rows, 0) + terms.down_payment_pct > 100:
            yield Fault("principal_pct", _("Over the longest term more than the whole principal would come back."))
    if not 0 <= terms.down_payment_pct < 100:
        yield Fault("down_payment_pct", _("A down payment is from 0 to below 100 %."))
    sized = terms.amortisation == Amortisation.EQUAL_INSTALMENTS and terms.interest_method == InterestMethod.DECLINING
    if terms.smoothing and not sized:
        yield Fault("smoothing", _("Only equal instalments on what is still owed can be smoothed."))


def _grace(terms: ProductTerms) -> Iterator[Fault]:
    for name in ("principal_grace", "interest_deferred"):
        if not 0 <= getattr(terms, name) < max(terms.least_periods, 1):
            yield Fault(name, _("The last instalment of the shortest loan cannot be put off."))
    if not 0 <= terms.interest_free <= max(terms.least_periods, 0):
        yield Fault("interest_free", _("No more than the instalments of the shortest loan."))
    if not 0 <= terms.grace_minutes <= MOST_SMALL:
        yield Fault("grace_minutes", _("A number from 0."))


def _late(terms: ProductTerms) -> Iterator[Fault]:
    if not 0 <= terms.penalty_rate < 1:
        yield Fault("penalty_rate", _("A penalty a day is below 100 % of what is overdue."))
    if not 0 <= terms.penalty_cap_rate <= 1:
        yield Fault("penalty_cap_rate", _("Penalties are capped between 0 and 100 % of the principal."))
    if not 0 <= terms.penalty_after_days <= MOST_EVERY:
        yield Fault("penalty_after_days", _("From 0 to 366 days."))
    if not 1 <= terms.write_off_after_days <= MOST_SMALL:
        yield Fault("write_off_after_days", _("From 1 day."))


def _who(terms: ProductTerms) -> Iterator[Fault]:
    for name in ("deposit_multiple", "savings_multiple"):
        value = getattr(terms, name)
        if value is not None and not 0 < value < 1000:
            yield Fault(name, _("A multiple is above 0 and below 1000."))
    if not 0 <= terms.guarantee_cover <= 1:
        yield Fault("guarantee_cover", _("Guarantors stand for 0 to 100 % of the principal."))
    if terms.loan_to_value is not None and not 0 < terms.loan_to_value <= 1:
        yield Fault("loan_to_value", _("From above 0 to 100 % of what is pledged can be lent."))
    if terms.decides_itself and (terms.guarantee_cover or terms.loan_to_value is not None):
        yield Fault("decides_itself", _("A loan with guarantors or collateral is decided by people."))
    if not 0 <= terms.least_score <= MOST_SCORE:
        yield Fault("least_score", _("A score is from 0 to 1000."))
    if not 0 <= terms.least_account_days <= MOST_SMALL:
        yield Fault("least_account_days", _("A number from 0."))
    if not 1 <= terms.offer_days <= MOST_OFFER_DAYS:
        yield Fault("offer_days", _("An offer holds 1 to 90 days."))


def _fees(terms: ProductTerms) -> Iterator[Fault]:
    kinds = [fee.kind for fee in terms.charged]
    if len(set(kinds)) < len(kinds) or not set(kinds) <= set(LoanFeeKind.values):
        yield Fault("fees", _("Each kind of fee once."))
    for fee in terms.charged:
        amounts = [fee.flat_minor, fee.least_minor, fee.most_minor or 0]
        bounded = fee.most_minor is None or fee.most_minor >= fee.least_minor
        if not 0 <= fee.rate < 1 or not bounded or not all(0 <= one <= LARGEST for one in amounts):
            yield Fault("fees", _("A fee is nothing or more, below 100 %, and its most is not below its least."))


def _known(terms: ProductTerms, on: date) -> bool:
    return ReferenceRate.objects.filter(code=terms.reference, valid_from__lte=on).exists()


def _tried(terms: ProductTerms, on: date) -> Iterator[Fault]:
    """Offers at the edges: the smallest and largest loan over the shortest, usual and longest term."""
    currency = terms.currency
    said = _("%(amount)s over %(periods)s instalments cannot be lent by these terms: %(because)s")
    for minor in dict.fromkeys((terms.least_minor, terms.most_minor)):
        for periods in dict.fromkeys((terms.least_periods, terms.usual_periods, terms.most_periods)):
            because = ""
            try:
                shown = offers.offer(terms=terms, principal=Money(minor, currency), periods=periods, on=on)
            except DomainError as no:
                because = str(no.facts.get("because") or no)
            else:
                if shown.received.minor <= 0:
                    because = _("the charges take all of it.")
                elif any(row.principal_minor < 0 or row.interest_minor < 0 for row in shown.plan.rows) or (
                    shown.plan.principal != shown.principal
                ):
                    because = _("its schedule does not add up.")
                elif shown.apr_pct > Decimal(100_000):
                    because = _("its cost a year is beyond any measure.")
            if because:
                facts = {"amount": Money(minor, currency), "periods": periods, "because": because}
                yield Fault("", said % facts)
                return
