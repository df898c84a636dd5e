"""What each code of a refusal means and what its reader can do about it: one list for logs, documents and pages.

Codes of our own API are read from the classes that are raised; an app with a wire format of its own adds that list.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from apps.kernel.errors import DomainError
from apps.kernel.problems import CODES

_REMEDIES = {
    400: "Compare the request with the reference. errors names each field that is wrong and why. Send it again "
    "corrected; nothing was done.",
    401: "Get a new access token and send it as Authorization: Bearer …. If a refresh token was used twice, or the "
    "customer ended their consent, ask the customer again.",
    403: "The token is good, but not for this. Ask for the scope or the consent that covers it.",
    404: "Check the id. What belongs to somebody else is answered as if it were not there.",
    405: "Look up the method in the reference.",
    406: "Ask for application/json.",
    409: "Read the thing again before you try: it was decided, used or changed in the meantime.",
    413: "Send less in one request.",
    415: "Send the body as JSON with Content-Type: application/json.",
    422: "The request was understood and refused by a rule. detail says which and what would help; the same request "
    "is refused again until that has changed.",
    429: "Wait as many seconds as Retry-After says, then go on. Spread reads out, or ask us for a higher limit.",
    500: "This is our fault. Send us the request_id; a write with an Idempotency-Key may be sent again.",
    503: "Wait as many seconds as Retry-After says and send it again, with the same Idempotency-Key.",
}
_GENERAL = {
    "bad_request": "The request could not be read at all: broken JSON, or an address with impossible characters.",
    "invalid": "One or more fields are missing, wrong or unknown.",
    "not_authenticated": "There was no token, or nothing that could be read as one.",
    "token_not_valid": "The access token is not known, is over, or belongs to an app that was stopped.",
    "method_not_allowed": "The address is right, the method is not.",
    "not_acceptable": "The answer is not available in the form that was asked for.",
    "too_large": "The body is larger than we take in one request.",
    "unsupported_media_type": "The body is not JSON.",
    "server_error": "Something broke on our side. It is in our log under the request_id.",
    "busy": "The database was busy with something else for too long. Nothing was done.",
}
_GENERAL_STATUS = {"invalid": 400, "token_not_valid": 401, "busy": 503}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One code: with which status it comes, why, and what to do."""

    code: str
    status: int
    cause: str
    remedy: str


_lists: list[Callable[[], Iterable[Meaning]]] = []


def add(source: Callable[[], Iterable[Meaning]]) -> None:
    """Add the codes of another wire format; called in `AppConfig.ready()`."""
    _lists.append(source)


def everything() -> dict[str, Meaning]:
    """Every code that can be answered, by code."""
    statuses = {code: status for status, code in CODES.items()} | _GENERAL_STATUS
    ours = [(kind.code, kind.status, inspect.cleandoc(kind.__doc__ or "")) for kind in _refusals(DomainError)]
    general = [(code, statuses[code], cause) for code, cause in _GENERAL.items()]  # several kinds may share such a code
    found = {code: _meaning(code, status, cause) for code, status, cause in [*ours, *general]}
    return found | {one.code: one for source in _lists for one in source()}


def of(code: str) -> Meaning | None:
    """What a code means; None for one we never give."""
    return everything().get(code)


def remedy(status: int) -> str:
    """What helps against answers of a status, whatever their code."""
    return _REMEDIES.get(status, _REMEDIES[422])


def _meaning(code: str, status: int, cause: str) -> Meaning:
    return Meaning(code=code, status=status, cause=" ".join(cause.replace("`", "").split()), remedy=remedy(status))


def _refusals(kind: type[DomainError]) -> list[type[DomainError]]:
    return [found for child in kind.__subclasses__() for found in (child, *_refusals(child))]
