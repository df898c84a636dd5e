"""The bank's calendar at the desk: public holidays of a year, and writing gazetted ones down."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.ledger import operations, queries
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MISTAKE = "Written down by mistake"


class Gazetted(Sheet):
    """A day off, and the notice that declares it."""

    where = {"holiday_known": "on", "holiday_over": "on"}
    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    name = forms.CharField(label=_("Name"), max_length=80)
    notice = forms.CharField(label=_("Gazette notice"), max_length=80)


@staff_page("ledger.manage_holidays")
def holidays(request: HttpRequest) -> HttpResponse:
    """This year and the next; standing orders that keep to working days follow at once."""
    today = local_date(now())
    if request.method == "POST" and "withdraw" in request.POST:
        number = request.POST["withdraw"]
        holiday_id = int(number) if number.isdecimal() and len(number) < 19 else 0
        operations.withdraw_holiday(holiday_id=holiday_id, reason=MISTAKE, by=signed_in(request), at=now())
        messages.success(request, _now("Taken back, and recorded."))
        return go(request, reverse("admin:holidays"))
    form = Gazetted(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            operations.add_holiday(**form.cleaned_data, by=signed_in(request), at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Written down, and recorded."))
            return go(request, reverse("admin:holidays"))
    years = [(year, queries.holidays(year)) for year in (today.year, today.year + 1)]
    return page(request, "holidays", status=form.status, form=form, years=years, today=today)
