"""Asking for a loan: the need, the loan that fits it, the offer with its whole cost, and one press that says it all."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import Account
from apps.credit_scoring import operations as scoring
from apps.kernel.clock import local_date, now
from apps.kernel.errors import Conflict, DomainError
from apps.kernel.throttles import caller_of, require
from apps.lending import documents, limits, matching, offers, operations
from apps.lending.models import Loan, LoanStatus, ProductTerms, Purpose
from apps.portals.amounts import typed
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.loan_facts import worked_out
from apps.portals.customer.pages import done, go, show
from apps.portals.customer.pay import OwnAccount, fresh_key
from apps.portals.templatetags.kit import day, plain_money
from apps.users.doors import signed_in
from apps.users.models import User

TOO_MANY = _("Too many tries at once. Nothing was asked for; wait a minute and try again.")
_NUMBER = {"autocomplete": "off", "inputmode": "numeric"}


class Changed(Conflict):
    """The offer is no longer the one that was on the page."""

    code = "offer_changed"


class Need(Sheet):
    """How much, and what for."""

    amount = AmountField(label=_("How much do you need?"))
    purpose = forms.ChoiceField(label=_("What is it for?"), choices=Purpose.choices)


class Wanted(Need):
    """A product for a need, over so many instalments."""

    where = {"term_not_offered": "periods", "bad_amount": "amount"}
    product = forms.CharField(max_length=20, widget=forms.HiddenInput)
    purpose = forms.ChoiceField(choices=Purpose.choices, widget=forms.HiddenInput)
    periods = forms.IntegerField(
        label=_("Instalments"),
        required=False,
        min_value=1,
        max_value=600,
        widget=forms.TextInput(attrs=_NUMBER),
        error_messages={"invalid": _("Write a whole number.")},
    )


class Agree(Sheet):
    """What was seen on the page, and where the money goes."""

    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    product = forms.CharField(max_length=20, widget=forms.HiddenInput)
    amount = AmountField()
    purpose = forms.ChoiceField(choices=Purpose.choices, widget=forms.HiddenInput)
    periods = forms.IntegerField(min_value=1, max_value=600, widget=forms.HiddenInput)
    seen = forms.CharField(max_length=80, widget=forms.HiddenInput)
    account = OwnAccount(label=_("Into"))
    note = forms.CharField(
        label=_("Anything we should know (you may leave it out)"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget = forms.HiddenInput()
        accounts: Any = self.fields["account"]
        accounts.queryset = Account.objects.owned_by(user).to_pay_from().in_order()


def _terms(code: str) -> ProductTerms | None:
    return next((terms for terms in matching.on_offer(now()) if terms.product.code == code), None)


@require_GET
@customer_page
def need(request: HttpRequest) -> HttpResponse:
    """How much and what for; then every loan for it, the best first, with why."""
    user, at = signed_in(request), now()
    form = Need(request.GET if request.GET else None, initial={"purpose": Purpose.EVERYDAY})
    found: list[matching.Match] = []
    if form.is_bound and form.is_valid():
        try:
            found = matching.match(user=user, periods=None, by=user, at=at, **form.cleaned_data)
        except DomainError as no:
            form.refuse(no, "amount")
    return show(
        request,
        "borrow/need",
        form,
        found=[(one, _offer_address(one, form.cleaned_data), _fits(one)) for one in found],
        slider=_slider(user, at, form),
    )


def _fits(one: matching.Match) -> bool:
    """Whether this person can ask for that amount now: at least the least, at most their limit."""
    return one.offer is not None and one.can_be_had and one.offer.principal >= one.terms.least


def _offer_address(one: matching.Match, asked: dict[str, Any]) -> str:
    periods = one.offer.periods if one.offer else one.terms.usual_periods
    said = {"product": one.terms.product.code, "amount": typed(asked["amount"]), "purpose": asked["purpose"]}
    return f"{reverse('customer:borrow-offer')}?{urlencode(said | {'periods': periods})}"


def _slider(user: User, at: Any, form: Need) -> dict[str, int]:
    """From the least that is lent to the most this person can have, in whole units of the currency."""
    score = scoring.score(user=user, at=at, by=user)
    found = limits.limits_of_all(user=user, terms=matching.on_offer(at), by=user, at=at, score=score)
    open_ones = [one for one in found if one.is_open]
    if not open_ones:
        return {}
    amount = form.cleaned_data.get("amount") if form.is_bound and form.is_valid() else None
    least = min(one.terms.least for one in open_ones)
    most = max(one.amount for one in open_ones)
    value = min(max(amount or least, least), most)
    return {name: int(money.amount) for name, money in (("least", least), ("most", most), ("value", value))}


@require_http_methods(["GET", "POST"])
@customer_page
def offer(request: HttpRequest) -> HttpResponse:
    """Everything it costs before anything is asked for; then one press, that is one loan however often it is made."""
    user, at = signed_in(request), now()
    sent = request.POST if request.method == "POST" else None
    wanted = Wanted(request.GET if sent is None else sent)
    terms = _terms(wanted.data.get("product", ""))
    if terms is None:
        return done(request, "borrow-need")
    if not wanted.is_valid():
        return show(request, "borrow/offer", wanted, terms=terms, offer=None, wanted=wanted)
    try:
        limit, shown = _worked_out(user, terms, wanted, at)
    except DomainError as no:
        wanted.refuse(no)
        return show(request, "borrow/offer", wanted, terms=terms, offer=None, wanted=wanted)
    form = Agree(sent, user=user, initial=_initial(wanted, shown))
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            loan = _apply(form, user, terms, shown)
        except DomainError as no:
            form.refuse(no)
        else:
            return _on_to(request, loan)
    against = _against(limit, shown)
    return show(
        request,
        "borrow/offer",
        form,
        terms=terms,
        offer=shown,
        limit=limit,
        against=against,
        wanted=wanted,
        rows=list(zip(shown.plan.rows, worked_out(shown.plan.inputs, terms.currency), strict=True)),
        does=_does(shown),
        last=shown.plan.rows[-1],
        draft=f"{reverse('customer:borrow-contract')}?{urlencode(_said(wanted, shown))}",
    )


@require_GET
@customer_page
def contract(request: HttpRequest) -> HttpResponse:
    """The contract as it would be signed, before anything is asked for."""
    user, at = signed_in(request), now()
    wanted = Wanted(request.GET)
    terms = _terms(wanted.data.get("product", ""))
    if terms is None or not wanted.is_valid():
        return done(request, "borrow-need")
    require("money", caller_of(request), TOO_MANY)
    _limit, shown = _worked_out(user, terms, wanted, at)
    return documents.contract_of(shown, borrower=user, account=None, at=at)


def _worked_out(user: User, terms: ProductTerms, wanted: Wanted, at: Any) -> tuple[limits.LoanLimit, offers.Offer]:
    asked, on = wanted.cleaned_data, local_date(at)
    wanted.read_in(terms.currency)
    score = scoring.score(user=user, at=at, by=user)
    limit = limits.limit_of(user=user, terms=terms, by=user, at=at, score=score)
    rate = offers.priced(terms, score.recommended_interest_rate, on)
    periods = asked["periods"] or terms.usual_periods
    return limit, offers.offer(terms=terms, principal=asked["amount"], periods=periods, on=on, rate=rate)


def _said(wanted: Wanted, shown: offers.Offer) -> dict[str, Any]:
    asked = wanted.cleaned_data
    return {
        "product": shown.terms.product.code,
        "amount": typed(shown.principal),
        "purpose": asked["purpose"],
        "periods": shown.periods,
    }


def _initial(wanted: Wanted, shown: offers.Offer) -> dict[str, Any]:
    return {**_said(wanted, shown), "idempotency_key": fresh_key(), "seen": _seen(shown)}


def _seen(shown: offers.Offer) -> str:
    """What the person agrees to: all they pay back, all it costs, and the last day."""
    return f"{shown.terms.pk}/{shown.repaid.minor}/{shown.cost.minor}/{shown.plan.rows[-1].due_on}"


def _against(limit: limits.LoanLimit, shown: offers.Offer) -> list[str]:
    """Why it cannot be asked for now; empty when it can."""
    if limit.blocks:
        return [one.says for one in limit.blocks]
    if shown.principal < limit.terms.least:
        return [gettext("This loan starts at %(least)s.") % {"least": plain_money(limit.terms.least)}]
    if shown.principal > limit.amount:
        words = gettext("You can borrow up to %(limit)s.") % {"limit": plain_money(limit.amount)}
        return [words, *(one.says for one in limit.reasons)]
    return []


def _does(shown: offers.Offer) -> str:
    """What the button does, all of it."""
    if not shown.terms.decides_itself:
        return gettext("Send the application for %(amount)s") % {"amount": plain_money(shown.principal)}
    return gettext("Get %(received)s now; pay back %(repaid)s by %(day)s") % {
        "received": plain_money(shown.received),
        "repaid": plain_money(shown.repaid),
        "day": day(shown.plan.rows[-1].due_on),
    }


def _apply(form: Agree, user: User, terms: ProductTerms, shown: offers.Offer) -> Loan:
    """Ask for it. Raises what `operations.apply` raises, and Changed when the page showed another offer."""
    asked = form.cleaned_data
    key = f"page/{asked['idempotency_key']}"
    earlier = Loan.objects.owned_by(user).shown().filter(key=key).first()
    if earlier:
        return earlier
    if asked["seen"] != _seen(shown):
        raise Changed(_("The offer has changed since you saw it. Nothing was asked for. Look at it again."))
    return operations.apply(
        borrower=user,
        terms=terms,
        account=asked["account"],
        amount=shown.principal,
        periods=shown.periods,
        purpose=asked["purpose"],
        note=asked["note"],
        accepts=terms.decides_itself,
        key=key,
        by=user,
        at=now(),
    )


def _on_to(request: HttpRequest, loan: Loan) -> HttpResponse:
    """What became of it, on the loan's own page; who needs guarantors asks them next."""
    if loan.status == LoanStatus.ACTIVE:
        messages.success(request, gettext("The money is on your account."))
    elif loan.status in (LoanStatus.APPLIED, LoanStatus.UNDER_REVIEW):
        messages.success(request, gettext("We have your application."))
        if loan.terms.guarantee_cover:
            return done(request, "loan-guarantors", loan.public_id)
    return go(request, reverse("customer:loan", args=[loan.public_id]))
