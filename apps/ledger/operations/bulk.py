"""Posts many transfers at once, set-based, by the rules of a single one."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction

from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.ledger.errors import BooksBusy
from apps.ledger.operations import calls
from apps.ledger.operations.accounts import account_id_of
from apps.ledger.operations.post import Posted, Posting, posted
from apps.ledger.operations.refusals import reference_reused
from apps.ledger.rules import arrays
from apps.ledger.rules.accounts import AccountRef
from apps.ledger.rules.legs import Unbalanced, body_hash, require_sound

Found = tuple[list[int] | None, list[int], list[int | None], list[int | None]]
ROUNDS = 3  # how often a chunk is tried when a single posting takes one of its references between look and write
_POST_MANY = """
SELECT already, ids, balances, seqs FROM ledger_post_many(
    %s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[]::jsonb[], %s::date[], %s::timestamptz[], %s::int[],
    %s::int[], %s::bigint[], %s::bigint[], %s::text[])
"""
_REPLAYS = """
SELECT u.nth, r.transfer_id, true, r.balances, r.seqs
  FROM unnest(%s::int[], %s::text[], %s::bytea[]) AS u (nth, reference, body_hash),
       ledger_replay(u.reference, u.body_hash) r
"""


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
        ordered.append(result._replace(is_replay=True) if posting.reference in answered else result)
        answered.add(posting.reference)
    return ordered


def _post_chunk(chunk: Sequence[tuple[Posting, bytes]], at: datetime) -> list[Posted]:
    asked = list(enumerate(chunk))
    results: dict[int, Posted] = {}

    def once() -> None:
        already, ids, balances, seqs = calls.row(_POST_MANY, _columns([one for _, one in asked], at))
        if already:
            there = {place - 1 for place in already}
            results.update(_replays([asked[place] for place in there]))
            asked[:] = [one for place, one in enumerate(asked) if place not in there]
            if asked:
                once()
            return
        done = 0
        for (nth, (posting, _hash)), transfer_id in zip(asked, ids, strict=True):
            upto = done + len(posting.legs)
            results[nth] = posted((transfer_id, False, balances[done:upto], seqs[done:upto]), posting.legs)
            done = upto

    _again_when_raced(once)
    return [results[nth] for nth in range(len(chunk))]


def _again_when_raced(act: Callable[[], None]) -> None:
    for last_round in (*[False] * (ROUNDS - 1), True):
        try:
            with transaction.atomic():
                return act()
        except BooksBusy:
            if last_round:
                raise
    return None


def _replays(there: Sequence[tuple[int, tuple[Posting, bytes]]]) -> dict[int, Posted]:
    legs = {nth: posting.legs for nth, (posting, _hash) in there}
    found = calls.rows(
        _REPLAYS,
        [
            arrays.numbers(legs),
            arrays.texts(posting.reference for _, (posting, _hash) in there),
            arrays.octets(digest for _, (_posting, digest) in there),
        ],
    )
    return {nth: posted(tuple(stored), legs[nth]) for nth, *stored in found}


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


class PostedToEach(NamedTuple):
    """One account's transfer of `credit_each` or `debit_each`, new in the books; `balance_after` in minor units."""

    account_id: int
    transfer_id: int
    amount_minor: int
    balance_after: int | None
    seq: int | None


_POST_EACH = """
SELECT already, ids, balances, seqs FROM ledger_post_each(
    %s::text, %s::text, %s::text, %s::jsonb, %s::date, %s::boolean, %s::timestamptz, %s::bigint[], %s::bigint[],
    %s::bigint, %s::text)
"""


def credit_each(minors: Mapping[int, int], **asked: Any) -> list[PostedToEach]:
    """Credit many accounts, each in a transfer of its own, against one other account: interest, dividends, refunds.

    `minors` are minor units by account id, over zero; see `debit_each` for the other arguments.
    """
    return _post_each({account_id: -minor for account_id, minor in minors.items()}, **asked)


def debit_each(minors: Mapping[int, int], **asked: Any) -> list[PostedToEach]:
    """Debit many accounts, each in a transfer of its own, against one other account: fees, duties.

    Takes `reference` (each transfer's is `reference/account id`), `kind`, `narrative`, `against` (as in `debit`),
    `currency`, `at`, and optionally `booked_on`, `details` and `chunk`. The fastest way to post: two columns of numbers
    travel. All of them or none; those whose reference was posted before are left out of the answer. To let some be
    refused, ask `queries.balances` first. Raises what `post` raises.
    """
    return _post_each(dict(minors), **asked)


@transaction.atomic
def _post_each(
    minors: dict[int, int],
    *,
    reference: str,
    kind: str,
    narrative: str,
    against: AccountRef | int | str,
    currency: str,
    at: datetime,
    booked_on: date | None = None,
    details: dict[str, Any] | None = None,
    chunk: int = 10_000,
) -> list[PostedToEach]:
    Money.zero(currency)  # raises UnknownCurrency
    if any(minor == 0 for minor in minors.values()) or len({minor > 0 for minor in minors.values()}) > 1:
        raise Unbalanced("each account's amount is more than nothing")
    head: list[Any] = [reference, kind, narrative, None if details is None else json.dumps(details)]
    head += [booked_on or local_date(at), booked_on is not None, at]
    tail: list[Any] = [account_id_of(against, currency), currency]
    results: list[PostedToEach] = []
    left = iter(minors.items())
    while part := dict(islice(left, chunk)):
        results += _each_chunk(part, head, tail)
    return results


def _each_chunk(part: dict[int, int], head: list[Any], tail: list[Any]) -> list[PostedToEach]:
    results: list[PostedToEach] = []

    def once() -> None:
        accounts = list(part)
        columns = [arrays.numbers(accounts), arrays.numbers(part.values())]
        already, ids, balances, seqs = calls.row(_POST_EACH, [*head, *columns, *tail])
        if already:
            for place in already:
                del part[accounts[place - 1]]
            if part:
                once()
            return
        results.extend(map(PostedToEach, accounts, ids, part.values(), balances, seqs))

    _again_when_raced(once)
    return results
