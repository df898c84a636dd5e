"""`/developers/reference`: a page a resource, words on the left, the call in three languages on the right."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from apps.open_banking.pages.developers import operations
from apps.open_banking.pages.developers.door import client_id, show
from apps.open_banking.pages.developers.samples import samples

TITLES = {
    "sign-in": _("Sign-in and tokens"),
    "bank": _("The bank"),
    "accounts": _("Accounts"),
    "balances": _("Balances"),
    "movements": _("Movements"),
    "funds": _("Funds"),
    "consents": _("Consents"),
    "developers": _("Apps"),
    "webhooks": _("Webhooks and requests"),
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What there is, by resource."""
    found = [(name, TITLES.get(name, name), rows) for name, rows in operations.resources().items()]
    return show(request, "reference", "reference", resources=found)


@require_GET
def resource(request: HttpRequest, name: str) -> HttpResponse:
    """One of them."""
    rows = operations.resources().get(name)
    if rows is None:
        raise Http404
    key = client_id(request)
    written = [(one, samples(one, settings.PUBLIC_ADDRESS, key)) for one in rows]
    facts: dict[str, Any] = {"title": TITLES.get(name, name), "written": written}
    return show(request, "resource", "reference", **facts)
