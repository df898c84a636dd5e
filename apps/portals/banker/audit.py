"""The audit trail at the workbench, and who saw a customer."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode

from apps.audit_trail import operations, policies, queries
from apps.kernel.clock import now
from apps.portals import audit as trail
from apps.portals.banker.door import page, staff_page
from apps.users.doors import signed_in
from apps.users.models import User
from apps.users.queries import roles_of

MOST = 100


@staff_page(policies.VIEW)
def audit(request: HttpRequest) -> Any:
    """Search, verify and take out."""
    user = signed_in(request)
    if request.method == "POST":
        return trail.verify(request, user, reverse("admin:audit"))
    found = trail.search(request, user)
    return page(request, "audit", **found) if isinstance(found, dict) else found


@staff_page(policies.VIEW)
def done_to(request: HttpRequest, app: str, model: str, pk: str) -> HttpResponse:
    """What was done to a row of a standard list."""
    return redirect(f"{reverse('admin:audit')}?{urlencode({'target': f'{app}.{model}/{unquote(pk)}'})}")


@staff_page(policies.VIEW)
def seen(request: HttpRequest, pk: int) -> Any:
    """Who saw one customer, as what and why; asking is itself recorded."""
    user, person = signed_in(request), get_object_or_404(User, pk=pk)
    operations.record("audit_trail.customer.looked_up", on=person, by=user, at=now(), reason="Who saw this customer")
    rows = list(queries.looks_at(person).seen_by(user)[:MOST])
    roles = roles_of({row.actor_id for row in rows if row.actor_id})
    return page(
        request, "seen", place="audit", person=person, rows=[(row, roles.get(row.actor_id or 0)) for row in rows]
    )
