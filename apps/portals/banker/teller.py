"""The counter: cash in and out of the teller's own till, seen before it is done."""

import secrets
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations
from apps.accounts.models import Account, CashKind, CashMovement, Till
from apps.accounts.queries import holding
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.ledger.queries import balances
from apps.portals.banker.customer import record_counter
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User


class FindAccount(Sheet):
    """Whose account: account number, phone, or ID number."""

    who = forms.CharField(label=_("Account number, phone or ID number"), max_length=40)


class Cash(Sheet):
    """The slip. `seen` is set by the page that shows it once more before it is done."""

    where = {
        "insufficient_funds": "amount",
        "till_short": "amount",
        "limit_exceeded": "amount",
        "payee_limit": "amount",
    }
    kind = forms.ChoiceField(label=_("Which way"), choices=CashKind.choices)
    amount = AmountField(label=_("Amount"))
    by_name = forms.CharField(label=_("Name of the person at the counter"), max_length=120)
    note = forms.CharField(label=_("Note"), max_length=140, required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    seen = forms.BooleanField(widget=forms.HiddenInput, required=False)


class Fund(Sheet):
    """Cash from the vault."""

    amount = AmountField(label=_("Amount"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


def _clean(text: str) -> str:
    """A number from an address, as far as the database can look for it."""
    return text.replace("\0", "")[:24]


def _found(text: str) -> list[Account]:
    digits = text.replace(" ", "")
    open_ = Account.objects.open().select_related("owner", "product").in_order()
    by_number = list(open_.filter(number=digits))
    if by_number:
        return by_number
    people = User.objects.customers().with_phone(text) | User.objects.customers().with_id_number(text)
    return list(open_.filter(owner__in=people))


@staff_page("accounts.take_cash")
def teller(request: HttpRequest) -> HttpResponse:
    """Find the account, fill in the slip, see it once more, do it once. The look at its holder is recorded."""
    user = signed_in(request)
    own = till_of(user)
    number = _clean(request.GET.get("account", ""))
    if not number:
        return _search(request, own)
    account = get_object_or_404(Account.objects.select_related("owner", "product"), number=number)
    first = {
        "key": secrets.token_hex(12),
        "by_name": account.owner.full_name,
        "kind": request.GET.get("kind", "DEPOSIT"),
    }
    form = Cash(request.POST if request.method == "POST" else None, initial=first)
    review: CashMovement | None = None
    if form.is_bound and form.is_valid():
        form.read_in(account.currency)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        if asked["seen"]:
            done = _do(request, form, account, user)
            if done is not None:
                return done
        else:
            review = _seen_once_more(form, account)
    record_counter(user, account)
    facts: dict[str, Any] = {"form": form, "held": holding(account), "account": account, "review": review}
    return page(request, "teller", status=form.status, **drawer(own), **facts)


def _seen_once_more(form: Cash, account: Account) -> CashMovement | None:
    """The slip with what it costs, not written down; None when the amount is not offered, and the form says so."""
    asked = form.cleaned_data
    try:
        charge = operations.cash_charge(kind=asked["kind"], account=account, amount=asked["amount"], at=now())
    except DomainError as no:
        form.refuse(no)
        return None
    return CashMovement(
        kind=asked["kind"],
        amount_minor=asked["amount"].minor,
        fee_minor=charge.fee.minor,
        duty_minor=charge.duty.minor,
        currency=account.currency,
        by_name=asked["by_name"],
    )


def _do(request: HttpRequest, form: Cash, account: Account, user: User) -> HttpResponse | None:
    asked = dict(form.cleaned_data)
    asked.pop("seen")
    take = operations.deposit_cash if asked.pop("kind") == CashKind.DEPOSIT else operations.withdraw_cash
    try:
        cash = take(account=account, by=user, at=now(), **asked)
    except DomainError as no:
        form.refuse(no)
        return None
    return go(request, reverse("admin:receipt", args=[cash.receipt]))


def _search(request: HttpRequest, own: Till | None) -> HttpResponse:
    form = FindAccount(request.GET if "who" in request.GET else None)
    found: list[Account] = []
    if form.is_bound and form.is_valid():
        found = _found(form.cleaned_data["who"])
        if len(found) == 1:
            return go(request, f"{reverse('admin:teller')}?account={found[0].number}")
        if not found:
            form.add_error("who", _now("Nobody here has that number. Check it with them."))
    return page(request, "teller_find", status=form.status, place="teller", form=form, found=found, **drawer(own))


def till_of(user: User) -> Till | None:
    return Till.objects.select_related("branch").filter(teller=user, is_open=True).first()


def drawer(own: Till | None) -> dict[str, Any]:
    """The till and what is in it."""
    if own is None:
        return {"till": None}
    return {"till": own, "till_balance": balances([own.ledger_account_id])[own.ledger_account_id].posted}


@staff_page("accounts.take_cash")
def till(request: HttpRequest) -> HttpResponse:
    """The teller's drawer: what went through it today, and asking the vault for more."""
    user = signed_in(request)
    own = till_of(user)
    form = Fund(request.POST if request.method == "POST" else None)
    if own and form.is_bound and form.is_valid():
        try:
            asked = operations.fund_till(till=own, by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            return go(request, reverse("admin:approval", args=[asked.pk]))
    moves = CashMovement.objects.filter(till=own).select_related("account__owner").order_by("-pk")[:25] if own else []
    return page(request, "till", status=form.status, place="teller", form=form, moves=moves, **drawer(own))


@staff_page("accounts.take_cash")
def receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """What was done, to print and hand over; or that it waits for a second person."""
    cash = get_object_or_404(
        CashMovement.objects.select_related("account__owner", "till__branch", "made_by", "approval"),
        receipt=_clean(receipt),
    )
    return page(request, "receipt", place="teller", cash=cash)
