"""Bill Manager: invoices that customers pay by account number."""

import json
import secrets
from typing import Any

from simulators.house import House
from simulators.providers.daraja import clock, parties, results, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import Refused, invalid
from simulators.providers.daraja.fields import Fields
from simulators.web import Response

MOST = 1000
_WANTED = ("billedFullName", "billedPeriod", "invoiceName", "dueDate", "accountReference")


def opt_in(call: Call) -> Response:
    """`POST …/optin`: an application key."""
    told = call.fields
    shortcode = told.shortcode("shortcode")
    told.text("email")
    told.text("officialContact", most=15)
    told.one_of("sendReminders", "0", "1")
    if parties.organisation(call.house, shortcode) is None:
        raise invalid("shortcode")
    key = f"AG_{secrets.token_hex(12)}"
    parties.set_organisation(
        call.house, shortcode, {"bill_app_key": key, "bill_callback_url": told.url("callbackurl", required=False)}
    )
    return wire.answer({"app_key": key, "resmsg": "Success", "rescode": "200"})


def change(call: Call) -> Response:
    """`POST …/change-optin-details`."""
    found = _biller(call)
    url = call.fields.url("callbackurl", required=False)
    if url:
        parties.set_organisation(call.house, found.shortcode, {"bill_callback_url": url})
    return wire.answer({"resmsg": "Success", "rescode": "200"})


def invoice(call: Call) -> Response:
    """`POST …/single-invoicing`."""
    _send(call, _biller(call), [call.body])
    return _envelope("Invoice sent successfully")


def invoices(call: Call) -> Response:
    """`POST …/bulk-invoicing`: a list."""
    if not isinstance(call.body, list) or not 1 <= len(call.body) <= MOST:
        raise Refused(400, "400.002.05", "Invalid Request Payload")
    _send(call, _biller(call), call.body)
    return _envelope("Invoices sent successfully")


def _send(call: Call, found: parties.Organisation, rows: list[Any]) -> None:
    with call.house.store.write():
        for row in rows:
            if not isinstance(row, dict):
                raise Refused(400, "400.002.05", "Invalid Request Payload")
            told = Fields(row, strict_urls=False)
            reference = told.text("externalReference", most=60)
            for name in _WANTED:
                told.text(name)
            told.cents("amount")
            told.text("billedPhoneNumber", most=15)
            call.house.store.change(
                "INSERT INTO daraja_invoice (shortcode, reference, told) VALUES (?, ?, ?)"
                " ON CONFLICT (shortcode, reference) DO UPDATE SET told = excluded.told",
                found.shortcode,
                reference,
                json.dumps(row),
            )


def cancel(call: Call) -> Response:
    """`POST …/cancel-single-invoice`, `…/cancel-bulk-invoices`; what is paid stays."""
    found = _biller(call)
    rows = call.body if isinstance(call.body, list) else [call.body]
    wanted = [str(row.get("externalReference", "")) for row in rows if isinstance(row, dict)]
    with call.house.store.write():
        for reference in wanted:
            row = call.house.store.row(
                "SELECT status FROM daraja_invoice WHERE shortcode = ? AND reference = ?", found.shortcode, reference
            )
            if row is None or row["status"] == "PAID":
                why = "Invoice is paid already" if row else "Invoice not found"
                return wire.answer(
                    {"Status_Message": why, "resmsg": "Failed", "rescode": "409", "errors": [reference]}, 409
                )
        for reference in wanted:
            call.house.store.change(
                "UPDATE daraja_invoice SET status = 'CANCELLED' WHERE shortcode = ? AND reference = ?",
                found.shortcode,
                reference,
            )
    return wire.answer(
        {"Status_Message": "Invoice cancelled successfully.", "resmsg": "Success", "rescode": "200", "errors": []}
    )


def reconcile(call: Call) -> Response:
    """`POST …/reconciliation`: the biller acknowledges a payment."""
    _biller(call)
    call.fields.text("transactionId", most=20)
    return wire.answer({"resmsg": "Success", "rescode": "200"})


def pay(house: House, found: parties.Organisation, receipt: str) -> None:
    """An invoice whose account number was paid: the biller hears of it."""
    if not found.bill_app_key:
        return
    row = house.store.row("SELECT * FROM daraja_money WHERE receipt = ?", receipt) or {}
    owed = [
        one["reference"]
        for one in house.store.rows(
            "SELECT * FROM daraja_invoice WHERE shortcode = ? AND status = 'SENT'", found.shortcode
        )
        if json.loads(one["told"])["accountReference"] == row["reference"]
    ]
    if not owed:
        return
    house.store.change(
        "UPDATE daraja_invoice SET status = 'PAID' WHERE shortcode = ? AND reference = ?", found.shortcode, owed[0]
    )
    body = {
        "transactionId": receipt,
        "paidAmount": row["cents"] // 100,
        "msisdn": row["debit_owner"],
        "dateCreated": clock.day(row["done_at"]),
        "accountReference": row["reference"],
        "shortCode": int(found.shortcode),
    }
    results.post(house, {}, found.bill_callback_url, body)


def _biller(call: Call) -> parties.Organisation:
    """Whose application key came along."""
    row = call.house.store.row(
        "SELECT shortcode FROM daraja_organisation WHERE bill_app_key = ? AND bill_app_key <> ''", call.app_key
    )
    found = parties.organisation(call.house, row["shortcode"]) if row else None
    if found is None:
        raise Refused(400, "400.003.02", "Invalid appKey")
    return found


def _envelope(said: str) -> Response:
    return wire.answer({"Status_Message": said, "resmsg": "Success", "rescode": "200"})
