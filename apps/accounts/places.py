"""Whose money it is that comes from outside with a reference somebody typed."""

from dataclasses import dataclass

from apps.accounts import purposes
from apps.accounts.models import Account
from apps.accounts.queries import main_account
from apps.accounts.rules import is_account_number
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Meant:
    """The account that a reference names, and what the money is for where it says that too (`loan/LK4T9ZB2M1`)."""

    account: Account
    purpose: str = ""


def meant_by_purpose(reference: str) -> Meant | None:
    """What a reference that an app gave out stands for; None for any other words, an account or a phone among them."""
    found = purposes.find(reference.strip())
    return Meant(found[1], found[0]) if found else None


def meant_by(reference: str) -> Meant | None:
    """What a purpose stands for, an account number, or a customer's phone; None when nobody is named."""
    text = reference.strip()
    if found := meant_by_purpose(text):
        return found
    if is_account_number(text):
        account = Account.objects.select_related("owner").filter(number=text.replace(" ", "")).first()
        return Meant(account) if account else None
    owner = User.objects.customers().with_phone(text).first() if text else None
    account = main_account(owner) if owner and owner.is_active else None
    return Meant(account) if account else None
