"""What is done against fraud, and about what customers dispute."""

from apps.fraud.operations.dispute import open_dispute
from apps.fraud.operations.dispute import resolve as resolve_dispute
from apps.fraud.operations.dispute import take_up as take_up_dispute
from apps.fraud.operations.dispute import withdraw as withdraw_dispute
from apps.fraud.operations.review import clear, confirm_fraud
from apps.fraud.operations.screen import Screened, screen

__all__ = [
    "Screened",
    "clear",
    "confirm_fraud",
    "open_dispute",
    "resolve_dispute",
    "screen",
    "take_up_dispute",
    "withdraw_dispute",
]
