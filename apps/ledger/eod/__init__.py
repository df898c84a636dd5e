"""The end of the bank's day: an ordered pipeline that can be stopped and started again."""

from apps.ledger.eod.run import StepFailed, open_day, run, run_due
from apps.ledger.eod.steps import Step, register, steps

__all__ = ["Step", "StepFailed", "open_day", "register", "run", "run_due", "steps"]
