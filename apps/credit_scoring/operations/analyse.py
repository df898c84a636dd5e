"""How a person repaid so far."""

from datetime import datetime

from apps.credit_scoring.loan_facts import LoanFacts, loan_facts
from apps.credit_scoring.models import PaymentHistoryAnalysis
from apps.credit_scoring.policies import require_may_score
from apps.users.models import User


def analyse_payment_history(*, user: User, at: datetime, by: User) -> PaymentHistoryAnalysis:
    """Count a person's instalments that had fallen due by `at`, as lending tells them. Raises NotAllowed."""
    require_may_score(by, user)
    found = loan_facts().facts([user.pk], at=at).get(user.pk, LoanFacts())
    return PaymentHistoryAnalysis.objects.create(
        user=user,
        on_time=found.on_time,
        late=found.late,
        missed=found.missed,
        repayment_rate=found.repayment_rate,
        average_days_late=found.average_days_late,
        worst_days_late=found.worst_days_late,
        analysed_at=at,
    )
