"""What fraud holds of a person: their disputes. How the screen thinks stays out."""

from collections.abc import Sequence
from datetime import datetime

from apps.fraud.models import DevicePrint, SimAge
from apps.kernel import personal
from apps.kernel.personal import Part, Step

personal.holds(
    Part("disputes", "fraud.Dispute", "owner", ("public_id", "reason", "status", "answer", "opened_at", "resolved_at")),
    Part("device_prints", "fraud.DevicePrint", "user", ("names_itself", "first_seen_at", "last_seen_at")),
    Part("sim_ages", "fraud.SimAge", "user", ("answered_at", "changed_on", "source")),
    Part("access_changes", "fraud.AccessChange", "user", ("password_changed_at", "sim_changed_at")),
)
personal.leave_out(
    "How payments are screened: it would show thieves what is looked at. That a payment was held stands in payments.",
    "fraud.FraudCheck.user", "fraud.FlaggedTransaction.user",
)  # fmt: skip
personal.leave_out(
    "Who told us of a dispute for its owner; the dispute itself is the owner's.", "fraud.Dispute.opened_by",
)  # fmt: skip
personal.leave_out(
    "Work of staff.", "fraud.Dispute.taken_by", "fraud.Dispute.resolved_by", "fraud.BackTest.made_by",
    "fraud.FraudRule.asked_by", "fraud.FraudRule.allowed_by", "fraud.FlaggedTransaction.reviewed_by",
    "fraud.BlockedItem.blocked_by", "fraud.BlockedItem.lifted_by", "fraud.BackTestJob.asked_by",
    "fraud.FlaggedTransaction.payee_judged_by", "fraud.AnomalyModel.trained_by",
)  # fmt: skip


def _forget_prints(people: Sequence[int], at: datetime) -> int:
    """Not at once: a thief who leaves would take with them what knows their phone."""
    return DevicePrint.objects.filter(user_id__in=people).delete()[0]


def _forget_sims(people: Sequence[int], at: datetime) -> int:
    return SimAge.objects.filter(user_id__in=people).delete()[0]


personal.erases(
    Step("fraud.sims", at_once=True, act=_forget_sims, tells_of_them=True),
    Step("fraud.prints", at_once=False, act=_forget_prints),
)
