"""What is done about tiers and their limits."""

from apps.kyc.operations.limits import CHANGE, change_limit, run_limit_change
from apps.kyc.operations.tier import set_tier

__all__ = ["CHANGE", "change_limit", "run_limit_change", "set_tier"]
