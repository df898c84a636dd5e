"""The screen at work: a rule and a model that two people have allowed, a rule that waits, and a blocked address."""

from datetime import datetime, timedelta
from decimal import Decimal

from apps.fraud import operations as fraud
from apps.fraud.queries import Proposed
from apps.kernel import approvals
from apps.users.models import User

INVENTED = 2_000  # payments the demo's model is made of
HOUR = "payments_known >= 20 and payments_at_this_hour = 0 and amount > 2 * usual"


def watch(*, officer: User, second: User, end: datetime) -> None:
    """What a compliance officer did in the last days."""
    at = end - timedelta(days=3)
    approval = fraud.ask_rule_change(
        proposed=Proposed("UNUSUAL_HOUR", HOUR, Decimal("0.200")),
        sentence_en="This account never pays at this hour ({hour}:00), and {amount} is more than usual",
        sentence_sw="Akaunti hii hailipi kamwe saa hii ({hour}:00), na {amount} ni zaidi ya kawaida",
        customer_may_answer=True,
        reason="Two takeovers at three in the morning",
        by=officer,
        at=at,
    )
    approvals.approve(approval=approval, by=second, at=at + timedelta(hours=2), note="Few are troubled by it")
    fraud.ask_rule_change(
        proposed=Proposed("LARGE_TO_NEW", "is_new_recipient and amount >= KES 40000", Decimal("0.250")),
        sentence_en="A large amount to someone never paid before: {amount}",
        sentence_sw="Kiasi kikubwa kwa mtu ambaye hajawahi kulipwa: {amount}",
        customer_may_answer=True,
        reason="Losses just below 50,000",
        by=officer,
        at=end - timedelta(hours=3),
    )
    model = fraud.train_model(dataset="synthetic", rows=INVENTED, by=officer, at=at)
    asked = fraud.ask_promotion(model=model, reason="To see what it finds", by=officer, at=at)
    approvals.approve(approval=asked, by=second, at=at + timedelta(hours=1), note="As a try")
    why = "Three people were signed in from here within an hour, none of them themselves"
    until = end + timedelta(days=30)
    fraud.block(kind="IP", value="203.0.113.77", why=why, until=until, by=officer, at=at)
