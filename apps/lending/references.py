"""What people quote when they speak of a loan or a repayment."""

import secrets

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I


def new_reference() -> str:
    """`L` and nine signs that survive a phone call."""
    return "L" + "".join(secrets.choice(_ALPHABET) for _nth in range(9))
