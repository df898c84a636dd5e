"""Other banks by this standard, for the API of accounts: the operations of the pages and of `/api/v1/linked-banks/`."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.connectors import Begun
from apps.accounts.elsewhere import HeldElsewhere
from apps.kernel.errors import NotFound
from apps.open_banking import operations
from apps.open_banking.linked.shown import held
from apps.open_banking.models import LinkedAccount, LinkedBank, OtherBank
from apps.open_banking.operations.link import address_of
from apps.users.models import User


class Standard:
    """The banks that are kept by `manage.py other_bank`."""

    def begin(self, *, bank: UUID, by: User, at: datetime) -> Begun:
        """Ask a bank for a consent to read. Raises NotFound, TooMany, OtherBankFailed."""
        found = OtherBank.objects.filter(public_id=bank, is_active=True).first()
        if found is None:
            raise NotFound(_("Accounts cannot be linked at this bank. Nothing was asked for."))
        link = operations.begin_link(bank=found, by=by, at=at)
        return Begun(id=link.public_id, authorize_url=address_of(link), finish_url=reverse("linked-banks-finish"))

    def refresh(self, *, account: UUID, by: User, at: datetime, address: str) -> HeldElsewhere:
        """Read the account's bank now. Raises NotFound, LinkOver, ReadJustNow, OtherBankFailed."""
        rows = LinkedAccount.objects.filter(link__in=LinkedBank.objects.owned_by(by).shown().values("pk"))
        rows = rows.filter(public_id=account).select_related("link__bank")
        found = rows.first()
        if found is None:
            raise NotFound(_("There is no such account."))
        operations.read_link(link=found.link, by=by, at=at, address=address)
        told = rows.first()
        if told is None:
            raise NotFound(_("The other bank tells nothing of this account any more, so it is gone here too."))
        return held(told)
