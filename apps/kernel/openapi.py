"""What every operation of the API has in common, for its published schema."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details. Nothing has moved unless `detail` says so.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": True},
    },
    "additionalProperties": True,
}
ANSWERS = {
    "400": "The request could not be read, or a field is wrong",
    "401": "No token, or an expired one",
    "403": "Not allowed",
    "404": "Not there, or not yours",
    "405": "Not done that way",
    "406": "Not available in that form",
    "409": "Already done, taken, or moved on",
    "413": "Too large",
    "415": "Send JSON",
    "422": "Understood and refused: a limit, the funds, a rule",
    "429": "Too many requests",
    "503": "Not available now",
}
IDEMPOTENCY_HEADER = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=False,
    description="Same key and body: the first answer again. Same key, other body: 409.",
    type={"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~][ -~]*$"},
)


class Schema(AutoSchema):
    """Adds the idempotency header to the operations that honour it."""

    def get_override_parameters(self) -> list[Any]:
        """The header on every POST that moves money."""
        parameters: list[Any] = super().get_override_parameters()
        name = getattr(self.view, "action", None) or self.method.lower()
        honours = getattr(getattr(type(self.view), name, None), "honours_idempotency", False)
        return [*parameters, IDEMPOTENCY_HEADER] if honours else parameters


_PLAIN = {"text/html": {"schema": {"type": "string"}}}  # the web server's own answer: it never reaches the bank


def _door(operation: str, words: str, answers: dict[str, Any]) -> dict[str, Any]:
    return {"get": {"operationId": operation, "description": words, "tags": ["operators"], "responses": answers}}


_STATE = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"type": "string", "enum": ["ok", "unavailable"]},
        "parts": {"type": "object", "additionalProperties": {"type": "object", "required": ["ok"]}},
    },
}
_AS_JSON = {"application/json": {"schema": _STATE}}
# Plain Django views, which the generator does not see.
OPERATORS = {
    "/healthz": _door("healthz", "The process lives.", {"200": {"description": "It does", "content": _AS_JSON}}),
    "/readyz": _door(
        "readyz",
        "Database, outbox, cache and broker can be used; 503 says which cannot.",
        {
            "200": {"description": "All of them", "content": _AS_JSON},
            "503": {"description": "Not all of them", "content": _AS_JSON},
        },
    ),
    "/metrics": _door(
        "metrics",
        "Figures for Prometheus, on the internal network only.",
        {
            "200": {"description": "As text", "content": {"text/plain": {"schema": {"type": "string"}}}},
            "404": {"description": "Asked from outside"},
        },
    ),
}


def add_problem_answers(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """Say on every operation which refusals it may give, and what they look like."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in result["paths"].values():
        for operation in methods.values():
            for status, words in ANSWERS.items():
                operation["responses"].setdefault(status, {"description": words, "content": content})
            operation["responses"].setdefault("414", {"description": "The address is too long", "content": _PLAIN})
    result["paths"] |= OPERATORS
    return result
