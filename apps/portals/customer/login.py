"""Signing in by phone or e-mail and password, or by passkey; the second factor; and a lost password."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.door import open_page
from apps.portals.customer.forms import CodeField, SecretField, Sheet
from apps.portals.customer.join import TOO_OFTEN
from apps.portals.customer.kept import CALL, asked_again, forget, keep, kept, wait_left
from apps.portals.customer.pages import done, go, own_path, show
from apps.portals.customer.stay import open_stay
from apps.portals.templatetags.kit import clock
from apps.users import operations
from apps.users.errors import AccountLocked, TooSoon
from apps.users.models import OtpChallenge, StepUpChallenge, User
from apps.users.operations.codes import CALL_AFTER
from apps.users.operations.sign_in import SIGN_IN
from apps.users.operations.step_up import methods_of
from apps.users.proof import AT_THE_CODE

FLOW, RECOVERY = "sign_in", "recovery"


class SignIn(Sheet):
    """Phone or e-mail, and the password."""

    login = forms.CharField(
        label=_("Phone or e-mail"),
        max_length=254,
        error_messages={"required": _("Write your phone number or e-mail.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = SecretField(label=_("Password"))


class SecondFactor(Sheet):
    """A code, or what a passkey signed."""

    where = dict.fromkeys(AT_THE_CODE, "code")
    code = CodeField(label=_("Code"), required=False, letters=True)
    credential = forms.CharField(required=False, max_length=8000, widget=forms.HiddenInput)


@require_http_methods(["GET", "POST"])
@open_page
def login(request: HttpRequest) -> HttpResponse:
    """Sign in; `?next=` leads on to a page of ours only."""
    onward = own_path(request.POST.get("next") or request.GET.get("next"))
    if isinstance(request.user, User) and request.method == "GET":
        return go(request, onward)
    form = SignIn(request.POST if request.method == "POST" else None)
    locked = False
    if form.is_bound and form.is_valid():
        try:
            require("auth", caller_of(request), TOO_OFTEN)
            checked = operations.check_password(request=request, at=now(), **form.cleaned_data)
        except TooSoon as no:  # the code of a sign-in begun a moment ago is still good
            row = StepUpChallenge.objects.select_related("user").get(pk=no.facts["challenge"])
            return _second(request, row, onward)
        except AccountLocked as no:
            locked = True
            form.add_error(None, _locked(no))
            request.axes_locked_out = False  # type: ignore[attr-defined] # or django-axes answers for us
        except DomainError as no:
            form.refuse(no)
        else:
            return (
                _second(request, checked.challenge, onward)
                if checked.challenge
                else open_stay(request, checked.user, onward)
            )
    carried, options = operations.start_passkey_sign_in(at=now())
    return show(
        request, "login/login", form, onward=onward, locked=locked, carried=carried, options=json.dumps(options)
    )


def _locked(no: AccountLocked) -> str:
    until = no.facts.get("locked_until")
    if not until:
        return str(no)
    words = gettext("Too many wrong passwords. Signing in is locked until %(time)s. You can recover the password now.")
    return words % {"time": clock(datetime.fromisoformat(until))}


def _second(request: HttpRequest, row: StepUpChallenge, onward: str) -> HttpResponse:
    forget(request, FLOW)
    keep(request, FLOW, challenge=str(row.pk), password=row.user.get_session_auth_hash(), onward=onward)
    return done(request, "login-code")


@require_POST
@open_page
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in by passkey alone: something held and something one is."""
    require("auth", caller_of(request), TOO_OFTEN)
    form = SignIn({"login": "-", "password": "-"})
    form.is_valid()
    onward = own_path(request.POST.get("next"))
    try:
        credential = _read_json(request.POST.get("credential", ""))
        user = operations.finish_passkey_sign_in(
            wrapped=request.POST.get("carried", ""), credential=credential, at=now()
        )
    except DomainError as no:
        form.refuse(no)
        form.data = {}
        carried, options = operations.start_passkey_sign_in(at=now())
        return show(request, "login/login", form, onward=onward, carried=carried, options=json.dumps(options))
    return open_stay(request, user, onward)


def _read_json(text: str) -> Any:
    """What the browser sent; what cannot be read signs for nothing."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {}


@require_http_methods(["GET", "POST"])
@open_page
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second factor of a sign-in, by any way the person has set up."""
    held = kept(request, FLOW)
    row = StepUpChallenge.objects.filter(pk=held["challenge"]).select_related("user").first() if held else None
    if row is None or held.get("password") != row.user.get_session_auth_hash():  # it was changed since it was given
        return done(request, "login")
    asked = request.POST.get("way")
    form = SecondFactor(None if asked or request.method != "POST" else request.POST)
    try:
        if asked:
            require("otp", caller_of(request), TOO_OFTEN)
            return _other_way(request, row, asked)
        if form.is_bound and form.is_valid():
            require("otp", caller_of(request), TOO_OFTEN)
            answer = form.cleaned_data["credential"] or form.cleaned_data["code"]
            user = operations.finish_sign_in(challenge_id=str(row.pk), answer=answer, at=now())
            forget(request, FLOW)
            return open_stay(request, user, held["onward"])
    except DomainError as no:
        if not form.is_bound:
            form = SecondFactor({})
            form.is_valid()
        form.refuse(no)
    ways = [way for way in methods_of(row.user) if way != row.method]
    facts = {"ways": ways, "options": _options(row), "sent": request.GET.get("sent"), "wait": wait_left(row.created_at)}
    return show(request, "login/code", form, challenge=row, **facts)


def _other_way(request: HttpRequest, row: StepUpChallenge, method: str) -> HttpResponse:
    fresh = operations.challenge(
        user=row.user, operation=SIGN_IN, subject=f"users/{row.user_id}", method=method, at=now()
    )
    keep(request, FLOW, challenge=str(fresh.pk))
    return done(request, "login-code", query="?sent=1" if method == row.method else "")


def _options(row: StepUpChallenge) -> str:
    return json.dumps((row.state or {}).get("options")) if row.state else ""


class Lost(Sheet):
    """Whose password."""

    where = {"invalid": "login", "code_sent_already": "login"}
    login = forms.CharField(
        label=_("Phone or e-mail"),
        max_length=254,
        error_messages={"required": _("Write your phone number or e-mail.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class LostCode(Sheet):
    """The code that came."""

    where = {"wrong_code": "code", "code_spent": "code", "challenge_expired": "code"}
    code = CodeField(label=_("Six-digit code"))


class NewPassword(Sheet):
    """The new one."""

    password = SecretField(label=_("New password"), new=True)


@require_http_methods(["GET", "POST"])
@open_page
def recover(request: HttpRequest, step: str = "who") -> HttpResponse:
    """A new password in three steps: who, code, password."""
    pages = {"who": _who, "code": _recovery_code, "password": _new_password}
    if step not in pages:
        raise Http404
    held = kept(request, RECOVERY)
    reached = "password" if held.get("proved") else "code" if held.get("challenge") else "who"
    order = list(pages)
    if order.index(step) > order.index(reached):
        return done(request, "recover", reached)
    if request.method == "POST":
        require("otp", caller_of(request), TOO_OFTEN)
    return pages[step](request)


def _lost(request: HttpRequest, step: str, form: Sheet, **facts: Any) -> HttpResponse:
    number = ["who", "code", "password"].index(step) + 1
    return show(request, f"login/recover_{step}", form, step=number, steps=3, **facts)


def _who(request: HttpRequest) -> HttpResponse:
    form = Lost(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            _send(request, form.cleaned_data["login"])
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "recover", "code")
    return _lost(request, "who", form)


def _send(request: HttpRequest, login: str, *, by_call: bool = False) -> None:
    row = operations.forgot_password(login=login, at=now(), by_call=by_call)
    forget(request, RECOVERY)
    keep(request, RECOVERY, login=login, challenge=str(row.pk), sent=row.created_at.timestamp())


def _recovery_code(request: HttpRequest) -> HttpResponse:
    held = kept(request, RECOVERY)
    again = asked_again(request)
    form = LostCode({"code": "-"} if again else request.POST if request.method == "POST" else None)
    try:
        if again:
            _send(request, held["login"], by_call=again == CALL)
            return done(request, "recover", "code", query=f"?sent={again}")
        if form.is_bound and form.is_valid():
            purpose, code = OtpChallenge.Purpose.RESET, form.cleaned_data["code"]
            operations.check_code(challenge_id=held["challenge"], code=code, purpose=purpose, at=now())
            keep(request, RECOVERY, proved=True)
            return done(request, "recover", "password")
    except DomainError as no:
        form.is_valid()
        form.refuse(no)
    waits = {"wait": wait_left(held["sent"]), "call_wait": wait_left(held["sent"], CALL_AFTER)}
    facts = {"login": held["login"], "sent": request.GET.get("sent"), "call": "@" not in held["login"]}
    return _lost(request, "code", form, **facts, **waits)


def _new_password(request: HttpRequest) -> HttpResponse:
    form = NewPassword(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        held = kept(request, RECOVERY)
        try:
            user = operations.reset_password(proof=held["challenge"], new=form.cleaned_data["password"], at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            forget(request, RECOVERY)
            return _signed_in_again(request, user)
    return _lost(request, "password", form)


def _signed_in_again(request: HttpRequest, user: User) -> HttpResponse:
    """Whoever has a second factor gives it; the others are in, as they would be with the password they just set."""
    methods = methods_of(user)
    if not user.is_active or user.is_staff or methods != [StepUpChallenge.Method.SMS]:
        return done(request, "login", query="?recovered=1")
    return open_stay(request, user)
