"""The control page of exchange rates: what the provider says today, and how it lies."""

from datetime import UTC, datetime
from typing import Any

from simulators.house import House
from simulators.providers import exchangerate
from simulators.web import Request, Response, as_json, go_to, route

LARGEST_MOVE = 900.0  # per cent


def control(house: House, request: Request, wrong: str = "") -> Response:
    """Today's rates and the plan."""
    today = datetime.now(UTC).date()
    return house.page(
        "fx.html",
        status=400 if wrong else 200,
        wrong=wrong,
        today=today.isoformat(),
        rates=sorted(exchangerate.rates_on(today).items()),
        faults=exchangerate.FAULTS.items(),
        plan=house.store.plan(exchangerate.NAME, ""),
    )


def set_plan(house: House, request: Request) -> Response:
    """Choose a fault; none takes it away."""
    values: dict[str, Any] = request.values
    try:
        plan = read_plan(values)
    except (ValueError, TypeError) as no:
        return as_json({"error": str(no)}, 400) if request.wants_json else control(house, request, wrong=str(no))
    house.store.script(exchangerate.NAME, "", plan)
    return as_json({"plan": plan}) if request.wants_json else go_to("/control/fx/")


def read_plan(values: dict[str, Any]) -> dict[str, Any]:
    """A plan from what was sent. Raises ValueError."""
    fault, currency = str(values.get("fault") or ""), str(values.get("currency") or "").upper()
    if fault and fault not in exchangerate.FAULTS:
        raise ValueError("There is no such fault.")
    if currency and currency not in exchangerate.AROUND:
        raise ValueError("There is no such currency here.")
    percent, slow = float(values.get("percent") or 0), float(values.get("slow") or 0)
    if not -99 <= percent <= LARGEST_MOVE or not 0 <= slow <= exchangerate.HOLDS_LINE:
        raise ValueError("A move is between -99 and 900 per cent, a wait up to 30 seconds.")
    plan = {"fault": fault, "currency": currency, "percent": percent, "slow": slow}
    return {name: value for name, value in plan.items() if value} if fault or slow else {}


ROUTES = [
    route("GET", "/control/fx/?", control),
    route("POST", "/control/fx/?", set_plan),
]
