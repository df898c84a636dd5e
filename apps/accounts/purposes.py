"""What money that comes in is for, when its payer says so: an app on a floor above knows the references it gave out.

A purpose is a reference like `loan/LK4T9ZB2M1`; `loan` is the app's own word, registered at start-up.
"""

from typing import Protocol

from apps.accounts.models import Account


class Purposes(Protocol):
    """References of one word."""

    def account_of(self, reference: str) -> Account | None:
        """The account that money for this reference goes to; None for a reference that is not known or is over."""


_known: dict[str, Purposes] = {}


def register(word: str, purposes: Purposes) -> None:
    """Make references of a word known."""
    _known[word] = purposes


def find(text: str) -> tuple[str, Account] | None:
    """What a payer's reference stands for, as people type it: its purpose, and the account the money goes to."""
    reference = "".join(text.split()).upper()
    for word, purposes in _known.items():
        account = purposes.account_of(reference) if reference else None
        if account is not None:
            return f"{word}/{reference}", account
    return None
