"""Posts what is told to the bank afterwards, well or as badly as the plan says."""

import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from simulators.house import House
from simulators.providers.daraja import switches, wire

JSON = "application/json"
LATE = 120.0
AFTER_OTHERS = 3.0
_IDS = {
    "MerchantRequestID",
    "CheckoutRequestID",
    "ConversationID",
    "conversationID",
    "OriginatorConversationID",
    "requestId",
    "responseRefID",
}
_RETYPED = {"ResultCode", "ResultType", "resultCode", "ReferenceItem"}
_AMOUNTS = {"Amount", "amount", "TransAmount", "TransactionAmount"}


def post(house: House, plan: dict[str, Any], url: str, body: dict[str, Any], *, usual: float | None = None) -> int:
    """Have `body` posted; returns the number of the post, for one that cannot wait, else 0."""
    after = switches.seconds(house, "callback_delay") if usual is None else usual
    after += float(plan.get("delay") or 0)
    how = plan.get("callback")
    if how == "NEVER" or not url:
        return 0
    if how == "LATE" and not plan.get("delay"):
        after += LATE
    if how == "OUT_OF_ORDER":
        after += AFTER_OTHERS
    if how == "WRONG_AMOUNT":
        body = _changed(body, _AMOUNTS, lambda _old: wire.number(7_77))
    if how == "UNKNOWN_ID":
        body = _changed(body, _IDS, lambda old: f"{old[:-8]}{secrets.token_hex(4)}")
    if how == "WRONG_TYPE":
        body = _retyped(body)
    text = wire.dumps(body)
    if how == "GARBAGE":
        text = text[: len(text) // 2]
    number = _queue(house, url, text, after)
    if how == "DUPLICATE":
        _queue(house, url, text, after)
    return number if how == "BEFORE" else 0


def _queue(house: House, url: str, text: str, after: float) -> int:
    """Only this machine is called; what was meant for elsewhere is kept as undeliverable."""
    if is_here(url):
        return house.store.call_back("daraja", url, text, JSON, after)
    now = time.time()
    return house.store.add(
        "callback",
        provider="daraja",
        url=url,
        body=text,
        content_type=JSON,
        due_at=now,
        done_at=now,
        error="Not on this machine.",
    )


def is_here(url: str) -> bool:
    """Whether an address is on this machine."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def result(
    code: str,
    text: str,
    *,
    ids: tuple[str, str],
    receipt: str,
    parameters: list[dict[str, Any]] | dict[str, Any] | None = None,
    references: Any = None,
    in_text: bool = False,
) -> dict[str, Any]:
    """The common shape of 1.7; `in_text` for products that send their codes as text."""
    originator, conversation = ids
    number: int | str = int(code) if code.isdigit() and not in_text else code
    body: dict[str, Any] = {
        "ResultType": "0" if in_text else 0,
        "ResultCode": number,
        "ResultDesc": text,
        "OriginatorConversationID": originator,
        "ConversationID": conversation,
        "TransactionID": receipt,
    }
    if parameters:
        body["ResultParameters"] = {"ResultParameter": parameters}
    if references is not None:
        body["ReferenceData"] = {"ReferenceItem": references}
    return {"Result": body}


def pairs(known: dict[str, Any]) -> list[dict[str, Any]]:
    """Key and Value; a value of None has no Value."""
    return [{"Key": key} if value is None else {"Key": key, "Value": value} for key, value in known.items()]


def _retyped(body: Any) -> Any:
    """A copy with codes of the other type, and an object where a list of references was, or the other way round."""
    if isinstance(body, list):
        return [_retyped(one) for one in body]
    if not isinstance(body, dict):
        return body
    return {name: _other(value) if name in _RETYPED else _retyped(value) for name, value in body.items()}


def _other(value: Any) -> Any:
    if isinstance(value, list):
        return value[0] if value else {}
    if isinstance(value, dict):
        return [value]
    return str(value) if isinstance(value, int) else int(value) if str(value).isdigit() else value


def _changed(body: Any, names: set[str], change: Callable[[str], str]) -> Any:
    """A copy in which the named values are others, in objects and in lists of Name or Key and Value."""
    if isinstance(body, list):
        return [_changed(one, names, change) for one in body]
    if not isinstance(body, dict):
        return body
    if body.get("Name", body.get("Key")) in names and "Value" in body:
        return {**body, "Value": change(str(body["Value"]))}
    return {
        name: change(value) if name in names and isinstance(value, str) else _changed(value, names, change)
        for name, value in body.items()
    }
