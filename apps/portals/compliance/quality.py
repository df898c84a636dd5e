"""How well the watch does: false alarms by rule, time to decide, and a sample of closed cases looked at again."""

from django import forms
from django.db.models import Avg, F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now

from apps.compliance import operations, queries, wording
from apps.compliance.models import Case, CaseStatus
from apps.kernel.clock import now
from apps.portals.compliance.door import console_page, did, page
from apps.portals.customer.forms import Sheet
from apps.users.doors import signed_in

SAMPLE = 10


class Recheck(Sheet):
    """Right or not."""

    case = forms.ModelChoiceField(queryset=Case.objects.none(), widget=forms.HiddenInput)
    is_right = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], widget=forms.HiddenInput)


@console_page
def quality(request: HttpRequest) -> HttpResponse:
    """One case in ten of those closed without suspicion waits for a second look, by another than who decided."""
    user = signed_in(request)
    closed = Case.objects.visible_to(user).filter(status=CaseStatus.CLOSED, is_rechecked=None).exclude(decided_by=user)
    form = Recheck(request.POST if request.method == "POST" else None)
    form.fields["case"].queryset = closed  # type: ignore[attr-defined]
    gone = did(
        request,
        form,
        lambda: operations.recheck(
            case=form.cleaned_data["case"], is_right=form.cleaned_data["is_right"] == "yes", by=user, at=now()
        ),
        _now("The second look is recorded."),
        reverse("compliance:quality"),
    )
    if gone:
        return gone
    decided = Case.objects.exclude(decided_at=None)
    took = decided.aggregate(took=Avg(F("decided_at") - F("opened_at")))["took"]
    facts = {
        "rows": [(one, wording.name(one.code)) for one in queries.quality()],
        "average": took,
        "hours": round(took.total_seconds() / 3600, 1) if took else None,
        "decided": decided.count(),
        "checked": Case.objects.exclude(is_rechecked=None).count(),
        "wrong": Case.objects.filter(is_rechecked=False).count(),
        # By the last digit of the number, so that nobody chooses which.
        "sample": closed.annotate(digit=F("pk") % 10).filter(digit=7).order_by("decided_at")[:SAMPLE],
    }
    return page(request, "quality", status=form.status, form=form, **facts)
