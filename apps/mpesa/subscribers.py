"""What people are told of money that came, or did not."""

from django.utils import translation

from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.ledger.queries import balances
from apps.mpesa import queries, rules
from apps.mpesa.events import MpesaFailed, MpesaReceived, MpesaSentBack
from apps.mpesa.models import Kind, MpesaStatus, MpesaTransaction
from apps.notifications import operations as notifications


@subscribe(MpesaReceived)
def tell_of_money(event: MpesaReceived) -> None:
    """The holder, that it is on the account; who paid or holds the account, that it waits because that could not take
    it. In suspense without a name there is nobody to tell yet.
    """
    row = MpesaTransaction.objects.select_related("account__owner", "user").get(pk=event.transaction_id)
    if event.account_id is None:
        if row.in_suspense:  # told late, it may have been placed or sent back since, and that is told as well
            _tell_that_it_waits(row)
        return
    if row.account is None:
        return
    held = balances([row.account.ledger_account_id])[row.account.ledger_account_id]
    context = {
        "amount": str(row.amount),
        "receipt": row.receipt,
        "account": row.account.masked_number.replace("•", "*"),
        "balance": str(held.available),
    }
    at = row.ended_at or now()
    notifications.send("mpesa.received", to=row.account.owner, context=context, at=at, key=f"mpesa/{row.pk}/received")


def _tell_that_it_waits(row: MpesaTransaction) -> None:
    if row.user is None:
        return
    context = {"amount": str(row.amount), "receipt": row.receipt}
    key, at = f"mpesa/{row.pk}/waits", row.ended_at or now()
    notifications.send("mpesa.waits", to=row.user, context=context, at=at, key=key)


@subscribe(MpesaFailed)
def tell_of_failure(event: MpesaFailed) -> None:
    """Who asked for a top-up, that it was not made, and what to do. Payments out tell of themselves."""
    row = MpesaTransaction.objects.select_related("user").get(pk=event.transaction_id)
    if row.kind != Kind.STK_PUSH or row.user is None:
        return
    if row.status not in {MpesaStatus.FAILED, MpesaStatus.CANCELLED}:  # paid after all, before this was told
        return
    if row.result_code == rules.ELSEWHERE:
        words = {"amount": str(row.amount)}
        notifications.send("mpesa.with_us", to=row.user, context=words, at=now(), key=f"mpesa/{row.pk}/with-us")
        return
    with translation.override(row.user.language):
        context = {"amount": str(row.amount), "why": str(queries.why(row))}
    notifications.send("mpesa.not_done", to=row.user, context=context, at=now(), key=f"mpesa/{row.pk}/failed")


@subscribe(MpesaSentBack)
def tell_of_return(event: MpesaSentBack) -> None:
    """Whose account it had come to, or who heard that it waits; else M-Pesa itself tells its payer."""
    row = MpesaTransaction.objects.select_related("account__owner", "user").get(pk=event.transaction_id)
    person = row.account.owner if row.account is not None else row.user
    if person is None:
        return
    context = {"amount": str(row.amount), "receipt": row.account_reference}
    key = f"mpesa/{row.pk}/sent-back"
    notifications.send("mpesa.sent_back", to=person, context=context, at=now(), key=key)
