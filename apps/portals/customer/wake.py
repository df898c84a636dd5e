"""Waking an account that nobody used for a year, with a proof."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import operations
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.customer import step_up as steps
from apps.portals.customer.account import own_account
from apps.portals.customer.door import customer_page
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in
from apps.users.models import User


def _proof(request: HttpRequest, user: User, pk: int) -> steps.Bound:
    account = own_account(user, pk)
    return steps.Bound(
        request,
        user,
        f"{operations.WAKE}:{pk}",
        lambda way: operations.challenge_wake(account=account, by=user, at=now(), method=way),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def wake(request: HttpRequest, pk: int) -> HttpResponse:
    """Prove that it is you, and money can leave it again."""
    user = signed_in(request)
    account, proof = own_account(user, pk), _proof(request, user, pk)
    if account.status != "DORMANT":
        return done(request, "account", pk)
    step = proof.step()
    form = steps.Proof(request.POST if request.method == "POST" else None, is_proved=step.is_proved)
    if form.is_bound and form.is_valid():
        try:
            steps.answer(request, step, form, user)
            challenge = step.challenge.pk if step.challenge else None
            operations.wake(account=account, challenge_id=challenge, by=user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            proof.forget()
            messages.success(request, gettext("The account is awake. Money can leave it again."))
            return done(request, "account", pk)
    return show(request, "money/wake", form, account=account, step=step)


@require_POST
@customer_page
def code(request: HttpRequest, pk: int) -> HttpResponse:
    """A code, or another way of proving it."""
    user = signed_in(request)
    proof = _proof(request, user, pk)
    try:
        proof.ask()
    except DomainError as no:
        return show(request, "money/wake", steps.refused(no), account=own_account(user, pk), step=proof.step())
    return done(request, "account-wake", pk)
