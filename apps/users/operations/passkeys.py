"""Passkeys: a fingerprint or face on the person's own device in place of a password or a code."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotFound
from apps.users import webauthn
from apps.users.errors import CodeSpent, WrongCode
from apps.users.models import StepUpChallenge, User
from apps.users.operations import step_up
from apps.users.operations.codes import spend_try
from apps.users.operations.factors import note_added, use_proof_to_add

REGISTER = "users.passkey.register"
SIGN_IN = "users.passkey.sign_in"


@transaction.atomic
def start_passkey_registration(
    *, user: User, challenge_id: Any, at: datetime
) -> tuple[StepUpChallenge, dict[str, Any]]:
    """Begin, after a step-up to add a factor: (challenge, options for `navigator.credentials.create`).

    Raises StepUpRequired.
    """
    use_proof_to_add(user=user, challenge_id=challenge_id, at=at)
    options, state = webauthn.start_registration(user)
    row = StepUpChallenge.objects.create(
        user=user,
        operation=REGISTER,
        subject=f"users/{user.pk}",
        method=StepUpChallenge.Method.PASSKEY,
        state=state,
        created_at=at,
        expires_at=at + step_up.LIFE,
    )
    return row, options


def register_passkey(*, user: User, challenge_id: Any, credential: Any, name: str, at: datetime) -> Authenticator:
    """Keep the passkey the browser made. Raises NotFound, WrongCode, CodeSpent, CodeExpired."""
    row = StepUpChallenge.objects.filter(pk=challenge_id, user=user, operation=REGISTER).first()
    if row is None:
        raise NotFound(_("Begin again: there is no such set-up."))
    spend_try(row, at)
    kept = webauthn.finish_registration(row.state or {}, credential)
    if kept is None:
        raise WrongCode(_("The passkey could not be checked. Nothing was saved; try again."))
    with transaction.atomic():
        if not StepUpChallenge.objects.filter(pk=row.pk, used_at=None).update(answered_at=at, used_at=at, state=None):
            raise CodeSpent(_("Begin again: this step has run out."))
        factor = Authenticator.objects.create(
            user_id=user.pk, type=Authenticator.Type.WEBAUTHN, data={"credential": kept, "name": name[:60] or "Passkey"}
        )
        RecoveryCodes.activate(user)
        note_added(user, at, factor="passkey", name=name[:60])
    return factor


def start_passkey_sign_in(*, at: datetime) -> tuple[str, dict[str, Any]]:
    """Begin a sign-in by passkey alone: (signed state to send back, options for `navigator.credentials.get`)."""
    state = webauthn.start_assertion(None)
    return webauthn.wrap(state["fido"], at), state["options"]


def finish_passkey_sign_in(*, wrapped: str, credential: Any, at: datetime) -> User:
    """Who signed. Raises CodeSpent, WrongCode."""
    state = webauthn.unwrap(wrapped, at)
    if state is None:
        raise CodeSpent(_("Begin again: this step has run out."))
    user = webauthn.owner_of(credential)
    if user is None or not user.is_active or not webauthn.check_assertion(user, {"fido": state}, credential):
        raise WrongCode(_("That passkey does not open a profile here. Sign in with your password."))
    return user
