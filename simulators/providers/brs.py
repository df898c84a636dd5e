"""A registrar of businesses, as a licensed gateway to it might answer.

Which business has a number is planned at `/control/brs/`: its `name`, `type`, `status` and `people`, or a `fault` (one
of FAULTS) for one number or, without it, for all. Without a plan the number is not found: none passes by chance.
"""

from hashlib import sha256
from typing import Any

from simulators.house import House
from simulators.web import Request, Response, as_json, route

NAME = "brs"
KEY = "simulated-registrar"
TYPES = ("business_name", "partnership", "company", "community_group")
STATUSES = ("active", "dissolved", "struck_off", "in_liquidation")
FAULTS = {
    "NOT_FOUND": "No business by that number",
    "HTML": "A page instead of an answer",
    "NO_NAME": "A person without a name among its people",
    "HTTP_500": "Server error",
    "TIMEOUT": "No answer at all",
}


def business(house: House, request: Request) -> Response:
    """`POST /brs/v1/business` with a bearer key."""
    asked: Any = request.json
    number = str(asked.get("registration_number") or "") if isinstance(asked, dict) else ""
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
    if not number:
        return as_json({"error": "bad request"}, 400)
    told: dict[str, Any] = {"found": False, "reference": sha256(f"brs/{number}".encode()).hexdigest()[:16]}
    if fault != "NOT_FOUND" and plan.get("name"):
        told |= {"found": True} | {member: plan[member] for member in ("name", "type", "status", "people")}
        if fault == "NO_NAME":
            told["people"] = [*plan["people"], {"name": None}]
    return as_json(told)


def set_plan(house: House, request: Request) -> Response:
    """`registration_number`, and a `fault`, or a business; neither takes the plan away."""
    values: Any = request.json
    if not isinstance(values, dict):
        return as_json({"error": "Send JSON."}, 400)
    plan: dict[str, Any] = {}
    if fault := str(values.get("fault") or ""):
        if fault not in FAULTS:
            return as_json({"error": f"The faults are {', '.join(FAULTS)}."}, 400)
        plan["fault"] = fault
    if values.get("name"):
        kind, status = values.get("type", "company"), values.get("status", "active")
        people = values.get("people", [])
        if kind not in TYPES or status not in STATUSES or not isinstance(people, list):
            return as_json({"error": "type, status or people is not one of those there are."}, 400)
        plan |= {"name": str(values["name"]), "type": kind, "status": status, "people": people}
    house.store.script(NAME, str(values.get("registration_number") or ""), plan)
    return as_json({"plan": plan})


ROUTES = [
    route("POST", "/brs/v1/business/?", business, NAME),
    route("POST", "/control/brs/?", set_plan),
]
