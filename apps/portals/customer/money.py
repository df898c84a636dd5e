"""Accounts: all of them, how money comes in, and opening a further one."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts import elsewhere, interest, operations, queries
from apps.accounts.models import POTS, Account, Product
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.payments.banks import transfers
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in


class Open(Sheet):
    """A further account."""

    product = forms.ModelChoiceField(
        label=_("Which account"),
        queryset=Product.objects.none(),
        to_field_name="code",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an account."), "invalid_choice": _("Choose an account from the list.")},
    )
    nickname = forms.CharField(
        label=_("Name it (you may leave it out)"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_GET
@customer_page
def money(request: HttpRequest) -> HttpResponse:
    """Every account with its balance, closed ones last."""
    user = signed_in(request)
    held = queries.holdings(Account.objects.owned_by(user).in_order().select_related("product"))
    live = [one for one in held if one.account.status != "CLOSED"]
    firms = Account.objects.held_by(user).exclude(owner=user).open().in_order().select_related("product", "owner")
    summed = queries.together(live, now())
    return show(
        request,
        "money/money",
        holdings=[one for one in live if one.account.account_type not in POTS],
        of_businesses=queries.holdings(firms),
        pots=[one for one in live if one.account.account_type in POTS],
        closed=[one for one in held if one.account.status == "CLOSED"],
        total=summed.total,
        rates=summed.rates,
        others=summed.left_out,
        elsewhere=elsewhere.held_by(user),
        can_open=Product.objects.to_open().exists(),
    )


@require_GET
@customer_page
def add(request: HttpRequest) -> HttpResponse:
    """How money comes in today."""
    account = queries.main_account(signed_in(request))
    return show(request, "money/add", account=account, bank=transfers.us())


@require_http_methods(["GET", "POST"])
@customer_page
def open_account(request: HttpRequest) -> HttpResponse:
    """Open a further account of a product."""
    user = signed_in(request)
    products = Product.objects.to_open().order_by("pk")
    form = Open(request.POST if request.method == "POST" else None)
    form.fields["product"].queryset = products  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        try:
            account = operations.open_account(owner=user, by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Your new account is open."))
            return done(request, "account", account.pk)
    offers = interest.offers(local_date(now()))
    return show(request, "money/open", form, products=[(one, offers.get(one.pk)) for one in products])
