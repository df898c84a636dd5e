"""What people change about themselves."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import NotFound
from apps.notifications import operations as notifications
from apps.users import rules
from apps.users.errors import Invalid, Taken
from apps.users.models import Device, Language, OtpChallenge, User
from apps.users.operations.codes import use_code


def change_profile(*, user: User, at: datetime, email: str | None = None, language: str | None = None) -> User:
    """Change e-mail address or language; name, phone and ID are proven, so staff change them.

    The phone hears of another address, which resets no password for three days. Raises Invalid, Taken.
    """
    before = {"email": user.email, "language": user.language}
    fields = ["updated_at"]  # no others: staff may be changing the rest of the row at this moment
    if language is not None:
        if language not in Language.values:
            raise Invalid(_("Choose English or Kiswahili."), errors={"language": [_("Choose en or sw.")]})
        user.language = language
        fields.append("language")
    if email is not None:
        user.email = _read_email(email)
        fields += ["email", "email_print", "email_confirmed_at", "email_changed_at"]
        if user.email != before["email"]:
            user.email_confirmed_at, user.email_changed_at = None, at
    try:
        with transaction.atomic():
            user.save(update_fields=fields)
            after = {"email": user.email, "language": user.language}
            audit_trail.record("users.user.changed", on=user, by=user, at=at, before=before, after=after)
            if user.email != before["email"]:
                key = f"users/{user.pk}/email/{at:%Y%m%d%H%M%S%f}"
                notifications.send("users.email_changed", to=user, context={}, at=at, key=key)
    except IntegrityError as no:
        raise Taken(_("That e-mail address cannot be used. Nothing was changed.")) from no
    return user


def _read_email(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return rules.checked_email(text)
    except rules.Unreadable as no:
        raise Invalid(str(no), errors={"email": [str(no)]}) from no


@transaction.atomic
def confirm_email(*, user: User, proof: Any, at: datetime) -> User:
    """Mark the address as the person's own, with an answered code that was sent to it. Raises CodeSpent, Invalid."""
    challenge = use_code(challenge_id=proof, purpose=OtpChallenge.Purpose.CONFIRM_EMAIL, at=at)
    if not User.objects.filter(pk=user.pk).with_email(str(challenge.address)).update(email_confirmed_at=at):
        raise Invalid(_("That code was for another address. Nothing was changed."))
    user.email_confirmed_at = at
    audit_trail.record("users.email.confirmed", on=user, by=user, at=at)
    return user


@transaction.atomic
def trust_device(*, user: User, device_id: int, is_trusted: bool, at: datetime) -> Device:
    """Mark a device as one's own, or no longer. Raises NotFound."""
    if not Device.objects.filter(user=user, pk=device_id).update(is_trusted=is_trusted):
        raise NotFound(_("There is no such device."))
    audit_trail.record(
        "users.device.trusted" if is_trusted else "users.device.distrusted",
        on=user,
        by=user,
        at=at,
        after={"device": device_id},
    )
    return Device.objects.get(pk=device_id)
