"""A transaction request as this API writes it: where the payment stands, its challenge, and the line it made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Transaction
from apps.kernel.money import Money
from apps.open_banking.models import SandboxPayment, TransactionRequest
from apps.open_banking.names import account_name, line_name
from apps.open_banking.obp.shapes import bank_id, instant, money
from apps.users.operations.codes import TRIES

CHALLENGE = "OBP_TRANSACTION_REQUEST_CHALLENGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One request, of the books or of the sandbox. `line`: of the account it left, "" while there is none."""

    id: str
    type: str
    account: str
    amount: Money
    charge: Money
    note: str
    details: dict[str, Any]
    line: str
    status: str
    began_at: datetime
    ended_at: datetime
    challenge: str
    user_id: str


def of_books(rows: Sequence[TransactionRequest], at: datetime) -> list[Shown]:
    """Payments of the bank, with one query for the lines they made."""
    places = _places(rows)
    return [
        Shown(
            id=str(row.public_id), type=row.type, account=str(account_name(row.account_id)), amount=row.payment.amount,
            charge=row.payment.charge.total, note=row.payment.note, details=row.details,
            line=places.get((row.account_id, row.payment.transfer_id or 0), ""), status=row.status(at),
            began_at=row.created_at, ended_at=row.payment.completed_at or row.payment.created_at,
            challenge=str(row.payment.challenge or ""), user_id=str(row.user.public_id),
        )
        for row in rows
    ]  # fmt: skip


def of_sandbox(rows: Sequence[SandboxPayment], at: datetime) -> list[Shown]:
    """Payments of the sandbox; nothing costs anything there."""
    return [
        Shown(
            id=str(row.public_id), type=row.type, account=str(row.account.public_id), amount=row.amount,
            charge=Money.zero(row.currency), note=row.note, details=row.details,
            line="" if row.seq is None else line_name(str(row.account.public_id), row.seq), status=row.status_at(at),
            began_at=row.created_at, ended_at=row.ended_at or row.created_at, challenge=str(row.challenge or ""),
            user_id=str(row.persona.public_id),
        )
        for row in rows
    ]  # fmt: skip


def _places(rows: Iterable[TransactionRequest]) -> dict[tuple[int, int], str]:
    """The line of each payment on the account it left: its largest, because a fee has a line of its own."""
    made = {row.payment.transfer_id: row.account_id for row in rows if row.payment.transfer_id}
    lines = Transaction.objects.filter(transfer_id__in=made, account_id__in=set(made.values()), amount_minor__lt=0)
    found = lines.order_by("-amount_minor").values_list("account_id", "transfer_id", "seq")
    return {(account, transfer): line_name(str(account_name(account)), seq) for account, transfer, seq in found}


def written(shown: Shown, version: str) -> dict[str, Any]:
    """As clients read it; `challenge` is the first of `challenges`, for the older ones."""
    asked = [_challenge(shown, version)] if shown.challenge else []
    brief = {key: asked[0][key] for key in ("id", "allowed_attempts", "challenge_type")} if asked else None
    return {
        "id": shown.id,
        "type": shown.type,
        "from": {"bank_id": bank_id(), "account_id": shown.account},
        "details": {"value": money(shown.amount), "description": shown.note, **shown.details},
        "transaction_ids": [shown.line],
        "status": shown.status,
        "start_date": instant(shown.began_at),
        "end_date": instant(shown.ended_at),
        "charge": {"summary": "Total charges for completed transaction", "value": money(shown.charge)},
        "challenges": asked,
        "challenge": brief,
    }


def _challenge(shown: Shown, version: str) -> dict[str, Any]:
    place = f"/obp/{version}/banks/{bank_id()}/accounts/{shown.account}/owner/transaction-request-types/{shown.type}"
    return {
        "id": shown.challenge,
        "allowed_attempts": TRIES,
        "challenge_type": CHALLENGE,
        "user_id": shown.user_id,
        "link": f"{place}/transaction-requests/{shown.id}/challenge",
    }
