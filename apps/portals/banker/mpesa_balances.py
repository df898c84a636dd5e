"""What our accounts at M-Pesa hold, at the desk: asked with one click, shown beside our books."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.kernel.clock import now
from apps.mpesa import operations
from apps.mpesa.models import BalanceQuestion
from apps.mpesa.operations.send_back import RIGHT
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST = 24


@staff_page(RIGHT)
def balances(request: HttpRequest) -> HttpResponse:
    """The newest answer whole, the earlier ones as sums."""
    if request.method == "POST":
        operations.ask_balance(by=signed_in(request), at=now())
        messages.success(request, _("M-Pesa was asked. Its answer appears here."))
        return go(request, reverse("admin:mpesa-balances"))
    asked = list(
        BalanceQuestion.objects.prefetch_related("accounts").select_related("asked_by").order_by("-asked_at")[:MOST]
    )
    newest = next((one for one in asked if one.status == BalanceQuestion.Status.ANSWERED), None)
    return page(request, "mpesa_balances", asked=asked, newest=newest, place="recon")
