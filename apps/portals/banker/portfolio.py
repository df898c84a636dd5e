"""The loan book: what is at risk, by class and month, what tomorrow costs, and the switch that stops lending."""

import csv
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.lending import book, operations, queries
from apps.lending.models import LoanProduct
from apps.lending.operations.switch import SWITCH_LENDING, is_on
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

SEE = "lending.view_portfolio"
PER_PAGE = 25
LABELS = {
    "product": _("Product"),
    "terms": _("Terms"),
    "class": _("Class"),
    "becomes": _("Class tomorrow, if nobody pays"),
    "stage": _("Stage"),
    "status": _("Status"),
    "over": _("Later than so many days"),
    "strict": _("Other terms count as late"),
    "since": _("Days late from"),
    "until": _("Days late up to"),
    "lent": _("Paid out in"),
    "repaid": _("Repaid something in"),
    "due": _("Something due in"),
    "book": _("Late after so many months on book"),
}
FILTERS = tuple(LABELS)
COLUMNS = ("reference", "product", "version", "status", "currency", "lent", "owed", "overdue", "days_late", "class",
           "stage", "other_terms", "paid_out_on")  # fmt: skip


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
    today = local_date(now())
    products = list(LoanProduct.objects.order_by("name"))
    chosen = next((one for one in products if one.code == request.GET.get("product")), None)
    only = chosen.pk if chosen else None
    waiting = Approval.objects.filter(kind=SWITCH_LENDING, status=ApprovalStatus.PENDING).select_related("maker")
    return page(
        request,
        "portfolio",
        status=form.status,
        book=queries.portfolio(),
        tomorrow=queries.tomorrow(today + timedelta(days=1)),
        vintages=book.vintages(today, only),
        on_book=range(book.MONTHS),
        ageing=book.ageing(today, only),
        months=book.months(today, only),
        products=products,
        chosen=chosen,
        form=form,
        lends=lends,
        may_stop=may_stop,
        waiting=list(waiting),
        place="portfolio",
    )


@staff_page(SEE)
def rows(request: HttpRequest) -> HttpResponse:
    """The loans behind a figure of the portfolio, a page at a time, or all of them as CSV (needs `view_loans` too)."""
    asked = {name: request.GET.get(name, "")[:20] for name in FILTERS}
    found = book.rows_of({name: value for name, value in asked.items() if value}, local_date(now()))
    found = found.shown().order_by("-days_past_due", "pk")
    if "csv" in request.GET:
        if not signed_in(request).has_perm("lending.view_loans"):
            raise PermissionDenied
        return _csv(found)
    query = request.GET.copy()
    query.pop("page", None)
    return page(
        request,
        "portfolio_loans",
        rows=Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        said=[(LABELS[name], value) for name, value in asked.items() if value],
        query=query.urlencode(),
        may_open=signed_in(request).has_perm("lending.view_loans"),
        place="portfolio",
    )


def _csv(found: Any) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="loans.csv"'
    write = csv.writer(answer)
    write.writerow(COLUMNS)
    for loan in found.iterator(chunk_size=1000):
        write.writerow(
            [
                loan.reference,
                loan.product.code,
                loan.terms.version,
                loan.status,
                loan.currency,
                f"{loan.principal.amount:f}",
                f"{loan.principal_left.amount:f}",
                f"{loan.arrears.amount:f}",
                loan.days_past_due,
                loan.loss_class,
                loan.stage,
                "yes" if loan.is_restructured else "no",
                loan.disbursed_on.isoformat(),
            ]
        )
    return answer
