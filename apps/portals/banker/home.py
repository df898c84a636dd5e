"""My work: what waits for me, how old it is, and what is in my till."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse

from apps.accounts.models import Account, AccountStatus, CashMovement, CashStatus, Till
from apps.fraud.models import FlaggedTransaction
from apps.fx import queries as fx
from apps.fx.models import RefusedFeed
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.models import Delivery, DeliveryStatus
from apps.kyc.models import VerificationWorkflow
from apps.ledger.queries import balances
from apps.lending.models import CollectionCase
from apps.portals.banker.door import page, staff_page, waiting_for
from apps.portals.banker.stuck import stuck
from apps.users.doors import signed_in
from apps.users.models import User


@staff_page()
def home(request: HttpRequest) -> HttpResponse:
    """Queue tiles with count and oldest age, the till, the newest customers."""
    user, at = signed_in(request), now()
    queue = list(waiting_for(user)[:5])
    till = Till.objects.select_related("branch").filter(teller=user, is_open=True).first()
    today = day_start(local_date(at))
    return page(
        request,
        "home",
        at=at,
        queue=queue,
        oldest=queue[0].created_at if queue else None,
        till=till,
        till_balance=balances([till.ledger_account_id])[till.ledger_account_id].posted if till else None,
        mine=CashMovement.objects.filter(made_by=user, created_at__gte=today).select_related("account")[:6],
        returned=CashMovement.objects.filter(made_by=user, status=CashStatus.RETURNED, created_at__gte=today).count(),
        figures=_figures(user, today, at),
    )


def _oldest(name: str, rows: QuerySet[Any], moment: str) -> dict[str, Any]:
    """How many wait, and since when."""
    found = rows.order_by().aggregate(count=Count("pk"), oldest=Min(moment))
    return {name: found["count"], f"{name}_since": found["oldest"]}


def _figures(user: User, today: datetime, at: datetime) -> dict[str, Any]:
    """Counts that this person may see; each one is one indexed query."""
    figures: dict[str, Any] = {}
    if user.has_perm("users.view_users"):
        figures["joined"] = User.objects.customers().filter(created_at__gte=today).count()
    if user.has_perm("accounts.view_transactions"):
        figures["frozen"] = Account.objects.filter(status=AccountStatus.FROZEN).count()
        figures |= _oldest("stuck", stuck(at), "since")
    if user.has_perm("fx.view_rates"):
        figures["rates"] = fx.newest(at)
        figures["refused"] = RefusedFeed.objects.filter(received_at__gt=at - fx.TOO_OLD).count()
    if user.has_perm("kyc.approve_kyc"):
        figures |= _oldest("papers", VerificationWorkflow.objects.waiting(), "submitted_at")
    if user.has_perm("fraud.review_fraud"):
        figures |= _oldest("flagged", FlaggedTransaction.objects.filter(status="OPEN"), "opened_at")
    if user.has_perm("lending.collect_loans"):
        figures |= _oldest("late", CollectionCase.objects.open().visible_to(user), "opened_at")
        figures["my_cases"] = CollectionCase.objects.open().filter(officer=user).count()
    if user.has_perm("audit_trail.view_audit") or user.has_perm("users.edit_users"):
        figures["parked"] = Delivery.objects.filter(status=DeliveryStatus.PARKED).count()
    return figures
