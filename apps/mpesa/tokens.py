"""The access token of Daraja: one for all processes, because a new one ends the one before it (channels.md 1.1)."""

import time
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel import http
from apps.kernel.clock import now
from apps.mpesa.errors import MpesaUnavailable
from apps.mpesa.models import AccessToken

EARLY = timedelta(seconds=60)  # a token is renewed this long before it ends
CLAIM = timedelta(seconds=20)  # how long one process may take to renew it before another may try
LONGEST = 3600  # seconds a token lives, whatever they say
_POLL = 0.1
_NOT_LET_IN = _("M-Pesa does not let us in now. Nothing was sent. Try again later.")


def current() -> str:
    """The token, renewed when it is about to end. Raises MpesaUnavailable, http.NotReached."""
    row = _row()
    if row.token and row.expires_at and row.expires_at - EARLY > now():
        return str(row.token)
    return renewed(str(row.token or ""))


def renewed(bad: str) -> str:
    """Another token than `bad`: one process asks for it, the others wait for what it gets."""
    deadline = now() + CLAIM
    while now() < deadline:
        row = _row()
        if _is_good(row, bad):
            return str(row.token)
        free = AccessToken.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=now()), pk=row.pk)
        if free.update(claimed_until=now() + CLAIM):
            return _renew(_row(), bad)
        time.sleep(_POLL)
    raise MpesaUnavailable(_NOT_LET_IN)


def _is_good(row: AccessToken, bad: str) -> bool:
    return bool(row.token) and str(row.token) != bad and row.expires_at is not None and row.expires_at - EARLY > now()


def _renew(row: AccessToken, bad: str) -> str:
    """Under the claim. Another may have renewed it between our look and our claim: then that one is taken."""
    if _is_good(row, bad):
        AccessToken.objects.filter(pk=row.pk).update(claimed_until=None)
        return str(row.token)
    try:
        token, seconds = _ask()
    except http.NoAnswer as no:  # of the token alone: what it was wanted for has not been sent
        AccessToken.objects.filter(pk=row.pk).update(claimed_until=None)
        raise MpesaUnavailable(_NOT_LET_IN) from no
    except Exception:
        AccessToken.objects.filter(pk=row.pk).update(claimed_until=None)
        raise
    row.token, row.expires_at, row.claimed_until = token, now() + timedelta(seconds=seconds), None
    row.save()
    return token


def _row() -> AccessToken:
    digest = sha256(f"{settings.DARAJA_URL} {settings.DARAJA_KEY}".encode()).hexdigest()
    return AccessToken.objects.get_or_create(consumer_key=digest)[0]


def _ask() -> tuple[str, int]:
    response = http.send(
        "daraja",
        "GET",
        f"{settings.DARAJA_URL}/oauth/v1/generate",
        params={"grant_type": "client_credentials"},
        auth=(settings.DARAJA_KEY, settings.DARAJA_SECRET),
        idempotent=True,
    )
    try:
        told = http.json_of(response)
        token, seconds = str(told["access_token"] or ""), int(told["expires_in"])
    except (ValueError, KeyError, TypeError, OverflowError) as no:
        raise MpesaUnavailable(_NOT_LET_IN) from no
    if not token:
        raise MpesaUnavailable(_NOT_LET_IN)
    return token, max(0, min(seconds, LONGEST))
