"""What the M-Pesa rail holds of a person: phone and name as Safaricom told them."""

from collections.abc import Sequence
from datetime import datetime

from apps.kernel import personal
from apps.kernel.personal import Part, Step
from apps.mpesa.models import MpesaTransaction

personal.holds(
    Part("mpesa", "mpesa.MpesaTransaction", "user",
         ("kind", "status", "phone", "amount_minor", "currency", "receipt", "purpose", "result_text", "created_at",
          "ended_at"))
)  # fmt: skip
personal.leave_out("The same rows as payments.BulkPayment.", "mpesa.MpesaBulkPayment.customer",
                   "mpesa.MpesaBulkPayment.made_by", "mpesa.MpesaBulkPayment.submitted_by",
                   "mpesa.MpesaBulkPayment.decided_by")  # fmt: skip
personal.leave_out("Work of staff.", "mpesa.BalanceQuestion.asked_by", "mpesa.PaymentReconciliation.made_by",
                   "mpesa.ReconciliationBreak.resolved_by")  # fmt: skip


def _blank_phones(people: Sequence[int], at: datetime) -> int:
    """Phone and name; receipt and amount stay, so that the day still reconciles."""
    return MpesaTransaction.objects.filter(user_id__in=people).update(phone=None, phone_print=None, name=None)


personal.erases(Step("mpesa.phones", at_once=False, act=_blank_phones))
