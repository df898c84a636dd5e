"""The dialler of the phone page: dial, read, type; by form or by JSON."""

from typing import Any

from simulators import numbers
from simulators.house import House
from simulators.providers import africastalking_ussd as ussd
from simulators.web import Request, Response, as_json, go_to, route


def screen(house: House, number: str) -> dict[str, Any]:
    """What the phone shows of a session."""
    return {"ussd": ussd.on_screen(house, number), "ussd_code": house.settings.africastalking_ussd_code}


def dial(house: House, request: Request, number: str) -> Response:
    """Dial `code`, reply with `typed`, post the last step `again`, or `cancel`."""
    found = numbers.e164(number)
    values = request.values
    if found is None:
        return as_json({"error": "That is no phone number."}, 404)
    told: dict[str, Any] | None = {}
    if values.get("cancel"):
        ussd.hang_up(house, found)
    elif values.get("code"):
        told = ussd.dial(house, found, str(values["code"])[:20])
    else:
        told = ussd.reply(house, found, str(values.get("typed", ""))[:40], again=bool(values.get("again")))
    if request.wants_json:
        return as_json(told) if told is not None else as_json({"error": "Nothing was dialled."}, 404)
    return go_to(f"/phone/{found.lstrip('+')}/#dial")


ROUTES = [route("POST", "/phone/<number>/ussd/?", dial)]
