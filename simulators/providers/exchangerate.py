"""exchangerate-api.com, version 6: the latest rates by date, and every way in which a feed can lie.

The figures of a day are always the same. A plan, set at `/control/fx/`, is a `fault` (one of FAULTS), a `currency` it
strikes (KES unless told), `percent` (JUMP, 25 unless told; a small one is an honest move) and `slow` seconds.
"""

import json
import math
import secrets
import time
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from simulators.house import House
from simulators.web import Request, Response, as_json, route

NAME = "exchangerate"
FAULTS = {
    "ZERO": "A rate of zero",
    "NEGATIVE": "A negative rate",
    "NAN": "A rate that is no number",
    "JUMP": "A rate that moved by some per cent",
    "MISSING": "A currency is missing",
    "WRONG_BASE": "Another base than asked",
    "OUTDATED": "The feed of ten days ago",
    "HTML": "A page instead of rates",
    "CUT": "Half of the JSON",
    "QUOTA": "The provider’s own refusal: quota reached",
    "HTTP_500": "Server error",
    "TIMEOUT": "No answer at all",
}
THEIRS = "https://www.exchangerate-api.com"
HOLDS_LINE = 30.0  # seconds a TIMEOUT keeps the caller waiting, longer than anyone should
# Units for one US dollar, around which a day's rates move.
AROUND = {
    "USD": 1.0,
    "KES": 129.24,
    "EUR": 0.9214,
    "GBP": 0.7871,
    "UGX": 3668.0,
    "TZS": 2612.0,
    "RWF": 1378.0,
    "ZAR": 18.12,
    "ETB": 121.4,
    "NGN": 1612.0,
    "INR": 84.31,
    "CNY": 7.243,
    "JPY": 154.2,
    "AED": 3.6725,
    "CHF": 0.8836,
    "CAD": 1.3987,
}


def rates_on(day: date) -> dict[str, float]:
    """Units of each currency for one US dollar on a day: a slow swing of one per cent and a daily step of a quarter."""
    return {code: _moved(code, around, day) for code, around in AROUND.items()}


def _moved(code: str, around: float, day: date) -> float:
    if code in {"USD", "AED"}:
        return around  # the dirham is pegged
    seed = sha256(f"{code}/{day.isoformat()}".encode()).digest()
    phase = sha256(code.encode()).digest()[0] / 255 * math.tau
    swing = math.sin(day.toordinal() / 45 + phase) * 0.01
    step = (int.from_bytes(seed[:4], "big") / 2**32 - 0.5) * 0.005
    return round(around * (1 + swing + step), 4)


def latest(house: House, request: Request, base: str, key: str = "") -> Response:
    """`GET /v6/latest/<base>` with a bearer key, or `/v6/<key>/latest/<base>`."""
    plan = house.store.plan(NAME, "")
    fault, struck = str(plan.get("fault") or ""), str(plan.get("currency") or "KES")
    time.sleep(min(float(plan.get("slow") or 0), HOLDS_LINE))
    if fault == "TIMEOUT":
        return Response(hangs_up=True)
    if fault == "HTTP_500":
        return Response("Internal Server Error", 500, "text/plain")
    if fault == "HTML":
        return Response("<!doctype html><title>Just a moment</title><h1>Checking your browser</h1>", 200)
    said = key or request.headers.get("authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(said, house.settings.exchangerate_key):
        return _no("invalid-key", 403)
    if fault == "QUOTA":
        return _no("quota-reached", 429)
    today = datetime.now(UTC)
    rates = rates_on(today.date())
    if base not in rates:
        return _no("unsupported-code", 404)
    if base not in {"USD", "EUR"}:
        return _no("base-code-only-on-pro", 403)
    body = json.dumps(_body(base, rates, fault, struck, plan, today))
    return Response(body[: len(body) // 2] if fault == "CUT" else body, 200, "application/json")


def _no(error: str, status: int) -> Response:
    documents = {"documentation": f"{THEIRS}/docs", "terms-of-use": f"{THEIRS}/terms"}
    return as_json({"result": "error", **documents, "error-type": error}, status)


def _body(
    base: str, rates: dict[str, float], fault: str, struck: str, plan: dict[str, Any], now: datetime
) -> dict[str, Any]:
    told = {code: 1 if code == base else round(rate / rates[base], 6) for code, rate in rates.items()}
    if fault == "MISSING":
        told.pop(struck, None)
    elif fault in {"ZERO", "NEGATIVE", "NAN", "JUMP"}:
        percent = float(plan.get("percent") or 25)
        wrong = {"ZERO": 0, "NEGATIVE": -told[struck], "NAN": math.nan, "JUMP": told[struck] * (1 + percent / 100)}
        told[struck] = wrong[fault]
    began = now.replace(hour=0, minute=0, second=1, microsecond=0) - timedelta(days=10 if fault == "OUTDATED" else 0)
    ends = began + timedelta(days=1)
    return {
        "result": "success",
        "documentation": f"{THEIRS}/docs",
        "terms_of_use": f"{THEIRS}/terms",
        "time_last_update_unix": int(began.timestamp()),
        "time_last_update_utc": began.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        "time_next_update_unix": int(ends.timestamp()),
        "time_next_update_utc": ends.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        "base_code": "GBP" if fault == "WRONG_BASE" else base,
        "conversion_rates": told,
    }


ROUTES = [
    route("GET", "/exchangerate/v6/latest/(?P<base>[A-Z]{3})/?", latest, NAME),
    route("GET", "/exchangerate/v6/(?P<key>[^/]+)/latest/(?P<base>[A-Z]{3})/?", latest, NAME),
]
