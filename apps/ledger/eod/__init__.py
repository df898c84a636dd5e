"""The end of the bank's day: an ordered pipeline that can be stopped and started again."""

from apps.ledger.eod.registry import Step, register, steps
from apps.ledger.eod.runner import StepFailed, open_day, run, run_due

__all__ = ["Step", "StepFailed", "open_day", "register", "run", "run_due", "steps"]
