"""Exchange rates and what they make of an amount."""
