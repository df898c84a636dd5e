"""The places of the workbench, said once: its navigation lists them, and Find knows them by name."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.users.models import User


class Place(NamedTuple):
    """A page that stands by itself: the name of its address, its words and icon, and who may open it (any of these
    permissions; none asked of staff for an empty tuple). `at` is what its own pages call it; one that is `inside`
    another is found by name and not listed.
    """

    name: str
    words: Promise
    picture: str
    rights: tuple[str, ...] = ()
    at: str = ""
    inside: bool = False

    @property
    def address(self) -> str:
        """Where it is."""
        return reverse(self.name)

    def is_open_to(self, user: User) -> bool:
        """Whether this member of staff may open it."""
        return not self.rights or any(user.has_perm(one) for one in self.rights)


class Group(NamedTuple):
    """Places that belong together; the first group has no title."""

    title: Promise | str
    places: tuple[Place, ...]


_SEES_PAYMENTS, _REFUNDS = ("accounts.view_transactions",), ("payments.refund_transactions",)
_PRICES, _LENDS = ("accounts.manage_products",), ("lending.manage_products",)
_SCREENS, _DECIDES = ("fraud.review_fraud",), ("credit_scoring.approve_loan",)
_SCORES = ("credit_scoring.view_portfolio", *_DECIDES, "credit_scoring.manage_rules")

GROUPS = (
    Group(
        "",
        (
            Place("admin:index", _("My work"), "house", at="home"),
            Place("admin:go", _("Find"), "search", ("users.view_users",), "go"),
            Place("admin:teller", _("Teller"), "banknote", ("accounts.take_cash",), "teller"),
            Place("admin:approvals", _("Approvals"), "badge-check", at="approvals"),
            Place("admin:limit-requests", _("Limits that wait"), "scale", inside=True),
        ),
    ),
    Group(
        _("Customers"),
        (
            Place("admin:kyc-queue", _("Papers to check"), "user-check", ("kyc.approve_kyc",), "kyc"),
            Place("admin:group-queue", _("Papers of groups"), "users-round", ("kyc.approve_kyc",), "group-queue"),
            Place("admin:groups", _("Groups"), "users-round", ("chamas.view_groups",), "groups"),
            Place("admin:shops", _("Shops"), "store", _REFUNDS, "shops"),
            Place("admin:dormant", _("Sleeping accounts"), "moon", _SEES_PAYMENTS, "dormant"),
        ),
    ),
    Group(
        _("Payments"),
        (
            Place("admin:flagged", _("Held by the screen"), "flag", _SCREENS, "flagged"),
            Place("admin:blocked", _("Blocked"), "x", _SCREENS, "blocked"),
            Place("admin:disputes", _("Disputes"), "message-square", _SCREENS, "disputes"),
            Place("admin:stuck", _("Stuck payments"), "clock", _SEES_PAYMENTS, "stuck"),
            Place("admin:reversals", _("Money going back"), "history", _REFUNDS, "reversals"),
            Place("admin:unpaid", _("Standing orders not paid"), "calendar", _SEES_PAYMENTS, "unpaid"),
            Place("admin:bulk", _("Bulk payments"), "users-round", ("payments.bulk_pay",), "bulk"),
            Place("admin:recon", _("M-Pesa"), "scale", ("mpesa.reconcile_mpesa",), "recon"),
            Place("admin:other-banks", _("Other banks"), "banknote", ("payments.see_bank_files",), "other-banks"),
            Place("admin:incoming", _("From other banks"), "banknote", ("kyc.work_screening",), inside=True),
            Place("admin:airtime", _("Airtime"), "smartphone", _REFUNDS, "airtime"),
            Place("admin:exchange", _("Exchange"), "refresh-cw", ("fx.view_rates",), "exchange"),
        ),
    ),
    Group(
        _("Lending"),
        (
            Place("admin:loans", _("Loans"), "hand-coins", ("lending.view_loans",), "loans"),
            Place("admin:collections", _("Collections"), "phone", ("lending.collect_loans",), "collections"),
            Place("admin:warnings", _("Early warnings"), "triangle-alert", _DECIDES, inside=True),
            Place("admin:portfolio", _("Loan portfolio"), "scale", ("lending.view_portfolio",), "portfolio"),
            Place("admin:stress", _("Try out bad times"), "scale", ("lending.view_portfolio",), inside=True),
            Place("admin:credit", _("Credit"), "chart-line", _SCORES, "credit"),
        ),
    ),
    Group(
        _("Terms and texts"),
        (
            Place("admin:tariffs", _("Tariffs"), "receipt-text", _PRICES, "tariffs"),
            Place("admin:savings", _("Interest on savings"), "piggy-bank", _PRICES, "savings"),
            Place("admin:large-payments", _("Large payments and sales"), "bell", _PRICES, "large-payments"),
            Place("admin:loan-products", _("Loan products"), "receipt-text", _LENDS, "products"),
            Place("admin:loan-classes", _("Classes and provisions"), "scale", _LENDS, inside=True),
            Place("admin:rules", _("Rules of the screen"), "scale", ("fraud.manage_rules",), "rules"),
            Place("admin:billers", _("Billers"), "zap", ("payments.manage_billers",), "billers"),
            Place("admin:said", _("Messages"), "message-square", ("notifications.manage_content",), "said"),
            Place("admin:holidays", _("Public holidays"), "sun", ("ledger.manage_holidays",), "holidays"),
        ),
    ),
    Group(
        _("The bank"),
        (
            Place("open_banking:apps", _("Third parties' apps"), "share-2", ("open_banking.approve_apps",), "apps"),
            Place("admin:periods", _("Accounting periods"), "calendar", ("ledger.view_books",), "periods"),
            Place("admin:audit", _("Audit trail"), "lock", ("audit_trail.view_audit",), "audit"),
            Place("admin:staff", _("Staff"), "users-round", ("users.manage_admins", "audit_trail.view_audit"), "staff"),
            Place(
                "admin:glass", _("Broken glass"), "triangle-alert", ("users.review_glass", "users.break_glass"), "glass"
            ),
            Place("admin:my-connections", _("Whom I keep away from"), "user-check", at="my-connections"),
            Place("admin:data", _("Lists"), "list", at="data"),
        ),
    ),
)


def open_to(user: User) -> list[Group]:
    """The groups with what this member of staff may open, in their order; none that is empty."""
    groups = [Group(title, tuple(one for one in places if one.is_open_to(user))) for title, places in GROUPS]
    return [group for group in groups if group.places]


def listed(user: User) -> list[Group]:
    """As `open_to`, without what is inside another place: the navigation."""
    groups = [Group(title, tuple(one for one in places if not one.inside)) for title, places in open_to(user)]
    return [group for group in groups if group.places]
