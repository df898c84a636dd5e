"""Batches at the desk: the bank's own are made here; approvals decide them, and every one can be found."""

import uuid
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.accounts.models import Account
from apps.payments.models import BulkPayment, BulkStatus
from apps.portals import bulk as shared
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.pages import go
from apps.portals.customer.pay import fresh_key
from apps.users.doors import signed_in

RIGHT = "payments.bulk_pay"
MOST = 50


def _render(request: HttpRequest, facts: dict[str, Any]) -> HttpResponse:
    form = facts.get("form")
    return page(request, "bulk_one", status=form.status if form else 200, place="bulk", **facts)


DESK = shared.Desk("admin", _render)


@staff_page(RIGHT)
def bulk(request: HttpRequest) -> HttpResponse:
    """Find batches by reference, payer or name; bring a file of the bank's own."""
    user = signed_in(request)
    sent = request.method == "POST"
    own = Account.objects.filter(owner__is_service=True).open().order_by("pk")
    payers = [(f"0/{one.pk}", f"{one.name} {one.masked_number}") for one in own]
    form = shared.BringFile(
        request.POST if sent else None,
        request.FILES if sent else None,
        payers=payers,
        initial={"idempotency_key": fresh_key()},
    )
    if sent and form.is_valid() and (made := shared.bring(request, form, user)):
        return DESK.back(request, made)
    text, status = request.GET.get("q", "").replace("\0", "").strip()[:80], request.GET.get("status", "")
    rows = BulkPayment.objects.select_related("made_by").order_by("-pk")
    if text:
        rows = rows.filter(Q(reference=text.upper()) | Q(name__icontains=text) | Q(payer_name__icontains=text))
    if status in BulkStatus.values:
        rows = rows.filter(status=status)
    seen = [(one, shared.pill(one.status), one.is_of_the_bank) for one in rows[:MOST]]
    return page(
        request, "bulk", status=form.status, place="bulk", form=form, found=seen, q_bulk=text, state=status,
        states=BulkStatus.choices, title=_("Bulk payments"),
    )  # fmt: skip


@staff_page(RIGHT)
def one(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A batch of the bank's own."""
    return shared.one(request, DESK, public_id)


@require_POST
@staff_page(RIGHT)
def agree(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What the maker accepts."""
    return shared.agree(request, DESK, public_id)


@require_POST
@staff_page(RIGHT)
def code(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Its proof."""
    return shared.code(request, DESK, public_id)


@require_POST
@staff_page(RIGHT)
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Not to be paid after all."""
    return shared.cancel(request, DESK, public_id)


@require_POST
@staff_page(RIGHT)
def reject(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The bank's own are returned where they are approved."""
    return go(request, DESK.at("bulk-one", shared.batch_of(signed_in(request), public_id)))


@staff_page(RIGHT)
def report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """As a file."""
    return shared.report(request, public_id)
