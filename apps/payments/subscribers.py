"""Telling both sides of a payment."""

from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.notifications import operations as notifications
from apps.payments.events import PaymentCompleted
from apps.payments.models import Payment
from apps.users.rules import half_name


@subscribe(PaymentCompleted)
def tell_both(event: PaymentCompleted) -> None:
    """The payer that it went, the payee that it came; each once."""
    payment = Payment.objects.select_related("payer", "to_account__owner").get(pk=event.payment_id)
    if payment.payer_id == payment.to_account.owner_id:
        return  # between own accounts: they are looking at it
    common = {"amount": str(payment.amount), "reference": payment.reference}
    sent = {**common, "payee": f"{payment.payee_name} {payment.payee_address}".replace("•", "*")}
    came = {**common, "payer": half_name(payment.payer.full_name)}
    at = payment.completed_at or now()  # news of then: told late, it may be too old to send
    notifications.send("payments.sent", to=payment.payer, context=sent, at=at, key=f"payments/{payment.pk}/sent")
    notifications.send(
        "payments.received", to=payment.to_account.owner, context=came, at=at, key=f"payments/{payment.pk}/received"
    )
