"""Settings: profile, password, devices, language and theme, notices, limits."""

from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.kernel.throttles import caller_of, require
from apps.kyc.queries import limits_of
from apps.notifications import operations as notifications
from apps.notifications.operations.choose import Wish
from apps.notifications.queries import choices_of
from apps.notifications.states import Topic
from apps.portals.customer import queries
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import CodeField, SecretField, Sheet
from apps.portals.customer.join import TOO_OFTEN
from apps.portals.customer.kept import wait_left
from apps.portals.customer.pages import done, show
from apps.users import operations
from apps.users.doors import signed_in
from apps.users.errors import TooSoon
from apps.users.models import OtpChallenge, User
from apps.users.queries import factors_of, live_sessions


@require_GET
@customer_page
def settings(request: HttpRequest) -> HttpResponse:
    """Where everything is."""
    user = signed_in(request)
    kinds = [factor.kind for factor in factors_of(user)]
    return show(request, "settings/settings", person=user, has_app="totp" in kinds, passkeys=kinds.count("webauthn"))


class Email(Sheet):
    """Another address."""

    where = {"already_registered": "email", "invalid": "email"}
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        error_messages={"required": _("Write your e-mail address.")},
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"}),
    )


class EmailCode(Sheet):
    """The code that was sent to it."""

    where = {"wrong_code": "code", "code_spent": "code", "challenge_expired": "code", "code_sent_already": "code"}
    code = CodeField(label=_("Six-digit code"))


@require_http_methods(["GET", "POST"])
@customer_page
def profile(request: HttpRequest) -> HttpResponse:
    """Name, phone and ID as the bank knows them; the e-mail address can be changed here."""
    user = signed_in(request)
    form = Email(request.POST if request.method == "POST" else None, initial={"email": user.email or ""})
    if form.is_bound and form.is_valid():
        try:
            require("otp", caller_of(request), TOO_OFTEN)
            operations.change_profile(user=user, email=form.cleaned_data["email"], at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            with suppress(TooSoon):  # the address is changed; its page says when another code may be asked for
                _send_email_code(request, user)
            return done(request, "email-code")
    return show(request, "settings/profile", form, person=user)


def _send_email_code(request: HttpRequest, user: User) -> None:
    purpose, channel = OtpChallenge.Purpose.CONFIRM_EMAIL, OtpChallenge.Channel.EMAIL
    row = operations.send_code(purpose=purpose, address=str(user.email), channel=channel, at=now())
    request.session["email_code"] = str(row.pk)
    request.session["email_code_sent"] = row.created_at.timestamp()


@require_http_methods(["GET", "POST"])
@customer_page
def email_code(request: HttpRequest) -> HttpResponse:
    """The code proves that the address is theirs."""
    user = signed_in(request)
    if not user.email or user.email_confirmed_at:
        return done(request, "profile")
    again = request.method == "POST" and "again" in request.POST
    form = EmailCode({"code": "-"} if again else request.POST if request.method == "POST" else None)
    try:
        if again:
            require("otp", caller_of(request), TOO_OFTEN)
            _send_email_code(request, user)
            return done(request, "email-code", query="?sent=1")
        if form.is_bound and form.is_valid():
            require("otp", caller_of(request), TOO_OFTEN)
            proof = request.session.get("email_code") or "00000000-0000-0000-0000-000000000000"
            purpose = OtpChallenge.Purpose.CONFIRM_EMAIL
            operations.check_code(challenge_id=proof, code=form.cleaned_data["code"], purpose=purpose, at=now())
            operations.confirm_email(user=user, proof=proof, at=now())
            messages.success(request, gettext("Your e-mail address is confirmed."))
            return done(request, "profile")
    except DomainError as no:
        form.is_valid()
        form.refuse(no)
    wait = wait_left(request.session.get("email_code_sent"))
    return show(request, "settings/email_code", form, person=user, sent=request.GET.get("sent"), wait=wait)


class ChangePassword(Sheet):
    """The old one, and the new one."""

    where = {"wrong_credentials": "current"}
    current = SecretField(label=_("Password now"))
    password = SecretField(label=_("New password"), new=True)


@require_http_methods(["GET", "POST"])
@customer_page
def password(request: HttpRequest) -> HttpResponse:
    """A new password; every other stay ends."""
    user = signed_in(request)
    form = ChangePassword(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            require("auth", caller_of(request), TOO_OFTEN)
            operations.change_password(
                user=user,
                current=form.cleaned_data["current"],
                new=form.cleaned_data["password"],
                keep=request.session.get("bank_session"),
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            keep_signed_in(request, user)
            messages.success(request, gettext("Your password is changed. You are signed out everywhere else."))
            return done(request, "settings")
    return show(request, "settings/password", form)


def keep_signed_in(request: HttpRequest, user: User) -> None:
    """This browser stays in though the password, which its session is bound to, has changed."""
    request.session["_auth_user_hash"] = user.get_session_auth_hash()


@require_GET
@customer_page
def devices(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in."""
    stays = live_sessions(signed_in(request))
    return show(request, "settings/devices", stays=stays, here=request.session.get("bank_session"))


@require_POST
@customer_page
def end_stay(request: HttpRequest) -> HttpResponse:
    """Sign out one device, or all but this one."""
    user, stay = signed_in(request), request.POST.get("stay", "")
    if stay == "others":
        keep = request.session.get("bank_session")
        operations.end_all_sessions(user=user, by=user, at=now(), because="signed out everywhere", keep=keep)
        messages.success(request, gettext("You are signed out everywhere else."))
    else:
        mine = {str(row.pk) for row in live_sessions(user)}
        if stay in mine:
            operations.end_session(user=user, session_id=stay, at=now())
        messages.success(request, gettext("That device is signed out."))
    return done(request, "devices")


@require_GET
@customer_page
def look(request: HttpRequest) -> HttpResponse:
    """Language and theme."""
    return show(request, "settings/look")


class Quiet(Sheet):
    """When not to be disturbed."""

    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Write a time like 21:00."), "invalid": _("Write a time like 21:00.")},
    )
    quiet_to = forms.TimeField(
        label=_("Quiet until"),
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Write a time like 07:00."), "invalid": _("Write a time like 07:00.")},
    )


@require_http_methods(["GET", "POST"])
@customer_page
def notices(request: HttpRequest) -> HttpResponse:
    """What the person wants to hear, by which way, and when they want quiet."""
    user = signed_in(request)
    choices = choices_of(user)
    first = next(choice for choice in choices if choice.can_change)
    initial = {"quiet_from": first.quiet_from, "quiet_to": first.quiet_to}
    form = Quiet(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        quiet: dict[str, Any] = form.cleaned_data
        wishes = [
            Wish(choice.channel, choice.topic, f"{choice.channel}:{choice.topic}" in request.POST, **quiet)
            for choice in choices
            if choice.can_change
        ]
        notifications.choose(user=user, wishes=wishes, at=now())
        messages.success(request, gettext("Your choices are saved."))
        return done(request, "notices")
    return show(request, "settings/notices", form, topics=_by_topic(choices))


def _by_topic(choices: list[Any]) -> list[dict[str, Any]]:
    from_topic: dict[str, dict[str, Any]] = {}
    for choice in choices:
        row = from_topic.setdefault(
            choice.topic,
            {"topic": choice.topic, "name": Topic(choice.topic).label, "can_change": choice.can_change, "ways": []},
        )
        row["ways"].append(choice)
    return list(from_topic.values())


@require_GET
@customer_page
def limits(request: HttpRequest) -> HttpResponse:
    """The tier, what it allows, and what is left today."""
    user, today = signed_in(request), local_date(now())
    its = limits_of(user.kyc_tier, on=today)
    used = queries.used_today(user, today)
    left = Money(max(its.daily.minor - used.minor, 0), "KES") if its.daily else None
    part = min(round(100 * used.minor / its.daily.minor), 100) if its.daily else 0
    return show(request, "settings/limits", person=user, limits=its, used=used, left=left, part=part)
