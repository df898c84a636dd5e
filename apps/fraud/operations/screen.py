"""Screening one movement, in the transaction that would make it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.fraud import rules
from apps.fraud.events import TransactionBlocked, TransactionFlagged
from apps.fraud.models import FlaggedTransaction
from apps.kernel import events
from apps.kernel.context import asker
from apps.kernel.money import Money

ANSWER_WITHIN = timedelta(hours=4)

# The lock of the account, and then what it paid lately and the rules that hold: see the function's migration.
_LOOK = "SELECT often, day_minor, usual, seconds, rules FROM fraud_look(%s::bigint, %s)"

_WRITE = """
INSERT INTO fraud_fraudcheck (reference, user_id, amount_minor, currency, transaction_type, ip_address, new_recipient,
                              unusual_amount, time_since_last_seconds, risk_score, action, reasons, model_version,
                              rule_versions, checked_at)
VALUES (%s, %s, %s, %s, %s, %s::inet, %s, %s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, %s)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Screened:
    """What the screen said of one movement."""

    check_id: int
    action: str
    score: Decimal
    reasons: tuple[str, ...]


def screen(
    *,
    reference: str,
    user_id: int,
    account_id: int,
    amount: Money,
    kind: str,
    is_new_recipient: bool,
    at: datetime,
    may_block: bool = True,
) -> Screened:
    """Judge a movement and write the judgement down; REVIEW opens a case for staff. Moves nothing itself.

    `account_id` is the customer's account that would pay. Without `may_block` a person looks at what would be blocked:
    for what more than one person has allowed already. The caller acts on `action` in the same transaction; after
    BLOCK it keeps this transaction, so that the check and its event stay, and refuses outside it.
    """
    facts, held, versions = _facts(account_id, amount, at, is_new=is_new_recipient)
    verdict = rules.judge(facts, held)
    if verdict.action == "BLOCK" and not may_block:
        verdict = replace(verdict, action="REVIEW")
    unusual = "UNUSUAL_AMOUNT" in verdict.reasons
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            [
                reference,
                user_id,
                amount.minor,
                amount.currency,
                kind,
                asker().ip_address,
                is_new_recipient,
                unusual,
                facts.seconds_since_last,
                verdict.score,
                verdict.action,
                json.dumps(verdict.reasons),
                rules.VERSION,
                json.dumps(versions),
                at,
            ],
        )
        check_id: int = cursor.fetchone()[0]
    if verdict.action == "REVIEW":
        FlaggedTransaction.objects.create(
            check_made_id=check_id, reference=reference, user_id=user_id, opened_at=at, answer_by=at + ANSWER_WITHIN
        )
        events.publish(TransactionFlagged(reference=reference, user_id=user_id, check_id=check_id))
    if verdict.action == "BLOCK":
        events.publish(TransactionBlocked(reference=reference, user_id=user_id))
    return Screened(check_id, verdict.action, verdict.score, verdict.reasons)


def _facts(
    account_id: int, amount: Money, at: datetime, *, is_new: bool
) -> tuple[rules.Facts, dict[str, rules.Rule], dict[str, int]]:
    """What is known, the rules that hold, and which version of each."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [account_id, at])
        often, day_minor, usual, seconds, held = cursor.fetchone()
    figures: dict[str, Any] = held if isinstance(held, dict) else json.loads(held or "{}")
    found = {code: rules.Rule(Decimal(most), Decimal(weight)) for code, (most, weight, _nth) in figures.items()}
    versions = {code: nth for code, (_most, _weight, nth) in figures.items()}
    return rules.Facts(amount.minor, is_new, often, day_minor, usual, seconds), found, versions
