"""What can be looked at without a token: the certificate, the truth, an organisation's statement."""

import csv
import io
import json
import re
from collections.abc import Callable

from simulators.house import House
from simulators.providers.daraja import clock, credential, wire
from simulators.providers.daraja.codes import Refused
from simulators.providers.daraja.defaults import CHARGES, UTILITY
from simulators.web import Request, Response, as_json

Feed = Callable[[House, Request], Response]
COLUMNS = [
    "Receipt No.",
    "Completion Time",
    "Initiation Time",
    "Details",
    "Transaction Status",
    "Paid In",
    "Withdrawn",
    "Balance",
    "Balance Confirmed",
    "Reason Type",
    "Other Party Info",
    "Linked Transaction ID",
    "A/C No.",
]
ISO, THEIRS = "%Y-%m-%d %H:%M:%S", "%d-%m-%Y %H:%M:%S"


def find(path: str) -> Feed | None:
    """By address below the base."""
    if path == "certificate.cer":
        return certificate
    if path == "truth.json":
        return truth
    found = re.fullmatch(r"statement/(\d{5,7})\.csv", path)
    return (lambda house, request: statement(house, request, found[1])) if found else None


def certificate(house: House, request: Request) -> Response:
    """`GET /certificate.cer`: what initiators' passwords are encrypted for."""
    return Response(credential.certificate(house), 200, "application/x-x509-ca-cert")


def truth(house: House, request: Request) -> Response:
    """`GET /truth.json`: everything as the provider knows it, amounts in cents; `?day=`, `?owner=` narrow it."""
    day, owner = request.query.get("day", ""), request.query.get("owner", "")
    transactions = house.store.rows(
        "SELECT * FROM daraja_money WHERE ?1 IN ('', day) AND ?2 IN ('', debit_owner, credit_owner) ORDER BY id",
        day,
        owner,
    )
    accounts = house.store.rows("SELECT * FROM daraja_account WHERE ? IN ('', owner) ORDER BY owner, name", owner)
    total = house.store.row("SELECT coalesce(sum(cents), 0) AS cents FROM daraja_account") or {}
    pushes = house.store.rows(
        "SELECT * FROM daraja_push WHERE ? IN ('', receiver, payer) ORDER BY at, checkout_id", owner
    )
    for row in pushes:
        row["plan"] = json.loads(row["plan"])
    requests = house.store.rows("SELECT * FROM daraja_request ORDER BY at")
    return as_json(
        {
            "now": clock.now(house),
            "transactions": transactions,
            "pushes": pushes,
            "requests": requests,
            "accounts": accounts,
            "sum_of_all_accounts": total["cents"],
        }
    )


def statement(house: House, request: Request, shortcode: str) -> Response:
    """`GET /statement/<shortcode>.csv?day=&account=&dates=iso`: one day of one account, or of `account=all`."""
    day = request.query.get("day") or clock.day(clock.now(house))
    account = request.query.get("account") or UTILITY
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        raise Refused(400, "400.002.02", "Bad Request - Invalid day")
    rows = house.store.rows(
        "SELECT e.*, m.status, m.product, m.debit_owner, m.credit_owner, m.debit_account, m.linked_receipt,"
        " m.reference, m.started_at FROM daraja_entry e JOIN daraja_money m ON m.receipt = e.receipt"
        " WHERE e.owner = ? AND e.day = ? AND ? IN ('all', e.account) ORDER BY e.id",
        shortcode,
        day,
        account,
    )
    dates = ISO if request.query.get("dates") == "iso" else THEIRS
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        other = row["debit_owner"] if row["cents"] > 0 else row["credit_owner"]
        writer.writerow(
            [
                row["receipt"],
                clock.local(row["at"]).strftime(dates),
                clock.local(row["started_at"]).strftime(dates),
                row["details"],
                row["status"],
                wire.shillings(row["cents"]) if row["cents"] > 0 else "",
                wire.shillings(row["cents"]) if row["cents"] < 0 else "",
                wire.shillings(row["balance"]),
                "TRUE",
                re.split(" from | to | of ", row["details"])[0],
                other if row["account"] != CHARGES else "",
                row["linked_receipt"],
                row["reference"],
            ]
        )
    return Response(sheet.getvalue(), 200, "text/csv; charset=utf-8")
