"""Adding money from M-Pesa: a prompt on the phone, and a page that shows what became of it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts import topups
from apps.accounts.errors import TopUpNotConnected
from apps.accounts.models import Account, AccountStatus, AccountType
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.mpesa import operations as prompts
from apps.mpesa import queries as mpesa
from apps.mpesa.models import Kind, MpesaStatus, MpesaTransaction
from apps.mpesa.rules import ELSEWHERE
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, PhoneField, Sheet
from apps.portals.customer.live import live
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import IntoAccount, fresh_key
from apps.users.doors import signed_in
from apps.users.models import User
from apps.users.rules import shown_phone

PATIENCE = timedelta(seconds=60)  # after which the page says what to do when no prompt came
TOO_MANY = _("Too many top-ups at once. Nothing was taken; wait a minute and try again.")
_UNDER_WAY = {MpesaStatus.INITIATED, MpesaStatus.PENDING, MpesaStatus.CHECKING}


class TopUp(Sheet):
    """How much, from which phone, into which account."""

    where = {
        "bad_amount": "amount",
        "whole_shillings_only": "amount",
        "amount_outside_mpesa_limits": "amount",
        "bad_phone": "phone",
        "limit_exceeded": "amount",
        "currency_mismatch": "account",
        "account_closed": "account",
        "account_takes_no_money": "account",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    phone = PhoneField(label=_("Phone with M-Pesa"))
    account = IntoAccount(label=_("Into"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into: Any = self.fields["account"]
        into.queryset = (
            Account.objects.acted_for_by(user)
            .select_related("owner")
            .filter(currency="KES")
            .exclude(status=AccountStatus.CLOSED)
            .exclude(account_type=AccountType.FIXED_DEPOSIT)
            .in_order()
        )


@require_http_methods(["GET", "POST"])
@customer_page
def topup(request: HttpRequest) -> HttpResponse:
    """Begin a top-up; nothing is taken before the phone's PIN."""
    user = signed_in(request)
    initial = {
        "idempotency_key": fresh_key(),
        "amount": request.GET.get("amount", "")[:20],
        "phone": request.GET.get("phone", "")[:20] or (shown_phone(str(user.phone)) if user.phone else ""),
        "account": request.GET.get("account", "")[:18],
    }
    form = TopUp(request.POST if request.method == "POST" else None, user=user, initial=initial)
    if not form.fields["account"].queryset.exists():  # type: ignore[attr-defined]
        return show(request, "pay/topup", form, why="no_account")
    try:
        provider = topups.provider()
    except TopUpNotConnected:
        return show(request, "pay/no_rail", title=_("Add money from M-Pesa"))
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            begun = provider.start(
                account=asked["account"],
                phone=asked["phone"],
                amount=asked["amount"],
                key=f"page/{asked['idempotency_key']}",
                by=user,
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "topup-status", begun.id)
    return show(request, "pay/topup", form)


class FromTill(TopUp):
    """As a top-up, from the till of a shop: its operator is prompted."""

    where = TopUp.where | {"bad_paybill": "till"}
    phone = None  # type: ignore[assignment]  # Django's word for: not asked here
    till = forms.CharField(
        label=_("M-Pesa till of your shop"),
        max_length=9,
        error_messages={"required": _("Write the number of the till.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def from_till(request: HttpRequest) -> HttpResponse:
    """Begin a top-up from a till; nothing is taken before its operator's PIN."""
    user = signed_in(request)
    first = {"idempotency_key": fresh_key()} | {name: request.GET.get(name, "")[:18] for name in ("amount", "till")}
    form = FromTill(request.POST if request.method == "POST" else None, user=user, initial=first)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            push = prompts.start_top_up(
                account=asked["account"],
                till=asked["till"],
                amount=asked["amount"],
                key=f"page/{asked['idempotency_key']}",
                by=user,
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "topup-status", push.public_id)
    return show(request, "pay/topup_till", form)


@require_GET
@customer_page
def status(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What became of a top-up, told as it happens."""
    push, at = mpesa.own(signed_in(request), public_id), now()
    if push.kind != Kind.STK_PUSH:
        raise Http404
    under_way = push.status in _UNDER_WAY
    waits_long = under_way and at - push.created_at > PATIENCE
    return live(
        request,
        "pay/topup_status",
        "pay/_topup",
        state=f"{push.status}{'-long' if waits_long else ''}",
        since=push.created_at if under_way else None,
        push=push,
        is_under_way=under_way,
        waits_long=waits_long,
        is_elsewhere=push.result_code == ELSEWHERE,
        why=None if under_way or push.status == MpesaStatus.COMPLETED else mpesa.why(push),
        again=_again(push),
        when=_when(push),
    )


def _when(push: MpesaTransaction) -> datetime:
    return push.ended_at or push.created_at


def _again(push: MpesaTransaction) -> dict[str, Any]:
    """What a further try begins with."""
    shillings = push.amount_minor // 100
    phone = shown_phone(str(push.phone)) if push.phone else ""
    return {"amount": f"{shillings:,d}", "phone": phone, "till": push.till, "account": push.account_id}
