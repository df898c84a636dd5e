"""Accounting periods at the desk: where each stands, declaring, closing, taking back, and asking to reopen one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.ledger import operations, queries
from apps.ledger.policies import require_may_close_periods
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User

SEES, CLOSES = "ledger.view_books", "ledger.close_periods"
SHOWN = 24
CLOSE, WITHDRAW, REOPEN = "close", "withdraw", "reopen"


class NewPeriod(Sheet):
    """A name, and its first and last day."""

    where = {"bad_period": "last_on"}
    name = forms.CharField(label=_("Name"), max_length=40)
    first_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class Act(Sheet):
    """What to do with a period, and why; closing says it by itself."""

    act = forms.ChoiceField(choices=[(one, one) for one in (CLOSE, WITHDRAW, REOPEN)], widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = self.data.get("act") != CLOSE


@staff_page(SEES)
def periods(request: HttpRequest) -> HttpResponse:
    """The periods, the newest first, with the days that none has; declaring the next."""
    user, at = signed_in(request), now()
    if request.method == "POST":
        require_may_close_periods(user)
    days = queries.next_days(at)
    start = {"name": f"{days.first_on:%Y-%m}", "first_on": days.first_on, "last_on": days.last_on}
    form = NewPeriod(request.POST if request.method == "POST" else None, initial=start)
    if form.is_bound and form.is_valid():
        try:
            made = operations.open_period(**form.cleaned_data, by=user, at=at)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Declared, and recorded."))
            return go(request, reverse("admin:period", args=[made.pk]))
    found = queries.periods(at, before=_day(request.GET.get("before", "")), limit=SHOWN + 1)
    return page(
        request,
        "periods",
        status=form.status,
        form=form,
        found=found[:SHOWN],
        earlier=found[SHOWN - 1].first_on if len(found) > SHOWN else None,
        running=queries.over_before(at),
    )


def _day(text: str) -> Any:
    """A day as the link to earlier periods has it; None for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


@staff_page(SEES)
def period(request: HttpRequest, pk: int) -> HttpResponse:
    """One: who did what when and why, what waits, and what may be done with it now."""
    user, row = signed_in(request), queries.period(pk)
    if row is None:
        raise Http404
    if request.method == "POST":
        require_may_close_periods(user)
    form = Act(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return go(request, _done(request, row, form.cleaned_data, user))
        except DomainError as no:
            form.refuse(no)
            row.refresh_from_db()
    at = now()
    return page(
        request,
        "period",
        status=form.status,
        place="periods",
        form=form,
        row=row,
        is_over=row.last_on < queries.over_before(at),
        was_closed=row.changes.filter(status="CLOSED").exists(),
        changes=row.changes.select_related("by", "asked_by").order_by("-pk"),
        waiting=queries.reopening_of(row.pk),
    )


def _done(request: HttpRequest, row: Any, asked: dict[str, Any], by: User) -> str:
    """Do it; where to go on."""
    if asked["act"] == REOPEN:
        approval = operations.ask_reopening(period=row, reason=asked["reason"], by=by, at=now())
        messages.success(request, _now("Asked. Another member of staff decides."))
        return reverse("admin:approval", args=[approval.pk])
    if asked["act"] == WITHDRAW:
        operations.withdraw_period(period=row, reason=asked["reason"], by=by, at=now())
        messages.success(request, _now("Taken back, and recorded."))
        return reverse("admin:periods")
    operations.close_period(period=row, by=by, at=now())
    messages.success(request, _now("Closed, and recorded. Its days take no more entries."))
    return reverse("admin:period", args=[row.pk])
