"""Settings, one module a place the bank runs in."""
