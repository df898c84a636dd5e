"""A prompt on a phone: shown, answered by a person or by a script, or left until it expires."""

import json
from typing import Any

from simulators.house import House
from simulators.providers.daraja import clock, parties, paying, plans, results, switches, wire
from simulators.providers.daraja.codes import DONE, Declined, text, typed
from simulators.providers.daraja.defaults import TILL

ROUND = 200  # prompts settled at a time


def waiting(house: House, phone: str) -> dict[str, Any] | None:
    """The prompt that a phone shows now."""
    return house.store.row(
        "SELECT * FROM daraja_push WHERE phone = ? AND status = 'PENDING' AND expires_at > ?", phone, clock.now(house)
    )


def on_screen(house: House, phone: str) -> dict[str, Any] | None:
    """The same, unless the course of it is settled already."""
    row = waiting(house, phone)
    return row if row is not None and json.loads(row["plan"]).get("result_code") in {None, DONE} else None


def wording(house: House, row: dict[str, Any]) -> str:
    """What the phone asks."""
    receiver = parties.organisation(house, row["receiver"])
    name = receiver.name if receiver else row["receiver"]
    for_account = "" if receiver and receiver.kind == TILL else f" Account no. {row['reference']}"
    return f"Do you want to pay Ksh{wire.shillings(row['cents'])} to {name}{for_account}?"


def wrong_pair(house: House, shortcode: str, receiver: str, kind: str) -> str:
    """The result of a shortcode, a receiver and a type that do not belong together."""
    party = parties.organisation(house, receiver)
    if party is None or not party.is_active:
        return "SFC_IC0003"
    if not party.may("stk"):
        return "2028"
    if kind == "CustomerBuyGoodsOnline":
        return "" if party.kind == TILL and party.head in {shortcode, ""} else "2028"
    return "" if party.kind != TILL and receiver == shortcode else "2028"


def answer(house: House, checkout: str, *, pin: str = "", cancel: bool = False) -> str:
    """A person answers; the result code. Empty when nothing is asked any more."""
    settle(house)
    with house.store.write():
        row = house.store.row("SELECT * FROM daraja_push WHERE checkout_id = ? AND status = 'PENDING'", checkout)
        if row is None:
            return ""
        return _end(house, row, "1032" if cancel else _paid_or_why_not(house, row, pin))[0]


def answer_by_itself(house: House, checkout: str) -> int:
    """Answer as planned, at once; the number of the post that goes out before the answer to the request."""
    with house.store.write():
        row = house.store.row("SELECT * FROM daraja_push WHERE checkout_id = ? AND status = 'PENDING'", checkout)
        return _end(house, row, _planned(house, row))[1] if row else 0


def settle(house: House) -> None:
    """End what has expired, and answer what answers by itself."""
    now = clock.now(house)
    rows = house.store.rows(
        "SELECT checkout_id FROM daraja_push WHERE status = 'PENDING' AND (expires_at <= ? OR answer_at <= ?) LIMIT ?",
        now,
        now,
        ROUND,
    )
    for found in rows:
        with house.store.write():
            row = house.store.row(
                "SELECT * FROM daraja_push WHERE checkout_id = ? AND status = 'PENDING'", found["checkout_id"]
            )
            if row is not None:
                in_time = row["answer_at"] is not None and row["answer_at"] < row["expires_at"]
                _end(house, row, _planned(house, row) if in_time else "1037")


def _planned(house: House, row: dict[str, Any]) -> str:
    plan = json.loads(row["plan"])
    forced = str(plan.get("result_code") or DONE)
    if forced != DONE:
        return forced
    if plan.get("answer") == "CANCEL":
        return "1032"
    pin = parties.subscriber(house, row["payer"]).pin
    return _paid_or_why_not(house, row, "" if plan.get("answer") == "WRONG_PIN" else pin)


def _paid_or_why_not(house: House, row: dict[str, Any], pin: str) -> str:
    """`0` and the money moved, or the code of the reason why it was not."""
    payer, receiver = parties.subscriber(house, row["payer"]), parties.organisation(house, row["receiver"])
    try:
        if receiver is None:
            raise Declined("SFC_IC0003")
        if payer.is_locked:
            raise Declined("8006")
        if not parties.pin_is_right(house, payer, pin):
            raise Declined("2001")
        row["receipt"] = paying.pay(
            house,
            payer,
            receiver,
            row["cents"],
            row["reference"],
            product="stk",
            checkout_id=row["checkout_id"],
            started_at=row["at"],
        )
    except Declined as no:
        return no.code
    if receiver.confirmation_url and switches.is_on(house, "stk_confirmation"):
        plan = plans.plan_for(house, "c2b", phone=payer.msisdn, shortcode=receiver.shortcode, counts=False)
        paying.confirm(house, receiver, payer, row["receipt"], plan)
    return DONE


def _end(house: House, row: dict[str, Any], code: str) -> tuple[str, int]:
    """Write the result down and have it posted; the code, and the number of an urgent post."""
    if code == DONE and not row["receipt"]:
        raise AssertionError("paid without a receipt")
    house.store.change(
        "UPDATE daraja_push SET status = 'DONE', result_code = ?, result_text = ?, receipt = ? WHERE checkout_id = ?",
        code,
        text(code),
        row["receipt"],
        row["checkout_id"],
    )
    plan = json.loads(row["plan"])
    return code, results.post(house, plan, row["url"], {"Body": {"stkCallback": _told(house, row, code)}})


def _told(house: House, row: dict[str, Any], code: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "MerchantRequestID": row["merchant_id"],
        "CheckoutRequestID": row["checkout_id"],
        "ResultCode": typed(code),
        "ResultDesc": text(code),
    }
    if code == DONE:
        paid = house.store.row("SELECT done_at FROM daraja_money WHERE receipt = ?", row["receipt"]) or {}
        told["CallbackMetadata"] = {
            "Item": [
                {"Name": "Amount", "Value": wire.number(row["cents"])},
                {"Name": "MpesaReceiptNumber", "Value": row["receipt"]},
                {"Name": "Balance"},
                {"Name": "TransactionDate", "Value": int(clock.digits(paid["done_at"]))},
                {"Name": "PhoneNumber", "Value": int(row["phone"])},
            ]
        }
    return told
