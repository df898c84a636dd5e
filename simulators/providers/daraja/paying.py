"""A customer pays a business: the money, the SMS, and what the business is asked before and told after."""

import hashlib
import json
from typing import Any

from simulators import callbacks
from simulators.house import House
from simulators.providers.daraja import bills, clock, money, results, switches, tariffs, texts, wire
from simulators.providers.daraja.codes import DONE, Declined
from simulators.providers.daraja.defaults import CHARGES, TILL
from simulators.providers.daraja.money import Move
from simulators.providers.daraja.parties import Organisation, Subscriber

LEAST = 1_00


def payment(house: House, payer: Subscriber, receiver: Organisation, cents: int, reference: str, **more: Any) -> Move:
    """The move that a payment is, charges included."""
    charge = tariffs.paybill(cents) if receiver.tariff != "NONE" else 0
    kind = "Buy Goods" if receiver.kind == TILL else "Pay Bill"
    return Move(
        details=f"{kind} from {payer.shown}" + ("" if receiver.kind == TILL else f" Acc. {reference}"),
        debit=payer.wallet,
        credit=receiver.takes_in,
        cents=cents,
        charge=charge,
        charged=payer.wallet if receiver.tariff == "CUSTOMER" else _charges_of(receiver),
        reference="" if receiver.kind == TILL else reference,
        **more,
    )


def _charges_of(receiver: Organisation) -> money.Side:
    return money.Side(receiver.shortcode, CHARGES)


def require_may(house: House, payer: Subscriber, receiver: Organisation, cents: int, product: str) -> None:
    """Everything but the balance. Raises Declined."""
    if not receiver.is_active:
        raise Declined("SFC_IC0003")
    if not receiver.may(product):
        raise Declined("2028")
    if payer.state not in {"ACTIVE", "OFF"}:
        raise Declined("2006")
    money.check_limits(
        house,
        payer=payer.msisdn,
        receiver=receiver.shortcode,
        cents=cents,
        least=LEAST,
        most=receiver.most_cents,
    )
    if switches.is_on(house, "rule_17"):
        money.check_not_alike(house, payer=payer.msisdn, receiver=receiver.shortcode, cents=cents)


def pay(
    house: House, payer: Subscriber, receiver: Organisation, cents: int, reference: str, *, product: str, **more: Any
) -> str:
    """Move the money; the receipt. Raises Declined."""
    with house.store.write():
        require_may(house, payer, receiver, cents, product)
        receipt = money.move(house, payment(house, payer, receiver, cents, reference, product=product, **more))
        texts.paid(house, payer, receiver, cents, reference, receipt)
        bills.pay(house, receiver, receipt)
    return receipt


def customer_pays(
    house: House, payer: Subscriber, receiver: Organisation, cents: int, reference: str, plan: Any
) -> str:
    """C2B as it happens: ask the business, move the money, confirm; the receipt. Raises Declined."""
    at = clock.now(house)
    receipt = money.new_receipt(house, at)
    try:
        forced = str(plan.get("result_code") or DONE)
        if forced != DONE:
            raise Declined(forced)
        require_may(house, payer, receiver, cents, "c2b")
        third_party = ""
        if receiver.validates and receiver.validation_url:
            third_party = _ask(house, receiver, payer, cents, reference, receipt, at)
        with house.store.write():
            pay(house, payer, receiver, cents, reference, product="c2b", receipt=receipt, started_at=at)
            confirm(house, receiver, payer, receipt, plan, third_party)
    except Declined as no:
        move = payment(house, payer, receiver, cents, reference, product="c2b", receipt=receipt, started_at=at)
        money.decline(house, move, no.code)
        raise
    return receipt


def _ask(
    house: House, receiver: Organisation, payer: Subscriber, cents: int, reference: str, receipt: str, at: float
) -> str:
    """The business's own word: its ThirdPartyTransID. Raises Declined."""
    body = told(receiver, payer, cents, reference, receipt, at, left="", third_party="")
    text = wire.dumps(body)
    patience = switches.seconds(house, "validation_seconds")
    status, answer, error = (
        callbacks.deliver(receiver.validation_url, text, results.JSON, patience)
        if results.is_here(receiver.validation_url)
        else (None, "", "Not on this machine.")
    )
    callbacks.note(house, "daraja", receiver.validation_url, results.JSON, text, status, answer or error)
    said = _read(answer) if status == 200 else None
    if said is None:
        if receiver.response_type == "Completed":
            return ""
        raise Declined("C2B00016")
    code = str(said.get("ResultCode"))
    if code != DONE:
        raise Declined(code if code.startswith("C2B000") else "C2B00016")
    return str(said.get("ThirdPartyTransID") or "")


def _read(answer: str) -> dict[str, Any] | None:
    try:
        said = json.loads(answer)
    except ValueError:
        return None
    return said if isinstance(said, dict) and "ResultCode" in said else None


def confirm(
    house: House, receiver: Organisation, payer: Subscriber, receipt: str, plan: dict[str, Any], third_party: str = ""
) -> None:
    """Tell the business, where it registered an address."""
    if not receiver.confirmation_url:
        return
    row = house.store.row("SELECT * FROM daraja_money WHERE receipt = ?", receipt) or {}
    left = wire.shillings(money.balance(house, receiver.takes_in))
    body = told(
        receiver, payer, row["cents"], row["reference"], receipt, row["done_at"], left=left, third_party=third_party
    )
    results.post(house, plan, receiver.confirmation_url, body)


def told(
    receiver: Organisation,
    payer: Subscriber,
    cents: int,
    reference: str,
    receipt: str,
    at: float,
    *,
    left: str,
    third_party: str,
) -> dict[str, Any]:
    """The body of a validation and of a confirmation: all text."""
    return {
        "TransactionType": "Buy Goods" if receiver.kind == TILL else "Pay Bill",
        "TransID": receipt,
        "TransTime": clock.digits(at),
        "TransAmount": wire.shillings(cents),
        "BusinessShortCode": receiver.shortcode,
        "BillRefNumber": reference,
        "InvoiceNumber": "",
        "OrgAccountBalance": left,
        "ThirdPartyTransID": third_party,
        "MSISDN": shown_number(payer.msisdn, receiver.c2b_version),
        "FirstName": payer.first_name,
        "MiddleName": payer.middle_name,
        "LastName": payer.last_name,
    }


def shown_number(msisdn: str, version: str) -> str:
    """A hash in v1, `2547 ***** 126` in v2."""
    if version == "v1":
        return hashlib.sha256(msisdn.encode()).hexdigest()
    return f"{msisdn[:4]} ***** {msisdn[-3:]}"
