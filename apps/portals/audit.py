"""The audit trail as workbench and console show it: search, one page at a time, as a file, and whether it is intact."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations, queries, record_files
from apps.audit_trail.models import ChainAnchor, IntegrityCheck
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.models import User

ON_A_PAGE = 50
_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
_ID: dict[str, Any] = {"required": False, "min_value": 1, "max_value": 2**62}


class Ask(Sheet):
    """What to look for; everything may be left out."""

    words = forms.CharField(label=_("Words in action, target and reason"), max_length=100, required=False)
    action = forms.CharField(label=_("Action, or its beginning with a dot"), max_length=120, required=False)
    target = forms.CharField(label=_("Target"), max_length=200, required=False)
    actor_id = forms.IntegerField(label=_("Who did it (number)"), **_ID)
    customer_id = forms.IntegerField(label=_("Customer (number)"), **_ID)
    request_id = forms.CharField(label=_("Request number"), max_length=64, required=False)
    first_day = forms.DateField(label=_("From"), required=False, widget=_DAY)
    last_day = forms.DateField(label=_("To"), required=False, widget=_DAY)
    before = forms.IntegerField(widget=forms.HiddenInput, **_ID)


def search(request: HttpRequest, user: User) -> dict[str, Any] | HttpResponseBase:
    """The facts of the page, or the file that was asked for. Records about oneself as a customer are not there."""
    form = Ask(request.GET or None)
    facts: dict[str, Any] = {"form": form, "rows": [], "status": 200, "kinds": list(record_files.MOST)}
    facts["checks"] = list(IntegrityCheck.objects.select_related("by").order_by("-pk")[:5])
    facts["anchors"] = list(ChainAnchor.objects.order_by("-period")[:5])
    if not form.is_bound or not form.is_valid():
        return facts | {"status": form.status}
    asked, at = dict(form.cleaned_data), now()
    before = asked.pop("before")
    question = queries.Question(**asked)
    try:
        if request.GET.get("as") in record_files.MOST:
            return record_files.file_of(question, kind=request.GET["as"], by=user, at=at)
        found = queries.ask(question, at=at).seen_by(user).select_related("actor")
        rows = list((found.filter(pk__lt=before) if before else found).order_by("-pk")[: ON_A_PAGE + 1])
    except DomainError as no:
        form.refuse(no)
        return facts | {"status": form.status}
    operations.note_look_up(question, by=user, at=at)
    query = urlencode(question.asked())
    older = f"?{query}&before={rows[ON_A_PAGE - 1].pk}" if len(rows) > ON_A_PAGE else ""
    return facts | {"rows": rows[:ON_A_PAGE], "query": query, "older": older}


def verify(request: HttpRequest, user: User, back: str) -> HttpResponse:
    """Check the newest blocks now, or have all of them checked."""
    if request.POST.get("all"):
        operations.ask_verify(by=user, at=now())
        messages.success(
            request, _now("All of it is being checked. What is found appears here; look again in a while.")
        )
        return go(request, back)
    check = operations.verify(at=now(), by=user, last_blocks=100)
    said = _now("The chain is intact.") if check.is_intact else _now("The chain is broken.")
    messages.success(request, said)
    return go(request, back)
