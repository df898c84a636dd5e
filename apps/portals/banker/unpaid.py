"""Dates of standing orders that were not paid lately: whom the bank may want to call."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from apps.kernel.clock import now
from apps.payments.models import RunStatus, StandingOrderRun
from apps.portals.banker.door import page, staff_page

LATELY = timedelta(days=14)
MOST = 100


def unpaid_dates(at: datetime) -> QuerySet[StandingOrderRun]:
    """FAILED or MISSED in the last 14 days, the newest first: a missed one is the bank's own fault."""
    rows = StandingOrderRun.objects.filter(status__in=[RunStatus.FAILED, RunStatus.MISSED], created_at__gt=at - LATELY)
    return rows.select_related("order__owner", "payment").order_by("-created_at", "-pk")


@staff_page("accounts.view_transactions")
def unpaid(request: HttpRequest) -> HttpResponse:
    """The queue; the customer's own page asks for a reason first."""
    found = unpaid_dates(now())
    rows = list(found[:MOST])
    count = found.count() if len(rows) == MOST else len(rows)
    return page(request, "unpaid", found=rows, count=count, place="unpaid")
