"""The M-PESA part of the control page: who misbehaves how, what each party has, the clock; as forms and as JSON."""

import re
from collections.abc import Callable
from typing import Any

from simulators import numbers
from simulators.house import House, shown_moment
from simulators.providers.daraja import clock, money, parties, plans, switches, wire
from simulators.providers.daraja.codes import RESULTS
from simulators.providers.daraja.defaults import (
    CHARGES,
    FLOAT,
    MERCHANT,
    PAYBILL,
    SETTLEMENT,
    TILL,
    UTILITY,
    WALLET,
    WORKING,
)
from simulators.providers.daraja.money import Side
from simulators.web import Request, Response, as_json, go_to, route

HOME = "/control/mpesa/"
Values = dict[str, Any]
_ACCOUNTS = {
    "utility": UTILITY,
    "working": WORKING,
    "float": FLOAT,
    "charges": CHARGES,
    "settlement": SETTLEMENT,
    "merchant": MERCHANT,
}


def page(house: House, request: Request, wrong: str = "") -> Response:
    """Everything that can be turned."""
    return house.page(
        "mpesa.html",
        status=400 if wrong else 200,
        wrong=wrong,
        kinds=[(name, name.replace("_", " "), known) for name, known in _CHOICES],
        switches=switches.all_of_them(house).items(),
        states=parties.STATES,
        tariffs=parties.TARIFFS,
        account_kinds=_ACCOUNTS.items(),
        now=shown_moment(clock.now(house)),
        **_state(house),
    )


def feed(house: House, request: Request) -> Response:
    """The same as JSON."""
    return as_json({"switches": switches.all_of_them(house), "now": clock.now(house), **_state(house)})


def _state(house: House) -> dict[str, Any]:
    scripts = house.store.rows("SELECT subject, plan FROM script WHERE provider = ? ORDER BY subject", plans.NAME)
    accounts = house.store.rows("SELECT * FROM daraja_account WHERE length(owner) < 10 ORDER BY owner, name")
    return {
        "plans": scripts,
        "chaos": plans.chaos(house),
        "accounts": [{**row, "shillings": wire.shillings(row["cents"])} for row in accounts],
    }


def set_plan(house: House, values: Values) -> Values:
    """How everything, a product, a shortcode or a phone misbehaves; an empty plan: no more."""
    subject = _subject(str(values.get("subject", "")).strip())
    plan = plans.read_plan(values)
    house.store.script(plans.NAME, subject, plan)
    return {"subject": subject, "plan": plan}


def _subject(text: str) -> str:
    if text in {"", plans.EVERYTHING}:
        return plans.EVERYTHING
    name = text.removeprefix("product:")
    if name in plans.PRODUCTS:
        return f"product:{name}"
    return text if re.fullmatch(r"\d{5,7}", text) else _msisdn(text)


def _msisdn(text: str) -> str:
    number = (numbers.e164(text) or "").lstrip("+")
    if not parties.MSISDN.fullmatch(number):
        raise ValueError(f"{text!r} is no Kenyan mobile number, shortcode or product")
    return number


def turn_switches(house: House, values: Values) -> Values:
    """Turn any of the switches. Nothing is turned when one of them cannot be."""
    with house.store.write():
        for name, value in values.items():
            switches.turn(house, name, "1" if value is True else "0" if value is False else str(value).strip())
    return switches.all_of_them(house)


def set_chaos(house: House, values: Values) -> Values:
    """A seed and rates; without a seed, no chaos. A form writes a rate a line: `callback NEVER 0.05`."""
    rates: Any = values.get("rates") or {}
    if isinstance(rates, str):
        rates = _rates(rates)
    seed = values.get("seed")
    plans.set_chaos(house, int(seed) if seed not in (None, "") else None, rates)
    return {"chaos": plans.chaos(house)}


def _rates(lines: str) -> dict[str, dict[str, float]]:
    rates: dict[str, dict[str, float]] = {}
    for line in lines.split("\n"):
        parts = line.split()
        if parts:
            kind, what, chance = parts
            rates.setdefault(kind, {})[what] = float(chance)
    return rates


def set_phone(house: House, values: Values) -> Values:
    """A subscriber: balance in shillings, PIN, state, names, day of the last SIM swap."""
    msisdn = _msisdn(str(values.get("phone", "")))
    columns = {
        name: str(values[name])[:60]
        for name in ("pin", "first_name", "middle_name", "last_name", "swapped_on")
        if values.get(name) not in (None, "")
    }
    if values.get("state"):
        columns["state"] = _known(values["state"], parties.STATES)
    if values.get("unlock"):
        columns["failures"] = "0"
    with house.store.write():
        who = parties.set_subscriber(house, msisdn, columns)
        if values.get("balance") not in (None, ""):
            money.set_balance(house, who.wallet, _cents(values["balance"]))
    return {
        "phone": msisdn,
        "name": who.shown,
        "state": who.state,
        "pin": who.pin,
        "balance_cents": money.balance(house, Side(msisdn, WALLET)),
    }


def set_organisation(house: House, values: Values) -> Values:
    """A shortcode: its name, kind, permissions, and what is in its accounts, in shillings."""
    shortcode = str(values.get("shortcode", "")).strip()
    if not re.fullmatch(r"\d{5,7}", shortcode):
        raise ValueError("A shortcode has five to seven digits.")
    columns: Values = {
        name: str(values[name])[:200] for name in ("name", "head", "products") if values.get(name) not in (None, "")
    }
    for name, known in (("kind", (PAYBILL, TILL)), ("tariff", parties.TARIFFS)):
        if values.get(name):
            columns[name] = _known(values[name], known)
    for name in ("is_active", "validates", "pull_registered"):
        if values.get(name) not in (None, ""):
            columns[name] = int(str(values[name]).lower() in {"1", "true", "yes", "on"})
    if values.get("most") not in (None, ""):
        columns["most_cents"] = _cents(values["most"])
    if values.get("forget_addresses"):
        columns |= {"confirmation_url": "", "validation_url": ""}
    with house.store.write():
        found = parties.set_organisation(house, shortcode, columns)
        for name, account in _ACCOUNTS.items():
            if values.get(name) not in (None, ""):
                money.set_balance(house, Side(shortcode, account), _cents(values[name]))
    return {"shortcode": shortcode, "name": found.name, "kind": found.kind}


def set_initiator(house: House, values: Values) -> Values:
    """An operator: password, permitted products; failures are forgotten."""
    name = str(values.get("name") or house.settings.daraja.initiator)
    password = str(values.get("password") or house.settings.daraja.password)
    products = str(values.get("products") or "*")
    house.store.change(
        "INSERT INTO daraja_initiator (name, password, products) VALUES (?, ?, ?) ON CONFLICT (name)"
        " DO UPDATE SET password = excluded.password, products = excluded.products, failures = 0",
        name,
        password,
        products,
    )
    return {"name": name, "products": products}


def set_clock(house: House, values: Values) -> Values:
    """Put the provider's clock forward: seconds."""
    return {"ahead": clock.forward(house, min(max(float(values.get("forward") or 0), 0.0), 400 * 86_400.0))}


def _known(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(known)}")
    return str(value)


def _cents(value: Any) -> int:
    found = re.fullmatch(r"(\d{1,12})(?:\.(\d{1,2}))?", str(value).strip(), re.ASCII)
    if found is None:
        raise ValueError(f"{value!r} is no amount in shillings")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _view(change: Callable[[House, Values], Values]) -> Callable[[House, Request], Response]:
    """A form or JSON, one change, back to the page or the new state as JSON."""

    def view(house: House, request: Request) -> Response:
        try:
            answer = change(house, request.values)
        except (ValueError, TypeError, AttributeError) as no:
            return as_json({"error": str(no)}, 400) if request.wants_json else page(house, request, wrong=str(no))
        return as_json(answer) if request.wants_json else go_to(HOME)

    return view


_CHOICES = (
    ("sync", plans.SYNC),
    ("callback", plans.CALLBACKS),
    ("result_code", tuple(RESULTS)),
    ("answer", plans.ANSWERS),
    ("sync_done", ("true", "false")),
)

ROUTES = [
    route("GET", "/control/mpesa/?", page),
    route("GET", r"/control/mpesa\.json", feed),
    route("POST", "/control/mpesa/plans/?", _view(set_plan)),
    route("POST", "/control/mpesa/switches/?", _view(turn_switches)),
    route("POST", "/control/mpesa/chaos/?", _view(set_chaos)),
    route("POST", "/control/mpesa/phones/?", _view(set_phone)),
    route("POST", "/control/mpesa/organisations/?", _view(set_organisation)),
    route("POST", "/control/mpesa/initiators/?", _view(set_initiator)),
    route("POST", "/control/mpesa/clock/?", _view(set_clock)),
]
