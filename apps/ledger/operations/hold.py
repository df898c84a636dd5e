"""Money set aside: authorise, capture all or part, release, expire."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.ledger.models import Entry, Hold
from apps.ledger.operations import calls
from apps.ledger.operations.accounts import account_id_of
from apps.ledger.operations.post import Posted, posted
from apps.ledger.rules.accounts import AccountRef
from apps.ledger.rules.legs import Leg, Unbalanced, body_hash, require_sound, taken_from


@dataclass(frozen=True, slots=True)
class HoldRef:
    """Money set aside; `is_replay` says that it was before."""

    id: int
    reference: str
    account_id: int
    amount: Money
    is_replay: bool = False


def hold(
    *,
    reference: str,
    account: AccountRef | int | str,
    amount: Money,
    at: datetime,
    expires_at: datetime | None = None,
) -> HoldRef:
    """Set money of a locked account aside: it stays there and is no longer available. Once per `reference`.

    `expires_at` may differ the second time. Raises InsufficientFunds, AccountClosedForPosting, ReferenceReused;
    Unbalanced unless `amount` is over zero.
    """
    if amount.minor <= 0:
        raise Unbalanced(f"a hold sets more than nothing aside, not {amount}")
    account_id = account_id_of(account, amount.currency)
    fingerprint = body_hash("HOLD", [Leg(account_id, amount.minor, amount.currency)])
    hold_id, is_replay = calls.row(
        "SELECT hold_id, is_replay FROM ledger_hold("
        "%s::text, %s::bytea, %s::bigint, %s::bigint, %s::text, %s::timestamptz, %s::timestamptz)",
        [reference, fingerprint, account_id, amount.minor, amount.currency, expires_at, at],
    )
    return HoldRef(hold_id, reference, account_id, amount, is_replay)


_CAPTURE = """
SELECT transfer_id, is_replay, balances, seqs FROM ledger_capture(
    %s::bigint, %s::bigint, %s::boolean, %s::text, %s::bytea, %s::text, %s::text, %s::jsonb, %s::date, %s::timestamptz,
    %s::bigint[], %s::bigint[], %s::text[])
"""


def capture(
    held: HoldRef | int,
    *,
    reference: str,
    at: datetime,
    amount: Money | None = None,
    to: AccountRef | int | str | None = None,
    legs: Sequence[Leg] | None = None,
    final: bool = True,
    kind: str = "CAPTURE",
    narrative: str = "",
    booked_on: date | None = None,
    details: dict[str, Any] | None = None,
) -> Posted:
    """Turn a hold, or `amount` of it, into a transfer. Once per `reference`.

    Either `to` names the account that receives it, or `legs` say in full what is posted; then `amount`, the part of the
    hold that is used up, is what they take from the held account unless given. What is left of the hold is released,
    unless `final=False` keeps it for a later part. Without `amount` and `legs`, all of it is captured.

    Raises HoldNotOpen, HoldExceeded, and what `post` raises.
    """
    row = Hold.objects.select_related("account").get(pk=held.id if isinstance(held, HoldRef) else held)
    side = 1 if row.account.kind in {"ASSET", "EXPENSE"} else -1
    if legs is None:
        legs = _legs_to(row, side, to, amount, reference)
    part = amount.minor if amount else taken_from(row.account_id, row.currency, side, legs)
    require_sound(legs)
    found = calls.row(
        _CAPTURE,
        [
            row.pk,
            part,
            final,
            reference,
            body_hash(kind, legs, booked_on, row.pk, part),
            kind,
            narrative,
            None if details is None else json.dumps(details),
            booked_on or local_date(at),
            at,
            [leg.account_id for leg in legs],
            [leg.minor for leg in legs],
            [leg.currency for leg in legs],
        ],
    )
    return posted(found, legs)


def _legs_to(
    row: Hold, side: int, to: AccountRef | int | str | None, amount: Money | None, reference: str
) -> list[Leg]:
    if to is None:
        raise Unbalanced("a capture says where the money goes: `to` or `legs`")
    rest = row.amount_minor - row.captured_minor
    if amount is None and rest == 0:  # asked again after all of it was captured: the first time tells how much that was
        earlier = Entry.objects.filter(transfer__reference=reference, account_id=row.account_id).first()
        rest = abs(earlier.amount_minor) if earlier else row.amount_minor
    part = amount or Money(rest, row.currency)
    leg = Leg(row.account_id, -side * part.minor, part.currency)
    return [leg, Leg(account_id_of(to, part.currency), -leg.minor, part.currency)]


def release(held: HoldRef | int, *, at: datetime) -> bool:
    """Give set-aside money back; True when it was still set aside.

    A hold released or expired before stays as it is, so that a repeated message does no harm. Raises HoldNotOpen when
    it was captured.
    """
    hold_id = held.id if isinstance(held, HoldRef) else held
    return bool(calls.row("SELECT ledger_release(%s::bigint, %s::timestamptz)", [hold_id, at])[0])


def expire_holds(*, at: datetime, limit: int = 10_000) -> list[int]:
    """Release, set-based, the open holds whose time is up; returns their ids. Run again while it returns `limit`."""
    found = calls.rows("SELECT expired_id FROM ledger_expire_holds(%s::timestamptz, %s::int)", [at, limit])
    return [hold_id for (hold_id,) in found]
