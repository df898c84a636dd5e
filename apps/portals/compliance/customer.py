"""A customer as compliance sees them: cases, alerts, matches, accounts, and where ninety days of money went."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.shortcuts import get_object_or_404

from apps.accounts.models import Account, Transaction
from apps.audit_trail import operations as audit_trail
from apps.compliance import queries, wording
from apps.compliance.models import Case, SuspiciousActivityAlert
from apps.kernel.clock import local_date, now
from apps.kyc.models import ScreeningHit
from apps.portals.compliance import graph
from apps.portals.compliance.door import console_page, page
from apps.users.doors import signed_in
from apps.users.models import User
from apps.users.queries import near

MOST = 25


@console_page
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer, never oneself or who is near; the look stands in the audit trail of compliance."""
    user, at = signed_in(request), now()
    person = get_object_or_404(User, pk=pk)
    if near(user.pk).filter(pk=person.pk).exists():
        raise Http404
    audit_trail.record("compliance.customer.looked_at", on=f"compliance.customer/{person.pk}", by=user, at=at)
    lines = list(
        Transaction.objects.filter(account__owner=person, booked_on__gte=local_date(at) - timedelta(days=90))
        .exclude(txn_type__in=["FEE", "EXCISE_DUTY", "INTERNAL_TRANSFER", "EXCHANGE"])
        .select_related("account").order_by("-pk")[:1000]
    )  # fmt: skip
    flow = queries.flow(lines, person.pk, at=at)
    alerts = SuspiciousActivityAlert.objects.about(person.pk).not_about(user.pk)
    facts: dict[str, Any] = {
        "person": person,
        "flow": flow,
        "drawing": graph.draw(flow),
        "accounts": Account.objects.owned_by(person).in_order(),
        "cases": Case.objects.visible_to(user).filter(subject=person).order_by("-pk"),
        "alerts": [(row, wording.sentence(row)) for row in alerts.select_related("rule").order_by("-pk")[:MOST]],
        "hits": ScreeningHit.objects.filter(user=person).select_related("watch_list").order_by("-pk"),
        "place": "go",
    }
    return page(request, "customer", **facts)
