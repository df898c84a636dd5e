"""What a group owns: the register, one investment with its history, and its papers."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.chamas import investment_parts, operations
from apps.chamas.models import GroupPaper, GroupPaperKind, Investment, InvestmentSaleStatus
from apps.chamas.queries.investments import holdings
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.kernel.throttles import caller_of, require
from apps.kyc.api.papers import only_to_look_at
from apps.kyc.rules.images import MOST_BYTES
from apps.portals.customer.chama.room import Room, on, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.inbox import TOO_MANY

TAKES = "image/jpeg,image/png,image/webp,application/pdf"


class BringFile(Sheet):
    """A photo or a PDF."""

    file = forms.FileField(
        label=_("Photo or PDF"),
        allow_empty_file=True,
        error_messages={"required": _("Take a picture, or choose one.")},
        widget=forms.FileInput(attrs={"accept": TAKES}),
    )


def _file(request: HttpRequest) -> BringFile:
    return BringFile(request.POST, request.FILES) if request.method == "POST" else BringFile()


def _kept(request: HttpRequest, room: Room, form: BringFile) -> bool:
    """Whether a paper was sent, and is kept now; a refusal is said at the form."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        require("money", caller_of(request), TOO_MANY)
        file = form.cleaned_data["file"]
        operations.bring_paper(
            group=room.group, kind=GroupPaperKind.INVESTMENT, raw=file.read(MOST_BYTES + 1), name=file.name,
            by=room.user, at=now(),
        )  # fmt: skip
    except DomainError as no:
        form.refuse(no, "file")
        return False
    messages.success(request, gettext("The paper is kept. Name it when you propose what this is worth."))
    return True


def _papers(room: Room) -> Any:
    return GroupPaper.objects.filter(group=room.group, kind=GroupPaperKind.INVESTMENT).order_by("-pk")[:10]


@require_http_methods(["GET", "POST"])
@customer_page
def investments(request: HttpRequest, slug: str) -> HttpResponse:
    """What the group has today, what it cost, what it is said to be worth, and one's own part. POST adds a paper."""
    room, today, form = room_of(request, slug), local_date(now()), _file(request)
    if _kept(request, room, form):
        return on(request, room, "investments")
    held, currency = holdings(room.group, on=today), room.group.currency
    mine = investment_parts.parts(room.group, on=today, member=room.me) if held else []
    return shown(
        request,
        room,
        "investments",
        form,
        held=held,
        papers=_papers(room),
        cost=Money(sum(one.cost.minor for one in held), currency),
        worth=Money(sum(one.value.minor for one in held if one.value is not None), currency),
        mine=Money(sum(one.value.minor for one in mine if one.value is not None), currency),
        unvalued=[one for one in held if not one.is_valued(today)],
    )


@require_http_methods(["GET", "POST"])
@customer_page
def investment(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """One, with what it was worth and what it brought. POST adds a paper, for officers."""
    room, today = room_of(request, slug), local_date(now())
    row = get_object_or_404(Investment, group=room.group, public_id=public_id)
    form = _file(request)
    if _kept(request, room, form):
        return on(request, room, "investment", row.public_id)
    held = holdings(room.group, on=today, sold_too=True)
    one = next(one for one in held if one.pk == row.pk)
    part = [part for part in investment_parts.parts(room.group, on=today, member=room.me) if part.of.pk == row.pk]
    return shown(
        request,
        room,
        "investment",
        form,
        one=one,
        row=row,
        part=part[0] if part else None,
        sale=row.sales.filter(status=InvestmentSaleStatus.OPEN, open_until__gt=now()).first(),
        valuations=row.valuations.select_related("paper").order_by("-valued_on", "-pk")[:20],
        receipts=row.receipts.select_related("sale").order_by("-pk")[:20],
        papers=_papers(room),
        may_propose=room.is_active and room.votes and row.over_at is None,
    )


@require_GET
@customer_page
def paper(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """The file of a paper of the group; the look is written down."""
    room = room_of(request, slug)
    row = get_object_or_404(GroupPaper.objects.select_related("group"), group=room.group, public_id=public_id)
    require("money", caller_of(request), TOO_MANY)
    return only_to_look_at(operations.look_at_paper(paper=row, by=room.user, at=now()), row.media_type)
