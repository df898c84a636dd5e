"""Paying outside the bank: over M-Pesa to a phone, a bill or a till; airtime by its own rail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import Account, TransactionType
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.payments import operations, rails
from apps.payments.models import Biller, BillerCategory, Payment
from apps.payments.rules.tills import is_till_number
from apps.portals.amounts import read_amount
from apps.portals.customer import queries
from apps.portals.customer.door import customer_page, is_partial
from apps.portals.customer.forms import AmountField, PhoneField, Sheet
from apps.portals.customer.pages import done, part, show
from apps.portals.customer.pay import OwnAccount, begin_here, begun, fresh_key, remembered, spendable, tell_the_cost
from apps.users.doors import signed_in
from apps.users.models import User

RAIL = "mpesa"
_DIGITS = {"inputmode": "numeric", "autocomplete": "off", "enterkeyhint": "next"}
_QUOTED = {
    TransactionType.P2P_TRANSFER,
    TransactionType.MOBILE_MONEY,
    TransactionType.BILL_PAYMENT,
    TransactionType.MERCHANT_PAYMENT,
    TransactionType.AIRTIME,
    TransactionType.EXTERNAL_TRANSFER,
    TransactionType.CONTRIBUTION,
}
QUICK = ("20", "50", "100", "200", "500", "1000")  # shillings of airtime, one press each


class Outside(Sheet):
    """How much, from where, and what for; each way adds where to."""

    kind: TransactionType
    rail = RAIL
    places: tuple[str, ...] = ()  # the fields that say where it goes, by the names the rail knows them by
    where = {
        "bad_amount": "amount",
        "not_offered": "amount",
        "whole_shillings_only": "amount",
        "amount_outside_mpesa_limits": "amount",
        "currency_mismatch": "from_account",
        "bad_phone": "phone",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
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
        self.user = user
        self.accounts = [one for one in spendable(user) if one.account.currency == "KES"]
        sources: Any = self.fields["from_account"]
        sources.queryset = Account.objects.filter(pk__in=[one.account.pk for one in self.accounts]).in_order()
        tell_the_cost(self, self.kind)
        paid = Payment.objects.completed().filter(rail=self.rail, kind=self.kind)
        repeated = remembered(self, user, paid, (self.kind,))
        self.initial_of_payee = repeated.destination if repeated else {}
        if repeated:
            self.initial = {**self.initial} | {name: repeated.destination.get(name, "") for name in self.places}

    @property
    def to_fields(self) -> list[forms.BoundField]:
        """The questions that say where it goes."""
        return [self[name] for name in self.places]

    def asked(self) -> dict[str, Any]:
        """Where it goes, as the rail reads it."""
        return {name: self.cleaned_data[name] for name in self.places}

    def destination(self, at: datetime) -> rails.Destination:
        """Where it goes, named. Raises what the rail says."""
        amount = self.cleaned_data["amount"]
        return operations.find_destination(rail=self.rail, kind=self.kind, asked=self.asked(), amount=amount, at=at)


class Withdraw(Outside):
    """To one's own M-Pesa: the phone is the profile's."""

    kind = TransactionType.MOBILE_MONEY

    def asked(self) -> dict[str, Any]:
        """The person's own phone."""
        return {"phone": str(self.user.phone or "")}


class Mobile(Outside):
    """To the M-Pesa of another phone."""

    kind, places = TransactionType.MOBILE_MONEY, ("phone",)
    phone = PhoneField(
        label=_("Phone"), autocomplete="off", error_messages={"required": _("Write the phone to send to.")}
    )
    field_order = ("phone",)


class Bill(Outside):
    """A paybill, and the payer's account there."""

    kind, places = TransactionType.BILL_PAYMENT, ("paybill", "account")
    where = Outside.where | {"bad_paybill": "paybill"}
    paybill = forms.CharField(
        label=_("Paybill number"),
        max_length=12,
        error_messages={"required": _("Write the paybill number.")},
        widget=forms.TextInput(attrs=_DIGITS),
    )
    account = forms.CharField(
        label=_("Account number at the biller"),
        max_length=30,
        error_messages={"required": _("Write your account number at the biller.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class KnownBill(Outside):
    """The payer's account at a biller of the directory, by the name and the example the biller gives it."""

    kind, places = TransactionType.BILL_PAYMENT, ("account",)
    where = Outside.where | {
        "bill_account_not_valid": "account",
        "bill_amount_not_taken": "amount",
        "bad_paybill": "account",
    }
    biller = forms.CharField(widget=forms.HiddenInput, max_length=24)
    account = forms.CharField(
        max_length=30,
        error_messages={"required": _("Write your account number at the biller.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, biller: Biller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = biller
        self.initial["biller"] = biller.code
        self.fields["account"].label = biller.label_in(get_language() or "en")

    def destination(self, at: datetime) -> rails.Destination:
        """The biller's paybill with the account, checked."""
        asked = self.cleaned_data
        return operations.find_bill(biller=self.held, account=asked["account"], amount=asked["amount"], at=at)


class Airtime(Outside):
    """For one's own phone first, or another."""

    kind, places, rail = TransactionType.AIRTIME, ("phone",), "airtime"
    where = Outside.where | {"airtime_phone_not_valid": "phone", "airtime_amount_not_valid": "amount"}
    phone = PhoneField(label=_("Phone"), autocomplete="off", error_messages={"required": _("Write the phone to load.")})
    field_order = ("phone",)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.initial["phone"] = self.initial.get("phone") or str(user.phone or "")
        if self.is_bound and self.data.get("quick") in QUICK:
            self.data = {**dict(self.data.items()), "amount": self.data["quick"]}


class Till(Outside):
    """A shop's till."""

    kind, places = TransactionType.MERCHANT_PAYMENT, ("till",)
    where = Outside.where | {"bad_paybill": "till"}
    till = forms.CharField(
        label=_("Till number"),
        max_length=12,
        error_messages={"required": _("Write the till number.")},
        widget=forms.TextInput(attrs=_DIGITS),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """One of the pages: its form and its words."""

    form: type[Outside]
    title: Promise
    hint: Promise  # under the question where it goes


WAYS = {
    "withdraw": Way(
        Withdraw, _("Withdraw to M-Pesa"), _("It goes to the phone of your profile, so that only you get it.")
    ),
    "mobile": Way(Mobile, _("Send to M-Pesa"), _("Like 0712 345 908. They need no account at KitBank.")),
    "bill": Way(Bill, _("Pay a bill"), _("Both numbers stand on the bill.")),
    "airtime": Way(Airtime, _("Buy airtime"), _("Your own phone, unless you write another.")),
    "till": Way(
        Till,
        _("Pay a till"),
        _("It stands at the counter: Buy Goods, till number, or the number of a shop at KitBank."),
    ),
}


@require_http_methods(["GET", "POST"])
@customer_page
def outside(request: HttpRequest, way: str) -> HttpResponse:
    """Begin a payment that leaves the bank; nothing moves before it is confirmed."""
    user, chosen = signed_in(request), WAYS[way]
    if not rails.is_connected(chosen.form.rail):
        return show(request, "pay/no_rail", title=chosen.title)
    known = _biller(request, user) if way == "bill" else None
    initial = {"idempotency_key": fresh_key()} | {name: request.GET.get(name, "") for name in ("again", "saved")}
    sent = request.POST if request.method == "POST" else None
    form: Outside = (
        KnownBill(sent, user=user, initial=initial, biller=known)
        if known
        else chosen.form(sent, user=user, initial=initial)
    )
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        if isinstance(form, Till) and is_till_number(asked["till"]):
            payment = begin_here(request, form, user, asked["till"])
        else:
            payment = begun(
                request,
                form,
                user,
                lambda at: operations.start_by_rail(
                    payer=user,
                    from_account=asked["from_account"],
                    rail=form.rail,
                    kind=form.kind,
                    destination=form.destination(at),
                    amount=asked["amount"],
                    note=asked["note"],
                    key=f"page/{asked['idempotency_key']}",
                    at=at,
                ),
            )
        if payment:
            return done(request, "confirm", payment.public_id)
    saved = queries.saved_payees(user, kinds=[form.kind]) if form.places else []
    facts = {"way": way, "title": chosen.title, "hint": chosen.hint, "kind": form.kind, "saved": saved, "biller": known}
    if way == "airtime":
        facts |= {"quick": [(one, f"{int(one):,d}") for one in QUICK]}
    if way == "bill" and known is None:
        facts |= _directory(request)
    return show(request, "pay/outside", form, **facts)


def _biller(request: HttpRequest, user: User) -> Biller | None:
    """The biller that was chosen, or that an earlier payment or a saved payee was for, while it is in the directory."""
    code = request.POST.get("biller") or request.GET.get("biller") or ""
    if not code and request.method == "GET" and (request.GET.get("again") or request.GET.get("saved")):
        form = Bill(None, user=user, initial={name: request.GET.get(name, "") for name in ("again", "saved")})
        code = form.initial_of_payee.get("biller", "")
    rows = Biller.objects.on(local_date(now()))
    return rows.filter(code=code[:24]).first() if code else None


def _directory(request: HttpRequest) -> dict[str, Any]:
    """The billers that fit what is looked for; a search shows at most twenty."""
    search, category = request.GET.get("q", "").replace("\0", "")[:60], request.GET.get("category", "")
    rows = Biller.objects.on(local_date(now())).in_order().found_by(search)
    rows = rows.filter(category=category) if category in BillerCategory.values else rows
    return {"billers": list(rows[:20]), "q": search, "category": category, "categories": BillerCategory.choices}


@require_GET
@customer_page
def cost(request: HttpRequest) -> HttpResponse:
    """What an amount would cost, while it is being typed; opened as a page, it is the tariff."""
    kind = request.GET.get("kind", "")
    if not is_partial(request) or kind not in _QUOTED:
        return done(request, "tariffs")
    chosen, typed = request.GET.get("from_account", ""), request.GET.get("amount", "")
    mine = Account.objects.owned_by(signed_in(request)).select_related("product")
    account = mine.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    facts: dict[str, Any] = {}
    if account is not None and typed:
        try:
            amount = read_amount(typed, account.currency)
            charge = operations.quote(kind=kind, account=account, amount=amount, at=now())
        except DomainError as no:
            facts["why"] = str(no)
        else:
            facts |= {"charge": charge, "total": amount + charge.total} if amount.minor > 0 else {}
    return part(request, "pay/_cost", kind=kind, **facts)
