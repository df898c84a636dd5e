"""M-PESA Express: asking a phone for its PIN, and asking what became of it."""

import base64
import json
import sqlite3
from typing import Any

from simulators.house import House
from simulators.providers.daraja import clock, parties, prompts, switches, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import Refused, invalid, text
from simulators.providers.daraja.defaults import TILL
from simulators.web import Response

KINDS = {"CustomerPayBillOnline": "Pay Bill", "CustomerBuyGoodsOnline": "Buy Goods"}
LONGEST = 182  # characters of a prompt
LOCKED = "Unable to lock subscriber, a transaction is already in process for the current subscriber"


def push(call: Call) -> Response:
    """`POST /mpesa/stkpush/v1/processrequest`."""
    told = call.fields
    shortcode = told.shortcode("BusinessShortCode")
    _require_password(call, shortcode)
    kind = told.one_of("TransactionType", *KINDS)
    cents = told.cents("Amount")
    payer, receiver, phone = told.msisdn("PartyA"), told.shortcode("PartyB"), told.msisdn("PhoneNumber")
    url = told.url("CallBackURL")
    reference = told.text("AccountReference", most=12)
    told.text("TransactionDesc", most=13, least=0)
    _require_merchant(call.house, shortcode)
    with call.house.store.write():
        if prompts.waiting(call.house, phone) is not None:
            raise Refused(500, "500.001.1001", LOCKED)
        row = _kept(
            call,
            shortcode=shortcode,
            receiver=receiver,
            payer=payer,
            phone=phone,
            cents=cents,
            reference=reference,
            kind=kind,
            url=url,
        )
    if call.plan.get("callback") == "BEFORE":
        call.later(prompts.answer_by_itself(call.house, row["checkout_id"]))
    return wire.answer(
        {
            "MerchantRequestID": row["merchant_id"],
            "CheckoutRequestID": row["checkout_id"],
            "ResponseCode": "0",
            "ResponseDescription": "Success. Request accepted for processing",
            "CustomerMessage": "Success. Request accepted for processing",
        }
    )


def _kept(call: Call, **columns: Any) -> dict[str, Any]:
    house, plan, at = call.house, call.plan, clock.now(call.house)
    state = parties.subscriber(house, columns["phone"]).state
    forced = _forced(house, plan, columns, state)
    answer_at = at + float(plan.get("answer_after") or 0) if plan.get("answer") or forced else None
    if plan.get("answer") == "IGNORE" and not forced:
        answer_at = None
    row = {
        "merchant_id": wire.proxy_id(),
        "plan": json.dumps({**plan, "result_code": forced} if forced else plan),
        "at": at,
        "expires_at": at + switches.seconds(house, "stk_seconds"),
        "answer_at": answer_at,
        **columns,
    }
    for tick in range(1000):
        checkout = wire.checkout_id(at + tick / 1000, columns["phone"])
        try:
            house.store.add("daraja_push", checkout_id=checkout, **row)
        except sqlite3.IntegrityError:
            continue
        return {**row, "checkout_id": checkout}
    raise Refused(500, "500.003.02", "System is busy. Please try again in few minutes.")


def _forced(house: House, plan: dict[str, Any], columns: dict[str, Any], state: str) -> str:
    """A result that comes whatever the person does: no prompt is shown then."""
    planned = str(plan.get("result_code") or "0")
    if planned != "0":
        return planned
    if state == "OFF":
        return "1037"
    if state == "UNKNOWN":
        return "SFC_IC0003"
    wrong = prompts.wrong_pair(house, columns["shortcode"], columns["receiver"], columns["kind"])
    if wrong:
        return wrong
    return "1025" if len(prompts.wording(house, columns)) > LONGEST else ""


def query(call: Call) -> Response:
    """`POST /mpesa/stkpushquery/v1/query`."""
    shortcode = call.fields.shortcode("BusinessShortCode")
    _require_password(call, shortcode)
    checkout = call.fields.text("CheckoutRequestID", most=64)
    prompts.settle(call.house)
    row = call.house.store.row("SELECT * FROM daraja_push WHERE checkout_id = ? AND shortcode = ?", checkout, shortcode)
    if row is None:
        raise invalid("CheckoutRequestID")
    code, said = row["result_code"], row["result_text"]
    if row["status"] == "PENDING":
        if switches.value(call.house, "pending_code") != "4999":
            raise Refused(500, "500.001.1001", "The transaction is being processed")
        code, said = "4999", "The transaction is still under processing"
    if call.plan.get("result_code"):
        code, said = str(call.plan["result_code"]), text(str(call.plan["result_code"]))
    return wire.answer(
        {
            "ResponseCode": "0",
            "ResponseDescription": "The service request has been accepted successsfully",
            "MerchantRequestID": row["merchant_id"],
            "CheckoutRequestID": checkout,
            "ResultCode": code,
            "ResultDesc": said,
        }
    )


def _require_password(call: Call, shortcode: str) -> None:
    """The passkey's, for the very time that the request names. Raises Refused."""
    told = call.fields
    password, at = told.text("Password", most=500), told.matching("Timestamp", r"\d{14}")
    right = base64.b64encode(f"{shortcode}{call.house.settings.daraja.passkey}{at}".encode()).decode()
    if password != right:
        raise Refused(500, "500.001.1001", "Wrong credentials")


def _require_merchant(house: House, shortcode: str) -> None:
    found = parties.organisation(house, shortcode)
    if (found is None or found.kind == TILL) and parties.till_of_head(house, shortcode) is None:
        raise Refused(500, "500.001.1001", "Merchant does not exist")
