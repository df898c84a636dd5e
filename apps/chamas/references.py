"""What members quote when they pay into a group, and the code by which people join one."""

import secrets

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I


def _signs(count: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _nth in range(count))


def new_member_reference() -> str:
    """`G` and nine signs: a member's own, as the account number of our paybill."""
    return "G" + _signs(9)


def new_join_code() -> str:
    """Eight signs that survive being read aloud."""
    return _signs(8)


def new_receipt() -> str:
    """`C` and nine signs: what is quoted of one movement of a group's money."""
    return "C" + _signs(9)


def new_loan_reference() -> str:
    """`T` and nine signs: what a member quotes to pay a loan of the group back."""
    return "T" + _signs(9)


def new_investment_reference() -> str:
    """`V` and nine signs: what is quoted when an investment earns something for the group."""
    return "V" + _signs(9)


def new_sale_reference() -> str:
    """`W` and nine signs: what a buyer quotes who pays for what the group sells."""
    return "W" + _signs(9)
