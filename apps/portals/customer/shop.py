"""My shop: becoming one, asking for an amount and seeing it paid, giving back, and what was paid out."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Account
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.payments import operations, policies, queries, shop_files
from apps.payments.models import Merchant, MerchantStatus, Payment, PosSale, SaleAlerts, SaleStatus, Settlement, Trade
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.live import live
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import TOO_MANY, OwnAccount, fresh_key
from apps.users.doors import signed_in
from apps.users.models import BusinessProfile, BusinessRole, User

MOST = 50
KEY = r"^[0-9a-f-]{16,64}$"


class Become(Sheet):
    """A shop: what it is called, what it sells, where, and where its money goes."""

    where = {"currency_mismatch": "account", "account_closed": "account"}
    idempotency_key = forms.RegexField(KEY, widget=forms.HiddenInput)
    trading_name = forms.CharField(
        label=_("Name of the shop"), max_length=25, error_messages={"required": _("Write the name of the shop.")}
    )
    trade = forms.ChoiceField(label=_("What it sells"), choices=Trade.choices)
    town = forms.CharField(label=_("Town"), max_length=15, error_messages={"required": _("Write the town.")})
    account = OwnAccount(label=_("Paid into"))
    business = forms.ModelChoiceField(
        BusinessProfile.objects.none(), label=_("Business"), required=False, empty_label=_("None: my own shop")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts: Any = self.fields["account"]
        accounts.queryset = Account.objects.owned_by(user).open().for_payments().filter(currency="KES").in_order()
        theirs: Any = self.fields["business"]
        theirs.queryset = BusinessProfile.objects.visible_to(user).filter(
            members__user=user, members__role=BusinessRole.OWNER, members__left_at=None
        )
        if not theirs.queryset.exists():
            del self.fields["business"]


class AskAmount(Sheet):
    """How much, and for what."""

    where = {"bad_amount": "amount", "currency_mismatch": "amount"}
    idempotency_key = forms.RegexField(KEY, widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    note = forms.CharField(
        label=_("For what (you may leave it out)"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class GiveBack(Sheet):
    """How much of it, and why."""

    where = {"bad_amount": "amount", "not_refundable": "amount", "insufficient_funds": "amount"}
    idempotency_key = forms.RegexField(KEY, widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount to give back"))
    reason = forms.CharField(
        label=_("Why"), max_length=200, error_messages={"required": _("Say why: it stays on record.")}
    )


class Alerts(Sheet):
    """Of which sales one hears."""

    alerts = forms.ChoiceField(label=_("SMS of sales"), choices=SaleAlerts.choices)


class Counter(Sheet):
    """One more counter."""

    where = {"bad_merchant": "code"}
    label = forms.CharField(label=_("Name of the counter"), max_length=40)
    code = forms.CharField(label=_("Its code: letters and digits"), max_length=8)


@require_http_methods(["GET", "POST"])
@customer_page
def shops(request: HttpRequest) -> HttpResponse:
    """One's shops, and becoming one."""
    user = signed_in(request)
    sent = request.POST if request.method == "POST" else None
    form = Become(sent, user=user, initial={"idempotency_key": fresh_key()})
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            made = operations.become_merchant(
                trading_name=asked["trading_name"],
                trade=asked["trade"],
                town=asked["town"],
                account=asked["account"],
                business=asked.get("business"),
                key=f"page/{asked['idempotency_key']}",
                by=user,
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Your shop can be paid from now on. Print its code for the wall."))
            return done(request, "shop", made.public_id)
    rows = Merchant.objects.visible_to(user).select_related("business").order_by("status", "-pk")[:MOST]
    return show(request, "shop/shops", form, shops=rows)


def _own(user: User, public_id: uuid.UUID) -> Merchant:
    rows = Merchant.objects.visible_to(user).select_related("business", "settlement_account")
    return get_object_or_404(rows, public_id=public_id)


@require_http_methods(["GET", "POST"])
@customer_page
def shop(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Today at the shop; asking for an amount leads to its code."""
    user = signed_in(request)
    merchant = _own(user, public_id)
    sent = request.POST if request.method == "POST" else None
    form = AskAmount(sent, initial={"idempotency_key": fresh_key()})
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            sale = operations.ask_sale(
                merchant=merchant,
                amount=asked["amount"],
                note=asked["note"],
                key=f"page/{asked['idempotency_key']}",
                by=user,
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "sale", sale.public_id)
    return _shop(request, merchant, form, Counter())


def _shop(request: HttpRequest, merchant: Merchant, form: Sheet, counter: Sheet) -> HttpResponse:
    today = queries.takings(merchant).filter(completed_at__gte=day_start(local_date(now())))
    may_run = policies.may_run_shop(signed_in(request), merchant)
    return show(
        request,
        "shop/shop",
        form,
        merchant=merchant,
        counter=counter,
        alerts=Alerts(initial={"alerts": merchant.alerts})["alerts"],
        large=queries.large_sale(merchant.currency, now()),
        text=operations.code_of_merchant(merchant),
        till=queries.in_till(merchant),
        takings=queries.as_takings(today[:MOST]),
        terminals=merchant.terminals.order_by("code"),
        may_run=may_run,
        may_ask=may_run and merchant.status == MerchantStatus.ACTIVE,
        status=max(form.status, counter.status),
    )


@require_POST
@customer_page
def counter(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One more counter."""
    user = signed_in(request)
    merchant = _own(user, public_id)
    form = Counter(request.POST)
    if form.is_valid():
        try:
            operations.add_terminal(merchant=merchant, by=user, at=now(), **form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("The counter was added."))
            return done(request, "shop", merchant.public_id)
    return _shop(request, merchant, form, form)


@require_POST
@customer_page
def alerts(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Hear of every sale, of large ones, or of none."""
    user = signed_in(request)
    merchant = _own(user, public_id)
    operations.choose_sale_alerts(merchant=merchant, alerts=request.POST.get("alerts", ""), by=user, at=now())
    messages.success(request, gettext("Kept."))
    return done(request, "shop", merchant.public_id)


@require_POST
@customer_page
def close(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """No more payments to it."""
    user = signed_in(request)
    operations.close_merchant(merchant=_own(user, public_id), by=user, at=now())
    messages.success(request, gettext("Closed. What it took is still paid out."))
    return done(request, "shop", public_id)


@require_GET
@customer_page
def poster(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The open code as a PDF for the wall."""
    require("money", caller_of(request), TOO_MANY)
    return shop_files.poster(_own(signed_in(request), public_id))


@require_GET
@customer_page
def sale(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The code of one sale, which turns into "paid" by itself."""
    user = signed_in(request)
    row = _sale(user, public_id)
    is_late = row.status == SaleStatus.OPEN and row.payment_id is None and row.expires_at <= now()
    state = SaleStatus.EXPIRED.value if is_late else f"{row.status}{'-paying' if row.payment_id else ''}"
    waits = row.status == SaleStatus.OPEN and not is_late
    return live(
        request,
        "shop/sale",
        "shop/_sale",
        state=state,
        since=row.created_at if waits else None,
        sale=row,
        waits=waits,
        is_late=is_late,
        text=operations.code_of_sale(row) if waits and row.payment_id is None else "",
        may_run=policies.may_run_shop(user, row.merchant),
    )


def _sale(user: User, public_id: uuid.UUID) -> PosSale:
    rows = PosSale.objects.filter(merchant__in=Merchant.objects.visible_to(user))
    rows = rows.select_related("merchant__business", "terminal", "payment__payer")
    return get_object_or_404(rows, public_id=public_id)


@require_POST
@customer_page
def void(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take back what was asked."""
    user = signed_in(request)
    row = operations.void_sale(sale=_sale(user, public_id), by=user, at=now())
    messages.success(request, gettext("Taken back. Nobody can pay it any more."))
    return done(request, "shop", row.merchant.public_id)


@require_http_methods(["GET", "POST"])
@customer_page
def taking(request: HttpRequest, public_id: uuid.UUID, payment_id: uuid.UUID) -> HttpResponse:
    """One payment to the shop, and giving it back."""
    user = signed_in(request)
    merchant = _own(user, public_id)
    rows = queries.takings(merchant).select_related("merchant__business", "settlement__account", "payer", "sale")
    payment: Payment = get_object_or_404(rows, public_id=payment_id)
    one = queries.as_takings([payment])[0]
    sent = request.POST if request.method == "POST" else None
    form = GiveBack(sent, initial={"idempotency_key": fresh_key(), "amount": one.left})
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            require("money", caller_of(request), TOO_MANY)
            operations.refund_by_merchant(
                payment=payment,
                amount=asked["amount"],
                reason=asked["reason"],
                key=f"page/{asked['idempotency_key']}",
                by=user,
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Given back. It is in their account."))
            return done(request, "taking", merchant.public_id, payment.public_id)
    may_run = policies.may_run_shop(user, merchant) and one.left.minor > 0
    refunds = payment.refunds.order_by("-pk")
    return show(request, "shop/taking", form, merchant=merchant, one=one, refunds=refunds, may_run=may_run)


@require_GET
@customer_page
def settlements(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What it was paid out, day by day."""
    merchant = _own(signed_in(request), public_id)
    rows = Settlement.objects.filter(merchant=merchant).order_by("-day")[:MOST]
    return show(request, "shop/settlements", merchant=merchant, settlements=rows, till=queries.in_till(merchant))


@require_GET
@customer_page
def settlement(request: HttpRequest, public_id: uuid.UUID, reference: str, kind: str) -> HttpResponse:
    """One day as a file."""
    rows = Settlement.objects.filter(merchant=_own(signed_in(request), public_id))
    row = get_object_or_404(rows.select_related("merchant", "account"), reference=reference)
    require("money", caller_of(request), TOO_MANY)
    return shop_files.report(row, kind)
