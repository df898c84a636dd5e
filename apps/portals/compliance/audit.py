"""The audit trail for compliance: search by action, target and days; verifying the chain."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations, policies, queries
from apps.audit_trail.models import IntegrityCheck
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.compliance.door import console_page, page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST = 50


class Ask(Sheet):
    """What to look for."""

    words = forms.CharField(label=_("Words in action, target and reason"), max_length=100, required=False)
    action = forms.CharField(label=_("Action, or its beginning with a dot"), max_length=120, required=False)
    target = forms.CharField(label=_("Target"), max_length=200, required=False)


@console_page
def audit(request: HttpRequest) -> HttpResponse:
    """Records about oneself as a subject of a case are not there; a POST verifies the newest blocks."""
    user = signed_in(request)
    if not policies.may_view(user):
        raise Http404
    if request.method == "POST":
        check = operations.verify(at=now(), by=user, last_blocks=100)
        said = _now("The chain is intact.") if check.is_intact else _now("The chain is broken.")
        messages.success(request, said)
        return go(request, reverse("compliance:audit"))
    form = Ask(request.GET or None)
    rows = []
    if form.is_bound and form.is_valid():
        try:
            found = queries.ask(queries.Question(**form.cleaned_data), at=now()).seen_by(user)
            rows = list(found.exclude(customer=user).select_related("actor").order_by("-pk")[:MOST])
        except DomainError as no:
            form.refuse(no)
    last = IntegrityCheck.objects.order_by("-pk").first()
    return page(request, "audit", status=form.status, form=form, rows=rows, last=last)
