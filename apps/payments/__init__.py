"""Money between people."""
