"""Shares of a group: what one has, what one costs, and buying some from one's account."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.chamas import operations
from apps.chamas.errors import Invalid
from apps.chamas.operations.books import balances
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.chama.room import on, posted, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import OTHER_FIGURES, Sheet
from apps.portals.customer.pay import TOO_MANY, fresh_key


class Buy(Sheet):
    """How many. The total is shown, and agreed to, before anything is paid."""

    where = {"insufficient_funds": "count"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    count = forms.IntegerField(
        label=_("How many shares"),
        min_value=1,
        max_value=100_000,
        error_messages={"required": _("Write a number."), "invalid": _("Write a number.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def shares(request: HttpRequest, slug: str) -> HttpResponse:
    """Buy some; they stay the buyer's own, so no proof is asked, as for a savings goal."""
    room = room_of(request, slug)
    price = Money(room.terms.share_price_minor, room.group.currency)
    if not price:
        raise Invalid(_("This group has no shares. Nothing was done."))
    form = Buy(posted(request), initial={"idempotency_key": fresh_key(), "count": 1})
    cost = None
    if form.is_bound and form.is_valid():
        count = form.cleaned_data["count"]
        cost = Money(price.minor * count, price.currency)
        agreed = request.POST.get("agree")
        if agreed is not None and agreed != str(cost.minor):
            form.add_error(None, OTHER_FIGURES)
        elif agreed:
            try:
                require("money", caller_of(request), TOO_MANY)
                key = f"page/{form.cleaned_data['idempotency_key']}"
                operations.buy_shares(group=room.group, count=count, key=key, by=room.user, at=now())
            except DomainError as no:
                form.refuse(no)
            else:
                messages.success(request, gettext("The shares are yours."))
                return on(request, room, "shares")
    held = Money(balances(room.group, member=room.me)["SHARES"], price.currency)
    count_held = held.minor // price.minor
    return shown(
        request,
        room,
        "shares",
        form,
        price=price,
        cost=cost,
        held=held,
        count_held=count_held,
        mark=str(cost.minor) if cost else "",
    )
