"""The recipient book: whom a person pays again, added with a proof, renamed, removed, paid in one tap."""

import uuid
from copy import deepcopy
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.payments import operations, rails
from apps.payments.errors import AlreadySaved
from apps.payments.models import Payee, Payment
from apps.portals.customer import queries
from apps.portals.customer import step_up as steps
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.outside import RAIL, WAYS
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import TOO_MANY, Send, own_payment
from apps.users.doors import signed_in
from apps.users.models import User

KINDS = {
    "send": _("At KitBank"),
    "mobile": _("M-Pesa"),
    "bill": _("Bill"),
    "till": pgettext_lazy("a shop at M-Pesa", "Till"),
}


class Add(Sheet):
    """What one calls them, and where they are, by the questions of the page that pays them."""

    where = {
        "payee_not_found": "to",
        "payment_to_self": "to",
        "payee_cannot_receive": "to",
        "bad_nickname": "nickname",
    }
    nickname = forms.CharField(
        label=_("What you call them"),
        max_length=40,
        error_messages={"required": _("Write what you call them.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, way: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.way = way
        asks: Any = Send if way == "send" else WAYS[way].form
        self.places = ("to",) if way == "send" else asks.places
        for name in self.places:
            self.fields[name] = deepcopy(asks.base_fields[name])
            self.fields[name].widget.attrs.setdefault("class", "input")
        self.said_at = asks.where
        self.order_fields([*self.places, "nickname"])

    def refuse(self, no: DomainError, field: str | None = None) -> None:
        """Where the page that pays them would say it, too."""
        super().refuse(no, field or self.said_at.get(no.code))

    @property
    def place_fields(self) -> list[forms.BoundField]:
        """The questions that say where they are."""
        return [self[name] for name in self.places]

    def found(self, user: User) -> dict[str, Any]:
        """The place, named. Outside any transaction: a rail may ask its provider."""
        asked = {name: self.cleaned_data[name] for name in self.places}
        if self.way == "send":
            return operations.place_here(to=asked["to"], owner=user, at=now())
        return operations.place_outside(rail=RAIL, kind=WAYS[self.way].form.kind, asked=asked, at=now())


class Rename(Sheet):
    """Another name for them."""

    where = {"bad_nickname": "nickname"}
    nickname = forms.CharField(
        label=_("What you call them"),
        max_length=40,
        error_messages={"required": _("Write what you call them.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_GET
@customer_page
def payees(request: HttpRequest) -> HttpResponse:
    """Everyone in the book."""
    return show(request, "pay/payees", payees=queries.saved_payees(signed_in(request), most=200), ways=_ways())


def _ways() -> list[tuple[str, Any]]:
    return [(way, words) for way, words in KINDS.items() if way == "send" or rails.is_connected(RAIL)]


@require_http_methods(["GET", "POST"])
@customer_page
def add(request: HttpRequest, way: str = "send") -> HttpResponse:
    """Name somebody; who is new is proven on the next page."""
    user = signed_in(request)
    if way != "send" and not rails.is_connected(RAIL):
        return show(request, "pay/no_rail", title=_("Add a payee"))
    form = Add(request.POST if request.method == "POST" else None, way=way)
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            where = form.found(user)
            payee = operations.add_payee(owner=user, where=where, nickname=form.cleaned_data["nickname"], at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "payee" if payee.saved_at else "payee-confirm", payee.public_id)
    return show(request, "pay/payee_add", form, way=way, ways=_ways())


def _own(user: User, public_id: uuid.UUID) -> Payee:
    """One's own, proven or not, or 404."""
    return get_object_or_404(Payee.objects.owned_by(user).filter(removed_at=None), public_id=public_id)


@require_http_methods(["GET", "POST"])
@customer_page
def payee_confirm(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The name before the proof; then they are in the book."""
    user = signed_in(request)
    payee = _own(user, public_id)
    if payee.saved_at is not None:
        return done(request, "payee", payee.public_id)
    step = steps.step_of(user, steps.challenge_of(user, payee.challenge), now())
    form = steps.Proof(request.POST if request.method == "POST" else None, is_proved=step.is_proved)
    if form.is_bound and form.is_valid():
        try:
            steps.answer(request, step, form, user)
            operations.confirm_payee(payee=payee, challenge_id=payee.challenge, by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("They are in your book now."))
            return done(request, "payee", payee.public_id)
    return show(request, "pay/payee_confirm", form, payee=payee, step=step, sent=request.GET.get("sent"))


@require_POST
@customer_page
def payee_code(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A code, or another way of proving it."""
    user = signed_in(request)
    payee = _own(user, public_id)
    try:
        steps.ask(request, lambda way: operations.challenge_payee(payee=payee, by=user, at=now(), method=way))
    except DomainError as no:
        step = steps.step_of(user, steps.challenge_of(user, payee.challenge), now())
        return show(request, "pay/payee_confirm", steps.refused(no), payee=payee, step=step)
    return done(request, "payee-confirm", payee.public_id, query="?sent=1")


@require_http_methods(["GET", "POST"])
@customer_page
def payee(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One of them: pay, schedule, rename, remove."""
    user = signed_in(request)
    row = _own(user, public_id)
    if row.saved_at is None:
        return done(request, "payee-confirm", row.public_id)
    form = Rename(request.POST if request.method == "POST" else None, initial={"nickname": row.nickname})
    if form.is_bound and form.is_valid():
        try:
            operations.rename_payee(payee=row, nickname=form.cleaned_data["nickname"], by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("The name is changed."))
            return done(request, "payees")
    return show(request, "pay/payee", form, payee=row, pays=queries.shown_payee(row))


@require_POST
@customer_page
def payee_remove(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Out of the book; what was paid stays in the history."""
    user = signed_in(request)
    operations.remove_payee(payee=_own(user, public_id), by=user, at=now())
    messages.success(request, gettext("Removed. Standing orders to them go on until you cancel them."))
    return done(request, "payees")


@require_POST
@customer_page
def payee_save(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Keep whoever was just paid; the name they were shown with is what they are called until it is changed."""
    user = signed_in(request)
    payment: Payment = own_payment(user, public_id)
    try:
        row = operations.add_payee(
            owner=user, where=operations.place_of(payment), nickname=payment.payee_name[:40], at=now()
        )
    except AlreadySaved as no:
        return done(request, "payee", no.facts["payee"])
    return done(request, "payee" if row.saved_at else "payee-confirm", row.public_id)
