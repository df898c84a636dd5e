"""`/workbench/queues/apps/`: apps of third parties to look at, approve with a colleague, refuse or stop."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval
from apps.open_banking import operations, queries
from apps.open_banking.models import Consent, ThirdPartyApp
from apps.open_banking.pages.door import SeeOther, desk, staff_page
from apps.open_banking.policies import RIGHT
from apps.users.doors import signed_in

MOST = 50


class Decision(forms.Form):
    """What shall become of an app, and why."""

    act = forms.ChoiceField(
        label=_("Decision"),
        choices=[("approve", _("Ask a colleague to approve it")), ("reject", _("Refuse it")),
                 ("suspend", _("Stop it at once"))],
        widget=forms.Select(attrs={"class": "input"}),
    )  # fmt: skip
    direct_login = forms.BooleanField(
        label=_("It may take people's passwords (OBP DirectLogin): only for what we run ourselves"), required=False
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": _("Say why: the record is read later. Nothing was changed.")},
    )  # fmt: skip

    def __init__(self, *args: Any, app: ThirdPartyApp, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        possible = {"PENDING": ["approve", "reject"], "REJECTED": ["approve"], "APPROVED": ["suspend"],
                    "SUSPENDED": ["approve"]}[app.status]  # fmt: skip
        field = self.fields["act"]
        field.choices = [one for one in field.choices if one[0] in possible]  # type: ignore[attr-defined]


@require_GET
@staff_page(RIGHT)
def apps(request: HttpRequest) -> HttpResponse:
    """Those that wait, the oldest first; then the others."""
    others = ThirdPartyApp.objects.exclude(status="PENDING").select_related("developer").order_by("name")
    return desk(request, "apps", waiting_apps=queries.waiting_apps()[:MOST], others=others[:MOST])


@require_http_methods(["GET", "POST"])
@staff_page(RIGHT)
def app(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One app as it registered itself, what it holds, and the decision."""
    row = get_object_or_404(ThirdPartyApp.objects.select_related("developer__user"), public_id=public_id)
    form = Decision(request.POST if request.method == "POST" else None, app=row)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            return _done(request, row, form.cleaned_data)
        except DomainError as no:
            form.add_error(None, gettext(str(no)))
            status = no.status if no.status == 409 else 422
    elif form.is_bound:
        status = 422
    live = Consent.objects.of_app(row).live(now()).count()
    waits = Approval.objects.filter(subject=f"open_banking/apps/{row.public_id}", status="PENDING").first()
    return desk(request, "app", status=status, form=form, app=row, live=live, waits=waits)


def _done(request: HttpRequest, row: ThirdPartyApp, asked: dict[str, Any]) -> HttpResponse:
    facts: dict[str, Any] = {"app": row, "reason": str(asked["reason"]), "by": signed_in(request), "at": now()}
    if asked["act"] == "approve":
        approval = operations.ask_approval(**facts, direct_login=bool(asked["direct_login"]))
        messages.success(request, gettext("Asked. Another member of staff decides."))
        return SeeOther(reverse("admin:approval", args=[approval.pk]))
    if asked["act"] == "reject":
        operations.reject_app(**facts)
        messages.success(request, gettext("Refused. Its developer reads why."))
    else:
        count = operations.suspend_app(**facts)
        messages.success(request, gettext("Stopped. %(n)s consents ended with it.") % {"n": count})
    return SeeOther(reverse("open_banking:apps"))
