"""What everything costs, for anyone."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.kernel.clock import local_date, now
from apps.portals import tariffs as dated
from apps.portals.customer.door import open_page
from apps.portals.customer.pages import show


@require_GET
@open_page
def tariffs(request: HttpRequest) -> HttpResponse:
    """Every tariff of today with its next change, and the duty on fees with the law behind it."""
    today = local_date(now())
    found = dated.tariffs(today)
    return show(
        request,
        "public/tariffs",
        free=[one for one in found if one.rule is None and one.coming is None],
        charged=[one for one in found if one.rule is not None or one.coming is not None],
        duties=dated.duties(today),
        today=today,
        place="help",
    )
