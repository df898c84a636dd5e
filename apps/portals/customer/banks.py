"""Paying an account at another bank of Kenya, or in another country: named before the proof, cost and day told."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Account, TransactionType
from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.payments import operations
from apps.payments.banks import places
from apps.payments.models import Corridor, Method, OtherBank, Payment, Purpose
from apps.payments.operations import banks
from apps.payments.operations.banks.remit import ENOUGH
from apps.portals.customer import queries
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import OwnAccount, begun, fresh_key, remembered, spendable, tell_the_cost
from apps.users.doors import signed_in
from apps.users.models import User

COUNTRIES = {
    "DE": _("Germany"),
    "FR": _("France"),
    "GB": _("United Kingdom"),
    "TZ": _("Tanzania"),
    "UG": _("Uganda"),
    "US": _("United States"),
}
_PLAIN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class _Leaving(Sheet):
    """How much, from which account in shillings, and what for."""

    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    from_account = OwnAccount(label=_("From"))
    note = forms.CharField(
        label=_("Note to them (you may leave it out)"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = [one for one in spendable(user) if one.account.currency == "KES"]
        sources: Any = self.fields["from_account"]
        sources.queryset = Account.objects.filter(pk__in=[one.account.pk for one in self.accounts]).in_order()


class ToBank(_Leaving):
    """A bank of the directory, and an account there."""

    where = {
        "bank_not_found": "bank",
        "bad_bank_account": "account",
        "payee_not_found": "account",
        "amount_outside_rail_limits": "amount",
        "bad_amount": "amount",
        "not_offered": "amount",
    }
    bank = forms.ChoiceField(label=_("Their bank"), error_messages={"required": _("Choose their bank.")})
    account = forms.CharField(
        label=_("Their account number, or phone"),
        max_length=24,
        error_messages={"required": _("Write their account number.")},
        widget=forms.TextInput(attrs=_PLAIN),
    )
    name = forms.CharField(
        label=_("Their name (if their bank does not tell it)"),
        max_length=140,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("bank", "account", "name")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        found: Any = self.fields["bank"]
        listed = OtherBank.objects.on(local_date(now())).values_list("code", "name")
        found.choices = [("", pgettext_lazy("bank", "Choose one")), *listed]
        tell_the_cost(self, TransactionType.EXTERNAL_TRANSFER)
        paid = Payment.objects.filter(kind=TransactionType.EXTERNAL_TRANSFER)
        self.payee = remembered(self, user, paid, (TransactionType.EXTERNAL_TRANSFER,))
        if self.payee:
            found_before = {name: self.payee.destination.get(name, "") for name in ("bank", "account", "name")}
            self.initial = {**self.initial} | found_before


class ToAbroad(_Leaving):
    """A corridor, who is paid there, and what it is for."""

    where = {
        "corridor_not_found": "corridor",
        "bad_bank_account": "account",
        "amount_outside_rail_limits": "amount",
        "amount_too_small": "amount",
        "bad_amount": "amount",
    }
    corridor = forms.ChoiceField(label=_("To where"), error_messages={"required": _("Choose a country.")})
    name = forms.CharField(
        label=_("Their first and last name"), max_length=140, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    account = forms.CharField(
        label=_("IBAN, account number or wallet"), max_length=40, widget=forms.TextInput(attrs=_PLAIN)
    )
    bic = forms.CharField(
        label=_("Bank code (BIC), for bank accounts"),
        max_length=11,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    town = forms.CharField(
        label=_("Their town"), max_length=35, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    purpose = forms.ChoiceField(label=_("What it is for"), choices=Purpose.choices)
    field_order = ("corridor", "name", "account", "bic", "town", "purpose")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        found: Any = self.fields["corridor"]
        found.choices = [(_key(row), _label(row)) for row in Corridor.objects.on(local_date(now()))]
        kind = TransactionType.INTERNATIONAL_REMITTANCE
        self.payee = remembered(self, user, Payment.objects.filter(kind=kind), (kind,))
        if self.payee:
            there = self.payee.destination
            known = {name: there.get(name, "") for name in ("name", "account", "bic", "town", "purpose")}
            corridor = "-".join(str(there.get(name, "")) for name in ("country", "currency", "method"))
            self.initial = {**self.initial, "corridor": corridor} | known


def _key(row: Corridor) -> str:
    return f"{row.country}-{row.currency}-{row.method}"


def _label(row: Corridor) -> str:
    return f"{COUNTRIES.get(row.country, row.country)}, {row.currency}: {Method(row.method).label}"


@require_http_methods(["GET", "POST"])
@customer_page
def bank(request: HttpRequest) -> HttpResponse:
    """Begin a payment to another bank; nothing moves before it is confirmed."""
    user = signed_in(request)
    form = ToBank(request.POST if request.method == "POST" else None, user=user, initial=_begin(request))
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        payment = begun(request, form, user, lambda at: _to_bank(user, asked, at))
        if payment:
            return done(request, "confirm", payment.public_id)
    return show(request, "pay/bank", form, saved=_saved(user, TransactionType.EXTERNAL_TRANSFER))


def _begin(request: HttpRequest) -> dict[str, Any]:
    """A form of its own, for whoever the address names: one of the book, or an earlier payment."""
    return {"idempotency_key": fresh_key()} | {name: request.GET.get(name, "") for name in ("saved", "again")}


def _saved(user: User, kind: TransactionType) -> list[queries.Payee]:
    return queries.saved_payees(user, kinds=[kind])


def _to_bank(user: User, asked: dict[str, Any], at: Any) -> Payment:
    rail = places.rail_for(code=asked["bank"], amount=asked["amount"], at=at)
    kind = TransactionType.EXTERNAL_TRANSFER
    return operations.start_by_rail(
        payer=user,
        from_account=asked["from_account"],
        rail=rail,
        kind=kind,
        destination=operations.find_destination(rail=rail, kind=kind, asked=asked, amount=asked["amount"], at=at),
        amount=asked["amount"],
        note=asked["note"],
        key=f"page/{asked['idempotency_key']}",
        at=at,
    )


@require_http_methods(["GET", "POST"])
@customer_page
def abroad(request: HttpRequest) -> HttpResponse:
    """Begin a payment to another country, at the rate of the moment, which holds for five minutes."""
    user = signed_in(request)
    form = ToAbroad(request.POST if request.method == "POST" else None, user=user, initial=_begin(request))
    if form.is_bound and form.is_valid():
        payment = begun(request, form, user, lambda at: _abroad(user, form.cleaned_data, at))
        if payment:
            return done(request, "confirm", payment.public_id)
    saved = _saved(user, TransactionType.INTERNATIONAL_REMITTANCE)
    return show(request, "pay/abroad", form, may=user.kyc_tier in ENOUGH, saved=saved)


def _abroad(user: User, asked: dict[str, Any], at: Any) -> Payment:
    key = f"page/{asked['idempotency_key']}"
    country, currency, method = asked["corridor"].split("-")
    amount: Money = asked["amount"]
    way: dict[str, Any] = {"country": country, "currency": currency, "method": method, "at": at}
    way |= {"account": asked["from_account"], "amount": amount}
    if before := banks.sent_before(payer=user, key=key, to=asked, note=asked["note"], **way):
        return before  # the same form again: its rate was taken already
    found = banks.quote_remittance(user=user, **way)
    return banks.send_abroad(payer=user, remittance=found, to=asked, key=key, note=asked["note"], at=at)
