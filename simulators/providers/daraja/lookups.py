"""Asking who somebody is before paying: names, organisations, the age of a SIM."""

import hashlib
import re

from simulators.providers.daraja import clock, parties, switches, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import invalid
from simulators.web import Response

NO_SWAP = "01-01-1900"  # older than three months


def hakikisha(call: Call) -> Response:
    """`POST /mpesa/b2c/hakikisha/v1/hakikisha`: the name of a number, mostly masked."""
    header = call.body.get("header") if isinstance(call.body, dict) else None
    if not isinstance(header, dict) or not header.get("requestID"):
        raise invalid("requestID")
    msisdn = call.fields.text("msisdn", most=12)
    call.fields.shortcode("shortcode")
    head = {"requestID": str(header["requestID"]), "timestamp": clock.digits(clock.now(call.house))}
    who = parties.subscriber(call.house, msisdn) if re.fullmatch(parties.MSISDN, msisdn) else None
    if who is None or who.state in {"UNKNOWN", "UNREGISTERED"}:
        text = "Customer not found"
        return wire.answer({"header": {**head, "status": "400", "message": text}, "body": {"message": text}})
    names = {
        "firstName": who.first_name,
        "middleName": _masked(who.middle_name),
        "lastName": _masked(who.last_name),
    }
    return wire.answer({"header": {**head, "status": "200", "message": "Success"}, "body": names})


def _masked(name: str) -> str:
    return name[:1] + "*" * (len(name) - 1)


def organisation(call: Call) -> Response:
    """`POST /sfcverify/v1/query/info`: the name of a shortcode."""
    call.fields.one_of("IdentifierType", "2", "4")
    shortcode = call.fields.shortcode("Identifier")
    found = parties.organisation(call.house, shortcode)
    known = found is not None
    return wire.answer(
        {
            "ConversationID": wire.conversation_id(clock.now(call.house)),
            "ResponseCode": switches.value(call.house, "org_info_code") if known else "4001",
            "ResponseMessage": "Success" if known else "Failed",
            "DetailedMessage": "Organization found" if known else "Organization not found",
            "OrganizationShortCode": shortcode,
            "OrganizationName": found.name if found else "",
            "ChargeProfileID": "1" if known else "",
        }
    )


def sim(call: Call) -> Response:
    """`POST /imsi/v1|v2/checkATI`: when the SIM was last swapped."""
    msisdn = call.fields.msisdn("customerNumber")
    who = parties.subscriber(call.house, msisdn)
    answer = {
        "requestRefID": wire.proxy_id(),
        "responseCode": "200",
        "responseDesc": "Success",
        "lastSwapDate": who.swapped_on or NO_SWAP,
    }
    if call.version == "v1":
        answer |= {
            "imsi": hashlib.sha256(f"63902{msisdn}{who.swapped_on}".encode()).hexdigest(),
            "msisdnRegistrationDate": "12-03-2015",
        }
    return wire.answer(answer)
