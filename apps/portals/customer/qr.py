"""QR codes: one's own to be paid by, and paying someone else's by scanning or typing it."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import Account
from apps.accounts.queries import main_account
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.mpesa import operations as mpesa
from apps.payments import operations
from apps.payments.models import Payment
from apps.payments.operations.ask import payload
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import (
    TOO_MANY,
    IntoAccount,
    OwnAccount,
    begin,
    begun,
    fresh_key,
    one_currency,
    spendable,
)
from apps.users.doors import signed_in
from apps.users.models import User


class Ask(Sheet):
    """What the code asks for."""

    where = {"bad_amount": "amount", "currency_mismatch": "amount", "account_closed": "account"}
    account = IntoAccount(label=_("Into"))
    amount = AmountField(label=_("Amount (you may leave it out)"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts: Any = self.fields["account"]
        accounts.queryset = Account.objects.acted_for_by(user).select_related("owner").open().for_payments().in_order()

    def clean(self) -> dict[str, Any]:
        """The amount is in the currency of the account."""
        if account := self.cleaned_data.get("account"):
            self.read_in(account.currency)
        return self.cleaned_data


@require_GET
@customer_page
def mine(request: HttpRequest) -> HttpResponse:
    """A code that leads to one's own account or one of a business; with an amount it is good once, for a day."""
    user = signed_in(request)
    account = main_account(user)
    if account is None:
        return show(request, "pay/qr", code=None)
    given = {name: request.GET[name] for name in ("account", "amount") if request.GET.get(name)}
    form = Ask({"account": str(account.pk)} | given, user=user)
    code = None
    if form.is_valid():
        asked = form.cleaned_data
        try:
            code = operations.ask_by_qr(account=asked["account"], amount=asked["amount"], by=user, at=now())
        except DomainError as no:
            form.refuse(no)
    text = payload(code) if code else ""
    currency = one_currency(spendable(user))
    return show(
        request, "pay/qr", form, code=code, text=text, amount=form.cleaned_data.get("amount"), currency=currency
    )


class AskMpesa(Ask):
    """What M-Pesa's code asks for: always an amount, in whole shillings, into an account in shillings."""

    where = Ask.where | {
        "whole_shillings_only": "amount",
        "amount_outside_mpesa_limits": "amount",
        "limit_exceeded": "amount",
        "mpesa_refused": "amount",
        "too_many_requests": "amount",
    }
    amount = AmountField(label=_("Amount"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        accounts: Any = self.fields["account"]
        accounts.queryset = accounts.queryset.filter(currency="KES")


@require_GET
@customer_page
def by_mpesa(request: HttpRequest) -> HttpResponse:
    """A code that anybody's M-Pesa app pays; what they pay comes to the account by our paybill."""
    user = signed_in(request)
    first = {"account": getattr(main_account(user), "pk", None)}
    form = AskMpesa(request.GET if request.GET else None, user=user, initial=first)
    code = None
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            code = mpesa.mpesa_code(account=asked["account"], amount=asked["amount"], by=user, at=now())
        except DomainError as no:
            form.refuse(no)
    return show(request, "pay/qr_mpesa", form, code=code)


class PayCode(Sheet):
    """The text of a code, and what it leaves open."""

    where = {
        "qr_not_valid": "to",
        "payee_not_found": "to",
        "payment_to_self": "to",
        "payee_cannot_receive": "to",
        "sale_over": "to",
        "merchant_closed": "to",
        "rail_not_connected": "to",
        "bad_paybill": "to",
        "bad_amount": "amount",
        "currency_mismatch": "amount",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    to = forms.CharField(
        label=_("Text of the code"),
        max_length=512,
        error_messages={"required": _("Paste or type the text that stands under the code.")},
        widget=forms.Textarea(
            attrs={"rows": 3, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    amount = AmountField(label=_("Amount, if the code has none"), required=False)
    from_account = OwnAccount(label=_("From"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources: Any = self.fields["from_account"]
        sources.queryset = (
            Account.objects.owned_by(user).filter(pk__in=[one.account.pk for one in spendable(user)]).in_order()
        )

    def clean(self) -> dict[str, Any]:
        """The amount is in the currency of the account it leaves."""
        if source := self.cleaned_data.get("from_account"):
            self.read_in(source.currency)
        return self.cleaned_data

    def clean_to(self) -> str:
        """Line breaks of a pasted code do not matter; a code that is none is said to be none."""
        text = "".join(self.cleaned_data["to"].splitlines()).strip()
        if not text.startswith("000201"):
            raise forms.ValidationError(_("That is not a payment code. No money moved. It begins with 000201."))
        return text


def _begun(request: HttpRequest, form: PayCode, user: User) -> Payment | None:
    """To somebody here; or, when the code is of M-Pesa or another bank, by the rail that reaches them."""
    asked = form.cleaned_data
    try:
        way = operations.way_out(asked["to"])
    except DomainError as no:
        form.refuse(no)
        return None
    if way is None:
        return begin(request, form, user)

    def leave(at: datetime) -> Payment:
        amount = operations.require_amount(way, asked["amount"])
        return operations.start_by_rail(
            payer=user,
            from_account=asked["from_account"],
            rail=way.rail,
            kind=way.kind,
            destination=operations.find_destination(
                rail=way.rail, kind=way.kind, asked=way.asked, amount=amount, at=at
            ),
            amount=amount,
            key=f"page/{asked['idempotency_key']}",
            at=at,
        )

    return begun(request, form, user, leave)


@require_http_methods(["GET", "POST"])
@customer_page
def pay_code(request: HttpRequest) -> HttpResponse:
    """Begin a payment from the text of a code, scanned by the camera or typed."""
    user = signed_in(request)
    form = PayCode(
        request.POST if request.method == "POST" else None, user=user, initial={"idempotency_key": fresh_key()}
    )
    if form.is_bound and form.is_valid():
        payment = _begun(request, form, user)
        if payment:
            return done(request, "confirm", payment.public_id)
    return show(request, "pay/scan", form, currency=one_currency(spendable(user)))
