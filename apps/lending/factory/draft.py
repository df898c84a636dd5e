"""Terms between the form and the database: a draft from plain values, and plain values from a version."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.lending.models import LoanFee, LoanProduct, ProductTerms

MONEY = ("least_minor", "most_minor", "instalment_multiple_minor", "two_officers_above_minor")
SHARES = (
    "rate",
    "least_rate",
    "most_rate",
    "penalty_rate",
    "penalty_cap_rate",
    "guarantee_cover",
    "loan_to_value",
)  # 0.05 is 5 %
NUMBERS = ("down_payment_pct", "principal_pct", "deposit_multiple", "savings_multiple")
COUNTS = (
    "every",
    "least_periods",
    "most_periods",
    "usual_periods",
    "principal_grace",
    "interest_deferred",
    "interest_free",
    "grace_minutes",
    "penalty_after_days",
    "write_off_after_days",
    "least_account_days",
    "least_score",
    "offer_days",
)
FLAGS = ("is_daily", "smoothing", "in_duplum", "decides_itself")
WORDS = (
    "rate_per",
    "reference",
    "interest_method",
    "amortisation",
    "day_count",
    "unit",
    "rounding",
    "least_tier",
    "source",
)
FIELDS = (*MONEY, *SHARES, *NUMBERS, *COUNTS, *FLAGS, *WORDS, "repayment_order")
FEE_MONEY = ("flat_minor", "least_minor", "most_minor")


def primitives(terms: ProductTerms) -> dict[str, Any]:
    """A version as plain values that JSON holds: decimals as text, amounts as minor units."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(terms, name)
        found[name] = plain(value) if isinstance(value, Decimal) else value
    return found


def fees_of(terms: ProductTerms) -> list[dict[str, Any]]:
    """Its fees in the same way."""
    return [
        {"kind": fee.kind, "rate": plain(fee.rate)} | {name: getattr(fee, name) for name in FEE_MONEY}
        for fee in sorted(terms.charged, key=lambda fee: fee.kind)
    ]


def draft(
    *, product: LoanProduct, values: dict[str, Any], fees: list[dict[str, Any]], valid_from: date, at: datetime
) -> ProductTerms:
    """Terms that are not kept, from plain values; `version` is set when they are."""
    read: dict[str, Any] = {name: values[name] for name in FIELDS}
    for name in (*SHARES, *NUMBERS):
        read[name] = None if read[name] is None else Decimal(read[name])
    terms = ProductTerms(product=product, version=0, valid_from=valid_from, created_at=at, **read)
    terms.drafted = [LoanFee(**{**fee, "rate": Decimal(fee["rate"])}) for fee in fees]
    return terms


def plain(value: Decimal) -> str:
    """`0.05`, never `5E-2`."""
    return f"{value.normalize():f}"
