"""Linked accounts as their customer sees them: beside their own, and on pages of their own."""

from django.urls import reverse

from apps.accounts.elsewhere import Elsewhere, HeldElsewhere
from apps.open_banking.models import LinkedAccount, LinkStatus, OtherBank
from apps.users.models import User


def shown_to(user: User) -> Elsewhere:
    """Every linked account, bank by bank; no address where there is no bank to link and nothing linked.

    One query where no other bank is kept, else two.
    """
    banks = list(OtherBank.objects.values_list("is_active", flat=True))
    if not banks:
        return Elsewhere()
    rows = LinkedAccount.objects.select_related("link__bank").filter(
        link__user=user, link__status__in=[LinkStatus.ACTIVE, LinkStatus.BROKEN]
    )
    found = [held(row) for row in rows.order_by("link__bank__name", "pk")]
    return Elsewhere(tuple(found), reverse("open_banking:linked") if found or any(banks) else "")


def held(account: LinkedAccount) -> HeldElsewhere:
    """One of them."""
    return HeldElsewhere(
        public_id=account.public_id, bank=account.link.bank.name, label=account.label,
        masked_number=account.masked_number, balance=account.balance, as_of=account.balance_at,
        is_stale=account.link.status == LinkStatus.BROKEN,
        address=reverse("open_banking:linked-account", args=[account.public_id]),
    )  # fmt: skip
