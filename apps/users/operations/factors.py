"""Second factors: authenticator app and recovery codes."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import cipher
from apps.kernel.errors import NotFound
from apps.notifications import operations as notifications
from apps.users.acts import act
from apps.users.errors import FactorExists, WrongCode
from apps.users.models import StepUpChallenge, User
from apps.users.operations import step_up
from apps.users.operations.codes import spend_try, tries_left

ADD = act("users.factor.add", _("add a way to approve payments"))
ENROL = "users.factor.enrol_totp"
REMOVE = act("users.factor.remove", _("remove a way to approve payments"))
RENEW = act("users.factor.recovery_codes", _("make new recovery codes"))


@dataclass(frozen=True, slots=True)
class TotpEnrolment:
    """What the person types or scans into their app, until the first code confirms it."""

    challenge: StepUpChallenge
    secret: str
    address: str  # otpauth://


@transaction.atomic
def enrol_totp(*, user: User, challenge_id: Any, at: datetime) -> TotpEnrolment:
    """Begin, after a step-up to add a factor, because whoever has one approves payments with it: a secret for an
    authenticator app. Raises StepUpRequired, FactorExists.
    """
    use_proof_to_add(user=user, challenge_id=challenge_id, at=at)
    if Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists():
        raise FactorExists(_("An authenticator app is set up already. Remove it first."))
    secret = generate_totp_secret()
    adapter = get_adapter()
    row = StepUpChallenge.objects.create(
        user=user,
        operation=ENROL,
        subject=f"users/{user.pk}",
        method=StepUpChallenge.Method.TOTP,
        state={"secret": adapter.encrypt(secret)},
        created_at=at,
        expires_at=at + 2 * step_up.LIFE,
    )
    return TotpEnrolment(row, secret, adapter.build_totp_url(user, secret))


def use_proof_to_add(*, user: User, challenge_id: Any, at: datetime) -> None:
    """Spend the proof that the person wants another factor. Raises StepUpRequired."""
    step_up.use(challenge_id=challenge_id, user=user, operation=ADD, subject=f"users/{user.pk}", at=at)


def confirm_totp(*, user: User, challenge_id: Any, code: str, at: datetime) -> list[str]:
    """The first code from the app turns it on. Returns the recovery codes, shown once.

    Raises NotFound, WrongCode, CodeSpent, CodeExpired, FactorExists.
    """
    row = StepUpChallenge.objects.filter(pk=challenge_id, user=user, operation=ENROL).first()
    if row is None:
        raise NotFound(_("Begin again: there is no such set-up."))
    spend_try(row, at)
    secret = get_adapter().decrypt((row.state or {})["secret"])
    if not validate_totp_code(secret, code.replace(" ", "")):
        raise WrongCode(_("That is not the code the app shows. Wait for the next one."), tries_left=tries_left(row))
    try:
        with transaction.atomic():
            StepUpChallenge.objects.filter(pk=row.pk).update(answered_at=at, used_at=at, state=None)
            TOTP.activate(user, secret)
            codes = RecoveryCodes.activate(user).get_unused_codes()
            note_added(user, at, factor="totp")
    except IntegrityError as no:
        raise FactorExists(_("An authenticator app is set up already.")) from no
    return list(codes)


def note_added(user: User, at: datetime, **facts: str) -> None:
    """Another factor approves from now on: audited, and told to the person, who may not be the one who did it."""
    audit_trail.record("users.factor.added", on=user, by=user, at=at, after=facts)
    key = f"users/{user.pk}/factor/{at:%Y%m%d%H%M%S%f}"
    notifications.send("users.factor_added", to=user, context={}, at=at, key=key)


@transaction.atomic
def remove_factor(*, user: User, factor_id: int, challenge_id: Any, at: datetime) -> None:
    """Take away an app or a passkey, after a step-up for it. Raises StepUpRequired, NotFound."""
    step_up.use(challenge_id=challenge_id, user=user, operation=REMOVE, subject=f"factors/{factor_id}", at=at)
    held = Authenticator.objects.filter(user_id=user.pk, pk=factor_id).exclude(type=Authenticator.Type.RECOVERY_CODES)
    kind = held.values_list("type", flat=True).first()
    if not kind or not held.delete()[0]:
        raise NotFound(_("There is no such factor."))
    if not held.model.objects.filter(user_id=user.pk).exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        held.model.objects.filter(user_id=user.pk).delete()
    audit_trail.record("users.factor.removed", on=user, by=user, at=at, before={"factor": kind})


@transaction.atomic
def renew_recovery_codes(*, user: User, challenge_id: Any, at: datetime) -> list[str]:
    """Ten new recovery codes; the old ones stop working. Raises StepUpRequired."""
    step_up.use(challenge_id=challenge_id, user=user, operation=RENEW, subject=f"users/{user.pk}", at=at)
    Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes = RecoveryCodes.activate(user).get_unused_codes()
    audit_trail.record("users.factor.recovery_codes_renewed", on=user, by=user, at=at)
    return list(codes)


def reseal_secrets() -> int:
    """Seal app secrets and recovery seeds again with the newest key. Returns how many were sealed again."""
    newest, adapter, done = cipher.keyring().newest, get_adapter(), 0
    for name in ("secret", "seed"):
        for held in Authenticator.objects.filter(data__has_key=name):
            if cipher.key_id_of(base64.b64decode(held.data[name])) == newest:
                continue
            with transaction.atomic():
                row = Authenticator.objects.select_for_update().get(pk=held.pk)
                row.data[name] = adapter.encrypt(adapter.decrypt(row.data[name]))
                row.save(update_fields=["data"])
            done += 1
    return done
