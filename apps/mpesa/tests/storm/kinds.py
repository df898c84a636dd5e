"""Every way a customer moves money, and how the provider that carries it misbehaves."""

import random
from dataclasses import dataclass
from typing import Any

from apps.accounts.models import Account
from apps.accounts.testing import kes
from apps.kernel.clock import now
from apps.mpesa import operations
from apps.mpesa.tests.storm.bank import Customers
from apps.payments import operations as payments

CHAOS = {
    "sync": {"TIMEOUT": 0.03, "RESET": 0.04, "HTTP_500": 0.03, "GARBAGE": 0.03, "SPIKE_ARREST": 0.03},
    "callback": {"NEVER": 0.08, "DUPLICATE": 0.1, "BEFORE": 0.08, "WRONG_TYPE": 0.05, "QUEUE_TIMEOUT": 0.04},
    "result_code": {"1037": 0.04, "2001": 0.03, "1": 0.04},
    "answer": {"PIN": 0.8, "CANCEL": 0.1, "WRONG_PIN": 0.1},
}
SWITCH = ["PENDING", "REJECT", "RETURN", "TIMEOUT", "LOST", "GARBAGE", "TWICE", "STRANGER", "HTTP_500"]
AIRTIME = [
    *({"hang_up": True}, {"malformed": True}, {"http_status": 500}, {"status_code": 402}, {"final": "Failed"}),
    *({"callbacks": "NONE"}, {"callbacks": "DUPLICATE"}, {"callbacks": "OUT_OF_ORDER"}),
    {"hang_up": True, "callbacks": "NONE"},
]
OFTEN_BAD = 0.4  # of payments by PesaLink and of airtime; M-Pesa's own chances are above


@dataclass(frozen=True, slots=True)
class Town:
    """Who moves money in the storm, and through whom."""

    safaricom: Any
    customers: Customers
    accounts: list[Account]
    dice: random.Random


def top_up(town, account, nth, amount):
    operations.start_top_up(
        account=account, phone=_phone(1, nth), amount=amount, key=f"up-{nth}", by=account.owner, at=now()
    )


def pay_in(town, account, nth, amount):
    """Somebody pays our paybill from their phone; what M-Pesa refuses them, with our web server dead, was not paid."""
    body = {"shortcode": "174379", "reference": account.number, "amount": int(amount.amount), "pin": "1234"}
    town.safaricom.web.post(f"/phone/{_phone(3, nth).lstrip('+')}/pay/", json=body)


def to_phone(town, account, nth, amount):
    _by_rail(town, account, nth, amount, "mpesa", "MOBILE_MONEY", {"phone": _phone(2, nth)})


def to_biller(town, account, nth, amount):
    _by_rail(town, account, nth, amount, "mpesa", "BILL_PAYMENT", {"paybill": "888880", "account": f"W-{nth:04d}"})


def to_till(town, account, nth, amount):
    _by_rail(town, account, nth, amount, "mpesa", "MERCHANT_PAYMENT", {"till": "300584"})


def to_bank(town, account, nth, amount):
    there = f"0110{nth:06d}17"
    payment = _begin(account, nth, amount, "pesalink", "EXTERNAL_TRANSFER", {"bank": "01", "account": there})
    if town.dice.random() < OFTEN_BAD:
        plan = {"account": there, "outcome": town.dice.choice(SWITCH), "reason": "AC04"}
        assert town.safaricom.web.post("/control/interbank/plans/", json=plan).status_code == 200
    _confirm(town, payment)


def airtime(town, account, nth, amount):
    phone = f"+254733{nth:06d}"
    if town.dice.random() < OFTEN_BAD:
        plan = {"phone": phone, **town.dice.choice(AIRTIME)}
        assert town.safaricom.web.post("/control/scripts/", json=plan).status_code == 200
    _by_rail(town, account, nth, amount, "airtime", "AIRTIME", {"phone": phone})


def inside(town, account, nth, amount):
    to = town.dice.choice([one for one in town.accounts if one != account])
    payment = payments.start(
        payer=account.owner, from_account=account, to=to.number, amount=amount, key=f"out-{nth}", at=now()
    )
    _confirm(town, payment)


KINDS = [top_up, top_up, pay_in, to_phone, to_phone, to_biller, to_till, to_bank, airtime, inside]


def pay(town: Town, nth: int) -> None:
    """One payment, of a kind and an amount that chance chooses, by somebody."""
    kind, account = town.dice.choice(KINDS), town.dice.choice(town.accounts)
    kind(town, account, nth, kes(str(10 + nth % 50)))


def clear_sky(town: Town) -> None:
    """Nobody misbehaves any more."""
    store = town.safaricom.house.store
    store.change("DELETE FROM script")
    town.safaricom.web.post("/control/mpesa/chaos/", json={})


def _phone(family: int, nth: int) -> str:
    return f"+2547{family}{nth:07d}"


def _begin(account, nth, amount, rail, kind, asked):
    found = payments.find_destination(rail=rail, kind=kind, asked=asked, amount=amount, at=now())
    return payments.start_by_rail(
        payer=account.owner, from_account=account, rail=rail, kind=kind, destination=found, amount=amount,
        key=f"out-{nth}", at=now(),
    )  # fmt: skip


def _by_rail(town, account, nth, amount, rail, kind, asked):
    _confirm(town, _begin(account, nth, amount, rail, kind, asked))


def _confirm(town, payment):
    town.customers.confirm(payment, payments.challenge(payment=payment, by=payment.payer, at=now()))
