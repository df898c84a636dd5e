"""Corrects the books: a transfer is answered by its mirror, once."""

import json
from datetime import date, datetime
from typing import Any

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import local_date
from apps.ledger.models import Entry
from apps.ledger.operations import calls
from apps.ledger.operations.post import Posted, posted
from apps.ledger.rules.legs import Leg, body_hash

_REVERSE = """
SELECT transfer_id, is_replay, balances, seqs FROM ledger_reverse(
    %s::bigint, %s::text, %s::bytea, %s::text, %s::jsonb, %s::date, %s::timestamptz)
"""


@transaction.atomic
def reverse(
    *,
    transfer_id: int,
    reason: str,
    by: Any,
    at: datetime,
    reference: str | None = None,
    booked_on: date | None = None,
) -> Posted:
    """Post the mirror of a transfer, linked to it, with the reason on the record and in the audit trail.

    The same reference again returns the stored result. Raises AlreadyReversed for a second reversal and for the
    reversal of a reversal, InsufficientFunds when the receiver no longer has the money, and what `post` raises.
    """
    if not reason.strip():
        raise ValueError("a reversal says why")
    legs = [
        Leg(account_id, -minor, currency)
        for account_id, minor, currency in Entry.objects.filter(transfer_id=transfer_id)
        .order_by("leg")
        .values_list("account_id", "amount_minor", "currency")
    ]
    reference = reference or f"ledger/transfers/{transfer_id}/reversal"
    found = calls.row(
        _REVERSE,
        [
            transfer_id,
            reference,
            body_hash("REVERSAL", legs, booked_on, transfer_id),
            reason.strip()[:240],
            json.dumps({"reason": reason.strip(), "by": getattr(by, "pk", None)}),
            booked_on or local_date(at),
            at,
        ],
    )
    result = posted(found, legs)
    if not result.is_replay:
        audit_trail.record(
            "ledger.transfer.reversed",
            on=f"ledger/transfers/{transfer_id}",
            by=by,
            at=at,
            after={"transfer": result.transfer_id, "reference": reference},
            reason=reason,
        )
    return result
