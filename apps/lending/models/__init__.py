"""Loans: what is offered, who borrowed, what is due, what came back, and how the whole book stands."""

from apps.lending.models.loan import OPEN, Loan, LoanEntry, LoanQuerySet, LoanStatus, Renewal, Side
from apps.lending.models.portfolio import ClassMove, PortfolioDay
from apps.lending.models.product import (
    Amortisation,
    DayCount,
    InterestMethod,
    LoanFee,
    LoanFeeKind,
    LoanProduct,
    LossBand,
    LossTable,
    Owed,
    ProductTerms,
    Purpose,
    RatePer,
    ReferenceRate,
    Unit,
)
from apps.lending.models.schedule import Instalment, Repayment, RepaymentPart, Schedule, Source, Why
from apps.lending.models.security import Collateral, CollateralKind, Guarantee, GuaranteeStatus
from apps.lending.models.tranche import Tranche, TrancheQuerySet, TrancheStatus

__all__ = [
    "OPEN",
    "Amortisation",
    "ClassMove",
    "Collateral",
    "CollateralKind",
    "DayCount",
    "Guarantee",
    "GuaranteeStatus",
    "Instalment",
    "InterestMethod",
    "Loan",
    "LoanEntry",
    "LoanFee",
    "LoanFeeKind",
    "LoanProduct",
    "LoanQuerySet",
    "LoanStatus",
    "LossBand",
    "LossTable",
    "Owed",
    "PortfolioDay",
    "ProductTerms",
    "Purpose",
    "RatePer",
    "ReferenceRate",
    "Renewal",
    "Repayment",
    "RepaymentPart",
    "Schedule",
    "Side",
    "Source",
    "Tranche",
    "TrancheQuerySet",
    "TrancheStatus",
    "Unit",
    "Why",
]
