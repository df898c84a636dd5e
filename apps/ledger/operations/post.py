"""Posts one transfer with one call."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from apps.kernel.clock import local_date
from apps.ledger.operations import calls
from apps.ledger.rules import arrays
from apps.ledger.rules.legs import Leg, body_hash, require_sound


class PostedEntry(NamedTuple):
    """A leg as it was written. `amount_minor`: debits positive; `balance_after` on the account's own side."""

    account_id: int
    amount_minor: int
    balance_after: int | None
    seq: int | None
    leg: int


class Posted(NamedTuple):
    """A transfer that is in the books; `is_replay` says that it was there before."""

    transfer_id: int
    is_replay: bool
    entries: tuple[PostedEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One transfer for `post_many`; see `post` for what the members mean."""

    reference: str
    kind: str
    narrative: str
    legs: Sequence[Leg]
    at: datetime | None = None
    booked_on: date | None = None
    details: dict[str, Any] | None = None


_POST = """
SELECT transfer_id, is_replay, balances, seqs FROM ledger_post(
    %s::text, %s::bytea, %s::text, %s::text, %s::jsonb, %s::date, %s::timestamptz, %s::bigint[], %s::bigint[],
    %s::text[], NULL)
"""


def post(
    *,
    reference: str,
    kind: str,
    narrative: str,
    legs: Sequence[Leg],
    at: datetime,
    booked_on: date | None = None,
    details: dict[str, Any] | None = None,
) -> Posted:
    """Post a transfer: all its legs or nothing, once per `reference`.

    The same reference with the same kind, legs and given `booked_on` returns the stored result (`is_replay`); words and
    details may differ. `booked_on` is the bank's calendar day of `at` unless given. One statement, atomic by itself;
    inside an open transaction a refusal ends that transaction, so catch it outside or open a savepoint around it.

    Raises InsufficientFunds, ReferenceReused, AccountClosedForPosting, PeriodClosed, BooksBusy;
    Unbalanced, WrongCurrency, BrokenBooks for mistakes in the code that built the legs.
    """
    require_sound(legs)
    found = calls.row(
        _POST,
        [
            reference,
            body_hash(kind, legs, booked_on),
            kind,
            narrative,
            None if details is None else json.dumps(details),
            booked_on or local_date(at),
            at,
            arrays.numbers(leg.account_id for leg in legs),
            arrays.numbers(leg.minor for leg in legs),
            arrays.texts(leg.currency for leg in legs),
        ],
    )
    return posted(found, legs)


def posted(found: tuple[Any, ...], legs: Sequence[Leg]) -> Posted:
    """What a posting function of the database answered, as a value."""
    transfer_id, is_replay, balances, seqs = found
    entries = tuple(
        PostedEntry(leg.account_id, leg.minor, after, seq, nth)
        for nth, (leg, after, seq) in enumerate(zip(legs, balances, seqs, strict=True), start=1)
    )
    return Posted(transfer_id, is_replay, entries)
