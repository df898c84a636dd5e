"""Scheduled payments and standing orders: set up with one proof, seen with their dates, skipped, paused, ended."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Account, AutoTransferRule
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.payments import operations
from apps.payments import queries as payments
from apps.payments.models import Cadence, DayOff, OrderStatus, Payee, Payment, StandingOrder
from apps.payments.schedule import Schedule
from apps.portals.customer import queries
from apps.portals.customer import step_up as steps
from apps.portals.customer.chama.places import own_place
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import TOO_MANY, OwnAccount, fresh_key, one_currency, remembered, spendable
from apps.users.doors import signed_in
from apps.users.models import User

RUNS_SHOWN, MOST = 24, 100
_TEXT = {"autocomplete": "off", "inputmode": "numeric"}
_DATE = {"type": "date"}


class Terms(Sheet):
    """How much, from where, and when."""

    where = {
        "bad_amount": "amount",
        "not_offered": "amount",
        "whole_shillings_only": "amount",
        "amount_outside_mpesa_limits": "amount",
        "limit_exceeded": "amount",
        "currency_mismatch": "from_account",
        "account_not_spendable": "from_account",
        "bad_schedule": "starts_on",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    from_account = OwnAccount(label=_("From"))
    cadence = forms.ChoiceField(label=_("How often"), choices=Cadence.choices, initial=Cadence.MONTHLY)
    starts_on = forms.DateField(
        label=_("First date"),
        error_messages={"required": _("Choose the first date."), "invalid": _("Write the date like 2026-12-05.")},
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
    )
    day = forms.IntegerField(
        label=_("Day of the month (you may leave it out)"),
        required=False,
        min_value=1,
        max_value=31,
        widget=forms.TextInput(attrs=_TEXT),
    )
    times = forms.IntegerField(
        label=_("How many times (you may leave it out)"),
        required=False,
        min_value=1,
        max_value=10_000,
        widget=forms.TextInput(attrs=_TEXT),
    )
    until = forms.DateField(
        label=_("Last date (you may leave it out)"),
        required=False,
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
    )
    day_off = forms.ChoiceField(label=_("On weekends and public holidays"), choices=DayOff.choices, initial="NEXT")
    note = forms.CharField(
        label=_("Note (you may leave it out)"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """The amount is in the currency of the account; a day of the month is for months alone."""
        if source := self.cleaned_data.get("from_account"):
            self.read_in(source.currency)
        if self.cleaned_data.get("cadence") != Cadence.MONTHLY:
            self.cleaned_data["day"] = None
        return self.cleaned_data

    @property
    def schedule(self) -> Schedule:
        """When it is due."""
        asked = self.cleaned_data
        return Schedule(asked["cadence"], asked["starts_on"], asked["day"], asked["times"], asked["until"])


class Plan(Terms):
    """The same, to somebody whom the person pays again or a group of theirs."""

    saved = forms.UUIDField(required=False, widget=forms.HiddenInput)
    again = forms.UUIDField(required=False, widget=forms.HiddenInput)
    group = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payee: Payee | Payment | None = remembered(
            self, user, Payment.objects.completed().filter(merchant=None)
        ) or own_place(self, user)
        self.accounts = spendable(user)
        sources: Any = self.fields["from_account"]
        sources.queryset = Account.objects.filter(pk__in=[one.account.pk for one in self.accounts]).in_order()

    @property
    def currency(self) -> str:
        """What stands before the amount; nothing when the accounts differ."""
        return one_currency(self.accounts)

    def found(self, user: User) -> dict[str, Any]:
        """Where it goes, looked at again. Outside any transaction: a rail may ask its provider."""
        to = self.payee
        if to is None or to.to_account is not None:
            number = to.to_account.number if to and to.to_account else ""
            return operations.place_here(to=number, owner=user, at=now())
        amount = self.cleaned_data["amount"]
        return operations.place_outside(rail=to.rail, kind=to.kind, asked=to.destination, amount=amount, at=now())


@require_GET
@customer_page
def scheduled(request: HttpRequest) -> HttpResponse:
    """Everything that pays by itself, the next date first; what is over, below."""
    rows = list(StandingOrder.objects.owned_by(signed_in(request)).proven().order_by("next_due_on", "-pk")[:MOST])
    calendar = payments.calendar_ahead(local_date(now()))
    running = [(row, payments.coming(row, calendar, 1)) for row in rows if row.next_due_on]
    over = [row for row in rows if not row.next_due_on]
    rules = AutoTransferRule.objects.owned_by(signed_in(request)).kept().select_related("from_account", "to_account")
    return show(request, "pay/scheduled", running=running, over=over, rules=rules.order_by("pk"))


@require_http_methods(["GET", "POST"])
@customer_page
def schedule(request: HttpRequest) -> HttpResponse:
    """Set up a payment to somebody known; nothing pays before it was proven."""
    user = signed_in(request)
    begin = {"idempotency_key": fresh_key(), "starts_on": local_date(now())}
    asked = {name: request.GET.get(name, "") for name in ("saved", "again", "group")}
    form = Plan(request.POST if request.method == "POST" else None, user=user, initial=begin | asked)
    if form.payee is None:
        known = queries.saved_payees(user), queries.recent_payees(user)
        return show(request, "pay/schedule_whom", saved=known[0], recent=known[1])
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            order = _set_up(form, user)
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "order-confirm", order.public_id)
    return show(request, "pay/schedule", form, payee=form.payee)


def _set_up(form: Plan, user: User) -> StandingOrder:
    asked = form.cleaned_data
    return operations.set_up_order(
        owner=user,
        from_account=asked["from_account"],
        where=form.found(user),
        amount=asked["amount"],
        schedule=form.schedule,
        day_off=asked["day_off"],
        note=asked["note"],
        key=f"page/{asked['idempotency_key']}",
        at=now(),
    )


def _own(user: User, public_id: uuid.UUID) -> StandingOrder:
    """One's own, or 404."""
    rows = StandingOrder.objects.owned_by(user).select_related("owner", "from_account__product", "to_account")
    return get_object_or_404(rows, public_id=public_id)


@require_http_methods(["GET", "POST"])
@customer_page
def order_confirm(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Every term before the proof; from then on it pays by itself."""
    user = signed_in(request)
    order = _own(user, public_id)
    if order.status != OrderStatus.AWAITING_CONFIRMATION:
        return done(request, "order", order.public_id)
    step = steps.step_of(user, steps.challenge_of(user, order.challenge), now())
    form = steps.Proof(request.POST if request.method == "POST" else None, is_proved=step.is_proved)
    if form.is_bound and form.is_valid():
        try:
            steps.answer(request, step, form, user)
            operations.confirm_order(order=order, challenge_id=order.challenge, by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("It is set up. We tell you on the day before each payment."))
            return done(request, "order", order.public_id)
    return _asked(request, order, form, step)


@require_POST
@customer_page
def order_code(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A code, or another way of proving it."""
    user = signed_in(request)
    order = _own(user, public_id)
    try:
        steps.ask(request, lambda way: operations.challenge_order(order=order, by=user, at=now(), method=way))
    except DomainError as no:
        step = steps.step_of(user, steps.challenge_of(user, order.challenge), now())
        return _asked(request, order, steps.refused(no), step)
    return done(request, "order-confirm", order.public_id, query="?sent=1")


def _asked(request: HttpRequest, order: StandingOrder, form: steps.Proof, step: steps.Step) -> HttpResponse:
    account = order.from_account
    return show(
        request,
        "pay/order_confirm",
        form,
        order=order,
        step=step,
        coming=payments.coming(order, payments.calendar_ahead(local_date(now()))),
        charge=operations.quote(kind=order.kind, account=account, amount=order.amount, at=now()),
        sent=request.GET.get("sent"),
    )


@require_GET
@customer_page
def order(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Its terms, its next dates, and what became of those before."""
    row = _own(signed_in(request), public_id)
    if row.status == OrderStatus.AWAITING_CONFIRMATION:
        return done(request, "order-confirm", row.public_id)
    runs = row.runs.select_related("payment").order_by("-due_on")[:RUNS_SHOWN]
    coming = payments.coming(row, payments.calendar_ahead(local_date(now())))
    return show(request, "pay/order", order=row, runs=runs, coming=coming)


@require_POST
@customer_page
def order_act(request: HttpRequest, public_id: uuid.UUID, act: str) -> HttpResponse:
    """Skip the next date, pause, resume, or end it."""
    user = signed_in(request)
    row = _own(user, public_id)
    if act == "skip":
        operations.skip_next(order=row, due_on=_day(request), by=user, at=now())
        words = gettext("That date is left out. The next one stands below.")
    elif act == "pause":
        operations.pause_order(order=row, by=user, at=now())
        words = gettext("Paused. Nothing is paid until you resume it.")
    elif act == "resume":
        operations.resume_order(order=row, by=user, at=now())
        words = gettext("It goes on with the next date.")
    else:
        operations.cancel_order(order=row, by=user, at=now())
        words = gettext("Cancelled. Nothing more is paid by it.")
    messages.success(request, words)
    return done(request, "order", row.public_id)


def _day(request: HttpRequest) -> date:
    """Which date the page showed as the next one."""
    try:
        return date.fromisoformat(request.POST.get("due_on", ""))
    except ValueError:
        return date.min
