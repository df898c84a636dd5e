"""Payments that wait longer than they should, and those that are held."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse

from apps.kernel.clock import now
from apps.payments.models import Payment, PaymentQuerySet, PaymentStatus
from apps.portals.banker.door import page, staff_page

PATIENCE = timedelta(minutes=2)
MOST = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment and how long it has waited where it is."""

    payment: Payment
    since: datetime

    @property
    def what_next(self) -> str:
        """What a person can do about it: look at the flag, ask the provider, or wait for the moment to pass."""
        if self.payment.held_because == "REVIEW" and self.payment.status == PaymentStatus.HELD:
            return "review"
        return "held" if self.payment.status == PaymentStatus.HELD else "asked"


def stuck(at: datetime) -> PaymentQuerySet:
    """PENDING or CHECKING for more than two minutes, and everything HELD; the oldest first."""
    before = at - PATIENCE
    late = Q(sent_at__lt=before) | Q(sent_at=None, confirmed_at__lt=before)
    rows = Payment.objects.filter(
        Q(status=PaymentStatus.HELD) | Q(status__in=[PaymentStatus.PENDING, PaymentStatus.CHECKING]) & late
    )
    since: PaymentQuerySet = rows.annotate(since=Coalesce("sent_at", "confirmed_at", "created_at")).order_by("since")
    return since


@staff_page("accounts.view_transactions")
def payments(request: HttpRequest) -> HttpResponse:
    """Where money is set aside and nobody knows yet; the customer's own page asks for a reason first."""
    at = now()
    rows = stuck(at)
    found = [Waiting(row, row.since) for row in rows[:MOST]]  # type: ignore[attr-defined]
    return page(
        request, "stuck", found=found, count=rows.count() if len(found) == MOST else len(found), at=at, place="stuck"
    )
