"""Terms in words: what each field is called, how its value is said, and what one version changes of another."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money
from apps.lending.factory.draft import FIELDS, MONEY, SHARES, plain
from apps.lending.factory.soundness import CHOICES
from apps.lending.models import LoanFee, LoanFeeKind, Owed, ProductTerms

LABELS: dict[str, Promise] = {
    "least_minor": _("Smallest loan"),
    "most_minor": _("Largest loan"),
    "rate": _("Rate, or margin on a reference rate"),
    "rate_per": _("The rate is"),
    "least_rate": _("Priced by risk from"),
    "most_rate": _("Priced by risk up to"),
    "reference": _("Reference rate"),
    "interest_method": _("Interest is worked out"),
    "amortisation": _("How principal comes back"),
    "is_daily": _("Interest by days"),
    "day_count": _("How days are counted"),
    "every": _("An instalment every"),
    "unit": _("Unit"),
    "least_periods": _("Fewest instalments"),
    "most_periods": _("Most instalments"),
    "usual_periods": _("Usual number of instalments"),
    "principal_grace": _("First instalments without principal"),
    "interest_deferred": _("First instalments whose interest is paid later"),
    "interest_free": _("First instalments without interest"),
    "down_payment_pct": _("Down payment, per cent"),
    "principal_pct": _("Principal in each instalment before the last, per cent"),
    "instalment_multiple_minor": _("Instalments are multiples of"),
    "smoothing": _("The last instalment as near as can be to the others"),
    "rounding": _("Rounding"),
    "repayment_order": _("What a payment pays first"),
    "grace_minutes": _("Minutes in which paying back costs nothing"),
    "penalty_rate": _("Penalty a day on what is overdue"),
    "penalty_after_days": _("Late days that cost nothing"),
    "penalty_cap_rate": _("All penalties together, of the principal"),
    "in_duplum": _("What is added once non-performing stops at the principal"),
    "write_off_after_days": _("Late days after which it can be written off"),
    "deposit_multiple": _("Limit: times average deposits"),
    "savings_multiple": _("Limit: times savings here"),
    "guarantee_cover": _("Guarantors stand for, of the principal"),
    "loan_to_value": _("Lent of what is pledged"),
    "least_tier": _("Lowest tier"),
    "least_account_days": _("Days the account must be old"),
    "least_score": _("Lowest score"),
    "decides_itself": _("Decided and paid out at once by the score"),
    "two_officers_above_minor": _("Two officers look above"),
    "offer_days": _("Days an offer holds"),
    "source": _("Who decided it, and where"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two versions: what it is called, and its value before and after in words."""

    name: str
    label: str
    before: str
    after: str


def said_of(terms: ProductTerms, name: str) -> str:
    """The value of a field in words."""
    value = getattr(terms, name)
    if value is None or value == "":
        return _now("none")
    if name in MONEY:
        return str(Money(value, terms.currency))
    if name in SHARES:
        return f"{plain(Decimal(value) * 100)} %"
    if isinstance(value, bool):
        return _now("yes") if value else _now("no")
    if name == "repayment_order":
        return ", ".join(str(Owed(one).label) for one in value)
    if name in CHOICES:
        return str(CHOICES[name](value).label)
    return plain(value) if isinstance(value, Decimal) else str(value)


def fee_said(fee: LoanFee | None, currency: str) -> str:
    """`2 %, at least KES 200.00`."""
    if fee is None:
        return _now("none")
    parts = []
    if fee.flat_minor:
        parts.append(str(Money(fee.flat_minor, currency)))
    if fee.rate:
        parts.append(f"{plain(fee.rate * 100)} %")
    if fee.least_minor:
        parts.append(_now("at least %(least)s") % {"least": Money(fee.least_minor, currency)})
    if fee.most_minor is not None:
        parts.append(_now("at most %(most)s") % {"most": Money(fee.most_minor, currency)})
    return ", ".join(parts) or _now("none")


def changes(before: ProductTerms | None, after: ProductTerms) -> list[Change]:
    """What `after` changes of `before`, field by field; all of it where there was nothing before."""
    found = []
    for name in FIELDS:
        old = said_of(before, name) if before else ""
        new = said_of(after, name)
        if old != new:
            found.append(Change(name, str(LABELS[name]), old, new))
    fees: dict[str, Any] = {fee.kind: fee for fee in before.charged} if before else {}
    now = {fee.kind: fee for fee in after.charged}
    for kind in LoanFeeKind:
        old = fee_said(fees.get(kind), after.currency) if before else ""
        new = fee_said(now.get(kind), after.currency)
        if old != new:
            found.append(Change(kind.lower(), str(kind.label), old, new))
    return found
