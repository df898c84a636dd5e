"""Metropol, a credit reference bureau, version 2.1: the consumer score by identity number.

The same number always has the same score. Numbers ending in 0 have no file. A plan, set at `/control/metropol/`, is a
`fault` (one of FAULTS), for one `identity_number` or, without it, for all, or a `credit_score` for one number.
"""

import secrets
from hashlib import sha256
from typing import Any

from simulators.house import House
from simulators.web import Request, Response, as_json, route

NAME = "metropol"
PUBLIC_KEY, PRIVATE_KEY = "simulated-public", "simulated-private"
FAULTS = {
    "NO_FILE": "Nobody by that number",
    "HTML": "A page instead of an answer",
    "NO_SCORE": "An answer without a score",
    "HTTP_500": "Server error",
    "TIMEOUT": "No answer at all",
}


def score_of(identity_number: str) -> int:
    """200 to 900, always the same for a number."""
    return 200 + int.from_bytes(sha256(f"metropol/{identity_number}".encode()).digest()[:4], "big") % 701


def consumer_score(house: House, request: Request) -> Response:
    """`POST /v2_1/score/consumer`, signed over the body as it came."""
    asked: Any = request.json
    number = str(asked.get("identity_number") or "") if isinstance(asked, dict) else ""
    plan = house.store.plan(NAME, number) or house.store.plan(NAME, "")
    fault = plan.get("fault", "")
    if fault == "TIMEOUT":
        return Response(hangs_up=True)
    if fault == "HTTP_500":
        return Response("Internal Server Error", 500, "text/plain")
    if fault == "HTML":
        return Response("<!doctype html><title>Welcome</title>", 200)
    if not _is_signed(request):
        return as_json(_answer(number, has_error=True, api_code="401", description="Invalid API hash"), 401)
    if not number or asked.get("report_type") != 3 or asked.get("identity_type") != "001":
        return as_json(_answer(number, has_error=True, api_code="400", description="Bad request"))
    if fault == "NO_FILE" or (number.endswith("0") and "credit_score" not in plan):
        return as_json(_answer(number, has_error=True, api_code="404", description="No record found"))
    told = _answer(number, has_error=False, api_code="200", description="Success")
    if fault != "NO_SCORE":
        told["credit_score"] = plan.get("credit_score", score_of(number))
    return as_json(told)


def _is_signed(request: Request) -> bool:
    given = {name: request.headers.get(f"x-metropol-rest-api-{name}", "") for name in ("key", "timestamp", "hash")}
    proof = sha256(f"{PRIVATE_KEY}{request.text}{given['key']}{given['timestamp']}".encode()).hexdigest()
    is_stamp = given["timestamp"].isdigit() and len(given["timestamp"]) == 20
    return given["key"] == PUBLIC_KEY and is_stamp and secrets.compare_digest(proof, given["hash"])


def _answer(number: str, *, has_error: bool, api_code: str, description: str) -> dict[str, Any]:
    return {
        "api_code": api_code,
        "api_code_description": description,
        "has_error": has_error,
        "identity_number": number,
        "identity_type": "001",
        "trx_id": sha256(f"trx/{number}".encode()).hexdigest()[:16],
    }


def set_plan(house: House, request: Request) -> Response:
    """`identity_number`, and a `fault` or a `credit_score`; neither takes the plan away."""
    values: Any = request.json
    if not isinstance(values, dict):
        return as_json({"error": "Send JSON."}, 400)
    fault, score = str(values.get("fault") or ""), values.get("credit_score")
    if fault and fault not in FAULTS:
        return as_json({"error": f"The faults are {', '.join(FAULTS)}."}, 400)
    if score is not None and not (isinstance(score, int) and 200 <= score <= 900):
        return as_json({"error": "A score is between 200 and 900."}, 400)
    plan = {name: value for name, value in {"fault": fault, "credit_score": score}.items() if value}
    house.store.script(NAME, str(values.get("identity_number") or ""), plan)
    return as_json({"plan": plan})


ROUTES = [
    route("POST", "/metropol/v2_1/score/consumer/?", consumer_score, NAME),
    route("POST", "/control/metropol/?", set_plan),
]
