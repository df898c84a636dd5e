"""What open banking does when payments come to an end: the app that asked for one is told which; and when a password
is changed, which an app may hold a token for.
"""

from apps.kernel import events
from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.kernel.written import Written
from apps.open_banking.events import PaymentStatusChanged
from apps.open_banking.models import AccessToken, TransactionRequest
from apps.payments.events import PaymentCompleted, PaymentFailed
from apps.users.events import PasswordChanged

# Every payment is looked at, whoever asked for it.
_ASKED_FOR = Written(
    lambda payment: TransactionRequest.objects.shown().filter(payment_id=payment).order_by("pk"), payment=-1
)


@subscribe(PaymentCompleted)
def tell_of_payment(event: PaymentCompleted) -> None:
    """It moved money."""
    _tell(event.payment_id)


@subscribe(PaymentFailed)
def tell_of_failure(event: PaymentFailed) -> None:
    """It was refused, or came back."""
    _tell(event.payment_id)


@subscribe(PasswordChanged)
def end_direct_logins(event: PasswordChanged) -> None:
    """A token that the old password was given for ends with it, as every stay does."""
    AccessToken.objects.filter(user_id=event.user_id, is_direct=True, persona=None).delete()


def _tell(payment_id: int) -> None:
    row: TransactionRequest | None = _ASKED_FOR.first(payment=payment_id)
    if row is not None:
        status = row.status(now())
        events.publish(PaymentStatusChanged(request_id=row.pk, app_id=row.app_id, user_id=row.user_id, status=status))
