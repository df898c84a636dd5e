"""Answers whatever comes in under the base address: finds the product, looks at the token, keeps to the plan."""

from simulators import callbacks
from simulators.house import House
from simulators.providers.daraja import calls, feeds, plans, tokens
from simulators.providers.daraja.calls import View
from simulators.providers.daraja.codes import Refused
from simulators.providers.daraja.defaults import BASE
from simulators.providers.daraja.products import PRODUCTS
from simulators.web import Request, Response, route


def answer(house: House, request: Request, path: str) -> Response:
    """One request."""
    try:
        return _answer(house, request, path.rstrip("/"))
    except Refused as no:
        return no.answer()


def _answer(house: House, request: Request, path: str) -> Response:
    if path == "oauth/v1/generate":
        _require_method(request, "GET")
        plan = plans.plan_for(house, "token")
        calls.require_no_refusal(plan)
        return (None if calls.is_done(plan) else calls.spoiled(plan)) or _lost(plan, tokens.generate(house, request))
    feed = feeds.find(path)
    if feed is not None:
        _require_method(request, "GET")
        return feed(house, request)
    if path not in PRODUCTS:
        raise Refused(404, "404.001.01", "Resource not found")
    _require_method(request, "POST")
    product, version, view, invalid_token = PRODUCTS[path]
    tokens.require(house, request, invalid_token)
    if not isinstance(request.json, dict | list):
        raise Refused(400, "400.002.05", "Invalid Request Payload")
    app_key = request.headers.get("appkey", "")
    return _carried_out(calls.made(house, product, version, request.json, app_key), view)


def _carried_out(call: calls.Call, view: View) -> Response:
    calls.require_no_refusal(call.plan)
    if not calls.is_done(call.plan):
        instead = calls.spoiled(call.plan)
        if instead is not None:
            return instead
    response = view(call)
    for number in call.urgent:
        callbacks.post_now(call.house, number)
    return _lost(call.plan, response)


def _lost(plan: dict[str, object], response: Response) -> Response:
    """The right answer, unless the plan loses it; a refusal is not lost, since nothing was done."""
    return (calls.spoiled(plan) if response.status == 200 else None) or response


def _require_method(request: Request, method: str) -> None:
    if request.method != method:
        raise Refused(405, "405.001", "Method Not Allowed")


ROUTES = [route("GET POST PUT PATCH DELETE HEAD OPTIONS", f"{BASE}/(?P<path>.*)", answer, plans.NAME)]
