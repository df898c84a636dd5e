"""Credit in the demo: everybody scored as they stood a month ago and today, a challenger in the shadow, decisions."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.credit_scoring import operations as credit
from apps.credit_scoring.models import CreditScore
from apps.kernel.money import Money
from apps.portals.demo.year import Household
from apps.users.models import User
from apps.users.queries import system_user

WEEKS = 4
ASKED = (2_000, 3_000, 5_000, 8_000)  # shillings


def lend_a_thought(households: Sequence[Household], *, end: datetime) -> int:
    """Score, watch and decide; returns how many decisions were made. No money moves."""
    credit.train_models(dataset="synthetic", by=system_user(), at=end - timedelta(weeks=WEEKS, days=3))
    ids = [household.account.owner_id for household in households]
    credit.score_many(user_ids=ids, at=end - timedelta(weeks=WEEKS, days=1))
    for weeks in range(WEEKS, 0, -1):
        credit.read_drift(at=end - timedelta(weeks=weeks))
    credit.score_many(user_ids=ids, at=end - timedelta(hours=3))
    credit.read_drift(at=end - timedelta(hours=2))
    credit.look_for_warnings(at=end - timedelta(hours=2))
    return _decisions(households[0].account.owner, end)


def _decisions(first: User, end: datetime) -> int:
    """The demo's own customer, some others, and the riskiest of those we know: a decline that waits for a person."""
    rows = CreditScore.objects.filter(computed_at__gt=end - timedelta(days=1)).select_related("user")
    known = rows.filter(is_thin_file=False).exclude(user=first).order_by("decision_score")
    people = [first, *(row.user for row in [*known[:2], *known.reverse()[:6]])]
    for nth, person in enumerate(people):
        credit.decide(
            user=person,
            product="INSTANT",
            amount=Money.of(ASKED[nth % len(ASKED)], "KES"),
            active_loans=0,
            at=end - timedelta(minutes=90 - nth),
            by=person,
        )
    return len(people)
