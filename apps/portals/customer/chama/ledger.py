"""The group's ledger: rows nobody can erase, looked through by fund and member, and disputed one by one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from apps.chamas import operations
from apps.chamas.models import FundKind, GroupDispute, GroupDisputeStatus, GroupEntry, Membership
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.portals.customer.chama.disputing import Wrong, said_of
from apps.portals.customer.chama.room import on, posted, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import read_id

PAGE = 25


@require_GET
@customer_page
def ledger(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest first, 25 at a time; what is disputed is marked."""
    room = room_of(request, slug)
    fund, member, before = (request.GET.get(name, "") for name in ("fund", "member", "before"))
    rows = GroupEntry.objects.filter(group=room.group)
    if fund in FundKind.values:
        rows = rows.filter(fund=fund)
    if by := read_id(member):
        rows = rows.filter(member=by)
    if last := read_id(before):
        rows = rows.filter(pk__lt=last)
    found = list(rows.select_related("member__user").order_by("-pk")[: PAGE + 1])
    disputed = set(
        GroupDispute.objects.filter(entry__in=[row.pk for row in found], status=GroupDisputeStatus.OPEN).values_list(
            "entry_id", flat=True
        )
    )
    disputes = GroupDispute.objects.filter(
        group=room.group, status=GroupDisputeStatus.OPEN, entry__isnull=False
    ).order_by("pk")
    kept: dict[str, Any] = {name: value for name, value in (("fund", fund), ("member", member)) if value}
    return shown(
        request,
        room,
        "ledger",
        rows=[(row, Money(row.amount_minor, row.currency), row.pk in disputed) for row in found[:PAGE]],
        more=f"?{urlencode({**kept, 'before': found[PAGE - 1].pk})}" if len(found) > PAGE else "",
        funds=FundKind.choices,
        members=Membership.objects.filter(group=room.group).select_related("user").order_by("number"),
        fund=fund,
        member=member,
        is_filtered=bool(kept),
        disputes=disputes.select_related("raised_by__user", "entry"),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def row(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One row, what was said against it, and saying something oneself."""
    room = room_of(request, slug)
    rows = GroupEntry.objects.filter(group=room.group).select_related("member__user", "group")
    entry = get_object_or_404(rows, pk=pk)
    form = Wrong(posted(request))
    if form.is_bound and form.is_valid():
        try:
            operations.dispute_row(entry=entry, text=form.cleaned_data["text"], by=room.user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Everybody sees on the row that it is disputed. An officer answers."))
            return on(request, room, "row", entry.pk)
    facts = {"entry": entry, "amount": Money(entry.amount_minor, entry.currency)}
    return shown(request, room, "row", form, **facts, **said_of(room, entry.disputes.all()))
