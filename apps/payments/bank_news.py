"""What a payer is told when another bank sent their payment back."""

from django.utils import translation
from django.utils.translation import gettext

from apps.kernel.events import subscribe
from apps.notifications import operations as notifications
from apps.payments.banks.reasons import why
from apps.payments.events import PaymentReturned
from apps.payments.models import PaymentReturn


@subscribe(PaymentReturned)
def tell_of_return(event: PaymentReturned) -> None:
    """What came, why, and that it is theirs again; once."""
    row = PaymentReturn.objects.select_related("payment__payer").get(pk=event.return_id)
    payment = row.payment
    with translation.override(payment.payer.language):
        because = gettext(why(row.reason))
    context = {
        "amount": str(payment.amount),
        "reference": payment.reference,
        "payee": f"{payment.payee_name} {payment.payee_address}".replace("•", "*"),
        "came": str(row.given),
        "because": because,
    }
    key = f"payments/{payment.pk}/returned"
    notifications.send("payments.returned", to=payment.payer, context=context, at=row.made_at, key=key)
