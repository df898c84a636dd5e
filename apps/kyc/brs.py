"""The registrar of companies, business names, partnerships and groups, asked by a registration number.

Kenya's Business Registration Service answers searches (CR12 and the like) on eCitizen and to licensed gateways, whose
formats are not public. The one here is ours until a contract tells: a POST with a bearer key, answered with `found`,
and `name`, `type`, `status` and `people`, each with a `name` and, where the registrar gives it, an `id_number`.
"""

import json
from typing import Any

import httpx
from django.conf import settings

from apps.kernel import http
from apps.kernel.json import can_be_kept
from apps.kyc.ports import BadAnswer, BusinessAnswer, RegisteredPerson

NAME = "brs"
PATIENCE = httpx.Timeout(8.0, connect=3.0, pool=3.0)
_KINDS = {
    "business_name": "SOLE", "partnership": "PARTNERSHIP", "company": "COMPANY", "community_group": "GROUP",
}  # fmt: skip
_STATUSES = {"active": True, "dissolved": False, "struck_off": False, "in_liquidation": False}
_MOST_PEOPLE = 200


class Brs:
    """Asks over HTTP."""

    name = NAME

    def is_set_up(self) -> bool:
        """Whether there is a key."""
        return bool(settings.BRS_URL and settings.BRS_KEY)

    def ask(self, number: str) -> BusinessAnswer:
        """One POST; asking twice does no harm. Raises BadAnswer, ProviderResting, NotReached, NoAnswer."""
        answer = http.send(
            NAME,
            "POST",
            f"{settings.BRS_URL}/v1/business",
            idempotent=True,
            timeout=PATIENCE,
            json={"registration_number": number},
            headers={"Authorization": f"Bearer {settings.BRS_KEY}"},
        )
        if answer.status_code != httpx.codes.OK:
            raise BadAnswer(f"HTTP {answer.status_code}")
        return read(answer.text)


def read(text: str) -> BusinessAnswer:
    """An answer. Raises BadAnswer for anything that is not one whole answer: half a list of owners is none."""
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError) as no:
        raise BadAnswer("no JSON") from no
    if not isinstance(told, dict) or not isinstance(told.get("found"), bool) or not can_be_kept(told):
        raise BadAnswer("no answer of a registrar")
    reference = str(told.get("reference") or "")[:80]
    if not told["found"]:
        return BusinessAnswer(reference=reference)
    name, people = told.get("name"), told.get("people")
    kind, is_active = _KINDS.get(str(told.get("type"))), _STATUSES.get(str(told.get("status")))
    if not isinstance(name, str) or not name.strip():
        raise BadAnswer("a business without a name")
    if kind is None or is_active is None:
        raise BadAnswer("a type or a status nobody knows")
    if not isinstance(people, list) or len(people) > _MOST_PEOPLE:
        raise BadAnswer("no list of people")
    return BusinessAnswer(" ".join(name.split())[:200], kind, is_active, tuple(map(_person, people)), reference)


def _person(told: Any) -> RegisteredPerson:
    name = told.get("name") if isinstance(told, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise BadAnswer("a person without a name")
    return RegisteredPerson(" ".join(name.split())[:200], str(told.get("id_number") or "").strip()[:40])
