"""Another bank asks for money back: who, why, until when; sending it back with a proof, or keeping it."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.payments.incoming_news import payer_of, shown_reason
from apps.payments.models import AskedBack, AskedBackStatus
from apps.payments.operations import banks
from apps.payments.signing_back import signing_back
from apps.portals.customer import step_up as steps
from apps.portals.customer.door import customer_page
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in
from apps.users.models import StepUpChallenge, User

MOST = 50


@require_GET
@customer_page
def asked_back(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first."""
    user = signed_in(request)
    rows = AskedBack.objects.of(user).prefetch_related("signatures").order_by("-pk")[:MOST]
    told = [(row, _who(row), any(one.user_id == user.pk for one in row.signatures.all())) for row in rows]
    return show(request, "pay/asked_back_all", rows=told)


def _own(user: User, public_id: uuid.UUID) -> AskedBack:
    return get_object_or_404(AskedBack.objects.of(user), public_id=public_id)


def _who(row: AskedBack) -> str:
    return payer_of(row.incoming) if row.incoming else ""


def _page(
    request: HttpRequest, row: AskedBack, user: User, form: steps.Proof, step: steps.Step | None = None
) -> HttpResponse:
    is_open = row.status == AskedBackStatus.ASKED and row.due_at > now()
    signing = signing_back(row)
    shown = {"row": row, "who": _who(row), "because": shown_reason(row.reason), "is_open": is_open, "signing": signing}
    shown |= {
        "may_sign": is_open and (signing is None or signing.waits_for(user)),
        "may_keep": is_open and (signing is None or user in signing.signers),
        "step": step or _proof(request, user, row).step(),
    }
    return show(request, "pay/asked_back", form, sent=request.GET.get("sent"), **shown)


def _proof(request: HttpRequest, user: User, row: AskedBack) -> steps.Bound:
    def begin(way: str) -> StepUpChallenge:
        return banks.challenge_sending_back(asked=row, by=user, at=now(), method=way)

    return steps.Bound(request, user, f"asked-back:{row.public_id}", begin)


@require_http_methods(["GET", "POST"])
@customer_page
def one(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What is asked; a proof sends it back, or signs for a business that does."""
    user = signed_in(request)
    row = _own(user, public_id)
    proof = _proof(request, user, row)
    step, form, made = proof.given(
        lambda challenge_id: banks.send_back(asked=row, challenge_id=challenge_id, by=user, at=now())
    )
    if made:
        sent = gettext("It is on its way back. We tell you when they have it.")
        signed = gettext("Signed. It goes back when the others have signed too.")
        messages.success(request, sent if made.status == AskedBackStatus.AGREED else signed)
        return done(request, "asked-back-one", row.public_id)
    return _page(request, row, user, form, step)


@require_POST
@customer_page
def code(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A code, or another way of proving it."""
    user = signed_in(request)
    row = _own(user, public_id)
    try:
        _proof(request, user, row).ask()
    except DomainError as no:
        return _page(request, row, user, steps.refused(no))
    return done(request, "asked-back-one", row.public_id, query="?sent=1")


@require_POST
@customer_page
def keep(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """No: the money stays."""
    user = signed_in(request)
    row = _own(user, public_id)
    try:
        banks.keep(asked=row, by=user, at=now())
    except DomainError as no:
        return _page(request, row, user, steps.refused(no))
    messages.success(request, gettext("You keep it. We tell their bank so."))
    return done(request, "asked-back-one", row.public_id)
