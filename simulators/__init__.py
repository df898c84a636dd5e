"""Stand-ins of outside providers: their wire formats on this machine, and nothing of the bank."""
