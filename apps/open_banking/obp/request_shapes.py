"""A transaction request as this API writes it: where the payment stands, its challenge, and the lines it made."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from apps.accounts.models import Transaction
from apps.open_banking.models import TransactionRequest
from apps.open_banking.names import account_name
from apps.open_banking.obp.shapes import bank_id, instant, money
from apps.users.operations.codes import TRIES

CHALLENGE = "OBP_TRANSACTION_REQUEST_CHALLENGE"


def requests(rows: Sequence[TransactionRequest], version: str, at: datetime) -> list[dict[str, Any]]:
    """Several, with one query for the lines they made."""
    places = _places(rows)
    return [_request(row, version, at, places.get((row.account_id, row.payment.transfer_id or 0), "")) for row in rows]


def request_shape(row: TransactionRequest, version: str, at: datetime) -> dict[str, Any]:
    """One."""
    return requests([row], version, at)[0]


def _places(rows: Iterable[TransactionRequest]) -> dict[tuple[int, int], str]:
    """The line of each payment on the account it left: its largest, because a fee has a line of its own."""
    made = {row.payment.transfer_id: row.account_id for row in rows if row.payment.transfer_id}
    lines = Transaction.objects.filter(transfer_id__in=made, account_id__in=set(made.values()), amount_minor__lt=0)
    found = lines.order_by("-amount_minor").values_list("account_id", "transfer_id", "seq")
    return {(account, transfer): f"{str(account_name(account))[:23]}-{seq:012d}" for account, transfer, seq in found}


def _request(row: TransactionRequest, version: str, at: datetime, line: str) -> dict[str, Any]:
    status, payment, name = row.status(at), row.payment, str(account_name(row.account_id))
    asked = [_challenge(row, version, name)] if payment.challenge else []
    brief = {key: asked[0][key] for key in ("id", "allowed_attempts", "challenge_type")} if asked else None
    charge = {"summary": "Total charges for completed transaction", "value": money(payment.charge.total)}
    ended = payment.completed_at or payment.created_at
    return {
        "id": str(row.public_id),
        "type": row.type,
        "from": {"bank_id": bank_id(), "account_id": name},
        "details": {"value": money(payment.amount), "description": payment.note, **row.details},
        "transaction_ids": [line],
        "status": status,
        "start_date": instant(row.created_at),
        "end_date": instant(ended),
        "charge": charge,
        "challenges": asked,
        "challenge": brief,
    }


def _challenge(row: TransactionRequest, version: str, name: str) -> dict[str, Any]:
    place = f"/obp/{version}/banks/{bank_id()}/accounts/{name}/owner/transaction-request-types/{row.type}"
    return {
        "id": str(row.payment.challenge),
        "allowed_attempts": TRIES,
        "challenge_type": CHALLENGE,
        "user_id": str(row.user.public_id),
        "link": f"{place}/transaction-requests/{row.public_id}/challenge",
    }
