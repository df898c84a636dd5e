"""Find anything: a customer, an account, a payment, a receipt, a page."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import Account, CashMovement
from apps.payments.models import Merchant, Payment, Settlement
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.door import is_partial
from apps.users.doors import signed_in
from apps.users.models import User
from apps.users.rules import masked_phone

MOST = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its address, what it is called, and what tells it apart."""

    address: str
    title: str
    below: str
    picture: str


@staff_page()
def go(request: HttpRequest) -> HttpResponse:
    """What `q` finds, by group; exact numbers first."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    user = signed_in(request)
    groups: list[tuple[str, list[Hit]]] = []
    if text:
        groups = [
            (_("Customers"), _customers(user, text)),
            (_("Accounts"), _accounts(user, text)),
            (_("Payments and receipts"), _payments(user, text)),
            (_("Shops and settlements"), _shops(user, text)),
        ]
    groups.append((_("Pages"), _pages(user, text)))
    template = "_found" if is_partial(request) else "go"
    return page(request, template, place="go", q=text, groups=[group for group in groups if group[1]])


def _customers(user: User, text: str) -> list[Hit]:
    if not user.has_perm("users.view_users"):
        return []
    found = User.objects.customers().found_by(text).order_by("full_name")[:MOST]
    return [
        Hit(
            reverse("admin:customer", args=[row.pk]),
            row.full_name,
            f"{masked_phone(row.phone) if row.phone else ''} · {row.get_kyc_tier_display()}",
            "user",
        )
        for row in found
    ]


def _accounts(user: User, text: str) -> list[Hit]:
    if not user.has_perm("accounts.view_transactions"):
        return []
    found = Account.objects.filter(number=text.replace(" ", "")).select_related("owner")[:MOST]
    return [
        Hit(
            reverse("admin:customer", args=[row.owner_id]),
            row.number,
            f"{row.name} · {row.owner.full_name}",
            "landmark",
        )
        for row in found
    ]


def _payments(user: User, text: str) -> list[Hit]:
    if not user.has_perm("accounts.view_transactions"):
        return []
    paid = Payment.objects.filter(reference=text.upper()).select_related("payer")[:MOST]
    cash = CashMovement.objects.filter(receipt=text.upper()).select_related("account__owner")[:MOST]
    return [
        *(Hit(_of_payment(user, row), row.reference, f"{row.amount} · {row.payer}", "receipt-text") for row in paid),
        *(
            Hit(
                _of_cash(user, row),
                row.receipt,
                f"{row.amount} · {row.account.owner}",
                "banknote",
            )
            for row in cash
        ),
    ]


def _shops(user: User, text: str) -> list[Hit]:
    if not user.has_perm("accounts.view_transactions"):
        return []
    called = Q(till=text.replace(" ", "")) | Q(trading_name__icontains=text)
    shops = Merchant.objects.filter(called).order_by("trading_name", "pk")[:MOST]
    paid = Settlement.objects.filter(reference=text.upper()).select_related("merchant")[:MOST]
    look = "admin:payments_merchant_change", "admin:payments_settlement_change"
    return [
        *(Hit(reverse(look[0], args=[row.pk]), row.trading_name, f"{row.till} · {row.town}", "store") for row in shops),
        *(
            Hit(reverse(look[1], args=[row.pk]), row.reference, f"{row.net} · {row.merchant}", "banknote")
            for row in paid
        ),
    ]


def _of_payment(user: User, row: Payment) -> str:
    """Where it is sent back, for who may; others the customer who paid."""
    if row.transfer_id and user.has_perm("payments.refund_transactions"):
        return reverse("admin:reversal", args=[row.transfer_id])
    return reverse("admin:customer", args=[row.payer_id])


def _of_cash(user: User, row: CashMovement) -> str:
    """Tellers open the receipt; others the customer whose money it was."""
    if user.has_perm("accounts.take_cash"):
        return reverse("admin:receipt", args=[row.receipt])
    return reverse("admin:customer", args=[row.account.owner_id])


def _pages(user: User, text: str) -> list[Hit]:
    known = [
        ("admin:index", _("My work"), "house", ""),
        ("admin:teller", _("Teller"), "banknote", "accounts.take_cash"),
        ("admin:approvals", _("Approvals"), "badge-check", ""),
        ("admin:reversals", _("Money going back"), "history", "payments.refund_transactions"),
        ("admin:limit-requests", _("Limits that wait"), "scale", ""),
        ("admin:flagged", _("Held by the screen"), "flag", "fraud.review_fraud"),
        ("admin:rules", _("Rules of the screen"), "scale", "fraud.manage_rules"),
        ("admin:blocked", _("Blocked"), "x", "fraud.review_fraud"),
        ("admin:disputes", _("Disputes"), "message-square", "fraud.review_fraud"),
        ("admin:loans", _("Loans"), "hand-coins", "lending.view_loans"),
        ("admin:collections", _("Collections"), "phone", "lending.collect_loans"),
        ("admin:warnings", _("Early warnings"), "triangle-alert", "credit_scoring.approve_loan"),
        ("admin:portfolio", _("Loan portfolio"), "scale", "lending.view_portfolio"),
        ("admin:stress", _("Try out bad times"), "scale", "lending.view_portfolio"),
        ("admin:loan-classes", _("Classes and provisions"), "scale", "lending.manage_products"),
        ("admin:loan-products", _("Loan products"), "receipt-text", "lending.manage_products"),
        ("admin:stuck", _("Stuck payments"), "clock", "accounts.view_transactions"),
        ("admin:other-banks", _("Other banks"), "banknote", "payments.see_bank_files"),
        ("admin:incoming", _("From other banks"), "banknote", "kyc.work_screening"),
        ("admin:unpaid", _("Standing orders not paid"), "calendar", "accounts.view_transactions"),
        ("admin:holidays", _("Public holidays"), "sun", "ledger.manage_holidays"),
        ("admin:bulk", _("Bulk payments"), "users-round", "payments.bulk_pay"),
        ("admin:billers", _("Billers"), "zap", "payments.manage_billers"),
        ("admin:tariffs", _("Tariffs"), "receipt-text", "accounts.manage_products"),
        ("admin:savings", _("Interest on savings"), "piggy-bank", "accounts.manage_products"),
        ("admin:large-payments", _("Large payments"), "bell", "accounts.manage_products"),
        ("admin:dormant", _("Sleeping accounts"), "moon", "accounts.view_transactions"),
        ("admin:exchange", _("Exchange"), "refresh-cw", "fx.view_rates"),
        ("admin:credit", _("Credit"), "chart-line", "credit_scoring.view_portfolio"),
        ("admin:data", _("Lists"), "list", ""),
    ]
    return [
        Hit(reverse(name), title, "", picture)
        for name, title, picture, permission in known
        if text.lower() in title.lower() and (not permission or user.has_perm(permission))
    ]
