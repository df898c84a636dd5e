"""Paying many people from one file: salaries and payouts of a person or of a business they belong to."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.payments import bulk_files
from apps.payments.models import BulkPayment
from apps.portals import bulk as shared
from apps.portals.customer.door import customer_page
from apps.portals.customer.pages import done
from apps.portals.customer.pages import show as show_page
from apps.portals.customer.pay import fresh_key
from apps.users.doors import signed_in

MOST = 30


def _render(request: HttpRequest, facts: dict[str, Any]) -> HttpResponse:
    return show_page(request, "pay/bulk_one", **facts)


DESK = shared.Desk("customer", _render)


@require_http_methods(["GET", "POST"])
@customer_page
def bulk(request: HttpRequest) -> HttpResponse:
    """What was brought, the newest first, and a form for the next file."""
    user = signed_in(request)
    sent = request.method == "POST"
    form = shared.BringFile(
        request.POST if sent else None,
        request.FILES if sent else None,
        payers=shared.payers_of(user),
        initial={"idempotency_key": fresh_key()},
    )
    if sent and form.is_valid() and (made := shared.bring(request, form, user)):
        return done(request, "bulk-one", made.public_id)
    rows = BulkPayment.objects.visible_to(user).exclude(business=None, customer=None).order_by("-pk")
    found = [(one, shared.pill(one.status)) for one in rows.select_related("business")[:MOST]]
    return show_page(request, "pay/bulk", form, batches=found)


@require_http_methods(["GET", "POST"])
@customer_page
def one(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One batch."""
    return shared.one(request, DESK, public_id)


@require_POST
@customer_page
def agree(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What the maker accepts."""
    return shared.agree(request, DESK, public_id)


@require_POST
@customer_page
def code(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Its proof."""
    return shared.code(request, DESK, public_id)


@require_POST
@customer_page
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Not to be paid after all."""
    return shared.cancel(request, DESK, public_id)


@require_POST
@customer_page
def reject(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Not allowed by the second person."""
    return shared.reject(request, DESK, public_id)


@require_GET
@customer_page
def report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """As a file."""
    return shared.report(request, public_id)


@require_GET
@customer_page
def template(request: HttpRequest) -> HttpResponse:
    """A file to begin with."""
    return bulk_files.template()
