"""What is due on loans, as automatic transfers ask for it: what accounts declare in `accounts.dues`, filled in."""

from datetime import datetime

from apps.accounts.dues import Paid
from apps.accounts.models import Account
from apps.kernel.clock import local_date
from apps.kernel.money import Money, total
from apps.lending.operations import day as loans


class Loans:
    """Loans of the holder of an account."""

    def due(self, *, account: Account, at: datetime) -> Money:
        """What should have been paid by today."""
        return loans.due_of(account, local_date(at))

    def pay(self, *, account: Account, most: Money, key: str, at: datetime) -> Paid | None:
        """As repayments of their own, the oldest loan first."""
        made = loans.pay_due(account=account, most=most, key=key, at=at)
        return Paid(total((row.amount for row in made), account.currency), made[0].transfer_id) if made else None

    def collect(self, *, account: Account, key: str, at: datetime) -> None:
        """What loans take by themselves when money has come in."""
        loans.collect_from(account_id=account.pk, key=key, at=at)
