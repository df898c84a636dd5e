"""The merry-go-round: a round begun, its draw everybody can check, offers for early turns, and turns swapped."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.chamas import operations
from apps.chamas.models import Bid, Round, RoundStatus, Swap, SwapStatus, Turn
from apps.chamas.operations.rounds import ANSWER_WITHIN
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.portals.amounts import read_amount
from apps.portals.customer.chama.room import Room, chosen, on, posted, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet


class Start(Sheet):
    """How long members may add their words or offers."""

    hours = forms.TypedChoiceField(
        label=_("Members may add theirs for"),
        coerce=int,
        choices=[(2, _("2 hours")), (24, _("1 day")), (72, _("3 days")), (168, _("7 days"))],
        initial=24,
    )


@require_http_methods(["GET", "POST"])
@customer_page
def rounds(request: HttpRequest, slug: str) -> HttpResponse:
    """The round of now: its turns, and what members may add; or starting one."""
    room = room_of(request, slug)
    form = Start(posted(request) if room.terms.rotation != "FIXED" else None)
    no: DomainError | None = None
    if request.method == "POST" and (room.terms.rotation == "FIXED" or form.is_valid()):
        try:
            until = None if room.terms.rotation == "FIXED" else _until(form, now())
            operations.start_round(group=room.group, by=room.user, at=now(), until=until)
        except DomainError as refusal:
            no = refusal
        else:
            messages.success(request, gettext("The round has begun."))
            return on(request, room, "rounds")
    return _page(request, room, form, no)


def _until(form: Start, at: datetime) -> datetime:
    return at + timedelta(hours=form.cleaned_data["hours"])


def _page(request: HttpRequest, room: Room, form: Start | None = None, no: DomainError | None = None) -> HttpResponse:
    found = list(Round.objects.filter(group=room.group).select_related("group").order_by("-number")[:6])
    current = found[0] if found and found[0].status != RoundStatus.DONE else None
    facts: dict[str, Any] = {
        "round": current,
        "earlier": [one for one in found if one != current],
        "may_start": current is None and room.is_officer and room.is_active and room.terms.rotation != "NONE",
        "start": form if form and not form.is_bound else Start(),
        "pot": None,
        "refused": str(no) if no else "",
        "status": no.status if no else 200,
    }
    if current:
        facts |= _around(room, current)
    return shown(request, room, "rounds", **facts)


def _around(room: Room, row: Round) -> dict[str, Any]:
    turns = list(row.turns.select_related("member__user", "cycle").order_by("position"))
    mine = next((turn for turn in turns if turn.member_id == room.me.pk), None)
    words = list(row.words.select_related("member__user").order_by("member__number"))
    swaps = Swap.objects.filter(asker__round=row, status=SwapStatus.ASKED)
    is_waiting = mine is not None and mine.cycle_id is None and row.status == RoundStatus.RUNNING
    has_added = (
        Bid.objects.filter(round=row, member=room.me).exists()
        if row.how == "AUCTIONED"
        else any(word.member_id == room.me.pk for word in words)
    )
    is_open = row.status == RoundStatus.ORDERING and row.until is not None and row.until > now()
    return {
        "turns": [(turn, Money(turn.discount_minor, row.currency), Money(turn.paid_minor, row.currency),
                   is_waiting and turn.cycle_id is None and turn != mine) for turn in turns],
        "mine": mine,
        "words": words,
        "bids": row.bids.count(),
        "may_add": is_open and mine is not None and not has_added,
        "has_added": has_added,
        "may_order": row.status == RoundStatus.ORDERING and not is_open,
        "swaps": swaps.filter(other=mine).select_related("asker__member__user") if mine else [],
        "asked": swaps.filter(asker=mine).select_related("other__member__user").first() if mine else None,
        "answer_days": ANSWER_WITHIN.days,
        "pot": Money(room.terms.rotation_minor * max(len(turns), 0), row.currency),
        "draw": "\n".join(f"{word.member.number}:{word.word}" for word in words),
    }  # fmt: skip


@require_POST
@customer_page
def act(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Add a word to the draw, make an offer, or order the round once its time is over."""
    room = room_of(request, slug)
    row = get_object_or_404(Round.objects.filter(group=room.group).select_related("group"), public_id=public_id)
    wanted = chosen(request, "do", "word", "bid", "order")
    try:
        if wanted == "word":
            operations.add_word(round=row, word=request.POST.get("word", ""), by=room.user, at=now())
            said = gettext("Your word is in the draw.")
        elif wanted == "bid":
            amount = read_amount(request.POST.get("amount", ""), row.currency)
            operations.bid(round=row, amount=amount, by=room.user, at=now())
            said = gettext("Your offer is in, sealed until the time is over.")
        else:
            operations.order_round(round=row, by=room.user, at=now())
            said = gettext("The order of the turns is known now.")
    except DomainError as no:
        return _page(request, room, no=no)
    messages.success(request, said)
    return on(request, room, "rounds")


def _turn(room: Room, pk: int) -> Turn:
    return get_object_or_404(Turn.objects.filter(round__group=room.group).select_related("round", "member"), pk=pk)


@require_POST
@customer_page
def swap(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask who has this turn for it."""
    room = room_of(request, slug)
    other = _turn(room, pk)
    mine = get_object_or_404(Turn.objects.filter(round=other.round_id), member=room.me)
    try:
        operations.ask_swap(turn=mine, other=other, by=room.user, at=now())
    except DomainError as no:
        return _page(request, room, no=no)
    messages.success(request, gettext("Asked. Turns change only when they agree."))
    return on(request, room, "rounds")


@require_POST
@customer_page
def answer_swap(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Agree to a swap, or not."""
    room = room_of(request, slug)
    rows = Swap.objects.filter(other__round__group=room.group, other__member=room.me)
    row = get_object_or_404(rows.select_related("asker__round", "other"), pk=pk)
    agree = chosen(request, "answer", "yes", "no") == "yes"
    try:
        operations.answer_swap(swap=row, agree=agree, by=room.user, at=now())
    except DomainError as no:
        return _page(request, room, no=no)
    messages.success(request, gettext("Swapped.") if agree else gettext("Declined."))
    return on(request, room, "rounds")


@require_POST
@customer_page
def take_back_swap(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask for that turn no longer."""
    room = room_of(request, slug)
    rows = Swap.objects.filter(asker__round__group=room.group, asker__member=room.me)
    row = get_object_or_404(rows.select_related("asker__round", "other"), pk=pk)
    try:
        operations.take_back_swap(swap=row, by=room.user, at=now())
    except DomainError as no:
        return _page(request, room, no=no)
    messages.success(request, gettext("Taken back. You may ask another member."))
    return on(request, room, "rounds")
