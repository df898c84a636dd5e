"""The providers that carry messages."""
