"""What was screened and by which rules, what waits for a person, what is blocked, and what customers dispute."""

from apps.fraud.models.anomaly import AnomalyModel, AnomalyReading, AnomalyStatus
from apps.fraud.models.device import DevicePrint, SimAge
from apps.fraud.models.dispute import Dispute, DisputeQuerySet, DisputeReason, DisputeStatus
from apps.fraud.models.rule import BackTest, BackTestJob, FraudRule, JobStatus
from apps.fraud.models.screening import Action, FlaggedTransaction, FraudCheck, Said
from apps.fraud.models.watch import AccessChange, BlockedItem, BlockedKind

__all__ = [
    "AccessChange",
    "Action",
    "AnomalyModel",
    "AnomalyReading",
    "AnomalyStatus",
    "BackTest",
    "BackTestJob",
    "BlockedItem",
    "BlockedKind",
    "DevicePrint",
    "Dispute",
    "DisputeQuerySet",
    "DisputeReason",
    "DisputeStatus",
    "FlaggedTransaction",
    "FraudCheck",
    "FraudRule",
    "JobStatus",
    "Said",
    "SimAge",
]
