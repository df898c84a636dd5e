"""What fraud holds of a person: their disputes. How the screen thinks stays out."""

from apps.kernel import personal
from apps.kernel.personal import Part

personal.holds(
    Part("disputes", "fraud.Dispute", "owner", ("public_id", "reason", "status", "answer", "opened_at", "resolved_at")),
    Part("access_changes", "fraud.AccessChange", "user", ("password_changed_at", "sim_changed_at")),
)
personal.leave_out(
    "How payments are screened: it would show thieves what is looked at. That a payment was held stands in payments.",
    "fraud.FraudCheck.user", "fraud.FlaggedTransaction.user",
)  # fmt: skip
personal.leave_out(
    "Work of staff.", "fraud.Dispute.taken_by", "fraud.Dispute.resolved_by", "fraud.BackTest.made_by",
    "fraud.FraudRule.asked_by", "fraud.FraudRule.allowed_by", "fraud.FlaggedTransaction.reviewed_by",
    "fraud.BlockedItem.blocked_by", "fraud.BlockedItem.lifted_by",
)  # fmt: skip
