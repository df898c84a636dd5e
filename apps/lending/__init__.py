"""Loans, from the wish for one to the last shilling."""
