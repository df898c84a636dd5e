"""Joining the bank in five short steps: phone, code, name and ID, password, done."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.door import customer_page, open_page
from apps.portals.customer.forms import CodeField, PhoneField, SecretField, Sheet
from apps.portals.customer.kept import CALL, asked_again, forget, keep, kept, wait_left
from apps.portals.customer.pages import done, show
from apps.portals.customer.stay import open_stay
from apps.users import operations, rules
from apps.users.doors import signed_in
from apps.users.errors import CodeSpent, Taken, TooSoon
from apps.users.models import OtpChallenge
from apps.users.operations.codes import CALL_AFTER

FLOW = "join"
STEPS = ("phone", "code", "you", "password", "done")
TOO_OFTEN = _("Too many tries from here. Nothing was done; wait a minute and try again.")


class Phone(Sheet):
    """Where the code goes."""

    where = {"invalid": "phone", "code_sent_already": "phone"}
    phone = PhoneField(label=_("Mobile number"))


class Code(Sheet):
    """The code that came."""

    where = {"wrong_code": "code", "code_spent": "code", "challenge_expired": "code"}
    code = CodeField(label=_("Six-digit code"))


class You(Sheet):
    """Who it is."""

    full_name = forms.CharField(
        label=_("Full name, as on your ID"),
        max_length=120,
        error_messages={"required": _("Write your full name as it stands on your ID.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    id_number = forms.CharField(
        label=_("National ID number"),
        max_length=12,
        error_messages={"required": _("Write your national ID number.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    email = forms.CharField(
        label=_("E-mail (you may leave it out)"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"}),
    )

    def clean(self) -> dict[str, Any]:
        """Each read by the bank's own rules."""
        read = {"full_name": rules.full_name, "id_number": rules.id_number, "email": rules.checked_email}
        for name, reader in read.items():
            if text := self.cleaned_data.get(name):
                try:
                    self.cleaned_data[name] = reader(text)
                except rules.Unreadable as no:
                    self.add_error(name, _(str(no)))
        return self.cleaned_data


class Password(Sheet):
    """The password."""

    password = SecretField(label=_("Password"), new=True)


@require_http_methods(["GET", "POST"])
@open_page
def join(request: HttpRequest, step: str) -> HttpResponse:
    """One question a page; each step opens when those before it are answered."""
    pages = {"phone": _phone, "code": _code, "you": _you, "password": _password, "done": _done}
    if step not in pages:
        raise Http404
    reached = _reached(request)
    if step != "done" and STEPS.index(step) > STEPS.index(reached):
        return done(request, "join", reached)
    if request.method == "POST":
        require("auth", caller_of(request), TOO_OFTEN)
    return pages[step](request)


def _reached(request: HttpRequest) -> str:
    held = kept(request, FLOW)
    if not held.get("challenge"):
        return "phone"
    if not held.get("proved"):
        return "code"
    return "password" if held.get("id_number") else "you"


def _page(request: HttpRequest, step: str, form: Sheet | None, **facts: Any) -> HttpResponse:
    number = STEPS.index(step) + 1
    back = STEPS[number - 2] if number > 1 else ""
    return show(request, f"join/{step}", form, step=number, steps=len(STEPS), back=back, **facts)


def _phone(request: HttpRequest) -> HttpResponse:
    held = kept(request, FLOW)
    form = Phone(request.POST if request.method == "POST" else None, initial={"phone": held.get("phone", "")})
    if form.is_bound and form.is_valid():
        phone = form.cleaned_data["phone"]
        try:
            _send(request, phone)
        except TooSoon as no:
            if held.get("phone") != phone:
                form.refuse(no)
                return _page(request, "phone", form)
        return done(request, "join", "code")
    return _page(request, "phone", form)


def _send(request: HttpRequest, phone: str, *, by_call: bool = False) -> None:
    channel = OtpChallenge.Channel.VOICE if by_call else OtpChallenge.Channel.SMS
    row = operations.send_code(purpose=OtpChallenge.Purpose.JOIN, address=phone, channel=channel, at=now())
    forget(request, FLOW)
    keep(request, FLOW, phone=phone, challenge=str(row.pk), sent=row.created_at.timestamp())


def _code(request: HttpRequest) -> HttpResponse:
    held = kept(request, FLOW)
    again = asked_again(request)
    form = Code({"code": "-"} if again else request.POST if request.method == "POST" else None)
    try:
        if again:
            _send(request, held["phone"], by_call=again == CALL)
            return done(request, "join", "code", query=f"?sent={again}")
        if form.is_bound and form.is_valid():
            operations.check_code(
                challenge_id=held["challenge"],
                code=form.cleaned_data["code"],
                purpose=OtpChallenge.Purpose.JOIN,
                at=now(),
            )
            keep(request, FLOW, proved=True)
            return done(request, "join", "you")
    except DomainError as no:
        form.is_valid()
        form.refuse(no)
    waits = {"wait": wait_left(held["sent"]), "call": True, "call_wait": wait_left(held["sent"], CALL_AFTER)}
    return _page(request, "code", form, phone=held["phone"], sent=request.GET.get("sent"), **waits)


def _you(request: HttpRequest) -> HttpResponse:
    form = You(request.POST if request.method == "POST" else None, initial=kept(request, FLOW))
    if form.is_bound and form.is_valid():
        keep(request, FLOW, **{name: form.cleaned_data[name] for name in ("full_name", "id_number", "email")})
        return done(request, "join", "password")
    return _page(request, "you", form)


def _password(request: HttpRequest) -> HttpResponse:
    held = kept(request, FLOW)
    form = Password(request.POST if request.method == "POST" else None)
    taken = False
    if form.is_bound and form.is_valid():
        try:
            user = operations.register(
                phone_proof=held["challenge"],
                full_name=held["full_name"],
                id_number=held["id_number"],
                email=held["email"],
                password=form.cleaned_data["password"],
                language=(get_language() or "en")[:2],
                at=now(),
            )
        except DomainError as no:
            taken = isinstance(no, Taken)
            if isinstance(no, CodeSpent):
                forget(request, FLOW)
            form.refuse(no)
        else:
            forget(request, FLOW)
            return open_stay(request, user, "/join/done")
    return _page(request, "password", form, taken=taken)


@customer_page
def _done(request: HttpRequest) -> HttpResponse:
    accounts = Account.objects.owned_by(signed_in(request)).open().in_order().select_related("product")
    return _page(request, "done", None, accounts=accounts)
