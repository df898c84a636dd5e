"""Ratiba: a customer agrees to a standing order."""

import json
import sqlite3
from typing import Any

from simulators.providers.daraja import clock, money, parties, results, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import DONE, Refused, invalid
from simulators.web import Response

KINDS = ("Standing Order Customer Pay Bill", "Standing Order Customer Pay Marchant")
FREQUENCIES = tuple("12345678")
_NO = {"CANCEL": "1032", "IGNORE": "1037", "WRONG_PIN": "2001"}


def create(call: Call) -> Response:
    """`POST /standingorder/v1/createStandingOrderExternal`: agreed to, unless the plan says otherwise."""
    told, house = call.fields, call.house
    name = told.text("StandingOrderName", most=100)
    start, end = told.matching("StartDate", r"\d{8}"), told.matching("EndDate", r"\d{8}")
    if end < start:
        raise invalid("EndDate")
    shortcode, payer = told.shortcode("BusinessShortCode"), told.msisdn("PartyA")
    kind = told.one_of("TransactionType", *KINDS, "Standing Order Customer Pay Merchant")
    told.one_of("ReceiverPartyIdentifierType", "4" if kind == KINDS[0] else "2")
    order = {
        "cents": told.cents("Amount"),
        "frequency": told.one_of("Frequency", *FREQUENCIES),
        "start": start,
        "end": end,
        "shortcode": shortcode,
        "reference": told.text("AccountReference", most=12),
        "description": told.text("TransactionDesc", most=13, least=0),
    }
    url = told.url("CallBackURL")
    if parties.organisation(house, shortcode) is None:
        raise invalid("BusinessShortCode")
    forced = str(call.plan.get("result_code") or DONE)
    code = forced if forced != DONE else _NO.get(str(call.plan.get("answer")), DONE)
    reference = wire.proxy_id()
    with house.store.write():
        if code == DONE:
            try:
                house.store.add(
                    "daraja_standing_order", reference=reference, payer=payer, name=name, told=json.dumps(order)
                )
            except sqlite3.IntegrityError:
                raise Refused(400, "400.002.02", "Bad Request - Standing order name exists") from None
        receipt = money.new_receipt(house, clock.now(house)) if code == DONE else "0000000000"
        call.later(results.post(house, call.plan, url, _told(reference, code, receipt, payer)))
    said = "Request accepted for processing"
    return wire.answer(
        {
            "ResponseHeader": {
                "responseRefID": reference,
                "responseCode": "200",
                "responseDescription": said,
                "ResultDesc": "The service request is processed successfully.",
            },
            "ResponseBody": {"responseDescription": said, "responseCode": "200"},
        }
    )


def _told(reference: str, code: str, receipt: str, payer: str) -> dict[str, Any]:
    """Success in camel case; failure in Pascal case, as the portal's samples have it."""
    if code == DONE:
        values = {
            "TransactionID": receipt,
            "responseCode": DONE,
            "Status": "OKAY",
            "Msisdn": f"{payer[:3]}******{payer[-3:]}",
        }
        return {
            "responseHeader": {
                "responseRefID": reference,
                "requestRefID": reference,
                "responseCode": DONE,
                "responseDescription": "The service request is processed successfully",
            },
            "responseBody": {"responseData": [{"name": key, "value": value} for key, value in values.items()]},
        }
    values = {"TransactionID": receipt, "responseCode": code, "Status": "ERROR", "Msisdn": f"{payer[:3]}******"}
    return {
        "ResponseHeader": {
            "ResponseRefID": reference,
            "RequestRefID": reference,
            "ResponseCode": code,
            "ResponseDescription": "Request failed",
        },
        "ResponseBody": {"ResponseData": [{"Name": key, "Value": value} for key, value in values.items()]},
    }
