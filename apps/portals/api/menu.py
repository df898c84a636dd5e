"""What whoever is signed in may open: the customers' pages, or the windows of the workbench."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.users.doors import signed_in
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the name of its address, its title and picture, and the right that opens it."""

    name: str
    title: str | Promise
    icon: str
    permission: str = ""


CUSTOMER: dict[str | Promise, list[Page]] = {
    _("Main"): [
        Page("customer:home", _("Home"), "house"),
        Page("customer:pay", _("Pay"), "send"),
        Page("customer:money", _("Accounts"), "wallet"),
        Page("customer:borrow", _("Borrow"), "hand-coins"),
        Page("customer:inbox", _("Inbox"), "inbox"),
        Page("customer:help", _("Help"), "circle-help"),
    ],
    _("Pay"): [
        Page("customer:send", _("Send"), "send"),
        Page("customer:scan", _("Pay by QR"), "qr-code"),
        Page("customer:qr", _("My QR code"), "qr-code"),
        Page("customer:move", _("Move between your accounts"), "arrow-left-right"),
        Page("customer:payees", _("Payees"), "users"),
        Page("customer:scheduled", _("Scheduled payments"), "calendar"),
        Page("customer:requests", _("Requests to pay"), "hand-coins"),
        Page("customer:exchange", _("Exchange currency"), "refresh-cw"),
        Page("customer:bulk", _("Pay many people"), "users-round"),
    ],
    _("Borrow"): [
        Page("customer:borrow", _("What you can borrow"), "hand-coins"),
        Page("customer:borrow-need", _("Ask for a loan"), "plus"),
    ],
    _("Accounts"): [
        Page("customer:transactions", _("Transactions"), "list"),
        Page("customer:add-money", _("Add money"), "plus"),
        Page("customer:open-account", _("Open an account"), "plus"),
    ],
    _("Settings"): [
        Page("customer:settings", _("Settings"), "settings"),
        Page("customer:profile", _("Profile"), "user"),
        Page("customer:password", _("Password"), "key-round"),
        Page("customer:security", _("Second factors"), "shield-check"),
        Page("customer:devices", _("Devices"), "smartphone"),
        Page("customer:limits", _("Limits"), "scale"),
        Page("customer:notices", _("Notices"), "bell"),
        Page("customer:look", _("Language and theme"), "languages"),
    ],
}
WORKBENCH = [
    Page("admin:index", _("My work"), "house"),
    Page("admin:go", _("Find"), "search", "users.view_users"),
    Page("admin:teller", _("Teller"), "banknote", "accounts.take_cash"),
    Page("admin:till", _("Till and vault"), "banknote", "accounts.take_cash"),
    Page("admin:approvals", _("Approvals"), "badge-check"),
    Page("admin:exchange", _("Exchange"), "refresh-cw", "fx.view_rates"),
    Page("admin:bulk", _("Bulk payments"), "users-round", "payments.bulk_pay"),
    Page("admin:data", _("Lists"), "list"),
]


class MenuItem(serializers.Serializer[Any]):
    """A page to open; `icon` is one of the names in `/static/`'s icon set, or empty."""

    title = serializers.CharField()
    path = serializers.CharField()
    icon = serializers.CharField(allow_blank=True)


class MenuGroup(serializers.Serializer[Any]):
    """Pages that belong together."""

    title = serializers.CharField()
    items = MenuItem(many=True)


class MenuShown(serializers.Serializer[Any]):
    """The portal one belongs in, and what it opens."""

    portal = serializers.ChoiceField(choices=["CUSTOMER", "WORKBENCH"])
    groups = MenuGroup(many=True)


EXAMPLE = OpenApiExample(
    "A customer's, in Kiswahili",
    response_only=True,
    value={
        "portal": "CUSTOMER",
        "groups": [{"title": "Kuu", "items": [{"title": "Nyumbani", "path": "/", "icon": "house"}]}],
    },
)


class Menu(APIView):
    """What one may open."""

    @extend_schema(operation_id="portals_menu", tags=["portals"], responses=MenuShown, examples=[EXAMPLE])
    def get(self, request: Request) -> Response:
        """Pages by group, with titles in the language of `Accept-Language`."""
        user = signed_in(request)
        groups = _workbench(request, user) if user.is_staff else _customer(user)
        portal = "WORKBENCH" if user.is_staff else "CUSTOMER"
        return Response(MenuShown({"portal": portal, "groups": groups}).data)


def _shown(pages: list[Page], user: User) -> list[dict[str, Any]]:
    return [
        {"title": page.title, "path": reverse(page.name), "icon": page.icon}
        for page in pages
        if not page.permission or user.has_perm(page.permission)
    ]


def _customer(user: User) -> list[dict[str, Any]]:
    return [{"title": title, "items": _shown(pages, user)} for title, pages in CUSTOMER.items()]


def _workbench(request: Request, user: User) -> list[dict[str, Any]]:
    """Our own pages, then every window that the person's rights open, by app."""
    windows = [
        {
            "title": app["name"],
            "items": [{"title": row["name"], "path": row["admin_url"], "icon": ""} for row in app["models"]],
        }
        for app in admin.site.get_app_list(request._request)
    ]
    return [{"title": _("Workbench"), "items": _shown(WORKBENCH, user)}, *windows]
