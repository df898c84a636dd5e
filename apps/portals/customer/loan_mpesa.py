"""Paying a loan from M-Pesa: a prompt on the phone, and how to pay at our paybill with the loan's reference."""

import uuid

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.accounts import topups
from apps.accounts.errors import TopUpNotConnected
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.kernel.throttles import caller_of, require
from apps.lending.models import LoanStatus
from apps.lending.operations.incoming import WORD
from apps.portals.amounts import typed
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, PhoneField, Sheet
from apps.portals.customer.loan_facts import Standing, standing_now
from apps.portals.customer.loans import own_loan
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import fresh_key
from apps.users.doors import signed_in
from apps.users.rules import shown_phone

TOO_MANY = _("Too many payments at once. Nothing was taken; wait a minute and try again.")
SHILLING = 100


class FromPhone(Sheet):
    """How much, from which phone."""

    where = {
        "bad_amount": "amount",
        "whole_shillings_only": "amount",
        "amount_outside_mpesa_limits": "amount",
        "bad_phone": "phone",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    phone = PhoneField(label=_("Phone with M-Pesa"))


@require_http_methods(["GET", "POST"])
@customer_page
def mpesa(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Begin it; nothing is taken before the phone's PIN, and the loan is paid when the money has come."""
    user, at = signed_in(request), now()
    loan = own_loan(user, public_id)
    if loan.status != LoanStatus.ACTIVE:
        return done(request, "loan", loan.public_id)
    standing = standing_now(loan, at)
    initial = {
        "idempotency_key": fresh_key(),
        "amount": typed(whole(asked_of(standing))),
        "phone": shown_phone(str(user.phone)) if user.phone else "",
    }
    form = FromPhone(request.POST if request.method == "POST" else None, initial=initial)
    try:
        provider = topups.provider()
    except TopUpNotConnected:
        return show(request, "pay/no_rail", title=_("Pay with M-Pesa"))
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            begun = provider.start(
                account=loan.account,
                phone=asked["phone"],
                amount=asked["amount"],
                key=f"page/{asked['idempotency_key']}",
                by=user,
                at=at,
                purpose=f"{WORD}{loan.reference}",
            )
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "topup-status", begun.id)
    return show(
        request, "borrow/mpesa", form, loan=loan, standing=standing, whole=whole(standing.ends_it), paybill=paybill()
    )


def paybill() -> str:
    """The number of our paybill."""
    return str(settings.DARAJA_SHORTCODE)


def asked_of(standing: Standing) -> Money:
    """What is due, else the next instalment, else all of it."""
    return standing.overdue or standing.ahead or standing.ends_it


def whole(amount: Money) -> Money:
    """Up to the next whole shilling: M-Pesa moves nothing finer."""
    return Money(-(-amount.minor // SHILLING) * SHILLING, amount.currency)
