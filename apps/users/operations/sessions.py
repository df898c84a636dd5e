"""Stays at the bank: browser sessions and families of tokens, opened, renewed and ended."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.models import Session as BrowserSession
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.context import asker
from apps.kernel.errors import NotFound
from apps.notifications import operations as notifications
from apps.users.doors import Hand
from apps.users.errors import RefreshRefused, WrongPassword
from apps.users.events import DeviceAdded, UserSignedIn
from apps.users.models import Device, Session, User, UserStatus


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an app holds: an access token and the one refresh token that is good."""

    access: str
    refresh: str
    expires_in: int  # seconds the access token lasts


@transaction.atomic
def open_token_session(*, user: User, hand: Hand, at: datetime) -> Tokens:
    """Begin a family of tokens for an app. Raises WrongPassword when it was changed since it was checked."""
    session = _open(user=user, hand=hand, door=Session.Door.API, life=settings.REFRESH_TOKEN_LIFETIME, at=at)
    return _tokens(session)


@transaction.atomic
def open_browser_session(*, request: HttpRequest, user: User, hand: Hand, at: datetime) -> Session:
    """Sign a browser in; the session's key changes, so one fixed beforehand is worth nothing.

    Raises WrongPassword when it was changed since it was checked.
    """
    login(request, user, backend="apps.users.backends.PhoneOrEmail")
    life = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    key = str(request.session.session_key)
    session = _open(user=user, hand=hand, door=Session.Door.PORTAL, life=life, at=at, browser_key=key)
    request.session["bank_session"] = str(session.pk)
    return session


def _open(*, user: User, hand: Hand, door: str, life: timedelta, at: datetime, browser_key: str = "") -> Session:
    _require_as_checked(user)
    device, is_new = Device.objects.get_or_create(
        user=user,
        fingerprint=hand.fingerprint,
        defaults={"name": hand.name, "first_seen_at": at, "last_seen_at": at},
    )
    if not is_new:
        Device.objects.filter(pk=device.pk).update(last_seen_at=at, name=hand.name)
    session = Session.objects.create(
        user=user,
        device=device,
        door=door,
        token_id=secrets.token_hex(16),
        browser_key=browser_key,
        ip_address=asker().ip_address,
        created_at=at,
        last_used_at=at,
        expires_at=at + life,
    )
    User.objects.filter(pk=user.pk).update(last_login=at)
    audit_trail.record("users.user.signed_in", on=user, by=user, at=at, after={"door": door, "device": device.name})
    events.publish(UserSignedIn(user_id=user.pk, door=door))
    if is_new and Device.objects.filter(user=user).count() > 1:
        notifications.send(
            "users.new_device", to=user, context={"device": device.name}, at=at, key=f"users/device/{device.pk}"
        )
        events.publish(DeviceAdded(user_id=user.pk, device_id=device.pk))
    return session


def _require_as_checked(user: User) -> None:
    """The profile stays as it was when the person was recognised, until the stay is written: another password ends the
    stays it finds. Raises WrongPassword.
    """
    same = User.objects.select_for_update(no_key=True).filter(
        pk=user.pk, password=user.password, status=UserStatus.ACTIVE
    )
    if not same.values_list("pk").first():
        raise WrongPassword(_("Your profile was changed a moment ago. Sign in again."))


def _tokens(session: Session) -> Tokens:
    refresh = RefreshToken()
    refresh["sub"] = str(session.user.public_id)
    refresh["sid"] = str(session.pk)
    refresh["jti"] = session.token_id
    access = AccessToken()
    access["sub"] = refresh["sub"]
    access["sid"] = refresh["sid"]
    return Tokens(str(access), str(refresh), int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()))


def refresh(*, token: str, at: datetime) -> Tokens:
    """Exchange a refresh token for the next pair. One that was used before ends the whole family, because two hold it.

    Raises RefreshRefused.
    """
    try:
        claims: Any = RefreshToken(token)  # type: ignore[arg-type]
    except TokenError as no:
        raise RefreshRefused(_("Sign in again: this stay has run out.")) from no
    session = Session.objects.filter(pk=claims.get("sid"), door=Session.Door.API).select_related("user").first()
    if session is None or not session.user.is_active:
        raise RefreshRefused(_("Sign in again: this stay was ended."))
    # The guard names columns of this one row only: a joined table would make it a subquery, which PostgreSQL does not
    # look at again after waiting for another refresh, and both would win.
    live = Session.objects.live(at).filter(pk=session.pk)
    session_token = secrets.token_hex(16)
    if live.filter(token_id=claims["jti"]).update(token_id=session_token, last_used_at=at):
        session.token_id = session_token
        return _tokens(session)
    if live.exists():
        with transaction.atomic():
            _end(live, at, "refresh token used twice")
            audit_trail.record("users.session.reuse_detected", on=session.user, by=None, at=at)
    raise RefreshRefused(_("Sign in again: this token was used before or its stay was ended."))


@transaction.atomic
def end_session(*, user: User, session_id: Any, at: datetime, because: str = "signed out") -> None:
    """End one of a person's stays. Raises NotFound."""
    mine = Session.objects.filter(user=user, pk=session_id, revoked_at=None)
    if not mine.exists():
        raise NotFound(_("There is no such session, or it has ended."))
    _end(mine, at, because)
    audit_trail.record("users.session.ended", on=user, by=user, at=at, after={"session": str(session_id)})


@transaction.atomic
def end_all_sessions(*, user: User, by: User | None, at: datetime, because: str, keep: Any = None) -> int:
    """Sign a person out everywhere, the stay `keep` aside. Returns how many stays ended."""
    stays = Session.objects.filter(user=user, revoked_at=None).exclude(pk=keep)
    ended = _end(stays, at, because)
    audit_trail.record("users.session.all_ended", on=user, by=by, at=at, reason=because, after={"ended": ended})
    return ended


def drop_ended_sessions(*, at: datetime) -> int:
    """Delete what browsers kept here until its time was over: half-finished joins, and stays nobody signed out of.

    Returns how many were deleted.
    """
    dropped: int = BrowserSession.objects.filter(expire_date__lt=at).delete()[0]
    return dropped


def _end(stays: Any, at: datetime, because: str) -> int:
    keys = [key for key in stays.values_list("browser_key", flat=True) if key]
    ended: int = stays.update(revoked_at=at, revoked_because=because[:40])
    BrowserSession.objects.filter(session_key__in=keys).delete()
    return ended
