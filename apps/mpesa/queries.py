"""What holders and staff ask of M-Pesa."""

import uuid
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from apps.kernel.errors import NotFound
from apps.mpesa import rules
from apps.mpesa.models import Kind, MpesaStatus, MpesaTransaction
from apps.users.models import User

DOUBT_AFTER = timedelta(minutes=10)  # M-Pesa answers in seconds; sooner nobody decides for it
PAID_DOUBT_AFTER = timedelta(hours=48)  # of a prompt said to be paid: so long the pull feed may still name its receipt
_REASONS: dict[str, Promise] = {
    "1": _("Your M-Pesa balance was too low. Nothing was taken. Try a smaller amount."),
    "1032": _("You cancelled it on your phone. Nothing was taken."),
    "4001": _("The prompt was cancelled at the till. Nothing was taken."),
    "2001": _("The M-Pesa PIN was wrong. Nothing was taken. Try again."),
    "1019": _("The prompt ran out before you approved it. Nothing was taken. Try again."),
    "1037": _("Your phone could not be reached. Nothing was taken. Turn it on and try again."),
    "1025": _("Your phone could not be reached. Nothing was taken. Turn it on and try again."),
    "1001": _("Another M-Pesa payment is open on that phone. Nothing was taken. Try again in two minutes."),
    "17": _("M-Pesa takes the same amount only once in two minutes. Nothing was taken. Wait a little."),
    "4": _("It would pass today's M-Pesa limit. Nothing was taken."),
    "8006": _("M-Pesa has locked the PIN of that phone. Nothing was taken. Call Safaricom on 100."),
    rules.ELSEWHERE: _(
        "M-Pesa has paid us, and its receipt stands for another payment with us. The money is safe. Do not pay again;"
        " call us and quote the receipt."
    ),
    "not_reached": _("M-Pesa could not be reached. Nothing was taken. Try again later."),
}
_WAITS = _(
    "M-Pesa has paid us, but this account could not take it. The money is safe. A person places it or sends it back;"
    " call us and quote the receipt."
)
_OTHERWISE = _("M-Pesa did not carry it out. Nothing was taken. Try again later.")

# Why a payout was not carried out: kept on the payment in English, read in the payer's language.
_NOT_PAID = {
    rules.NOT_REACHED: gettext_noop("M-Pesa could not be reached. Try again later."),
    "2": gettext_noop("The amount is below what M-Pesa takes."),
    "3": gettext_noop("The amount is above what M-Pesa takes."),
    "4": gettext_noop("It would pass what their M-Pesa takes in a day."),
    "8": gettext_noop("Their M-Pesa may not hold that much."),
    "26": gettext_noop("M-Pesa is busy. Try again later."),
    "2006": gettext_noop("Their M-Pesa account cannot be paid now. Ask them."),
    "2040": gettext_noop("That number is not registered with M-Pesa."),
    "SFC_IC0003": gettext_noop("M-Pesa does not know that number."),
}
_NOT_CARRIED = gettext_noop("M-Pesa did not carry it out. Try again later.")


def own(user: User, public_id: uuid.UUID) -> MpesaTransaction:
    """One's own, or of a business one signs for. Raises NotFound."""
    rows = MpesaTransaction.objects.owned_by(user).select_related("account__product", "account__owner")
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound(_("There is no such M-Pesa payment, or it is not yours."))
    return row


def why(row: MpesaTransaction) -> Promise | str:
    """Why it was not done, or waits with us, and what to do, for its payer."""
    if row.in_suspense:
        return _WAITS
    return _REASONS.get(row.result_code, _OTHERWISE)


def why_not_paid(code: str) -> str:
    """Why a payout did not arrive, for its payer, in English. What was wrong on our side is not told as theirs."""
    return _NOT_PAID.get(code, _NOT_CARRIED)


def may_go_back(row: MpesaTransaction) -> bool:
    """Whether it came in by M-Pesa, is still here, and is not on its way back."""
    came = row.kind in {Kind.STK_PUSH, Kind.C2B} and row.status == MpesaStatus.COMPLETED
    return came and not row.reversals.exclude(status=MpesaStatus.FAILED).exists()


def is_in_doubt(row: MpesaTransaction, at: datetime) -> bool:
    """Whether it leaves, was sent ten minutes ago and nobody knows what became of it; or is a prompt that M-Pesa said
    is paid, and for two days no receipt came.
    """
    is_open = row.status in {MpesaStatus.INITIATED, MpesaStatus.PENDING, MpesaStatus.CHECKING}
    if not is_open or row.sent_at is None:
        return False
    if row.kind == Kind.STK_PUSH:
        return row.result_code == rules.PAID and row.sent_at <= at - PAID_DOUBT_AFTER
    return row.kind in {Kind.B2C, Kind.B2B, Kind.REVERSAL} and row.sent_at <= at - DOUBT_AFTER
