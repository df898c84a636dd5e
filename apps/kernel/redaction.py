"""Strikes secrets out of anything that will be logged."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

SECRET_NAMES = re.compile(
    r"pass(word|code|phrase)?|secret|token|authorization|cookie|otp|\bcode\b|\bpin\b|id_number|api_?key|cvv|pan\b",
    re.IGNORECASE,
)
LONG_NUMBER = re.compile(r"(?<![\d.:-])(\+?\d{4})\d{3,}(\d{3})(?![\d:-])")
WEBHOOK = re.compile(
    r"(/webhooks/[^\s/?]+/[^\s/?]+)(/[^\s?]*)?(\?\S*)?"
)  # what follows is the word that proves who calls
STRUCK = "•••"


def struck(name: str, value: Any) -> Any:
    """`value` as it may be logged under `name`."""
    if SECRET_NAMES.search(name) and not isinstance(value, bool | type(None)) and name != "code":
        return STRUCK
    if isinstance(value, Mapping):
        return {key: struck(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [struck(name, inner) for inner in value]
    if isinstance(value, str) and name not in {"timestamp", "request_id"}:
        return LONG_NUMBER.sub(rf"\1{STRUCK}\2", WEBHOOK.sub(rf"\1/{STRUCK}", value))
    return value


def strike_out(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: every key and value of the event, redacted."""
    return {key: struck(key, value) for key, value in event.items()}
