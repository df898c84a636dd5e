"""The government's registry of people, asked by the number of an identity paper.

Kenya's IPRS is reached through licensed gateways whose formats are not public. The one here is ours until a contract
tells: a POST with a bearer key, answered with `found`, and `first_name`, `other_names`, `surname`, `date_of_birth`.
"""

import json
from datetime import date
from typing import Any

import httpx
from django.conf import settings

from apps.kernel import http
from apps.kernel.json import can_be_kept
from apps.kyc.ports import BadAnswer, RegistryAnswer

NAME = "iprs"
PATIENCE = httpx.Timeout(8.0, connect=3.0, pool=3.0)
_KINDS = {"NATIONAL_ID": "national_id", "ALIEN_ID": "alien_id", "PASSPORT": "passport"}


class Iprs:
    """Asks over HTTP."""

    name = NAME

    def is_set_up(self) -> bool:
        """Whether there is a key."""
        return bool(settings.IPRS_URL and settings.IPRS_KEY)

    def ask(self, kind: str, number: str) -> RegistryAnswer:
        """One POST; asking twice does no harm. Raises BadAnswer, ProviderResting, NotReached, NoAnswer."""
        answer = http.send(
            NAME,
            "POST",
            f"{settings.IPRS_URL}/v1/identity",
            idempotent=True,
            timeout=PATIENCE,
            json={"document_type": _KINDS[kind], "document_number": number},
            headers={"Authorization": f"Bearer {settings.IPRS_KEY}"},
        )
        if answer.status_code != httpx.codes.OK:
            raise BadAnswer(f"HTTP {answer.status_code}")
        return read(answer.text)


def read(text: str) -> RegistryAnswer:
    """An answer. Raises BadAnswer."""
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError) as no:
        raise BadAnswer("no JSON") from no
    if not isinstance(told, dict) or not isinstance(told.get("found"), bool) or not can_be_kept(told):
        raise BadAnswer("no answer of a registry")
    reference = str(told.get("reference") or "")[:80]
    if not told["found"]:
        return RegistryAnswer(reference=reference)
    given = [told.get(member) for member in ("first_name", "other_names", "surname")]
    names = [name for name in given if isinstance(name, str)]
    if len(names) < len(given) or not "".join(names).strip():
        raise BadAnswer("a person without a name")
    try:
        born = date.fromisoformat(str(told.get("date_of_birth")))
    except ValueError as no:
        raise BadAnswer("no date of birth") from no
    return RegistryAnswer(" ".join(" ".join(names).split())[:200], born, reference)
