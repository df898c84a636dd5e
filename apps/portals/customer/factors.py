"""Second factors: the authenticator app, recovery codes, and passkeys."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.throttles import caller_of, require
from apps.portals.customer import step_up as steps
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import CodeField, Sheet
from apps.portals.customer.kept import forget, keep, kept
from apps.portals.customer.pages import done, go, show
from apps.users import operations
from apps.users.doors import signed_in
from apps.users.errors import CodeExpired, CodeSpent
from apps.users.models import User
from apps.users.operations.factors import ADD, REMOVE, RENEW
from apps.users.queries import Factor, factors_of

FLOW, PASSKEY, SHOWN_ONCE = "enrol_app", "enrol_passkey", "recovery_codes"


class AppCode(Sheet):
    """The first code the app shows."""

    where = {"wrong_code": "code", "code_spent": "code", "challenge_expired": "code"}
    code = CodeField(label=_("Code the app shows now"))


@require_GET
@customer_page
def security(request: HttpRequest) -> HttpResponse:
    """The app, the passkeys and the recovery codes that are set up."""
    factors = factors_of(signed_in(request))
    has_app = any(factor.kind == "totp" for factor in factors)
    return show(request, "settings/security", factors=factors, has_app=has_app)


@require_http_methods(["GET", "POST"])
@customer_page
def add_app(request: HttpRequest) -> HttpResponse:
    """Prove that it is you; then scan, type the first code, keep the recovery codes."""
    user = signed_in(request)
    held = _begun(request, FLOW)
    if not held:
        if any(factor.kind == "totp" for factor in factors_of(user)):
            return done(request, "security")
        return _prove_to_add(request, user, _begin_app, passkey=False)
    form = AppCode(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            require("otp", caller_of(request), steps.TOO_OFTEN)
            codes = operations.confirm_totp(
                user=user, challenge_id=held["challenge"], code=form.cleaned_data["code"], at=now()
            )
        except (CodeSpent, CodeExpired, NotFound) as no:
            forget(request, FLOW)
            form.refuse(no)
        except DomainError as no:
            form.refuse(no)
        else:
            forget(request, FLOW)
            return _codes_once(request, codes)
    secret = held["secret"]
    shown = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    enrolment = {"secret": secret, "shown": shown, "address": held["address"]}
    return show(request, "settings/add_app", form, enrolment=enrolment)


def _begun(request: HttpRequest, flow: str) -> dict[str, Any]:
    """What is being set up: the same until it is confirmed or its time is over; empty before it was proved."""
    held = kept(request, flow)
    return held if held and held["until"] > now().timestamp() else {}


def _prove_to_add(request: HttpRequest, user: User, begin: Any, *, passkey: bool) -> HttpResponse:
    """Whoever has a factor approves payments with it, so another one is not added by whoever found the page open."""

    def act(challenge_id: Any) -> HttpResponse:
        begin(request, user, challenge_id)
        return go(request, request.path)

    proof = steps.Session(request, user, ADD, f"users/{user.pk}")
    return _after_proof(request, proof, act, "settings/prove_to_add", passkey=passkey)


def _begin_app(request: HttpRequest, user: User, challenge_id: Any) -> None:
    begun = operations.enrol_totp(user=user, challenge_id=challenge_id, at=now())
    until = begun.challenge.expires_at.timestamp()
    keep(request, FLOW, challenge=str(begun.challenge.pk), secret=begun.secret, address=begun.address, until=until)


def _begin_passkey(request: HttpRequest, user: User, challenge_id: Any) -> None:
    row, options = operations.start_passkey_registration(user=user, challenge_id=challenge_id, at=now())
    keep(request, PASSKEY, challenge=str(row.pk), options=json.dumps(options), until=row.expires_at.timestamp())


def _codes_once(request: HttpRequest, codes: list[str]) -> HttpResponse:
    keep(request, SHOWN_ONCE, codes=codes)
    return done(request, "recovery-codes")


@require_http_methods(["GET", "POST"])
@customer_page
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Shown once; ten new ones after a proof."""
    user = signed_in(request)
    codes = kept(request, SHOWN_ONCE).get("codes")
    if codes and request.method == "GET":
        forget(request, SHOWN_ONCE)
        return show(request, "settings/recovery_codes", codes=codes)
    if not factors_of(user):
        return done(request, "security")

    def renew(challenge_id: Any) -> HttpResponse:
        return _codes_once(request, operations.renew_recovery_codes(user=user, challenge_id=challenge_id, at=now()))

    proof = steps.Session(request, user, RENEW, f"users/{user.pk}")
    return _after_proof(request, proof, renew, "settings/recovery_codes", codes=None)


@require_http_methods(["GET", "POST"])
@customer_page
def remove(request: HttpRequest, factor_id: int) -> HttpResponse:
    """Take away an app or a passkey, after a proof."""
    user = signed_in(request)
    factor = _own_factor(user, factor_id)

    def act(challenge_id: Any) -> HttpResponse:
        operations.remove_factor(user=user, factor_id=factor.id, challenge_id=challenge_id, at=now())
        messages.success(request, gettext("It is removed."))
        return done(request, "security")

    proof = steps.Session(request, user, REMOVE, f"factors/{factor.id}")
    return _after_proof(request, proof, act, "settings/remove", factor=factor)


def _own_factor(user: User, factor_id: int) -> Factor:
    """Raises NotFound."""
    found = next((factor for factor in factors_of(user) if factor.id == factor_id), None)
    if found is None:
        raise NotFound(_("There is no such factor."))
    return found


def _after_proof(request: HttpRequest, proof: steps.Session, act: Any, template: str, **facts: Any) -> HttpResponse:
    """Ask for the proof, take the answer, then act."""
    step = proof.step()
    if request.method == "POST" and "way" in request.POST:
        try:
            proof.ask()
        except DomainError as no:
            return show(request, template, steps.refused(no), step=step, **facts)
        return go(request, request.path)
    form = steps.Proof(request.POST if request.method == "POST" else None, is_proved=step.is_proved)
    if form.is_bound and form.is_valid():
        try:
            steps.answer(request, step, form, proof.user)
            answer: HttpResponse = act(step.challenge.pk if step.challenge else None)
        except DomainError as no:
            form.refuse(no)
        else:
            proof.forget()
            return answer
    return show(request, template, form, step=proof.step(), **facts)


class Passkey(Sheet):
    """What the browser made, and what to call it."""

    credential = forms.CharField(required=False, max_length=12000, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


@require_http_methods(["GET", "POST"])
@customer_page
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Prove that it is you; then the person's own fingerprint or face, kept on their device."""
    user = signed_in(request)
    held = _begun(request, PASSKEY)
    if not held:
        return _prove_to_add(request, user, _begin_passkey, passkey=True)
    form = Passkey(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            require("otp", caller_of(request), steps.TOO_OFTEN)
            operations.register_passkey(
                user=user,
                challenge_id=held["challenge"],
                credential=_read(form.cleaned_data["credential"]),
                name=form.cleaned_data["name"],
                at=now(),
            )
        except (CodeSpent, CodeExpired, NotFound) as no:
            forget(request, PASSKEY)
            form.refuse(no)
        except DomainError as no:
            form.refuse(no)
        else:
            forget(request, PASSKEY)
            messages.success(request, gettext("Your passkey is saved."))
            return done(request, "security")
    return show(request, "settings/add_passkey", form, options=held["options"])


def _read(text: str) -> Any:
    """What the browser sent; what cannot be read is no passkey."""
    try:
        return json.loads(text)
    except ValueError:
        return {}
