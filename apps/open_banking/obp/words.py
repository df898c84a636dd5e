"""The word an app holds for a consent: a JWT signed with a secret of that one consent. It says nothing that the
database is not asked again at every call.
"""

import json
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from jwcrypto import jwk, jwt
from jwcrypto.common import JWException, base64url_encode

from apps.kernel import cipher
from apps.open_banking.models import Consent, ConsentAccount, Permission
from apps.open_banking.names import account_name

_VIEW_OF: dict[str, str] = {
    Permission.ACCOUNTS.value: "ReadAccountsDetail",
    Permission.BALANCES.value: "ReadBalances",
    Permission.TRANSACTIONS.value: "ReadTransactionsDetail",
}


def _key(public_id: uuid.UUID) -> jwk.JWK:
    """Of one consent, worked out anew each time: nothing is kept that could leak."""
    return jwk.JWK(kty="oct", k=base64url_encode(cipher.fingerprint(str(public_id), "open_banking.consent.word")))


def word_of(consent: Consent) -> str:
    """The JWT of a consent (HS256)."""
    chosen = [(_called(one), one.permission) for one in consent.chosen.all() if one.permission in _VIEW_OF]
    views = [
        {"bank_id": settings.OPEN_BANKING_BANK_ID, "account_id": name, "view_id": _VIEW_OF[one]}
        for name, one in sorted(chosen)
    ]
    whose = consent.persona or consent.user
    claims: dict[str, Any] = {
        "createdByUserId": str(whose.public_id) if whose else "",
        "sub": str(uuid.uuid5(consent.public_id, "sub")),
        "iss": settings.PUBLIC_ADDRESS,
        "aud": str(consent.app.client_id),
        "jti": str(consent.public_id),
        "iat": _seconds(consent.created_at),
        "nbf": _seconds(consent.valid_from),
        "exp": _seconds(consent.valid_until),
        "entitlements": [],
        "views": views,
    }
    signed = jwt.JWT(header={"alg": "HS256", "typ": "JWT"}, claims=claims)
    signed.make_signed_token(_key(consent.public_id))
    return str(signed.serialize())


def _called(chosen: ConsentAccount) -> str:
    """As third parties call the account."""
    made_up = chosen.sandbox_account
    return str(made_up.public_id if made_up is not None else account_name(chosen.account_id or 0))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def consent_named(word: str) -> uuid.UUID | None:
    """The consent a word claims to be of, unchecked; None for what is no word."""
    try:
        opened = jwt.JWT(jwt=word, key=None, check_claims={})
        return uuid.UUID(str(json.loads(opened.token.objects["payload"]).get("jti")))
    except (JWException, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def is_signed(word: str, public_id: uuid.UUID) -> bool:
    """Whether the bank signed it, for this consent. Its times are the consent's, which the caller asks."""
    try:
        jwt.JWT(jwt=word, key=_key(public_id), algs=["HS256"], check_claims={"jti": str(public_id)})
    except (JWException, ValueError):
        return False
    return True
