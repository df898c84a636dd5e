"""My cases by the time that is left, and those nobody has."""

from django.http import HttpRequest, HttpResponse

from apps.compliance import queries, wording
from apps.kernel.clock import now
from apps.portals.compliance.door import console_page, page
from apps.users.doors import signed_in


@console_page
def queue(request: HttpRequest) -> HttpResponse:
    """Mine first; the clock that runs out first on top."""
    user = signed_in(request)
    rows = [(row, wording.title(list(row.alerts.all()))) for row in queries.queue_for(user.pk)]
    mine = [pair for pair in rows if pair[0].assigned_to_id == user.pk]
    others = [pair for pair in rows if pair[0].assigned_to_id != user.pk]
    return page(request, "queue", mine=mine, others=others, at=now())
