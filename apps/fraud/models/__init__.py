"""What was screened and by which rules, what waits for a person, what is blocked, and what customers dispute."""

from apps.fraud.models.dispute import Dispute, DisputeQuerySet, DisputeReason, DisputeStatus
from apps.fraud.models.rule import BackTest, FraudRule
from apps.fraud.models.screening import Action, FlaggedTransaction, FraudCheck, Said
from apps.fraud.models.watch import AccessChange, BlockedItem, BlockedKind

__all__ = [
    "AccessChange",
    "Action",
    "BackTest",
    "BlockedItem",
    "BlockedKind",
    "Dispute",
    "DisputeQuerySet",
    "DisputeReason",
    "DisputeStatus",
    "FlaggedTransaction",
    "FraudCheck",
    "FraudRule",
    "Said",
]
