"""The page on which a customer lets an app in or refuses: who asks, for what, until when; which accounts; the proof.

Each step is a form that leads back to the same address: the browser's back button works, and a page without JavaScript.
What was chosen is kept in the stay until it is used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.open_banking import operations, policies, rules
from apps.open_banking.errors import AccountNotEligible
from apps.open_banking.models import Consent, ConsentType, ThirdPartyApp
from apps.open_banking.oauth.scopes import is_unfetched
from apps.open_banking.operations.lodge import claim
from apps.open_banking.operations.sign_in import let_know_who
from apps.open_banking.pages import sandbox
from apps.open_banking.pages.door import SeeOther, show
from apps.open_banking.pages.proof import Proof
from apps.users.models import User
from apps.users.proof import Step, ask, challenge_of, spend, step_of

CHOSEN, CHALLENGE = "open_banking:chosen", "open_banking:challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of an app, and how it is answered. `consent` is None when it only asks who the customer is.

    `allow` is called in the transaction that lets the app in; `leads_to` is where the browser is sent afterwards.
    """

    app: ThirdPartyApp
    consent: Consent | None
    scopes: tuple[str, ...]
    leads_to: str
    allow: Callable[[Consent], HttpResponse]
    refuse: Callable[[], HttpResponse]


def decide(request: HttpRequest, asked: Asked, user: User) -> HttpResponse:
    """Show the request, or take the next step of it. Raises what the operations raise."""
    if asked.consent is not None:
        response = _access(request, asked, asked.consent, user)
    elif asked.app.is_sandbox:
        response = sandbox.ask(request, asked, user)
    else:
        response = _identity(request, asked, user)
    if asked.leads_to:  # after the form the browser is led to the app, which the page's policy must allow
        response._csp_update = {"form-action": [rules.origin(asked.leads_to)]}  # type: ignore[attr-defined]
    return response


def _identity(request: HttpRequest, asked: Asked, user: User) -> HttpResponse:
    if request.POST.get("do") == "refuse":
        return asked.refuse()
    if request.POST.get("do") == "allow":
        with transaction.atomic():
            consent = let_know_who(app=asked.app, by=user, at=now())
            return asked.allow(consent)
    return show(request, "authorise", asked=asked, app=asked.app, person=user, stage="identity")


def _access(request: HttpRequest, asked: Asked, consent: Consent, user: User) -> HttpResponse:
    is_given = is_unfetched(consent) and consent.user_id == user.pk
    if consent.is_sandbox and not is_given:
        return sandbox.ask(request, asked, user)
    if request.POST.get("do") == "refuse":
        operations.reject(consent=consent, by=user, at=now())
        _forget(request, consent)
        return asked.refuse()
    if is_given:
        return _given_before(request, asked, consent)
    claim(consent=consent, by=user, at=now())
    form, status = Proof(), 200
    if request.method == "POST":
        try:
            response = _step(request, asked, consent, user)
        except DomainError as no:
            form = Proof({})
            form.is_valid()
            form.refuse(no)
            status = no.status if no.status in {409, 429} else 422
        else:
            return response
    accounts = list(policies.eligible(user))
    chosen = _chosen(request, consent, user)
    step = _proof(request, consent, chosen, user) if chosen else None
    facts = {
        "asked": asked, "app": asked.app, "consent": consent, "person": user, "accounts": accounts, "form": form,
        "chosen": chosen, "step": step, "stage": "prove" if chosen else "choose", "path": request.get_full_path(),
        "is_payment": consent.consent_type == ConsentType.PIS, "is_one": consent.consent_type != ConsentType.AIS,
        "wants_identity": bool({"profile", "email"} & set(asked.scopes)),
    }  # fmt: skip
    if consent.consent_type == ConsentType.PIS and chosen:
        facts |= _cost(consent, chosen)
    return show(request, "authorise", status=status, **facts)


def _cost(consent: Consent, chosen: list[Account]) -> dict[str, Any]:
    """What the payment costs from this account, and what the proof will say. Raises NotOffered."""
    cost, at = operations.cost_told(consent, chosen[0], now()), now()
    act = operations.act_of(consent, chosen, at)
    return {"cost": cost, "total": consent.amount + cost, "to_prove": act["amount"]}


def _given_before(request: HttpRequest, asked: Asked, consent: Consent) -> HttpResponse:
    """They let the app in by the bank's own app; here it only gets its code."""
    if request.POST.get("do") == "allow":
        with transaction.atomic():
            return asked.allow(consent)
    return show(request, "authorise", asked=asked, app=asked.app, consent=consent, person=consent.user, stage="given")


def _step(request: HttpRequest, asked: Asked, consent: Consent, user: User) -> HttpResponse:
    do = request.POST.get("do", "")
    if do == "choose":
        return _choose(request, consent, user)
    if do == "again":
        _forget(request, consent)
        return SeeOther(request.get_full_path())
    chosen = _chosen(request, consent, user)
    if not chosen:
        raise AccountNotEligible(_("Choose an account. Nothing was shared."))
    if "way" in request.POST:
        facts: dict[str, Any] = {"consent": consent, "accounts": chosen, "by": user, "at": now()}
        proof = ask(request, lambda way: operations.challenge(**facts, method=way))
        request.session[_slot(CHALLENGE, consent)] = str(proof.pk)
        return SeeOther(request.get_full_path())
    form, step = Proof(request.POST), _proof(request, consent, chosen, user)
    form.is_valid()
    spend(request, step, form.given(), user)
    with transaction.atomic():
        given = step.challenge.pk if step.challenge else None
        row = operations.authorise(consent=consent, accounts=chosen, by=user, at=now(), challenge_id=given)
        response = asked.allow(row)
    _forget(request, consent)
    return response


def _choose(request: HttpRequest, consent: Consent, user: User) -> HttpResponse:
    wanted = set(request.POST.getlist("account"))
    found = [account.pk for account in policies.eligible(user) if str(account.pk) in wanted]
    if not found or len(found) != len(wanted):
        raise AccountNotEligible(_("Choose an account. Nothing was shared."))
    policies.require_choice(consent, user, [account for account in policies.eligible(user) if account.pk in found])
    request.session[_slot(CHOSEN, consent)] = found
    return SeeOther(request.get_full_path())


def _chosen(request: HttpRequest, consent: Consent, user: User) -> list[Account]:
    kept: list[int] = request.session.get(_slot(CHOSEN, consent)) or []
    return [account for account in policies.eligible(user) if account.pk in kept]


def _proof(request: HttpRequest, consent: Consent, chosen: list[Account], user: User) -> Step:
    act: dict[str, Any] = operations.act_of(consent, chosen, now())
    bound = {name: act[name] for name in ("operation", "subject", "payee")}
    return step_of(user, challenge_of(user, request.session.get(_slot(CHALLENGE, consent)), **bound), now())


def _slot(name: str, consent: Consent) -> str:
    return f"{name}:{consent.public_id}"


def _forget(request: HttpRequest, consent: Consent) -> None:
    for name in (CHOSEN, CHALLENGE):
        request.session.pop(_slot(name, consent), None)
