"""An officer's name under a proposal: what leaves and to whom once more, and the proof when money leaves."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.chamas import operations
from apps.chamas.models import Proposal, ProposalStatus
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.customer import step_up as steps
from apps.portals.customer.chama.approvals import facts_of, page, proposal_of
from apps.portals.customer.chama.room import Room, on, room_of, shown
from apps.portals.customer.door import customer_page


def _proof(request: HttpRequest, room: Room, row: Proposal) -> steps.Bound:
    return steps.Bound(
        request,
        room.user,
        f"chama:{row.public_id}",
        lambda way: operations.challenge_sign_off(proposal=row, by=room.user, at=now(), method=way),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def sign(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Sign; what moves no money needs no proof. Once signed it leads back, so a second press changes nothing."""
    room = room_of(request, slug)
    row = proposal_of(room, public_id)
    if row.status != ProposalStatus.OPEN or row.sign_offs.filter(member=room.me).exists():
        return on(request, room, "proposal", row.public_id)
    proof = _proof(request, room, row)
    step = proof.step()
    needs_no_proof = not row.amount_minor
    form = steps.Proof(request.POST if request.method == "POST" else None, is_proved=step.is_proved or needs_no_proof)
    if form.is_bound and form.is_valid():
        try:
            if not needs_no_proof:
                steps.answer(request, step, form, room.user)
            challenge_id = step.challenge.pk if step.challenge else None
            row = operations.sign_off(proposal=row, is_approval=True, challenge_id=challenge_id, by=room.user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            proof.forget()
            messages.success(request, _told(row))
            return on(request, room, "proposal", row.public_id)
    return _page(request, room, row, form, proof.step())


def _told(row: Proposal) -> str:
    if row.status == ProposalStatus.CARRIED_OUT:
        return gettext("Signed, and done.")
    if row.status == ProposalStatus.PASSED:
        return gettext("Signed. It could not be done yet; below stands why.")
    return gettext("Signed. Others must agree as well.")


def _page(request: HttpRequest, room: Room, row: Proposal, form: steps.Proof, step: steps.Step) -> HttpResponse:
    facts = facts_of(room, row, now())
    if not facts["may_sign"]:
        return page(request, room, row)
    return shown(request, room, "sign", form, step=step, sent=request.GET.get("sent"), **facts)


@require_POST
@customer_page
def code(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """A code, or another way of proving it."""
    room = room_of(request, slug)
    row = proposal_of(room, public_id)
    proof = _proof(request, room, row)
    try:
        proof.ask()
    except DomainError as no:
        if row.status != ProposalStatus.OPEN:
            return on(request, room, "proposal", row.public_id)
        return _page(request, room, row, steps.refused(no), proof.step())
    return on(request, room, "sign", row.public_id, query="?sent=1")
