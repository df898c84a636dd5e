"""`/developers/status`: how the doors fare, from the requests of the last hour. Open to everybody, and names nobody."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from apps.gateway import queries
from apps.gateway.pages.door import show
from apps.kernel.clock import now

NAMES = {"oauth": _("Sign-in and tokens"), "obp": _("Open Bank Project API"), "api": _("KitBank API")}
FRESH = 30  # seconds: everybody may ask, and the answer is a scan of an hour


@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """Requests, what broke on our side, how long answers took, how webhooks go out, which providers answer."""
    found = cache.get("gateway-status")
    if found is None:
        found = (now(), queries.health(now()), queries.webhooks_of_the_day(now()))
        cache.set("gateway-status", found, FRESH)
    measured_at, doors, (written, delivered, late) = found
    facts: dict[str, Any] = {
        "depended_on": queries.depended_on(),
        "doors": [(NAMES[one.door], one) for one in doors], "measured_at": measured_at,
        "written": written, "delivered": delivered, "late": late,
    }  # fmt: skip
    return show(request, "status", "status", **facts)
