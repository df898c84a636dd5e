"""Pull: the C2B payments of the last two days, asked for."""

from datetime import UTC, datetime
from typing import Any

from simulators.house import EAST_AFRICA
from simulators.providers.daraja import clock, parties, switches, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import Refused, invalid
from simulators.providers.daraja.defaults import TILL
from simulators.web import Response

BACK = 48 * 3600.0
MOST = 1000


def register(call: Call) -> Response:
    """`POST /pulltransactions/v1/register`."""
    told = call.fields
    shortcode = told.shortcode("ShortCode")
    told.one_of("RequestType", "Pull")
    told.text("NominatedNumber", most=15)
    told.url("CallBackURL")
    found = parties.organisation(call.house, shortcode)
    if found is None:
        raise invalid("ShortCode")
    parties.set_organisation(call.house, shortcode, {"pull_registered": 1})
    gap = " " if switches.is_on(call.house, "pull_spaced_keys") else ""
    return wire.answer(
        {
            "ResponseRefID": wire.proxy_id(),
            f"Response{gap}Status": "1001" if found.pull_registered else "1000",
            "ShortCode": shortcode,
            f"Response{gap}Description": (
                "Short Code already Registered" if found.pull_registered else "Short Code Registered Successfully"
            ),
        }
    )


def query(call: Call) -> Response:
    """`POST /pulltransactions/v1/query`."""
    told, house = call.fields, call.house
    shortcode = told.shortcode("ShortCode")
    start, end = _moment(call, "StartDate"), _moment(call, "EndDate")
    offset = int(told.matching("OffSetValue", r"\d{1,9}"))
    found = parties.organisation(house, shortcode)
    if found is None or not found.pull_registered:
        raise Refused(500, "500.003.1001", "Short Code is not registered for Pull")
    rows = house.store.rows(
        "SELECT * FROM daraja_money WHERE credit_owner = ? AND done_at >= ? AND done_at < ? AND product IN"
        " ('c2b', 'stk') AND status = 'Completed' ORDER BY id LIMIT ? OFFSET ?",
        shortcode,
        max(start, clock.now(house) - BACK),
        end + 1,
        MOST,
        offset,
    )
    if not rows and switches.value(house, "pull_none") == "500":
        raise Refused(500, "500.003.1001", "Internal Server Error")
    spaced = switches.is_on(house, "pull_spaced_keys")
    return wire.answer(
        {
            "RequestID" if spaced else "ResponseRefID": wire.proxy_id(),
            "ResponseCode": "1000" if rows else "1001",
            "ResponseMessage": "Success" if rows else "No transactions found",
            "Response": [[_shown(found, row) for row in rows]] if rows else "[[]]",
        }
    )


def _shown(found: parties.Organisation, row: dict[str, Any]) -> dict[str, Any]:
    way = "buy-goods" if found.kind == TILL else "pay-bill"
    return {
        "transactionId": row["receipt"],
        "trxDate": datetime.fromtimestamp(row["done_at"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "msisdn": int(row["debit_owner"][3:]),
        "sender": "MPESA",
        "transactiontype": f"c2b-{way}-debit",
        "billreference": row["reference"],
        "amount": wire.shillings(row["cents"]),
        "organizationname": found.name,
    }


def _moment(call: Call, name: str) -> float:
    text = call.fields.text(name)
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=EAST_AFRICA).timestamp()
    except ValueError:
        raise invalid(name) from None
