"""What payments hold of a person: what they sent and asked for, whom they pay again, their shop."""

from collections.abc import Sequence
from datetime import datetime

from apps.kernel import personal
from apps.kernel.personal import Part, Step
from apps.payments.models import AskerBlock, Payee

personal.holds(
    Part("payments", "payments.Payment", "payer",
         ("public_id", "kind", "status", "rail", "payee_name", "amount_minor", "fee_minor", "duty_minor", "currency",
          "note", "channel", "reference", "held_because", "failed_because", "created_at", "completed_at")),
    Part("payees", "payments.Payee", "owner", ("nickname", "payee_name", "payee_address", "saved_at", "removed_at")),
    Part("standing_orders", "payments.StandingOrder", "owner",
         ("payee_name", "amount_minor", "currency", "note", "cadence", "starts_on", "status", "created_at")),
    Part("requests_made", "payments.PaymentRequest", "asker",
         ("amount_minor", "currency", "note", "status", "created_at", "over_at")),
    Part("requests_got", "payments.PaymentRequest", "asked",
         ("amount_minor", "currency", "note", "status", "created_at", "over_at")),
    Part("split_bills", "payments.SplitBill", "owner", ("total_minor", "own_minor", "currency", "note", "created_at")),
    Part("blocked_askers", "payments.AskerBlock", "blocker", ("created_at",)),
    Part("remittance_quotes", "payments.RemittanceQuote", "user", ("arrives_on", "created_at")),
    Part("bulk_payments", "payments.BulkPayment", "customer",
         ("reference", "kind", "name", "status", "row_count", "total_minor", "currency", "created_at", "ended_at")),
    Part("shops", "payments.Merchant", "owner", ("public_id", "trading_name", "mcc", "town", "till", "status",
                                                 "created_at", "closed_at")),
    Part("shop_sales", "payments.PosSale", "merchant__owner",
         ("reference", "amount_minor", "currency", "note", "status", "created_at")),
    Part("incoming_transfers", "payments.IncomingTransfer", "account__owner",
         ("reference", "channel", "amount_minor", "currency", "payer_name", "payer_bank", "words", "received_at")),
    Part("recalls", "payments.PaymentRecall", "asked_by", ("public_id", "reason", "words", "status", "asked_at")),
)  # fmt: skip
personal.leave_out(
    "What somebody did for a shop or business stands there, and in the person's own actions.",
    "payments.BulkPayment.made_by", "payments.BulkPayment.submitted_by", "payments.BulkPayment.decided_by",
    "payments.Merchant.created_by", "payments.PosTerminal.created_by", "payments.PosSale.made_by",
)  # fmt: skip
personal.holds(
    Part("joint_payments_signed", "payments.JointSignature", "user", ("joint_id", "at")),
    Part("joint_orders_signed", "payments.JointOrderSignature", "user", ("joint_id", "at")),
    Part("sending_back_signed", "payments.AskedBackSignature", "user", ("asked_id", "at")),
    Part("batches_signed", "payments.BulkSignature", "user", ("bulk_id", "at")),
)  # fmt: skip
personal.leave_out(
    "What somebody did for a business stands there.", "payments.JointPayment.made_by", "payments.JointPayment.over_by",
    "payments.JointOrder.made_by", "payments.JointOrder.over_by", "payments.PaymentRequest.made_by",
)  # fmt: skip
personal.leave_out("Another person's choice.", "payments.AskerBlock.blocked")
personal.leave_out(
    "Work of staff.",
    "payments.PaymentRecall.allowed_by",
    "payments.Refund.made_by",
    "payments.IncomingReturn.decided_by",
)


def _forget_payees(people: Sequence[int], at: datetime) -> int:
    """Whom somebody paid again and whom they did not want to hear from. Payments that were made are books."""
    blocks: int = AskerBlock.objects.filter(blocker_id__in=people).delete()[0]
    return blocks + int(Payee.objects.filter(owner_id__in=people).delete()[0])


personal.erases(Step("payments.payees", at_once=True, act=_forget_payees, tells_of_them=True))
