"""How likely one live loan is to fail."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring import queries
from apps.credit_scoring.errors import UnknownLoan
from apps.credit_scoring.loan_facts import loan_facts
from apps.credit_scoring.models import DefaultPrediction
from apps.credit_scoring.operations.score import score
from apps.credit_scoring.rules import watching
from apps.kernel.clock import local_date
from apps.users.models import User

HORIZON_DAYS = 90


@transaction.atomic
def predict_default(
    *, loan_reference: str, at: datetime, by: User, horizon_days: int = HORIZON_DAYS
) -> DefaultPrediction:
    """The chance that a live loan fails within `horizon_days` (1 to 730). Raises UnknownLoan, NotAllowed."""
    if not 1 <= horizon_days <= 730:
        raise ValueError("a prediction looks one day to two years ahead")
    state = loan_facts().state(loan_reference, at=at)
    if state is None:
        raise UnknownLoan(_("There is no such running loan. Nothing was predicted. Check its reference."))
    borrower = User.objects.get(pk=state.user_id)
    found = score(user=borrower, at=at, by=by)
    rates = queries.arrears_rates_on(local_date(at))
    told = watching.predict(found.probability_of_default, state.days_late, rates, horizon_days)
    drivers = [row for row in found.factors if row["direction"] == "DOWN"][:3]
    if told.by_lateness:
        drivers.insert(0, {"code": "DAYS_LATE_NOW", "direction": "DOWN", "days": state.days_late})
    return DefaultPrediction.objects.create(
        user=borrower,
        loan_reference=loan_reference,
        horizon_days=horizon_days,
        probability=told.probability,
        band=told.band,
        drivers=drivers,
        model_version=found.model_version,
        predicted_at=at,
    )
