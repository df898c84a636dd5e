"""How likely a customer is to repay, and why."""
