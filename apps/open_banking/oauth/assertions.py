"""`private_key_jwt` (RFC 7523): an app proves itself by an assertion that only its own key can sign, good once."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from jwcrypto import jwk, jws, jwt
from jwcrypto.common import JWException

from apps.kernel import cipher
from apps.kernel.json import can_be_kept
from apps.open_banking.credentials import ALGORITHMS
from apps.open_banking.models import ThirdPartyApp, UsedAssertion

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = timedelta(hours=1)  # what common clients ask for unless told otherwise
SKEW = timedelta(seconds=30)
_MOST_TEXT = 8000


def named(assertion: str) -> str:
    """Who an assertion claims to be of, unchecked; "" for what is none."""
    opened = jws.JWS()
    try:
        opened.deserialize(assertion[:_MOST_TEXT])
        claims = json.loads(opened.objects["payload"])
    except (JWException, ValueError, KeyError, TypeError, RecursionError):
        return ""
    found = claims.get("sub") if isinstance(claims, dict) else None
    return found if isinstance(found, str) and can_be_kept(found) else ""


def is_proof(app: ThirdPartyApp, assertion: str, at: datetime) -> bool:
    """Whether this app signed it, for this bank, for now, and has not used it before. It is used by asking."""
    if not app.public_keys:
        return False
    claims = _claims(app, assertion)
    if claims is None:
        return False
    ends, begins, name = claims.get("exp"), claims.get("nbf", claims.get("iat", 0)), claims.get("jti")
    seconds = at.timestamp()
    if not isinstance(ends, int) or not isinstance(begins, int) or not isinstance(name, str):
        return False
    if (
        not 0 < len(name) <= 200
        or not can_be_kept(name)
        or not seconds < ends <= seconds + LONGEST.total_seconds()
        or begins > seconds + SKEW.total_seconds()
    ):
        return False
    return _is_first(app, name, at)


def _claims(app: ThirdPartyApp, assertion: str) -> dict[str, Any] | None:
    """Signed by one of the app's keys with what those can, of the app about itself, and meant for this bank alone."""
    try:
        keys = jwk.JWKSet.from_json(json.dumps(app.public_keys))
        opened = jwt.JWT(jwt=assertion[:_MOST_TEXT], key=keys, algs=list(ALGORITHMS), check_claims={"jti": None})
        claims = json.loads(opened.claims)
    except (JWException, ValueError, KeyError, TypeError, RecursionError):
        return None
    root = settings.PUBLIC_ADDRESS
    mine = {root, f"{root}/oauth/token", f"{root}/oauth/par"}
    audience = claims.get("aud")
    meant = audience if isinstance(audience, list) else [audience]
    is_for_us = len(meant) == 1 and isinstance(meant[0], str) and meant[0] in mine
    is_of_it = claims.get("iss") == claims.get("sub") == app.client_id
    return claims if is_for_us and is_of_it else None


def _is_first(app: ThirdPartyApp, name: str, at: datetime) -> bool:
    mark = cipher.fingerprint(name, "open_banking_usedassertion.jti")
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(app=app, mark=mark, expires_at=at + LONGEST)
    except IntegrityError:
        return False
    return True
