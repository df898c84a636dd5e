"""Home: how much can I spend, and what happened last."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from apps.accounts.models import Account, Transaction
from apps.accounts.queries import holdings
from apps.chamas.queries import waiting_for
from apps.kernel.clock import local_date, month_bounds, now
from apps.lending.models import Loan, LoanStatus
from apps.payments.queries import ToSign, to_sign
from apps.portals.customer import queries
from apps.portals.customer.chama import waits
from apps.portals.customer.door import customer_page, is_partial
from apps.portals.customer.lines import by_day
from apps.portals.customer.pages import part, show
from apps.portals.customer.spending import spending
from apps.users.doors import signed_in

LATEST = 8
RUNNING = (LoanStatus.APPROVED, LoanStatus.ACTIVE)


@require_GET
@customer_page
def home(request: HttpRequest) -> HttpResponse:
    """Balance, quick actions, latest activity, accounts, spending; a new customer sees how to begin."""
    user, today = signed_in(request), local_date(now())
    held = holdings(Account.objects.owned_by(user).open().for_payments().in_order().select_related("product"))
    if not held:
        template = "home/_opening" if is_partial(request) else "home/opening"
        return part(request, template) if is_partial(request) else show(request, template, title=_("Home"))
    lines = Transaction.objects.owned_by(user)
    latest = list(lines.select_related("account").order_by("-booked_on", "-pk")[:LATEST])
    totals = queries.day_totals(lines, {line.booked_on for line in latest})
    month_before = month_bounds(month_bounds(today)[0] - timedelta(days=1))[0]
    return show(
        request,
        "home/home",
        main=held[0],
        holdings=held,
        days=by_day(latest, totals, today),
        spending=spending(queries.flows(user, month_before, today), today) if latest else None,
        is_new=not latest,
        on_their_way=queries.on_their_way(user),
        todo=[*map(_to_sign, to_sign(user, now())), *waits.lines(waiting_for(user, most=5))],
        loans=Loan.objects.owned_by(user).filter(status__in=RUNNING).select_related("product").order_by("-pk"),
    )


def _to_sign(waiting: ToSign) -> waits.Line:
    words = ngettext("%(n)d waits for your signature", "%(n)d wait for your signature", waiting.count)
    address = reverse("customer:business-money", args=[waiting.business_id])
    return waits.Line(words % {"n": waiting.count}, waiting.name, address, "file-text")
