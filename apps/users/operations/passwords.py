"""Changing a password, and recovering one that is lost."""

import uuid
from datetime import datetime

from axes.utils import reset as unlock
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.notifications import operations as notifications
from apps.users.errors import CodeSpent, WrongPassword
from apps.users.events import PasswordChanged
from apps.users.lockout import key_of
from apps.users.models import OtpChallenge, StepUpChallenge, User
from apps.users.operations.codes import send_code, use_code
from apps.users.operations.join import require_strong
from apps.users.operations.sessions import end_all_sessions
from apps.users.operations.sign_in import SIGN_IN


@transaction.atomic
def change_password(*, user: User, current: str, new: str, at: datetime, keep: uuid.UUID | None = None) -> None:
    """Set a new password and end every other stay. Raises WrongPassword, WeakPassword."""
    if not user.check_password(current):
        raise WrongPassword(_("That is not your current password. Nothing was changed."))
    _set(user, new, by=user, at=at, keep=keep)


def forgot_password(*, login: str, at: datetime, by_call: bool = False) -> OtpChallenge:
    """Send a reset code to the phone or address given, or ring the phone; the answer is the same for strangers.

    Raises what `send_code` raises.
    """
    to_phone = OtpChallenge.Channel.VOICE if by_call else OtpChallenge.Channel.SMS
    channel = OtpChallenge.Channel.EMAIL if "@" in login else to_phone
    return send_code(purpose=OtpChallenge.Purpose.RESET, address=login, channel=channel, at=at)


@transaction.atomic
def reset_password(*, proof: uuid.UUID | str, new: str, at: datetime) -> User:
    """Set a new password with an answered RESET code; every stay ends and a lock is lifted.

    Raises CodeSpent, WeakPassword.
    """
    challenge = use_code(challenge_id=proof, purpose=OtpChallenge.Purpose.RESET, at=at)
    if challenge.user is None:
        raise CodeSpent(_("Ask for a new code."))
    _set(challenge.user, new, by=challenge.user, at=at, keep=None)
    unlock(username=key_of(challenge.user))
    return challenge.user


def _set(user: User, new: str, *, by: User, at: datetime, keep: uuid.UUID | None) -> None:
    require_strong(new, user)
    user.set_password(new)
    user.save(update_fields=["password", "updated_at"])
    end_all_sessions(user=user, by=by, at=at, because="password changed", keep=keep)
    _end_what_was_begun(user, at)
    audit_trail.record("users.password.changed", on=user, by=by, at=at)
    events.publish(PasswordChanged(user_id=user.pk, at=at.isoformat()))
    notifications.send("users.password_changed", to=user, context={}, at=at, key=f"users/{user.pk}/password/{at:%s}")


def _end_what_was_begun(user: User, at: datetime) -> None:
    """Sign-ins that wait for their second factor knew the old password; codes may be why there is a new one."""
    begun = StepUpChallenge.objects.filter(user=user, operation=SIGN_IN, used_at=None, expires_at__gt=at)
    begun.update(expires_at=at)
    OtpChallenge.objects.filter(user=user, purpose=OtpChallenge.Purpose.RESET, used_at=None).update(used_at=at)
