"""What is done with rates and quotes."""

from apps.fx.operations.accept import ask_to_accept, run_accept
from apps.fx.operations.quote import drop_unused, give_quote, use_quote
from apps.fx.operations.refresh import record_rates, refresh_rates
from apps.fx.operations.spread import ask_spread_change, run_spread_change

__all__ = [
    "ask_spread_change",
    "ask_to_accept",
    "drop_unused",
    "give_quote",
    "record_rates",
    "refresh_rates",
    "run_accept",
    "run_spread_change",
    "use_quote",
]
