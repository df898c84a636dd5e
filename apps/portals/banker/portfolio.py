"""The loan book: what is at risk, by class and month, what tomorrow costs, and the switch that stops lending."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.lending import operations, queries
from apps.lending.operations.switch import SWITCH_LENDING, is_on
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

SEE = "lending.view_portfolio"


class Turn(Sheet):
    """Why lending should stop, or start again."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


@staff_page(SEE)
def portfolio(request: HttpRequest) -> HttpResponse:
    """Every figure of the book, and the way to the loans behind it."""
    user = signed_in(request)
    may_stop = user.has_perm("lending.stop_lending")
    form = Turn(request.POST if request.method == "POST" and may_stop else None)
    lends = is_on()
    if form.is_bound and form.is_valid():
        try:
            operations.ask_switch(on=not lends, reason=form.cleaned_data["reason"], by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another person decides."))
            return go(request, reverse("admin:portfolio"))
    waiting = Approval.objects.filter(kind=SWITCH_LENDING, status=ApprovalStatus.PENDING).select_related("maker")
    return page(
        request,
        "portfolio",
        status=form.status,
        book=queries.portfolio(),
        tomorrow=queries.tomorrow(local_date(now()) + timedelta(days=1)),
        form=form,
        lends=lends,
        may_stop=may_stop,
        waiting=list(waiting),
        place="portfolio",
    )
