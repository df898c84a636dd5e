"""Find anything of compliance: a case, a customer, a page."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.compliance.models import Case
from apps.portals.banker.palette import Hit
from apps.portals.compliance.door import console_page, page
from apps.portals.customer.door import is_partial
from apps.users.doors import signed_in
from apps.users.models import User
from apps.users.rules import masked_phone

MOST = 8


@console_page
def go(request: HttpRequest) -> HttpResponse:
    """What `q` finds, by group."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    user = signed_in(request)
    groups: list[tuple[str, list[Hit]]] = []
    if text:
        groups = [(_("Cases"), _cases(user, text)), (_("Customers"), _customers(user, text))]
    groups.append((_("Pages"), _pages(text)))
    template = "_found" if is_partial(request) else "go"
    return page(request, template, place="go", q=text, groups=[group for group in groups if group[1]])


def _cases(user: User, text: str) -> list[Hit]:
    called = Q(reference__iexact=text) | Q(subject__full_name__icontains=text)
    rows = Case.objects.visible_to(user).filter(called).select_related("subject").order_by("-pk")[:MOST]
    return [
        Hit(reverse("compliance:case", args=[row.reference]), row.reference,
            f"{row.get_status_display()} · {row.subject or ''}", "flag")
        for row in rows
    ]  # fmt: skip


def _customers(user: User, text: str) -> list[Hit]:
    found = User.objects.customers().exclude(pk=user.pk).found_by(text).order_by("full_name")[:MOST]
    return [
        Hit(reverse("compliance:customer", args=[row.pk]), row.full_name,
            masked_phone(row.phone) if row.phone else "", "user")
        for row in found
    ]  # fmt: skip


def _pages(text: str) -> list[Hit]:
    known = [
        ("queue", _("Queue"), "inbox"),
        ("alerts", _("Alerts"), "triangle-alert"),
        ("screening", _("Screening"), "user-check"),
        ("rules", _("Rules"), "scale"),
        ("reports", _("Reports"), "file-text"),
        ("quality", _("Quality"), "chart-line"),
        ("audit", _("Audit trail"), "lock"),
        ("taxes", _("Taxes"), "landmark"),
    ]
    return [
        Hit(reverse(f"compliance:{name}"), title, "", picture)
        for name, title, picture in known
        if text.lower() in title.lower()
    ]
