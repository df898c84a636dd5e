"""Another bank that speaks this bank's own standard: how it is called, and what of its answers is believed."""
