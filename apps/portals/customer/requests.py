"""Asking to be paid, and being asked: one person, or the shares of a bill."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.payments import operations
from apps.payments.models import PaymentRequest, SplitBill, paid_of
from apps.portals.amounts import read_amount
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, PhoneField, Sheet
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import IntoAccount, OwnAccount, begun, fresh_key, one_currency, spendable
from apps.users.doors import signed_in
from apps.users.models import User

MOST = 50
TOO_MANY = _("Too many requests at once. Nobody was asked; wait a minute and try again.")
_NOTE = {"autocomplete": "off"}


class Ask(Sheet):
    """Whom, how much, what for."""

    where = {
        "payee_not_found": "phone",
        "payment_to_self": "phone",
        "too_many_payment_requests": "phone",
        "bad_amount": "amount",
        "currency_mismatch": "into_account",
        "account_closed": "into_account",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    phone = PhoneField(
        label=_("Their phone"), autocomplete="off", error_messages={"required": _("Write the phone to ask.")}
    )
    amount = AmountField(label=_("Amount"))
    note = forms.CharField(
        label=_("What for (you may leave it out)"), max_length=80, required=False, widget=forms.TextInput(attrs=_NOTE)
    )
    into_account = IntoAccount(label=_("Into"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into: Any = self.fields["into_account"]
        into.queryset = Account.objects.acted_for_by(user).select_related("owner").open().for_payments().in_order()

    def clean(self) -> dict[str, Any]:
        """The amount is in the currency of the account."""
        if account := self.cleaned_data.get("into_account"):
            self.read_in(account.currency)
        return self.cleaned_data


class Divide(Sheet):
    """A bill, and the phones that share it; an amount after a phone is that person's own share."""

    where = {
        "payee_not_found": "phones",
        "payment_to_self": "phones",
        "bad_split": "phones",
        "too_many_payment_requests": "phones",
        "bad_amount": "amount",
        "currency_mismatch": "into_account",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("The whole bill"))
    note = forms.CharField(
        label=_("What for"),
        max_length=80,
        error_messages={"required": _("Say what the bill is for.")},
        widget=forms.TextInput(attrs=_NOTE),
    )
    phones = forms.CharField(
        label=_("Phones of the others, one on each line"),
        max_length=1000,
        error_messages={"required": _("Write at least one phone.")},
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    with_me = forms.BooleanField(label=_("One part is mine"), required=False, initial=True)
    into_account = OwnAccount(label=_("Into"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _own_accounts(self, "into_account", user)

    def clean(self) -> dict[str, Any]:
        """The amount is in the currency of the account."""
        if account := self.cleaned_data.get("into_account"):
            self.read_in(account.currency)
        return self.cleaned_data

    def shares(self) -> list[operations.Share]:
        """Equal parts, unless every line says its own. Raises BadSplit, BadAmount."""
        lines = [line.strip() for line in self.cleaned_data["phones"].splitlines() if line.strip()]
        bill, currency = self.cleaned_data["amount"], self.cleaned_data["into_account"].currency
        parted = [line.partition("=") for line in lines]
        if lines and all(equals for _phone, equals, _share in parted):
            from_text = [(phone.strip(), share.strip()) for phone, _equals, share in parted]
            return [operations.Share(phone, read_amount(share, currency)) for phone, share in from_text]
        return operations.equal_shares(bill, lines, with_me=self.cleaned_data["with_me"])


class From(Sheet):
    """From which account it is paid."""

    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    from_account = OwnAccount(label=_("From"))

    def __init__(self, *args: Any, user: User, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = [one for one in spendable(user) if one.account.currency == currency]
        sources: Any = self.fields["from_account"]
        sources.queryset = Account.objects.filter(pk__in=[one.account.pk for one in self.accounts]).in_order()


def _own_accounts(form: Sheet, name: str, user: User) -> None:
    field: Any = form.fields[name]
    field.queryset = Account.objects.owned_by(user).open().for_payments().in_order()


@require_GET
@customer_page
def requests(request: HttpRequest) -> HttpResponse:
    """What one is asked for, what one asked for, and the bills one split."""
    user = signed_in(request)
    asked = PaymentRequest.objects.asked_of(user).select_related("asker").order_by("-pk")
    made = PaymentRequest.objects.kept_by(user).filter(split=None).select_related("asker", "made_by").order_by("-pk")
    bills = SplitBill.objects.filter(owner=user).prefetch_related("shares").order_by("-pk")[:MOST]
    split = [(bill, paid_of(list(bill.shares.all()), bill.currency)) for bill in bills]
    return show(request, "pay/requests", asked=asked[:MOST], made=made[:MOST], bills=split)


@require_http_methods(["GET", "POST"])
@customer_page
def ask(request: HttpRequest) -> HttpResponse:
    """Ask one person. The page says the same whether or not they bank here."""
    user = signed_in(request)
    initial = {"idempotency_key": fresh_key(), "into_account": request.GET.get("into", "")[:18]}
    form = Ask(_sent(request), user=user, initial=initial)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            row = operations.ask_for_payment(
                by=user,
                phone=asked["phone"],
                amount=asked["amount"],
                into_account=asked["into_account"],
                note=asked["note"],
                key=f"page/{asked['idempotency_key']}",
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("If they bank with us, they see your request now."))
            return done(request, "request", row.public_id)
    return show(request, "pay/request_ask", form, currency=one_currency(spendable(user)))


@require_http_methods(["GET", "POST"])
@customer_page
def split(request: HttpRequest) -> HttpResponse:
    """Share a bill: a request for each share, all of them or none."""
    user = signed_in(request)
    form = Divide(_sent(request), user=user, initial={"idempotency_key": fresh_key()})
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            bill = operations.split_bill(
                owner=user,
                total_asked=asked["amount"],
                shares=form.shares(),
                into_account=asked["into_account"],
                note=asked["note"],
                key=f"page/{asked['idempotency_key']}",
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Those of them who bank with us see their share now."))
            return done(request, "request-bill", bill.public_id)
    return show(request, "pay/request_split", form, currency=one_currency(spendable(user)))


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_GET
@customer_page
def bill(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A split bill: who has paid, and what is still out."""
    row = get_object_or_404(SplitBill, owner=signed_in(request), public_id=public_id)
    shares = list(row.shares.order_by("pk"))
    paid = paid_of(shares, row.currency)
    return show(request, "pay/request_bill", bill=row, shares=shares, paid=paid, asked=row.total - row.own)


@require_http_methods(["GET", "POST"])
@customer_page
def one(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One request: pay it, or see how it stands."""
    user = signed_in(request)
    rows = PaymentRequest.objects.visible_to(user).select_related("asker", "made_by", "into_account", "split")
    row = get_object_or_404(rows, public_id=public_id)
    is_mine = not row.is_asked_of(user)
    may_pay = not is_mine and row.status == "OPEN" and row.expires_at > now()
    form = None
    if may_pay or request.method == "POST":
        form = From(_sent(request), user=user, currency=row.currency, initial={"idempotency_key": fresh_key()})
    if form and form.is_bound and form.is_valid():
        asked = form.cleaned_data
        payment = begun(
            request,
            form,
            user,
            lambda at: operations.pay_request(
                request=row,
                by=user,
                from_account=asked["from_account"],
                key=f"page/{asked['idempotency_key']}",
                at=at,
            ),
        )
        if payment:
            return done(request, "confirm", payment.public_id)
    return show(request, "pay/request", form, row=row, is_mine=is_mine, may_pay=may_pay)


@require_POST
@customer_page
def act(request: HttpRequest, public_id: uuid.UUID, act: str) -> HttpResponse:
    """Decline or block what one is asked; remind of or take back what one asked."""
    user = signed_in(request)
    row = get_object_or_404(PaymentRequest.objects.visible_to(user), public_id=public_id)
    if act == "decline":
        operations.decline_request(request=row, by=user, at=now())
        words = gettext("Declined. They are told.")
    elif act == "block":
        operations.block_asker(request=row, by=user, at=now())
        words = gettext("You hear nothing more from them. They do not notice.")
    elif act == "remind":
        operations.remind(request=row, by=user, at=now())
        words = gettext("Reminded.")
    else:
        operations.cancel_request(request=row, by=user, at=now())
        words = gettext("Taken back. Nothing can be paid for it now.")
    messages.success(request, words)
    return done(request, "requests")
