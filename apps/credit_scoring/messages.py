"""What customers are told of their score, and staff of a model that no longer fits."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Topic

declare(
    Message("credit_scoring.score_changed", topic=Topic.SERVICE, placeholders={"score": "642", "before": "598"}),
    Message(
        "credit_scoring.model_drifted",
        topic=Topic.SERVICE,
        placeholders={"model": "scorecard/bank-2026/1a2b3c4d", "psi": "0.31"},
        alert=AlertType.SECURITY,
    ),
)
