"""Exchanging currency: the accounts and the amount, then the price with what it costs in words, then once."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Account
from apps.accounts.queries import Holding
from apps.fx import operations as fx
from apps.fx import queries as rates
from apps.fx import rules
from apps.fx.models import FixedSide, Quote
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.payments import operations
from apps.payments.models import Payment
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import TOO_MANY, OwnAccount, fresh_key, spendable
from apps.users.doors import signed_in
from apps.users.models import User


class Ask(Sheet):
    """From where to where, how much, and which side that is."""

    where = {
        "same_currency": "to_account",
        "payment_to_self": "to_account",
        "currency_mismatch": "to_account",
        "unknown_currency": "to_account",
        "bad_amount": "amount",
        "amount_too_small": "amount",
    }
    from_account = OwnAccount(label=_("From"))
    to_account = OwnAccount(label=_("To"))
    fixed = forms.ChoiceField(
        label=_("The amount is"), choices=FixedSide.choices, initial=FixedSide.GIVE, widget=forms.RadioSelect
    )
    amount = AmountField(label=_("Amount"))

    def __init__(self, *args: Any, held: list[Holding], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Account.objects.filter(pk__in=[one.account.pk for one in held]).in_order()
        for name in ("from_account", "to_account"):
            field: Any = self.fields[name]
            field.queryset = mine
        # The amount is in the currency of the side it is of.
        side = "to_account" if self.data.get("fixed") == FixedSide.GET else "from_account"
        amount: Any = self.fields["amount"]
        currencies = {str(one.account.pk): one.account.currency for one in held}
        amount.currency = currencies.get(self.data.get(side, ""), amount.currency)


class Agree(Sheet):
    """The one press that exchanges."""

    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)


@require_http_methods(["GET", "POST"])
@customer_page
def exchange(request: HttpRequest) -> HttpResponse:
    """Ask for a price; nothing moves."""
    user, at = signed_in(request), now()
    held = spendable(user)
    form = Ask(request.POST if request.method == "POST" else None, held=held, initial=_first_pair(held))
    if form.is_bound and form.is_valid():
        quote = _quoted(request, form, user)
        if quote is not None:
            asked = form.cleaned_data
            pair = {"from": asked["from_account"].pk, "to": asked["to_account"].pk}
            return done(request, "exchange-quote", quote.public_id, query=f"?{urlencode(pair)}")
    found = rates.newest(at)
    currencies = sorted({one.account.currency for one in held})
    return show(
        request,
        "pay/exchange",
        form,
        holdings=held,
        can_exchange=len(currencies) > 1,
        rates=found if found and not found.is_too_old else None,
        lines=_lines(found, currencies) if found and not found.is_too_old else [],
    )


def _first_pair(held: list[Holding]) -> dict[str, Any]:
    """The main account, and the first one in another currency."""
    if not held:
        return {}
    other = next((one for one in held if one.account.currency != held[0].account.currency), held[0])
    return {"from_account": held[0].account.pk, "to_account": other.account.pk}


def _lines(found: rates.Rates, currencies: list[str]) -> list[str]:
    """The middle rates of the person's own currencies, as people say them."""
    foreign = [code for code in currencies if code in found.table and code != found.home]
    return [rules.in_words(code, found.home, found.of(code, found.home)) for code in foreign]


def _quoted(request: HttpRequest, form: Ask, user: User) -> Quote | None:
    """A price; None when it was refused, and the form says why."""
    asked = form.cleaned_data
    other = asked["to_account" if asked["fixed"] == FixedSide.GIVE else "from_account"]
    try:
        require("money", caller_of(request), TOO_MANY)
        return fx.give_quote(user=user, amount=asked["amount"], other=other.currency, fixed=asked["fixed"], at=now())
    except DomainError as no:
        form.refuse(no)
        return None


@require_http_methods(["GET", "POST"])
@customer_page
def price(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The price, how long it holds and what it costs; a press exchanges, once."""
    user, at = signed_in(request), now()
    quote = get_object_or_404(Quote.objects.owned_by(user), public_id=public_id)
    made = Payment.objects.owned_by(user).filter(quote=quote).first()
    if made is not None:
        return done(request, "done", made.public_id)
    pair = {side: _own(user, request.GET.get(side, "")) for side in ("from", "to")}
    form = Agree(request.POST if request.method == "POST" else None, initial={"idempotency_key": fresh_key()})
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            payment = operations.exchange(
                owner=user,
                from_account=pair["from"],
                to_account=pair["to"],
                quote=quote,
                key=f"page/{form.cleaned_data['idempotency_key']}",
                at=at,
            )
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "done", payment.public_id)
    again = {
        "from_account": pair["from"].pk,
        "to_account": pair["to"].pk,
        "fixed": quote.fixed,
        "amount": f"{(quote.give if quote.fixed == FixedSide.GIVE else quote.get).amount:f}",
    }
    return show(
        request,
        "pay/price",
        form,
        quote=quote,
        source=pair["from"],
        target=pair["to"],
        is_over=quote.expires_at <= at,
        again=again,
    )


def _own(user: User, pk: str) -> Account:
    """One's own, or 404."""
    return get_object_or_404(Account.objects.owned_by(user), pk=pk if pk.isdecimal() and len(pk) < 19 else 0)
