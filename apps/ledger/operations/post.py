"""Posts transfers: one with one call, many set-based by the same rules."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from apps.kernel.clock import local_date
from apps.ledger.errors import BooksBusy
from apps.ledger.operations import calls
from apps.ledger.operations.refusals import reference_reused
from apps.ledger.rules import arrays
from apps.ledger.rules.legs import Leg, body_hash, require_sound


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """A leg as it was written. `amount_minor`: debits positive; `balance_after` on the account's own side."""

    account_id: int
    amount_minor: int
    balance_after: int | None
    seq: int | None
    leg: int


@dataclass(frozen=True, slots=True)
class Posted:
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


_POST_MANY = """
SELECT fresh, ids, balances, seqs FROM ledger_post_many(
    %s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[]::jsonb[], %s::date[], %s::timestamptz[], %s::int[],
    %s::int[], %s::bigint[], %s::bigint[], %s::text[])
"""
_REPLAYS = """
SELECT u.nth, r.transfer_id, true, r.balances, r.seqs
  FROM unnest(%s::int[], %s::text[], %s::bytea[]) AS u (nth, reference, body_hash),
       ledger_replay(u.reference, u.body_hash) r
"""
ROUNDS = 3  # how often a chunk is tried when a single posting takes one of its references between look and write


@transaction.atomic
def post_many(postings: Sequence[Posting], *, at: datetime, chunk: int = 5000) -> list[Posted]:
    """Post many transfers, set-based, by the rules of `post` and in the order given: all of them or none.

    Answers in that order. A posting that finds too little money refuses them all; `facts["reference"]` says which.
    Calls of 1,000 to 10,000 cost the least each. Raises what `post` raises.
    """
    first_of: dict[str, tuple[int, bytes]] = {}
    fresh: list[tuple[Posting, bytes]] = []
    for posting in postings:
        require_sound(posting.legs)
        fingerprint = body_hash(posting.kind, posting.legs, posting.booked_on)
        if posting.reference not in first_of:
            first_of[posting.reference] = (len(fresh), fingerprint)
            fresh.append((posting, fingerprint))
        elif first_of[posting.reference][1] != fingerprint:
            raise reference_reused(posting.reference)
    results: list[Posted] = []
    for start in range(0, len(fresh), chunk):
        results += _post_chunk(fresh[start : start + chunk], at)
    answered: set[str] = set()
    ordered = []
    for posting in postings:
        result = results[first_of[posting.reference][0]]
        ordered.append(replace(result, is_replay=True) if posting.reference in answered else result)
        answered.add(posting.reference)
    return ordered


def _post_chunk(chunk: Sequence[tuple[Posting, bytes]], at: datetime) -> list[Posted]:
    params = _columns(chunk, at)
    for last_round in (*[False] * (ROUNDS - 1), True):
        try:
            with transaction.atomic():
                fresh, ids, balances, seqs = calls.row(_POST_MANY, params)
        except BooksBusy:
            if last_round:
                raise
        else:
            break
    results: dict[int, Posted] = {}
    done = 0
    for nth, transfer_id in zip(fresh, ids, strict=True):
        legs = chunk[nth - 1][0].legs
        upto = done + len(legs)
        results[nth] = posted((transfer_id, False, balances[done:upto], seqs[done:upto]), legs)
        done = upto
    if len(results) < len(chunk):
        results |= _replays([(nth, *one) for nth, one in enumerate(chunk, 1) if nth not in results])
    return [results[nth] for nth in range(1, len(chunk) + 1)]


def _replays(there: Sequence[tuple[int, Posting, bytes]]) -> dict[int, Posted]:
    asked = [
        arrays.numbers(nth for nth, _, _ in there),
        arrays.texts(one.reference for _, one, _ in there),
        arrays.octets(digest for _, _, digest in there),
    ]
    legs = {nth: one.legs for nth, one, _ in there}
    return {nth: posted(tuple(found), legs[nth]) for nth, *found in calls.rows(_REPLAYS, asked)}


def _columns(chunk: Sequence[tuple[Posting, bytes]], at: datetime) -> list[str]:
    """The postings as the columns that the database takes them in."""
    legs = [(nth, number, leg) for nth, (one, _) in enumerate(chunk, 1) for number, leg in enumerate(one.legs, 1)]
    moments = [one.at or at for one, _ in chunk]
    days = {moment: local_date(moment) for moment in set(moments)}
    booked = [one.booked_on or days[moment] for (one, _), moment in zip(chunk, moments, strict=True)]
    return [
        arrays.texts(one.reference for one, _ in chunk),
        arrays.octets(fingerprint for _, fingerprint in chunk),
        arrays.texts(one.kind for one, _ in chunk),
        arrays.texts(one.narrative for one, _ in chunk),
        arrays.texts(None if one.details is None else json.dumps(one.details) for one, _ in chunk),
        arrays.texts(day.isoformat() for day in booked),
        arrays.texts(moment.isoformat() for moment in moments),
        arrays.numbers(nth for nth, _, _ in legs),
        arrays.numbers(number for _, number, _ in legs),
        arrays.numbers(leg.account_id for _, _, leg in legs),
        arrays.numbers(leg.minor for _, _, leg in legs),
        arrays.texts(leg.currency for _, _, leg in legs),
    ]
