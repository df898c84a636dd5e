"""`/developers/logs`: requests of one's apps, and why each that failed did."""

import json
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.gateway.models import ApiRequest
from apps.gateway.pages.door import show
from apps.kernel import meanings, third_parties
from apps.users.doors import signed_in
from apps.users.pages import person_page

ONE_PAGE = 25


@require_GET
@person_page
def logs(request: HttpRequest) -> HttpResponse:
    """Newest first; narrowed to one app, or to what failed."""
    clients = list(third_parties.of(signed_in(request).pk))
    wanted = _uuid(request.GET.get("app", ""))
    chosen = [one.id for one in clients if wanted in (None, one.id)]
    rows = ApiRequest.objects.filter(client__in=chosen).order_by("-pk")
    failed = request.GET.get("failed") == "1"
    if failed:
        rows = rows.filter(status__gte=400)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=int(before[:18]))
    found = list(rows[: ONE_PAGE + 1])
    names = {one.id: one.name for one in clients}
    older = found[ONE_PAGE - 1].pk if found[ONE_PAGE:] else 0
    facts: dict[str, Any] = {
        "clients": clients, "wanted": wanted, "failed": failed, "older": older,
        "rows": [(row, names[row.client]) for row in found[:ONE_PAGE] if row.client],
    }  # fmt: skip
    return show(request, "logs", "logs", **facts)


@require_GET
@person_page
def log(request: HttpRequest, request_id: str) -> HttpResponse:
    """One request, by our id or the app's: how it went, the shape of its body, what its code means and what to do."""
    clients = {one.id: one.name for one in third_parties.of(signed_in(request).pk)}
    named = Q(request_id=request_id) | Q(interaction_id=request_id)
    row = ApiRequest.objects.filter(named, client__in=clients).order_by("-pk").first()
    if row is None or row.client is None:
        raise Http404
    shape = json.dumps(row.shape, indent=2) if row.shape is not None else ""
    facts: dict[str, Any] = {
        "row": row,
        "app": clients[row.client],
        "shape": shape,
        "meaning": meanings.of(row.error_code),
    }
    return show(request, "log", "logs", **facts, remedy=meanings.remedy(row.status) if row.status >= 400 else "")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
