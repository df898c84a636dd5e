"""The page on which a developer lets their own app in to a persona of their sandbox: one form, the code told on it."""

import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.open_banking import operations, policies
from apps.open_banking.errors import AccountNotEligible
from apps.open_banking.models import Consent, SandboxAccount, SandboxPersona
from apps.open_banking.operations import sandbox
from apps.open_banking.operations.lodge import claim
from apps.open_banking.operations.sign_in import let_know_who
from apps.open_banking.pages.door import show
from apps.open_banking.pages.proof import Proof
from apps.users.models import User

if TYPE_CHECKING:
    from apps.open_banking.pages.decide import Asked


def ask(request: HttpRequest, asked: "Asked", user: User) -> HttpResponse:
    """Who asks, for what; a persona with accounts; the code. Raises what the operations raise."""
    policies.require_may_ask(asked.app, user)
    if asked.consent is not None:
        policies.require_sandbox(asked.consent, user)
    if request.POST.get("do") == "refuse":
        if asked.consent is not None:
            operations.reject(consent=asked.consent, by=user, at=now())
        return asked.refuse()
    if asked.consent is not None:
        claim(consent=asked.consent, by=user, at=now())
    personas = sandbox.make(developer=asked.app.developer, at=now())
    form = Proof(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                return asked.allow(_let_in(request, asked, form, personas, user))
        except DomainError as no:
            form.refuse(no)
    choices = [(who, _offered(who, asked.consent)) for who in personas]
    facts = {
        "choices": [(who, accounts) for who, accounts in choices if accounts],
        "asked": asked, "app": asked.app, "consent": asked.consent, "person": user, "personas": personas, "form": form,
        "code": sandbox.CODE, "is_one": asked.consent is not None and asked.consent.consent_type != "AIS",
        "wants_identity": bool({"profile", "email"} & set(asked.scopes)),
    }  # fmt: skip
    return show(request, "sandbox", status=422 if form.is_bound else 200, **facts)


def _offered(who: SandboxPersona, consent: Consent | None) -> list[SandboxAccount]:
    """The accounts somebody could choose; to pay from, those that can pay this."""
    pays = consent is not None and consent.payment_initiation
    return [one for one in who.accounts.all() if consent is None or not pays or sandbox.can_pay(consent, one)]


def _let_in(
    request: HttpRequest, asked: "Asked", form: Proof, personas: list[SandboxPersona], user: User
) -> Consent:  # fmt: skip
    if asked.consent is None:
        chosen = next((one for one in personas if str(one.public_id) == request.POST.get("persona")), None)
        return let_know_who(app=asked.app, by=user, at=now(), persona=chosen)
    try:
        accounts = [uuid.UUID(each) for each in request.POST.getlist("account")]
    except ValueError as no:
        raise AccountNotEligible(_("Choose an account. Nothing was shared.")) from no
    return sandbox.let_in(consent=asked.consent, accounts=accounts, code=form.given(), by=user, at=now())
