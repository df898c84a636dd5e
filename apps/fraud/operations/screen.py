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

# Two payments of one account at once would not see each other. The lock comes before any row's, and whoever holds a
# row never waits for it, so nobody waits in a ring.
ONE_AT_A_TIME = 4_205_002
ANSWER_WITHIN = timedelta(hours=4)

# What the account paid lately, and the rules that hold, in one look: every payment of the bank waits for it. One that
# waited for the lock has an earlier time than what it waited for, so the look reaches a minute past it.
_LOOK = """
WITH lately AS (
    SELECT amount_minor, posted_at FROM accounts_transaction
     WHERE account_id = %(account)s AND amount_minor < 0 AND txn_type NOT IN ('FEE', 'EXCISE_DUTY')
       AND posted_at <= %(at)s + interval '1 minute'
     ORDER BY id DESC LIMIT 50
)
SELECT count(*) FILTER (WHERE posted_at > %(at)s - interval '10 minutes'),
       COALESCE(-sum(amount_minor) FILTER (WHERE posted_at > %(at)s - interval '1 day'), 0)::bigint,
       CASE WHEN count(*) >= 5 THEN (-avg(amount_minor))::bigint END,
       GREATEST(EXTRACT(epoch FROM %(at)s - max(posted_at)), 0)::int,
       (SELECT json_object_agg(r.code, json_build_array(r.threshold::text, r.weight::text)) FROM (
            SELECT DISTINCT ON (code) code, threshold, weight, is_active
              FROM fraud_fraudrule ORDER BY code, version DESC
        ) r WHERE r.is_active)
  FROM lately
"""
_WRITE = """
INSERT INTO fraud_fraudcheck (reference, user_id, amount_minor, currency, transaction_type, ip_address, new_recipient,
                              unusual_amount, time_since_last_seconds, risk_score, action, reasons, model_version,
                              checked_at)
VALUES (%s, %s, %s, %s, %s, %s::inet, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
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
    facts, held = _facts(account_id, amount, at, is_new=is_new_recipient)
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


def _facts(account_id: int, amount: Money, at: datetime, *, is_new: bool) -> tuple[rules.Facts, dict[str, rules.Rule]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ONE_AT_A_TIME, account_id % 2**31])
        cursor.execute(_LOOK, {"account": account_id, "at": at})
        often, day_minor, usual, seconds, held = cursor.fetchone()
    figures: dict[str, Any] = held if isinstance(held, dict) else json.loads(held or "{}")
    found = {code: rules.Rule(Decimal(most), Decimal(weight)) for code, (most, weight) in figures.items()}
    return rules.Facts(amount.minor, is_new, often, day_minor, usual, seconds), found
