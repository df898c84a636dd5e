"""Passkeys: WebAuthn ceremonies on python-fido2, credentials kept as allauth's authenticators."""

import json
import struct
from datetime import datetime
from typing import Any
from urllib.parse import urlparse

from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from apps.users.models import User

# What reading an answer raises that no browser made: its parts are cut by length, and unpacked as they say themselves.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error)


def server() -> Fido2Server:
    """The relying party is the bank's public host."""
    address = urlparse(settings.PUBLIC_ADDRESS)
    host = address.hostname or "localhost"
    party = PublicKeyCredentialRpEntity(id=host, name="KitBank")
    allowed = {settings.PUBLIC_ADDRESS.rstrip("/")}
    return Fido2Server(party, verify_origin=lambda origin: origin.rstrip("/") in allowed)


def credentials_of(user: User) -> list[AttestedCredentialData]:
    """The person's passkeys."""
    held = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.WEBAUTHN)
    return [AttestedCredentialData(websafe_decode(row.data["credential"])) for row in held]


def start_registration(user: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """(options for the browser, state to keep) of a new passkey."""
    options, state = server().register_begin(
        PublicKeyCredentialUserEntity(id=user.public_id.bytes, name=user.full_name, display_name=user.full_name),
        credentials=credentials_of(user),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.loads(json.dumps(dict(options))), dict(state)


def finish_registration(state: dict[str, Any], credential: Any) -> str | None:
    """The credential as it is kept; None when the browser's answer does not fit."""
    try:
        answer = RegistrationResponse.from_dict(credential)
        data = server().register_complete(state, answer)
    except (*_UNREADABLE, InvalidSignature):
        return None
    attested = data.credential_data
    return websafe_encode(bytes(attested)) if attested else None


def start_assertion(user: User | None) -> dict[str, Any]:
    """State of a sign-in or an approval, with the options for the browser under `options`."""
    options, state = server().authenticate_begin(
        credentials_of(user) if user else None, user_verification=UserVerificationRequirement.REQUIRED
    )
    return {"options": json.loads(json.dumps(dict(options))), "fido": dict(state)}


def check_assertion(user: User, state: dict[str, Any], credential: Any) -> bool:
    """Whether one of the person's passkeys signed this challenge."""
    try:
        answer = AuthenticationResponse.from_dict(json.loads(credential) if isinstance(credential, str) else credential)
        server().authenticate_complete(state["fido"], credentials_of(user), answer)
    except (*_UNREADABLE, InvalidSignature):
        return False
    return True


def owner_of(credential: Any) -> User | None:
    """Whose passkey this is: the handle inside it is the person's public id."""
    try:
        answer = AuthenticationResponse.from_dict(credential)
        handle = answer.response.user_handle
    except _UNREADABLE:
        return None
    if handle is None or len(handle) != 16:
        return None
    owner: User | None = User.objects.filter(public_id=handle.hex()).first()
    return owner


def wrap(state: dict[str, Any], at: datetime) -> str:
    """The state of a sign-in that has no person yet, signed for the browser to carry for five minutes."""
    return signing.dumps({"state": state, "until": at.timestamp() + 300}, salt="passkey sign-in")


def unwrap(wrapped: str, at: datetime) -> dict[str, Any] | None:
    """What `wrap` signed, once: None when altered, too old, or seen before."""
    try:
        carried = signing.loads(wrapped, salt="passkey sign-in")
    except signing.BadSignature:
        return None
    fresh = carried["until"] > at.timestamp() and cache.add(f"passkey/{carried['state']['challenge']}", 1, 600)
    return carried["state"] if fresh else None
