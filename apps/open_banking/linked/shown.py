"""Linked accounts as their customer sees them: beside their own, and on pages of their own."""

from django.urls import reverse

from apps.accounts.elsewhere import Elsewhere, HeldElsewhere
from apps.open_banking.models import LinkedAccount, LinkedBank, LinkStatus, OtherBank
from apps.users.models import User


def shown_to(user: User) -> Elsewhere:
    """Every linked account, bank by bank; no address where there is no bank to link and nothing linked."""
    found = [
        _held(link, account) for link in LinkedBank.objects.owned_by(user).shown() for account in link.accounts.all()
    ]
    can_link = bool(found) or OtherBank.objects.filter(is_active=True).exists()
    return Elsewhere(tuple(found), reverse("open_banking:linked") if can_link else "")


def _held(link: LinkedBank, account: LinkedAccount) -> HeldElsewhere:
    return HeldElsewhere(
        bank=link.bank.name, label=account.label, masked_number=account.masked_number, balance=account.balance,
        as_of=account.balance_at, is_stale=link.status == LinkStatus.BROKEN,
        address=reverse("open_banking:linked-account", args=[account.public_id]),
    )  # fmt: skip
