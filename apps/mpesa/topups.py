"""Top-ups of accounts by M-Pesa."""

from datetime import datetime

from apps.accounts.models import Account
from apps.accounts.topups import TopUp
from apps.kernel.money import Money
from apps.mpesa import operations
from apps.users.models import User


class MpesaTopUps:
    """A prompt on the phone."""

    def start(
        self, *, account: Account, phone: str, amount: Money, key: str, by: User, at: datetime, purpose: str = ""
    ) -> TopUp:
        """See `operations.start_top_up`."""
        push = operations.start_top_up(
            account=account, phone=phone, amount=amount, key=key, by=by, at=at, purpose=purpose
        )
        return TopUp(str(push.public_id), push.status, f"/api/v1/mpesa/transactions/{push.public_id}/status/")
