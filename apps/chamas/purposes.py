"""References that members pay into their groups by: typed as the account number of our paybill or told to a teller."""

import re

from apps.accounts.models import Account
from apps.chamas.models import GroupStatus, Membership

_REFERENCE = re.compile(r"G[2-9A-HJ-NP-Z]{9}")


class Shares:
    """Members of groups that take money."""

    def account_of(self, reference: str) -> Account | None:
        """The member's account; the money goes on from there into the group."""
        if not _REFERENCE.fullmatch(reference):
            return None
        rows = Membership.objects.active().filter(reference=reference, group__status=GroupStatus.ACTIVE)
        member = rows.select_related("account__owner").first()
        return member.account if member else None
