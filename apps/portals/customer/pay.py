"""Paying: who, how much, the name before the proof, the receipt."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import Account, AccountType, TransactionType
from apps.accounts.queries import Holding, holdings
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.payments import operations, rails
from apps.payments.models import AskedBack, AskedBackStatus, Payee, Payment, PaymentQuerySet, PaymentRequest
from apps.portals.customer import queries
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in
from apps.users.errors import TooSoon
from apps.users.models import User

TOO_MANY = _("Too many payments at once. Nothing was sent; wait a minute and try again.")


class OwnAccount(forms.ModelChoiceField):
    """One of the person's own accounts."""

    def __init__(self, **kwargs: Any) -> None:
        words = {"required": _("Choose an account."), "invalid_choice": _("Choose one of your accounts.")}
        super().__init__(queryset=Account.objects.none(), empty_label=None, error_messages=words, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Its name, its last digits, its currency when that is not the shilling."""
        currency = "" if obj.currency == "KES" else f" {obj.currency}"
        return f"{obj.name} {obj.masked_number}{currency}"


class IntoAccount(OwnAccount):
    """One of the person's own accounts, or of a business they sign for, by the name of the business."""

    def label_from_instance(self, obj: Any) -> str:
        """Its name and its last digits."""
        if obj.account_type == AccountType.BUSINESS:
            return f"{obj.owner.full_name} {obj.masked_number}"
        return super().label_from_instance(obj)


class Send(Sheet):
    """To whom, how much, from where, and what for."""

    where = {
        "payee_not_found": "to",
        "payment_to_self": "to",
        "payee_cannot_receive": "to",
        "qr_not_valid": "to",
        "sale_over": "to",
        "merchant_closed": "to",
        "bad_amount": "amount",
        "currency_mismatch": "amount",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    again = forms.UUIDField(required=False, widget=forms.HiddenInput)
    saved = forms.UUIDField(required=False, widget=forms.HiddenInput)
    to = forms.CharField(
        label=_("Phone or account number"),
        max_length=600,
        error_messages={"required": _("Write the phone or account number to send to.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "enterkeyhint": "next"}),
    )
    amount = AmountField(label=_("Amount"))
    from_account = OwnAccount(label=_("From"))
    note = forms.CharField(
        label=_("Note (you may leave it out)"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = spendable(user)
        sources: Any = self.fields["from_account"]
        sources.queryset = (
            Account.objects.owned_by(user).filter(pk__in=[one.account.pk for one in self.accounts]).in_order()
        )
        tell_the_cost(self, TransactionType.P2P_TRANSFER)
        self.user = user
        self.payee = remembered(self, user, queries.to_people(), (TransactionType.P2P_TRANSFER,))
        if self.payee:
            self.fields["to"].required = False

    @property
    def currency(self) -> str:
        """What stands before the amount; nothing when the accounts differ."""
        return one_currency(self.accounts)

    def clean(self) -> dict[str, Any]:
        """Where the money goes: what was typed, or whoever was paid before."""
        if source := self.cleaned_data.get("from_account"):
            self.read_in(source.currency)
        if self.payee and self.payee.to_account and not self.cleaned_data.get("to"):
            self.cleaned_data["to"] = self.payee.to_account.number
        return self.cleaned_data


def earlier(form: Sheet, user: User, among: PaymentQuerySet) -> Payment | None:
    """The person's earlier payment to repeat; an unknown one is none."""
    wanted = form.data.get("again") if form.is_bound else form.initial.get("again")
    try:
        public_id = uuid.UUID(str(wanted))
    except ValueError:
        return None
    return among.owned_by(user).filter(public_id=public_id).select_related("to_account").first()


def remembered(form: Sheet, user: User, among: PaymentQuerySet, kinds: tuple[str, ...] = ()) -> Payee | Payment | None:
    """Whom the form is for: one of the person's book, or of an earlier payment; of some kinds of payment, or of all."""
    wanted = form.data.get("saved") if form.is_bound else form.initial.get("saved")
    try:
        public_id = uuid.UUID(str(wanted))
    except ValueError:
        return earlier(form, user, among)
    rows = Payee.objects.owned_by(user).saved().filter(public_id=public_id).select_related("to_account")
    return (rows.filter(kind__in=kinds) if kinds else rows).first()


def tell_the_cost(form: Sheet, kind: str) -> None:
    """What it costs stands under the amount as soon as one is typed; without script, the tariff is a link."""
    ask = {"hx-get": f"{reverse('customer:cost')}?kind={kind}", "hx-target": "#cost", "hx-swap": "innerHTML"}
    typed = {**ask, "hx-trigger": "input changed delay:400ms", "hx-include": "#id_from_account"}
    form.fields["amount"].widget.attrs |= typed
    form.fields["from_account"].widget.attrs |= {**ask, "hx-trigger": "change", "hx-include": "#id_amount"}


def spendable(user: User) -> list[Holding]:
    """The accounts money may leave, with what is available."""
    return holdings(Account.objects.owned_by(user).to_pay_from().in_order().select_related("product"))


def one_currency(held: list[Holding]) -> str:
    """The currency of accounts that share one; empty when they do not."""
    found = {one.account.currency for one in held}
    return found.pop() if len(found) == 1 else ""


def fresh_key() -> str:
    """What makes one form one payment, however often it is sent."""
    return uuid.uuid4().hex


@require_GET
@customer_page
def pay(request: HttpRequest) -> HttpResponse:
    """Choose how to pay."""
    user = signed_in(request)
    return show(
        request,
        "pay/pay",
        recent=queries.recent_payees(user),
        can_move=len(spendable(user)) > 1,
        mpesa=rails.is_connected("mpesa"),
        waiting=PaymentRequest.objects.asked_of(user).open(now()).count(),
        asked_back=AskedBack.objects.of(user).filter(status=AskedBackStatus.ASKED, due_at__gt=now()).count(),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def send(request: HttpRequest) -> HttpResponse:
    """Begin a payment to a person; nothing moves before it is confirmed."""
    user = signed_in(request)
    initial = {"idempotency_key": fresh_key()} | {name: request.GET.get(name, "") for name in ("to", "again", "saved")}
    form = Send(request.POST if request.method == "POST" else None, user=user, initial=initial)
    if form.is_bound and form.is_valid():
        payment = begin(request, form, user)
        if payment:
            return done(request, "confirm", payment.public_id)
    if form.payee:
        return show(request, "pay/send", form)
    saved = queries.saved_payees(user, kinds=[TransactionType.P2P_TRANSFER])
    return show(request, "pay/send", form, saved=saved, recent=queries.recent_payees(user, 3, queries.to_people()))


def begin(request: HttpRequest, form: Sheet, user: User) -> Payment | None:
    """Write a payment to someone at this bank down, and ask for its proof."""
    return begin_here(request, form, user, form.cleaned_data["to"])


def begin_here(request: HttpRequest, form: Sheet, user: User, to: str) -> Payment | None:
    """As `begin`, to whom another field of the form names."""
    asked = form.cleaned_data
    return begun(
        request,
        form,
        user,
        lambda at: operations.start(
            payer=user,
            from_account=asked["from_account"],
            to=to,
            amount=asked["amount"],
            note=asked.get("note", ""),
            key=f"page/{asked['idempotency_key']}",
            at=at,
        ),
    )


def begun(request: HttpRequest, form: Sheet, user: User, start: Callable[[datetime], Payment]) -> Payment | None:
    """Start it and ask for its proof; None when it was refused, and the form says why.

    What its account could not pay now is started all the same, and no code is sent: the next page says what is missing,
    and asks for the proof once it is there.
    """
    at = now()
    try:
        require("money", caller_of(request), TOO_MANY)
        payment = start(at)
    except DomainError as no:
        form.refuse(no)
        return None
    if payment.status == "AWAITING_CONFIRMATION" and payment.challenge is None:
        try:
            operations.challenge(payment=payment, by=user, at=at)
        except TooSoon:  # the same form twice at once: its code is on the way
            return payment
        except DomainError:
            if operations.foreseen(payment, at) is None:
                raise
    return payment


def own_payment(user: User, public_id: uuid.UUID) -> Payment:
    """One's own, or 404."""
    rows = Payment.objects.owned_by(user).select_related("from_account__product", "to_account__owner", "payer", "quote")
    return get_object_or_404(rows, public_id=public_id)


class Move(Sheet):
    """Between one's own accounts."""

    where = {
        "payment_to_self": "to_account",
        "currency_mismatch": "to_account",
        "bad_amount": "amount",
        "insufficient_funds": "amount",
        "account_not_active": "from_account",
        "account_closed": "to_account",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    from_account = OwnAccount(label=_("From"))
    to_account = OwnAccount(label=_("To"))
    amount = AmountField(label=_("Amount"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Account.objects.owned_by(user).open().for_payments().in_order()
        for name in ("from_account", "to_account"):
            field: Any = self.fields[name]
            field.queryset = own

    def clean(self) -> dict[str, Any]:
        """The amount is in the currency of the account it leaves."""
        if source := self.cleaned_data.get("from_account"):
            self.read_in(source.currency)
        return self.cleaned_data


@require_http_methods(["GET", "POST"])
@customer_page
def move(request: HttpRequest) -> HttpResponse:
    """Between one's own accounts, at once: the money stays with the same person, so no proof is asked."""
    user = signed_in(request)
    held = holdings(Account.objects.owned_by(user).open().for_payments().in_order())
    initial: dict[str, Any] = {"idempotency_key": fresh_key()}
    if len(held) > 1:
        initial |= {"from_account": held[0].account.pk, "to_account": held[1].account.pk}
    if request.GET.get("to", "").isdigit():
        initial["to_account"] = request.GET["to"]
    form = Move(request.POST if request.method == "POST" else None, user=user, initial=initial)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            payment = operations.move_between_own(
                owner=user,
                from_account=asked["from_account"],
                to_account=asked["to_account"],
                amount=asked["amount"],
                key=f"page/{asked['idempotency_key']}",
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "done", payment.public_id)
    return show(request, "pay/move", form, holdings=held, currency=one_currency(held))
