"""Money that goes back, at the desk: what waits for a second person, and one transfer sent back or reversed."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import CashMovement, Transaction
from apps.accounts.operations.interest_back import INTEREST_BACK
from apps.kernel import approvals as engine
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import ApprovalStatus
from apps.kyc.operations import CHANGE, RAISE
from apps.ledger import operations as ledger
from apps.ledger.operations.ask_reversal import REVERSAL
from apps.lending.operations.limit import SET_LIMIT
from apps.lending.operations.reverse_repayment import REVERSE_REPAYMENT
from apps.mpesa.operations.send_back import SEND_BACK
from apps.payments import operations as payments
from apps.payments.models import Payment, Refund
from apps.payments.operations.banks.recall import RECALL_PAYMENT
from apps.payments.operations.banks.returning import RETURN_TRANSFER
from apps.payments.operations.refund import LARGE_REFUND
from apps.portals.banker.approvals import shown
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet, read_id
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User

RIGHT, REVERSE = "payments.refund_transactions", "ledger.reverse_transfer"
GOING_BACK = (REVERSAL, LARGE_REFUND, REVERSE_REPAYMENT, INTEREST_BACK, SEND_BACK, RECALL_PAYMENT, RETURN_TRANSFER)
OF_LIMITS = (CHANGE, RAISE, SET_LIMIT)
MOST = 50


class Find(Sheet):
    """Which payment, slip or transfer."""

    q = forms.CharField(label=_("Receipt, or number of the transfer"), max_length=40)


class SendBack(Sheet):
    """How much goes back from who was paid; the fee stays."""

    where = {"insufficient_funds": "amount", "not_refundable": "amount"}
    amount = AmountField(label=_("Amount"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, payment: Payment | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amount: Any = self.fields["amount"]
        amount.currency = payment.currency if payment else amount.currency


class Undo(Sheet):
    """Why all of a transfer is undone in the books."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


@staff_page(RIGHT)
def reversals(request: HttpRequest) -> HttpResponse:
    """Find a payment by its receipt; what waits, and what went back lately."""
    sent = request.GET if "q" in request.GET else None
    form = Find(sent)
    if form.is_valid():
        number = _transfer_of(form.cleaned_data["q"])
        if number:
            return go(request, reverse("admin:reversal", args=[number]))
        form.add_error("q", _now("No money moved under that number. Look at the receipt again."))
    lately = Refund.objects.select_related("payment", "made_by").order_by("-pk")[:15]
    requests = _waiting(signed_in(request), GOING_BACK)
    return page(request, "reversals", status=form.status, form=form, requests=requests, lately=lately)


@staff_page()
def limit_requests(request: HttpRequest) -> HttpResponse:
    """Changes of limits that wait for a second person: of a tier, of a customer's tier, of what one can borrow."""
    return page(request, "limit_requests", requests=_waiting(signed_in(request), OF_LIMITS))


@staff_page(RIGHT)
def reversal(request: HttpRequest, pk: int) -> HttpResponse:
    """One transfer on customers' accounts: send the payment back, or ask to undo all of it. The look is recorded."""
    user = signed_in(request)
    lines = list(Transaction.objects.filter(transfer_id=pk).select_related("account__owner").order_by("pk"))
    if not lines:
        raise Http404
    for person in {line.account.owner for line in lines if line.account.owner_id != user.pk}:
        record_look(user, person, _now("A payment that may go back"))
    payment = Payment.objects.filter(transfer_id=pk).select_related("payer", "to_account__owner").first()
    act = request.POST.get("act", "") if request.method == "POST" else ""
    sent = request.POST if act == "back" else None
    back = SendBack(sent, payment=payment, initial={"key": secrets.token_hex(12)})
    undo = Undo(request.POST if act == "undo" else None, prefix="undo")  # both forms ask why
    try:
        if back.is_bound and back.is_valid() and payment is not None:
            return _sent_back(request, payment, back.cleaned_data, user)
        if undo.is_bound and undo.is_valid():
            asked = ledger.ask_reversal(transfer_id=pk, reason=undo.cleaned_data["reason"], by=user, at=now())
            return go(request, reverse("admin:approval", args=[asked.pk]))
    except DomainError as no:
        (back if back.is_bound else undo).refuse(no)
    facts: dict[str, Any] = {"lines": lines, "payment": payment, "back": back, "undo": undo}
    facts["refunds"] = payment.refunds.order_by("pk") if payment else []
    facts["why_not"] = ledger.why_not_reversed(pk)
    facts["interest"] = accounts.interest_payment_of(pk)
    status = back.status if back.is_bound else undo.status
    return page(request, "reversal", status=status, place="reversals", **facts)


def _sent_back(request: HttpRequest, payment: Payment, asked: dict[str, Any], user: User) -> HttpResponse:
    row = payments.refund(payment=payment, **asked, by=user, at=now())
    done = row.status == Refund.Status.DONE
    messages.success(request, _now("Sent back.") if done else _now("Asked. Another person decides; nothing moved yet."))
    return go(request, reverse("admin:reversal", args=[payment.transfer_id]))


def _transfer_of(text: str) -> int:
    """The transfer that a receipt stands for; 0 for none."""
    called = text.replace("\0", "").strip().upper()
    payment = Payment.objects.filter(reference=called).values_list("transfer_id", flat=True).first()
    slip = CashMovement.objects.filter(receipt=called).values_list("transfer_id", flat=True).first()
    interest = accounts.interest_payment(called.lower())
    number = payment or slip or (interest.transfer_id if interest else read_id(called))
    return number if number and Transaction.objects.filter(transfer_id=number).exists() else 0


def _waiting(user: User, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = engine.seen_by(user).filter(status=ApprovalStatus.PENDING, kind__in=kinds)
    return [shown(row) for row in rows.select_related("maker").order_by("created_at")[:MOST]]
