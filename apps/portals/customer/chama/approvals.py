"""What the group decides on: who voted and who signed, what is still missing, and until when."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from apps.chamas import acts, operations
from apps.chamas.models import Membership, Proposal, ProposalStatus, VoteChoice
from apps.chamas.rules.voting import Tally
from apps.chamas.words import part_of_people
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.portals.customer.chama.proposing import proposable
from apps.portals.customer.chama.room import Room, chosen, on, room_of, shown
from apps.portals.customer.door import customer_page

OVER_SHOWN = 20
STILL = (ProposalStatus.OPEN, ProposalStatus.PASSED)


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal in the list."""

    row: Proposal
    name: str
    amount: Money | None
    whom: str


@require_GET
@customer_page
def approvals(request: HttpRequest, slug: str) -> HttpResponse:
    """What is being decided, what was, and what one may propose."""
    room = room_of(request, slug)
    rows = Proposal.objects.filter(group=room.group).select_related("made_by__user", "group")
    running = list(rows.filter(status__in=STILL).order_by("pk"))
    over = list(rows.exclude(status__in=STILL).order_by("-pk")[:OVER_SHOWN])
    names = _names({pk for row in [*running, *over] for pk in row.concerned})
    return shown(
        request,
        room,
        "approvals",
        running=[_line(row, names) for row in running],
        over=[_line(row, names) for row in over],
        acts=proposable() if room.is_active and room.votes else [],
    )


def _names(members: set[int]) -> dict[int, str]:
    return {one.pk: one.user.full_name for one in Membership.objects.filter(pk__in=members).select_related("user")}


def _line(row: Proposal, names: dict[int, str]) -> Line:
    whom = names.get(row.concerned[0], "") if len(row.concerned) == 1 else ""
    amount = Money(row.amount_minor, row.group.currency) if row.amount_minor else None
    return Line(row, name_of(row), amount, whom)


def name_of(row: Proposal) -> str:
    """What it is, in a word; an act nobody knows any more by its code."""
    try:
        return str(acts.act(row.act).name)
    except LookupError:
        return row.act


def described(row: Proposal) -> str:
    """What it asks for in full; when whom it was about has left, in a word."""
    try:
        return acts.act(row.act).describe(row.group, row.facts)
    except (DomainError, LookupError):
        return name_of(row)


def proposal_of(room: Room, public_id: uuid.UUID) -> Proposal:
    """One of the group's, or 404."""
    rows = Proposal.objects.filter(group=room.group).select_related("group", "version", "made_by__user")
    return get_object_or_404(rows, public_id=public_id)


@require_GET
@customer_page
def proposal(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """One proposal: what it asks, who said what, and what I may say."""
    room = room_of(request, slug)
    return page(request, room, proposal_of(room, public_id))


def page(request: HttpRequest, room: Room, row: Proposal, no: DomainError | None = None) -> HttpResponse:
    """With a refusal above it, if there is one."""
    status: dict[str, Any] = {"status": no.status} if no else {}
    return shown(request, room, "proposal", refused=str(no) if no else "", **facts_of(room, row, now()), **status)


def facts_of(room: Room, row: Proposal, at: datetime) -> dict[str, Any]:
    """What the page of a proposal shows, and what this member may do on it."""
    votes = list(row.votes.select_related("member__user").order_by("pk"))
    signed = list(row.sign_offs.select_related("member__user").order_by("pk"))
    is_open, is_mine = row.status == ProposalStatus.OPEN, room.me.pk in row.concerned
    count: Tally = operations.tally(row)
    said = room.me.pk in {vote.member_id for vote in votes}
    has_signed = room.me.pk in {one.member_id for one in signed}
    return {
        "row": row,
        "act_name": name_of(row),
        "words": described(row),
        "amount": Money(row.amount_minor, row.group.currency) if row.amount_minor else None,
        "votes": votes,
        "signed": signed,
        "signatures_missing": max(row.sign_offs_needed - sum(one.is_approval for one in signed), 0),
        "tally": count,
        "not_voted": count.voters - count.cast,
        "quorum": part_of_people(row.version.terms.quorum_bps),
        "majority": part_of_people(row.majority_bps),
        "may_vote": is_open and row.is_voted_on and room.votes and not said and not is_mine and at <= row.closes_at,
        "may_sign": is_open and row.sign_offs_needed and room.is_officer and not is_mine and not has_signed
        and at <= row.lapses_at,
        "may_do": row.status == ProposalStatus.PASSED and room.is_officer and at <= row.lapses_at,
        "may_withdraw": row.status in STILL and row.made_by_id == room.me.pk,
        "is_mine": is_mine,
        "is_open": is_open,
        "choices": VoteChoice.choices,
    }  # fmt: skip


@require_POST
@customer_page
def vote(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """For, against, or neither; once."""
    room = room_of(request, slug)
    row = proposal_of(room, public_id)
    try:
        operations.vote(proposal=row, choice=request.POST.get("choice", ""), by=room.user, at=now())
    except DomainError as no:
        return page(request, room, row, no)
    messages.success(request, gettext("Your vote counts."))
    return on(request, room, "proposal", row.public_id)


@require_POST
@customer_page
def act(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Turn it down with a reason, carry it out again, or take it back."""
    room = room_of(request, slug)
    row, wanted = proposal_of(room, public_id), chosen(request, "do", "again", "back", "no")
    try:
        if wanted == "again":
            operations.carry_out_again(proposal=row, by=room.user, at=now())
            words = gettext("Done.")
        elif wanted == "back":
            operations.withdraw_proposal(proposal=row, by=room.user, at=now())
            words = gettext("Taken back.")
        else:
            because = request.POST.get("because", "")
            operations.sign_off(proposal=row, is_approval=False, because=because, by=room.user, at=now())
            words = gettext("Turned down. The others see why.")
    except DomainError as no:
        return page(request, room, row, no)
    messages.success(request, words)
    return on(request, room, "proposal", row.public_id)
