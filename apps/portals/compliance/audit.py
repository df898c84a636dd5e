"""The audit trail in the compliance console."""

from typing import Any

from django.http import HttpRequest
from django.http.response import Http404
from django.urls import reverse

from apps.audit_trail import policies
from apps.portals import audit as trail
from apps.portals.compliance.door import console_page, page
from apps.users.doors import signed_in


@console_page
def audit(request: HttpRequest) -> Any:
    """Search, verify and take out."""
    user = signed_in(request)
    if not policies.may_view(user):
        raise Http404
    if request.method == "POST":
        return trail.verify(request, user, reverse("compliance:audit"))
    found = trail.search(request, user)
    return page(request, "audit", **found) if isinstance(found, dict) else found
