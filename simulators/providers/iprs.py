"""A government registry of people, as a licensed gateway to it might answer.

Every number has a person. Who it is, is planned at `/control/iprs/`: a `full_name` and `date_of_birth` for a
`document_number`, or a `fault` (one of FAULTS) for one number or, without it, for all. Without a plan the number is
not found, so that nobody passes by chance.
"""

from hashlib import sha256
from typing import Any

from simulators.house import House
from simulators.web import Request, Response, as_json, route

NAME = "iprs"
KEY = "simulated-registry"
FAULTS = {
    "NOT_FOUND": "Nobody by that number",
    "HTML": "A page instead of an answer",
    "NO_NAME": "An answer without a name",
    "HTTP_500": "Server error",
    "TIMEOUT": "No answer at all",
}


def identity(house: House, request: Request) -> Response:
    """`POST /iprs/v1/identity` with a bearer key."""
    asked: Any = request.json
    number = str(asked.get("document_number") or "") if isinstance(asked, dict) else ""
    plan = house.store.plan(NAME, number) or house.store.plan(NAME, "")
    fault = plan.get("fault", "")
    if fault == "TIMEOUT":
        return Response(hangs_up=True)
    if fault == "HTTP_500":
        return Response("Internal Server Error", 500, "text/plain")
    if fault == "HTML":
        return Response("<!doctype html><title>Welcome</title>", 200)
    if request.headers.get("authorization") != f"Bearer {KEY}":
        return as_json({"error": "unauthorised"}, 401)
    if not number or asked.get("document_type") not in ("national_id", "alien_id", "passport"):
        return as_json({"error": "bad request"}, 400)
    told: dict[str, Any] = {"found": False, "reference": sha256(f"iprs/{number}".encode()).hexdigest()[:16]}
    if fault != "NOT_FOUND" and plan.get("full_name"):
        told |= {"found": True, **_names(plan["full_name"]), "date_of_birth": plan.get("date_of_birth", "")}
        if fault == "NO_NAME":
            told["surname"] = None
    return as_json(told)


def _names(full: str) -> dict[str, str]:
    words = full.split()
    return {"first_name": words[0], "other_names": " ".join(words[1:-1]), "surname": words[-1] if words[1:] else ""}


def set_plan(house: House, request: Request) -> Response:
    """`document_number`, and a `fault`, or a `full_name` and `date_of_birth`; none of them takes the plan away."""
    values: Any = request.json
    if not isinstance(values, dict):
        return as_json({"error": "Send JSON."}, 400)
    fault = str(values.get("fault") or "")
    if fault and fault not in FAULTS:
        return as_json({"error": f"The faults are {', '.join(FAULTS)}."}, 400)
    named = ("fault", "full_name", "date_of_birth")
    plan = {name: str(values[name]) for name in named if values.get(name)}
    house.store.script(NAME, str(values.get("document_number") or ""), plan)
    return as_json({"plan": plan})


ROUTES = [
    route("POST", "/iprs/v1/identity/?", identity, NAME),
    route("POST", "/control/iprs/?", set_plan),
]
