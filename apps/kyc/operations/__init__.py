"""What is done about tiers and their limits."""

from apps.kyc.operations.limits import CHANGE, change_limit, run_limit_change
from apps.kyc.operations.tier import RAISE, ask_tier, run_raise, set_tier

__all__ = ["CHANGE", "RAISE", "ask_tier", "change_limit", "run_limit_change", "run_raise", "set_tier"]
