"""Every way a customer moves money, and how the provider that carries it misbehaves."""

import random
from dataclasses import dataclass, replace
from typing import Any

from apps.accounts.models import Account
from apps.accounts.testing import kes
from apps.kernel.clock import now
from apps.mpesa import operations
from apps.mpesa.tests.storm.bank import Customers
from apps.payments import operations as payments
from apps.payments.models import Merchant
from apps.payments.operations import banks

CHAOS = {
    "sync": {"TIMEOUT": 0.03, "RESET": 0.04, "HTTP_500": 0.03, "GARBAGE": 0.03, "SPIKE_ARREST": 0.03},
    "callback": {"NEVER": 0.08, "DUPLICATE": 0.1, "BEFORE": 0.08, "WRONG_TYPE": 0.05, "QUEUE_TIMEOUT": 0.04},
    "result_code": {"1037": 0.04, "2001": 0.03, "1": 0.04},
    "answer": {"PIN": 0.8, "CANCEL": 0.1, "WRONG_PIN": 0.1},
}
SWITCH = ["PENDING", "REJECT", "RETURN", "TIMEOUT", "LOST", "GARBAGE", "TWICE", "STRANGER", "HTTP_500"]
IN_A_FILE = ["PENDING", "REJECT", "RETURN"]  # what may befall one transfer; files.py has what befalls all of a file
AIRTIME = [
    *({"hang_up": True}, {"malformed": True}, {"http_status": 500}, {"status_code": 402}, {"final": "Failed"}),
    *({"callbacks": "NONE"}, {"callbacks": "DUPLICATE"}, {"callbacks": "OUT_OF_ORDER"}),
    {"hang_up": True, "callbacks": "NONE"},
]
OFTEN_BAD = 0.4  # of payments to other banks, abroad and of airtime; M-Pesa's own chances are above


@dataclass(frozen=True, slots=True)
class Town:
    """Who moves money in the storm, and through whom."""

    safaricom: Any
    customers: Customers
    accounts: list[Account]
    shops: list[Merchant]
    dice: random.Random
    often_bad: float = OFTEN_BAD


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
    _misbehave(town, there, SWITCH)
    _confirm(town, payment)


def by_eft(town, account, nth, amount):
    _by_file(town, account, nth, amount, rail="eft", bank="16")


def by_rtgs(town, account, nth, amount):
    """Large enough to be held for the moment in which a first payment may be taken back."""
    _by_file(town, account, nth, kes("20000") + amount, rail="rtgs", bank="05")


def to_iban(town, account, nth, amount):
    there = _iban(nth)
    _abroad(town, account, nth, amount, ("DE", "EUR", "IBAN"), {"account": there, "bic": "COBADEFFXXX"})


def to_wallet(town, account, nth, amount):
    _abroad(town, account, nth, amount, ("UG", "UGX", "WALLET"), {"account": f"25677{nth:07d}"})


def airtime(town, account, nth, amount):
    phone = f"+254733{nth:06d}"
    if town.dice.random() < town.often_bad:
        plan = {"phone": phone, **town.dice.choice(AIRTIME)}
        assert town.safaricom.web.post("/control/scripts/", json=plan).status_code == 200
    _by_rail(town, account, nth, amount, "airtime", "AIRTIME", {"phone": phone})


def inside(town, account, nth, amount):
    _confirm(town, _pay_here(account, _other(town, account).number, amount, f"out-{nth}"))


def at_wall(town, account, nth, amount):
    """The shop's open code; the payer writes the amount."""
    shop = town.dice.choice(town.shops)
    _confirm(town, _pay_here(account, payments.code_of_merchant(shop), amount, f"out-{nth}"))


def at_counter(town, account, nth, amount):
    """A code for one sale, confirmed twice at once: by two people, by one who scanned it twice, or by one app twice."""
    shop = town.dice.choice(town.shops)
    sale = payments.ask_sale(merchant=shop, amount=amount, key=f"sale-{nth}", by=shop.owner, at=now())
    code = payments.code_of_sale(sale)
    mine = _pay_here(account, code, None, f"out-{nth}")
    rival = town.dice.choice([_other(town, account), account, None])
    _confirm(town, mine, _pay_here(rival, code, None, f"rival-{nth}") if rival else mine)


KINDS = [
    *(top_up, top_up, pay_in, to_phone, to_phone, to_biller, to_till),
    *(to_bank, by_eft, by_rtgs, to_iban, to_wallet, airtime, inside, at_wall, at_counter),
]


def pay(town: Town, nth: int, deck: list[Any]) -> None:
    """One payment by somebody: of the kind that lies on top of a deck that is shuffled when it was dealt out."""
    if not deck:
        deck += town.dice.sample(KINDS, len(KINDS))
    deck.pop()(town, town.dice.choice(town.accounts), nth, kes(str(10 + nth % 50)))


def clear_sky(town: Town, nth: int) -> None:
    """Nobody misbehaves any more, and each way to somebody elsewhere is taken once more."""
    store = town.safaricom.house.store
    store.change("DELETE FROM script")
    town.safaricom.web.post("/control/mpesa/chaos/", json={})
    calm = replace(town, often_bad=0)
    for more, kind in enumerate((to_bank, by_eft, by_rtgs, to_iban, airtime)):
        kind(calm, town.accounts[0], nth + more, kes("50"))


def plan_for(town: Town, account: str, outcome: str) -> None:
    """How another bank answers about an account there, or about a file of that name."""
    plan = {"account": account, "outcome": outcome, "reason": "AC04"}
    assert town.safaricom.web.post("/control/interbank/plans/", json=plan).status_code == 200


def _misbehave(town, account, outcomes):
    if town.dice.random() < town.often_bad:
        plan_for(town, account, town.dice.choice(outcomes))


def _phone(family: int, nth: int) -> str:
    return f"+2547{family}{nth:07d}"


def _iban(nth: int) -> str:
    """A German one whose check digits are right (ISO 13616)."""
    inner = f"37040044{nth:010d}"
    return f"DE{98 - int(f'{inner}131400') % 97:02d}{inner}"


def _other(town, account):
    return town.dice.choice([one for one in town.accounts if one != account])


def _pay_here(account, to, amount, key):
    return payments.start(payer=account.owner, from_account=account, to=to, amount=amount, key=key, at=now())


def _begin(account, nth, amount, rail, kind, asked):
    found = payments.find_destination(rail=rail, kind=kind, asked=asked, amount=amount, at=now())
    return payments.start_by_rail(
        payer=account.owner, from_account=account, rail=rail, kind=kind, destination=found, amount=amount,
        key=f"out-{nth}", at=now(),
    )  # fmt: skip


def _by_rail(town, account, nth, amount, rail, kind, asked):
    _confirm(town, _begin(account, nth, amount, rail, kind, asked))


def _by_file(town, account, nth, amount, *, rail, bank):
    """To a bank that does not tell names."""
    there = f"{bank}{nth:08d}"
    _misbehave(town, there, IN_A_FILE)
    asked = {"bank": bank, "account": there, "name": "Amina Hassan"}
    _by_rail(town, account, nth, amount, rail, "EXTERNAL_TRANSFER", asked)


def _abroad(town, account, nth, amount, corridor, to):
    """For a hundred times the amount: less than some cents arrives nowhere."""
    country, currency, method = corridor
    found = banks.quote_remittance(
        user=account.owner, account=account, country=country, currency=currency, method=method,
        amount=kes(str(amount.amount * 100)), at=now(),
    )  # fmt: skip
    _misbehave(town, to["account"], SWITCH)
    whom = {"name": "Zoe Mueller", "town": "Berlin", "purpose": "FAMI", **to}
    payment = banks.send_abroad(payer=account.owner, remittance=found, to=whom, key=f"out-{nth}", at=now())
    _confirm(town, payment)


def _confirm(town, *begun):
    """All at once; the same payment twice is one app that asks twice with one code."""
    proofs = {payment.pk: payments.challenge(payment=payment, by=payment.payer, at=now()) for payment in {*begun}}
    town.customers.confirm(*((payment, proofs[payment.pk]) for payment in begun))
