"""Fixed and growing deposits: the rates, one's own, a new one with what it comes to, and taking one out early."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import certificates, interest, operations
from apps.accounts import deposits as offers
from apps.accounts.models import Account, FixedDeposit, OnMaturity
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import OTHER_FIGURES, AmountField, Sheet
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import TOO_MANY, OwnAccount, fresh_key
from apps.users.doors import signed_in
from apps.users.models import User


class Lay(Sheet):
    """How much, for how long, and what becomes of it."""

    where = {"bad_amount": "amount", "insufficient_funds": "amount", "deposit_not_offered": "amount"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    months = forms.TypedChoiceField(label=_("For how long"), coerce=int)
    from_account = OwnAccount(label=_("From"))
    on_maturity = forms.ChoiceField(label=_("At the end"), choices=OnMaturity.choices)
    recurring = forms.BooleanField(label=_("Put the same amount in again each month"), required=False)

    def __init__(self, *args: Any, user: User, terms: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: Any = self.fields["from_account"]
        own.queryset = Account.objects.owned_by(user).to_pay_from().filter(currency="KES").in_order()
        months: Any = self.fields["months"]
        months.choices = [(term, ngettext("%(n)s month", "%(n)s months", term) % {"n": term}) for term in terms]


@require_http_methods(["GET", "POST"])
@customer_page
def deposits(request: HttpRequest) -> HttpResponse:
    """The chart, one's own deposits, and a new one: it is made at the figures that were shown, or not at all."""
    user, today = signed_in(request), local_date(now())
    chart = offers.chart("KES", today)
    begin = {"idempotency_key": fresh_key()}
    posted = request.POST if request.method == "POST" else None
    form = Lay(posted, user=user, terms=chart.terms if chart else [], initial=begin)
    quote = None
    if form.is_bound and form.is_valid():
        asked = dict(form.cleaned_data)
        key = f"page/{asked.pop('idempotency_key')}"
        quote = offers.quote(asked["amount"], asked["months"], today)
        agreed = request.POST.get("agree")
        if quote is not None and agreed is not None and agreed != quote.mark:
            form.add_error(None, OTHER_FIGURES)
        elif quote is None or agreed:
            try:
                require("money", caller_of(request), TOO_MANY)
                row = operations.open_deposit(owner=user, key=key, at=now(), **asked)
            except DomainError as no:
                form.refuse(no)
            else:
                messages.success(request, gettext("Your money is laid aside and earns from today."))
                return done(request, "deposit", row.public_id)
    own = FixedDeposit.objects.owned_by(user).select_related("account").order_by("status", "-pk")
    return show(request, "money/deposits", form, chart=chart, quote=quote, rows=own[:50])


def _own(user: User, public_id: uuid.UUID) -> FixedDeposit:
    """One's own, or 404."""
    rows = FixedDeposit.objects.owned_by(user).select_related("account", "from_account", "owner")
    return get_object_or_404(rows, public_id=public_id)


@require_GET
@customer_page
def deposit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One deposit, what it has earned, and how to end it."""
    return _page(request, _own(signed_in(request), public_id))


def _page(request: HttpRequest, row: FixedDeposit, no: str = "") -> HttpResponse:
    status: dict[str, Any] = {"status": 409} if no else {}
    return show(
        request,
        "money/deposit",
        deposit=row,
        earned=interest.accrued_on(row.account_id, row.currency),
        ends=OnMaturity.choices,
        instalments=row.instalments.order_by("-due_on")[:24],
        refused=no,
        **status,
    )


@require_POST
@customer_page
def act(request: HttpRequest, public_id: uuid.UUID, act: str) -> HttpResponse:
    """Say what becomes of it at the end, or take it out now."""
    user = signed_in(request)
    row = _own(user, public_id)
    try:
        if act == "at-the-end":
            then = request.POST.get("on_maturity", "")
            operations.choose_at_maturity(deposit=row, on_maturity=then, by=user, at=now())
            words = gettext("Noted.")
        else:
            operations.break_deposit(deposit=row, by=user, at=now())
            words = gettext("The money is on your account.")
    except DomainError as no:
        return _page(request, row, str(no))
    messages.success(request, words)
    return done(request, "deposit", row.public_id)


@require_GET
@customer_page
def certificate(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """As PDF."""
    return certificates.file_of(_own(signed_in(request), public_id), at=now())
