"""Signing in: the password, then the second factor of those who have one or work here."""

from dataclasses import dataclass
from datetime import datetime

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.locks import one_by_one
from apps.notifications import operations as notifications
from apps.users.errors import AccountLocked, WrongPassword
from apps.users.events import UserLocked
from apps.users.lockout import account_key
from apps.users.models import StepUpChallenge, User
from apps.users.operations import step_up

SIGN_IN = "users.sign_in"


@dataclass(frozen=True, slots=True)
class PasswordChecked:
    """Who it is, and the challenge that must be answered before they are in (None: they are)."""

    user: User
    challenge: StepUpChallenge | None


def check_password(*, request: HttpRequest, login: str, password: str, at: datetime) -> PasswordChecked:
    """Check phone or e-mail and password; for staff and for those with a second factor, ask for it.

    Tries of one person wait for each other, or many at once would all be looked at before one is counted. Raises
    WrongPassword, and AccountLocked after five wrong ones, both the same for names nobody has.
    """
    credentials = {"username": login}
    with one_by_one(f"sign-in/{account_key(request, credentials)}"):
        require_unlocked(request, credentials)
        user = authenticate(request, username=login, password=password)
    if user is None:
        _after_failure(request, credentials, login, at)
        raise WrongPassword(_("The phone or e-mail and the password do not go together. Try again or recover it."))
    if not isinstance(user, User):
        raise TypeError("an authentication backend answered with a stranger")
    methods = step_up.methods_of(user)
    if not user.is_staff and methods == [StepUpChallenge.Method.SMS]:
        return PasswordChecked(user, None)
    challenge = step_up.challenge(user=user, operation=SIGN_IN, subject=f"users/{user.pk}", method=methods[0], at=at)
    return PasswordChecked(user, challenge)


def finish_sign_in(*, challenge_id: str, answer: str, at: datetime) -> User:
    """The second factor of a sign-in. Raises WrongCode, CodeSpent, CodeExpired."""
    challenge = step_up.answer_sign_in(challenge_id=challenge_id, answer=answer, at=at)
    with transaction.atomic():
        step_up.use(
            challenge_id=challenge.pk,
            user=challenge.user,
            operation=SIGN_IN,
            subject=f"users/{challenge.user_id}",
            at=at,
        )
    return challenge.user


def require_unlocked(request: HttpRequest, credentials: dict[str, str]) -> None:
    """Raises AccountLocked while a lock lasts."""
    if AxesProxyHandler.is_allowed(request, credentials):
        return
    last = AccessAttempt.objects.filter(username=account_key(request, credentials)).order_by("-attempt_time").first()
    until = last.attempt_time + settings.AXES_COOLOFF_TIME if last else None
    raise AccountLocked(
        _("Too many wrong passwords. Signing in is locked for 15 minutes; you can recover the password now."),
        **({"locked_until": until.isoformat()} if until else {}),
    )


def _after_failure(request: HttpRequest, credentials: dict[str, str], login: str, at: datetime) -> None:
    owner = User.objects.called(login).first()
    locked = not AxesProxyHandler.is_allowed(request, credentials)
    with transaction.atomic():
        if owner:
            audit_trail.record("users.sign_in.failed", on=owner, by=None, at=at)
        if owner and locked:
            audit_trail.record("users.user.locked", on=owner, by=None, at=at)
            notifications.send(
                "users.locked", to=owner, context={}, at=at, key=f"users/{owner.pk}/locked/{at:%Y%m%d%H%M}"
            )
            events.publish(UserLocked(user_id=owner.pk))
    if locked:
        require_unlocked(request, credentials)
