"""Metropol, one of Kenya's credit reference bureaus, version 2.1: the consumer score, report type 3.

What is public: the address, the three headers with their SHA-256 over private key, body, public key and time stamp,
the request, and that an answer holds `has_error`, `api_code`, `credit_score` between 200 and 900 and a `trx_id` (its
developer guide 3.7 and published clients). What is not, and is ours until a contract tells: that `api_code` 404 means
that there is no file.
"""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

import httpx
from django.conf import settings

from apps.credit_scoring.ports import BadAnswer, BureauAnswer
from apps.kernel import http
from apps.kernel.clock import now

NAME = "metropol"
PATIENCE = httpx.Timeout(8.0, connect=3.0, pool=3.0)  # a customer waits for it
CONSUMER_SCORE, NATIONAL_ID = 3, "001"
LOWEST, HIGHEST = 200, 900
NO_FILE = "404"


class Metropol:
    """Scores by identity number over HTTP."""

    name = NAME

    def is_set_up(self) -> bool:
        """Whether there are keys."""
        return bool(settings.METROPOL_PUBLIC_KEY and settings.METROPOL_PRIVATE_KEY)

    def ask(self, id_number: str) -> BureauAnswer:
        """One POST; asking twice does no harm. Raises BadAnswer, ProviderResting, NotReached, NoAnswer."""
        asked = {
            "report_type": CONSUMER_SCORE,
            "identity_number": id_number,
            "identity_type": NATIONAL_ID,
            "mobile_score": False,
        }
        body = json.dumps(asked, separators=(",", ":"))
        answer = http.send(
            NAME,
            "POST",
            f"{settings.METROPOL_URL}/v2_1/score/consumer",
            idempotent=True,
            timeout=PATIENCE,
            content=body,
            headers=headers(body, now()),
        )
        if answer.status_code != httpx.codes.OK:
            raise BadAnswer(f"HTTP {answer.status_code}")
        return read(answer.text)


def headers(body: str, at: datetime) -> dict[str, str]:
    """Who asks, when, and the proof of both over the body as it is sent."""
    stamp = at.strftime("%Y%m%d%H%M%S%f")
    signed = f"{settings.METROPOL_PRIVATE_KEY}{body}{settings.METROPOL_PUBLIC_KEY}{stamp}"
    return {
        "Content-Type": "application/json",
        "X-METROPOL-REST-API-KEY": settings.METROPOL_PUBLIC_KEY,
        "X-METROPOL-REST-API-TIMESTAMP": stamp,
        "X-METROPOL-REST-API-HASH": sha256(signed.encode()).hexdigest(),
    }


def read(text: str) -> BureauAnswer:
    """An answer, its score moved from 200–900 to 300–850. Raises BadAnswer."""
    try:
        told: Any = json.loads(text)
    except ValueError as no:
        raise BadAnswer("no JSON") from no
    if not isinstance(told, dict) or not isinstance(told.get("has_error"), bool):
        raise BadAnswer("no answer of a bureau")
    reference = str(told.get("trx_id") or "")[:80]
    if told["has_error"]:
        if str(told.get("api_code")) == NO_FILE:
            return BureauAnswer(None, reference)
        raise BadAnswer(f"refused with {str(told.get('api_code'))[:20]}")
    score = told.get("credit_score")
    if isinstance(score, bool) or not isinstance(score, int) or not LOWEST <= score <= HIGHEST:
        raise BadAnswer("no score between 200 and 900")
    return BureauAnswer(300 + round((score - LOWEST) * 550 / (HIGHEST - LOWEST)), reference)
