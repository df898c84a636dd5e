"""What is done against fraud and about its rules, and about what customers dispute."""

from apps.fraud.operations.access import note_password_change, note_sim_change
from apps.fraud.operations.age import escalate
from apps.fraud.operations.ask_customer import answer
from apps.fraud.operations.ask_customer import challenge as answer_challenge
from apps.fraud.operations.blocking import block, lift
from apps.fraud.operations.change_rule import ask_rule_change, back_test
from apps.fraud.operations.dispute import open_dispute
from apps.fraud.operations.dispute import resolve as resolve_dispute
from apps.fraud.operations.dispute import take_up as take_up_dispute
from apps.fraud.operations.dispute import withdraw as withdraw_dispute
from apps.fraud.operations.review import clear, confirm_fraud
from apps.fraud.operations.screen import Screened, screen

__all__ = [
    "Screened",
    "answer",
    "answer_challenge",
    "ask_rule_change",
    "back_test",
    "block",
    "clear",
    "confirm_fraud",
    "escalate",
    "lift",
    "note_password_change",
    "note_sim_change",
    "open_dispute",
    "resolve_dispute",
    "screen",
    "take_up_dispute",
    "withdraw_dispute",
]
