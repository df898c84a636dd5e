"""A held payment that asks its payer whether it was them: a yes with proof, or a no."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.fraud import operations
from apps.fraud.models import FlaggedTransaction
from apps.fraud.operations.ask_customer import OPERATION
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer import step_up as steps
from apps.portals.customer.door import customer_page
from apps.portals.customer.inbox import TOO_MANY
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import own_payment
from apps.users.doors import signed_in


@require_http_methods(["GET", "POST"])
@customer_page
def was_this_you(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What waits, with both answers; once it is decided, the payment's own page says how."""
    user = signed_in(request)
    payment = own_payment(user, public_id)
    rows = FlaggedTransaction.objects.filter(user=user, asks_customer=True).select_related("user", "check_made")
    flag = get_object_or_404(rows, reference=f"payments/{payment.public_id}")
    if flag.status != "OPEN":
        return done(request, "done", payment.public_id)
    proof = steps.Bound(
        request,
        user,
        f"{OPERATION}:{flag.reference}",
        lambda way: operations.answer_challenge(flag=flag, by=user, at=now(), method=way),
    )
    step = proof.step()
    is_answer = request.method == "POST" and "way" not in request.POST
    form = steps.Proof(request.POST if is_answer and "no" not in request.POST else None, is_proved=step.is_proved)
    try:
        if request.method == "POST" and "way" in request.POST:
            proof.ask()
            return done(request, "was-this-you", payment.public_id)
        if request.method == "POST" and "no" in request.POST:
            require("money", caller_of(request), TOO_MANY)
            operations.answer(flag=flag, was_me=False, by=user, at=now())
            messages.success(request, _("Stopped. All of the money is yours again. Change your password now."))
            return done(request, "settings")
        if form.is_bound and form.is_valid():
            steps.answer(request, step, form, user)
            challenge = step.challenge.pk if step.challenge else None
            operations.answer(flag=flag, was_me=True, by=user, at=now(), challenge_id=challenge)
            proof.forget()
            messages.success(request, _("Thank you. The payment goes its way."))
            return done(request, "done", payment.public_id)
    except DomainError as no:
        form = steps.refused(no)
        step = proof.step()
    return show(request, "pay/was_this_you", form, payment=payment, flag=flag, step=step)
