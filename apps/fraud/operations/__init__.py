"""What is done against fraud and about its rules, and about what customers dispute."""

from apps.fraud.operations.access import note_password_change, note_sim_change
from apps.fraud.operations.age import escalate
from apps.fraud.operations.ask_customer import answer
from apps.fraud.operations.ask_customer import challenge as answer_challenge
from apps.fraud.operations.back_tests import ask_back_test, back_test, run_back_test, run_waiting
from apps.fraud.operations.blocking import ask_lift, block
from apps.fraud.operations.change_rule import ask_rule_change
from apps.fraud.operations.dispute import open_dispute
from apps.fraud.operations.dispute import resolve as resolve_dispute
from apps.fraud.operations.dispute import take_up as take_up_dispute
from apps.fraud.operations.dispute import withdraw as withdraw_dispute
from apps.fraud.operations.review import clear, confirm_fraud, judge_payee
from apps.fraud.operations.screen import Screened, screen
from apps.fraud.operations.sim import ask_sim_ages, want_sim_age
from apps.fraud.operations.train import ask_promotion, read_drift, switch_off, train_model

__all__ = [
    "Screened",
    "answer",
    "answer_challenge",
    "ask_back_test",
    "ask_lift",
    "ask_promotion",
    "ask_rule_change",
    "ask_sim_ages",
    "back_test",
    "block",
    "clear",
    "confirm_fraud",
    "escalate",
    "judge_payee",
    "note_password_change",
    "note_sim_change",
    "open_dispute",
    "read_drift",
    "resolve_dispute",
    "run_back_test",
    "run_waiting",
    "screen",
    "switch_off",
    "take_up_dispute",
    "train_model",
    "want_sim_age",
    "withdraw_dispute",
]
