"""Models and their figures, what was seen, scores, decisions, what is watched, and the bureau."""

from apps.credit_scoring.models.bureau import BureauReport, BureauStatus, ListingNotice, ListingRule
from apps.credit_scoring.models.decision import Decision, DecisionQuerySet, LoanEligibility, Outcome
from apps.credit_scoring.models.figures import ArrearsRate, DecisionLine, FactorWeight, LoanLimitRule, PricingRule
from apps.credit_scoring.models.score import CreditScore, CreditScoreQuerySet, FeatureSnapshot, RiskLevel
from apps.credit_scoring.models.version import DriftReading, ModelKind, ModelVersion
from apps.credit_scoring.models.watch import DefaultPrediction, EarlyWarning, PaymentHistoryAnalysis, Severity, Signal

__all__ = [
    "ArrearsRate",
    "BureauReport",
    "BureauStatus",
    "CreditScore",
    "CreditScoreQuerySet",
    "Decision",
    "DecisionLine",
    "DecisionQuerySet",
    "DefaultPrediction",
    "DriftReading",
    "EarlyWarning",
    "FactorWeight",
    "FeatureSnapshot",
    "ListingNotice",
    "ListingRule",
    "LoanEligibility",
    "LoanLimitRule",
    "ModelKind",
    "ModelVersion",
    "Outcome",
    "PaymentHistoryAnalysis",
    "PricingRule",
    "RiskLevel",
    "Severity",
    "Signal",
]
