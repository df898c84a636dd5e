"""The rules of the watch: figures by version, how they do, and a new version, tried before it is asked for."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.compliance import operations, queries, wording
from apps.compliance import rules as figures
from apps.compliance.models import AmlRule, Severity
from apps.compliance.operations.rule import RIGHT
from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotAllowed
from apps.portals.compliance.door import console_page, page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

WORDS = {
    "days": _("Days"), "hours": _("Hours"), "count": _("How many"), "usd": _("US dollars"),
    "share": _("Share, 0 to 1"),
    "least_minor": _("Least amount, in cents"), "multiple_minor": _("Multiple of, in cents"),
    "hops": _("Steps at most"),
    "times_usual": _("Times the usual"), "times_own": _("Times what they paid in"),
    "countries": _("Countries (ISO 3166, with commas)"),
}  # fmt: skip


class Version(Sheet):
    """A field for each figure of one rule."""

    severity = forms.ChoiceField(label=_("Weight"), choices=Severity.choices)
    is_active = forms.BooleanField(label=_("The rule is on"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, row: AmlRule, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in row.parameters.items():
            field = forms.CharField(label=WORDS[name], max_length=40, initial=value)
            field.widget.attrs["class"] = "input"
            self.fields[name] = field
        self.figures = list(row.parameters)

    @property
    def parameters(self) -> dict[str, Any]:
        """The figures as they were typed."""
        return {name: self.cleaned_data[name] for name in self.figures}

    @property
    def rows(self) -> list[Any]:
        """The fields of the figures."""
        return [self[name] for name in self.figures]


@console_page
def rules(request: HttpRequest) -> HttpResponse:
    """All of them, with the version in force and how its alerts ended."""
    how = {one.code: one for one in queries.quality()}
    rows = [(row, wording.name(code), how.get(code)) for code, row in operations.in_force().items()]
    return page(request, "rules", rows=rows)


@console_page
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """One rule: first the figures are tried on the last ninety days, then a second person is asked."""
    if code not in figures.CODES:
        raise Http404
    user, row = signed_in(request), operations.in_force()[code]
    start = {"severity": row.severity, "is_active": row.is_active}
    form = Version(row, request.POST if request.method == "POST" else None, initial=start)
    tried = None
    if form.is_bound and form.is_valid():
        try:
            if not user.has_perm(RIGHT):
                raise NotAllowed(_("You do not hold the right to do this."))
            tried = operations.back_test(code=code, parameters=form.parameters, at=now())
            if request.POST.get("ask") and form.cleaned_data["reason"].strip():
                _ask(form, code, request)
                messages.success(request, _now("A second person is asked. Until then the old version counts."))
                return go(request, reverse("compliance:rules"))
            if request.POST.get("ask"):
                form.add_error("reason", _now("Say why: the person who approves it reads your reason."))
        except DomainError as no:
            form.refuse(no)
    facts = {
        "rule": row,
        "name": wording.name(code),
        "versions": AmlRule.objects.filter(code=code).select_related("maker", "checker").order_by("-version"),
        "tried": tried,
        "may": user.has_perm(RIGHT),
        "place": "rules",
    }
    return page(request, "rule", status=form.status, form=form, **facts)


def _ask(form: Version, code: str, request: HttpRequest) -> None:
    operations.ask_change(
        code=code, parameters=form.parameters, is_active=form.cleaned_data["is_active"],
        severity=form.cleaned_data["severity"], reason=form.cleaned_data["reason"], by=signed_in(request), at=now(),
    )  # fmt: skip
