"""More money on top of a loan: what it pays off, what is new, what keeping the old one would take; then a signature."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.kernel.clock import now
from apps.kernel.errors import Conflict, DomainError
from apps.kernel.throttles import caller_of, require
from apps.lending import operations, renewals
from apps.lending.models import Loan, LoanStatus
from apps.portals.amounts import typed
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.loan_facts import worked_out
from apps.portals.customer.loans import own_loan
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import fresh_key
from apps.users.doors import signed_in
from apps.users.models import User

TOO_MANY = _("Too many tries at once. Nothing was asked for; wait a minute and try again.")


class Changed(Conflict):
    """The offer is no longer the one that was on the page."""

    code = "offer_changed"


class More(Sheet):
    """How much more, over how many instalments."""

    where = {"bad_amount": "more", "loan_limit_exceeded": "more", "term_not_offered": "periods"}
    more = AmountField(label=_("How much more do you need?"))
    periods = forms.IntegerField(
        label=_("Instalments"),
        required=False,
        min_value=1,
        max_value=600,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"invalid": _("Write a whole number.")},
    )


class Agree(More):
    """What was seen on the page."""

    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    seen = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("more", "periods"):
            self.fields[name].widget = forms.HiddenInput()


@require_http_methods(["GET", "POST"])
@customer_page
def more(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Work it out as often as wanted; one press asks for it once, and leads to where it is signed."""
    user, at = signed_in(request), now()
    loan = own_loan(user, public_id)
    if loan.status != LoanStatus.ACTIVE:
        return done(request, "loan", loan.public_id)
    sent = request.POST if request.method == "POST" else None
    asked = More(sent or (request.GET if "more" in request.GET else None))
    shown: renewals.Renewed | None = None
    if asked.is_bound and asked.is_valid():
        try:
            shown = operations.quote_top_up(loan=loan, by=user, at=at, **asked.cleaned_data)
        except DomainError as no:
            asked.refuse(no)
    form: Sheet = asked
    if shown is not None:
        form = Agree(sent, initial=_initial(shown, asked))
        if form.is_bound and form.is_valid():
            try:
                require("money", caller_of(request), TOO_MANY)
                made = _asked(form, loan, shown, user)
            except DomainError as no:
                form.refuse(no)
            else:
                return _on_to(request, made)
    facts: dict[str, Any] = {"loan": loan, "asked": asked, "shown": shown}
    if shown:
        plan = shown.offer.plan
        facts["rows"] = list(zip(plan.rows, worked_out(plan.inputs, loan.currency), strict=True))
        facts |= {"offer": shown.offer, "terms": shown.offer.terms, "last": plan.rows[-1]}
    return show(request, "borrow/more", form, **facts)


def _initial(shown: renewals.Renewed, asked: More) -> dict[str, Any]:
    said = asked.cleaned_data
    kept = {"more": typed(said["more"]), "periods": shown.offer.periods}
    return {**kept, "idempotency_key": fresh_key(), "seen": _seen(shown)}


def _seen(shown: renewals.Renewed) -> str:
    """What the person agrees to: what is paid off, what is new, all that is paid back, and the last day."""
    offer = shown.offer
    figures = (offer.terms.pk, shown.payoff.total.minor, shown.in_hand.minor, offer.repaid.minor)
    return "/".join([*map(str, figures), str(offer.plan.rows[-1].due_on)])


def _asked(form: Sheet, loan: Loan, shown: renewals.Renewed, user: User) -> Loan:
    said = form.cleaned_data
    key = f"page/{said['idempotency_key']}"
    earlier = Loan.objects.owned_by(user).shown().filter(key=key).first()
    if earlier:
        return earlier
    if said["seen"] != _seen(shown):
        raise Changed(_("The offer has changed since you saw it. Nothing was asked for. Look at it again."))
    return operations.top_up(loan=loan, more=said["more"], periods=said["periods"], key=key, by=user, at=now())


def _on_to(request: HttpRequest, made: Loan) -> HttpResponse:
    if made.status == LoanStatus.APPROVED:
        return done(request, "loan-sign", made.public_id)
    messages.success(request, gettext("We have your application. Until you sign, your old loan stays as it is."))
    return done(request, "loan", made.public_id)
