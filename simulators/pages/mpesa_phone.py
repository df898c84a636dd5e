"""M-PESA on the phone: the prompt that waits for a PIN, and paying a business."""

import re
from typing import Any

from simulators import numbers
from simulators.house import House
from simulators.providers.daraja import c2b, money, parties, prompts, wire
from simulators.providers.daraja.codes import DONE, RESULTS, Declined, text
from simulators.providers.daraja.defaults import WALLET
from simulators.providers.daraja.money import Side
from simulators.web import Request, Response, as_json, go_to, route


def screen(house: House, number: str) -> dict[str, Any]:
    """What the phone shows of M-PESA; nothing on a number that is not Kenyan."""
    msisdn = number.lstrip("+")
    if not parties.MSISDN.fullmatch(msisdn):
        return {"wallet": None, "prompt": None}
    known = house.store.row("SELECT 1 FROM daraja_subscriber WHERE msisdn = ?", msisdn)
    cents = money.balance(house, Side(msisdn, WALLET)) if known else parties.start_cents(house)
    row = prompts.on_screen(house, msisdn)
    prompt = row and {
        "id": row["checkout_id"],
        "text": prompts.wording(house, row),
        "amount": wire.shillings(row["cents"]),
        "reference": row["reference"],
        "shortcode": row["receiver"],
    }
    return {"wallet": wire.shillings(cents), "prompt": prompt}


def said(request: Request) -> str:
    """How the last thing went, for the page that comes after a form."""
    code = request.query.get("said", "")
    return "Done." if code == DONE else text(code) if code in RESULTS else _SAID.get(code, "")


_SAID = {"gone": "That request is no longer waiting.", "wrong": "Check the number, the account and the amount."}


def answer(house: House, request: Request, number: str, checkout: str) -> Response:
    """The PIN, or no."""
    values = _values(request)
    found = numbers.e164(number)
    row = prompts.on_screen(house, (found or "").lstrip("+"))
    if row is None or row["checkout_id"] != checkout:
        return _told(request, number, "gone", 404)
    code = prompts.answer(house, checkout, pin=str(values.get("pin", "")), cancel=bool(values.get("cancel")))
    if request.wants_json:
        return as_json({"result_code": code, "result_desc": text(code)})
    return _told(request, number, code or "gone", 200)


def pay(house: House, request: Request, number: str) -> Response:
    """Lipa na M-PESA: the customer starts it."""
    values = _values(request)
    msisdn = (numbers.e164(number) or "").lstrip("+")
    shortcode, amount = str(values.get("shortcode", "")).strip(), str(values.get("amount", "")).strip()
    reference = str(values.get("reference") or "").strip()[:20]
    usable = parties.MSISDN.fullmatch(msisdn) and re.fullmatch(r"\d{5,7}", shortcode)
    if not usable or not re.fullmatch(r"[1-9]\d{0,7}", amount, re.ASCII):
        return _told(request, number, "wrong", 400)
    who = parties.subscriber(house, msisdn)
    try:
        if who.is_locked:
            raise Declined("8006")
        if not parties.pin_is_right(house, who, str(values.get("pin", who.pin if request.wants_json else ""))):
            raise Declined("2001")
        receipt = c2b.pay(house, msisdn, shortcode, int(amount) * 100, reference)
    except Declined as no:
        return _told(request, number, no.code, 400)
    return as_json({"receipt": receipt}) if request.wants_json else _told(request, number, DONE, 200)


def _values(request: Request) -> dict[str, Any]:
    return request.values


def _told(request: Request, number: str, code: str, status: int) -> Response:
    if request.wants_json:
        return as_json({"result_code": code, "error": _SAID.get(code) or text(code)}, status)
    return go_to(f"/phone/{(numbers.e164(number) or '').lstrip('+')}/?said={code}")


ROUTES = [
    route("POST", "/phone/<number>/stk/<checkout>/?", answer),
    route("POST", "/phone/<number>/pay/?", pay),
]
