"""Screening one movement, in the transaction that would make it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection

from apps.fraud import rules
from apps.fraud.events import TransactionBlocked, TransactionFlagged
from apps.fraud.models import FlaggedTransaction
from apps.kernel import events
from apps.kernel.context import asker
from apps.kernel.money import Money

ANSWER_WITHIN = timedelta(hours=4)

# The lock of the account, and then what is known and the rules that hold: see the function's migration.
_LOOK = """
SELECT facts::text, rules FROM fraud_look(%s::bigint, %s::bigint, %s, %s::bigint, %s::text, %s::text, %s::bigint,
                                          %s::inet, %s::uuid)
"""

_WRITE = """
INSERT INTO fraud_fraudcheck (reference, user_id, amount_minor, currency, transaction_type, ip_address, new_recipient,
                              unusual_amount, time_since_last_seconds, risk_score, action, reasons, model_version,
                              rule_versions, facts, checked_at)
VALUES (%s, %s, %s, %s, %s, %s::inet, %s, %s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, %s::jsonb, %s)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Movement:
    """What is about to be done. `account_id` is the customer's account that would pay; `payee` is who would be paid, as
    payments know them again, and `payee_account_id` their account when it is one of this bank.
    """

    user_id: int
    account_id: int
    amount: Money
    kind: str
    is_new_recipient: bool
    payee: str = ""
    payee_account_id: int | None = None


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
    payee: str = "",
    payee_account_id: int | None = None,
    may_block: bool = True,
    may_ask: bool = False,
) -> Screened:
    """Judge a movement and write the judgement down; REVIEW opens a case for staff. Moves nothing itself.

    `account_id`, `payee` and `payee_account_id` as `Movement` says. Without `may_block` a person looks at what would be
    blocked: for what more than one person has allowed already. With `may_ask` the payer may be asked whether it was
    them. The caller acts on `action` in the same transaction; after BLOCK it keeps this transaction, so that the check
    and its event stay, and refuses outside it.
    """
    movement = Movement(user_id, account_id, amount, kind, is_new_recipient, payee, payee_account_id)
    facts, held = look(movement, at)
    verdict = rules.judge(facts, held)
    if verdict.action == "BLOCK" and not may_block:
        verdict = replace(verdict, action="REVIEW")
    check_id = _written(reference, movement, facts, held, verdict, at)
    if verdict.action == "REVIEW":
        FlaggedTransaction.objects.create(
            check_made_id=check_id,
            reference=reference,
            user_id=user_id,
            payee=payee[:80],
            asks_customer=may_ask and verdict.customer_may_answer,
            opened_at=at,
            answer_by=at + ANSWER_WITHIN,
        )
        events.publish(TransactionFlagged(reference=reference, user_id=user_id, check_id=check_id))
    if verdict.action == "BLOCK":
        events.publish(TransactionBlocked(reference=reference, user_id=user_id))
    return Screened(check_id, verdict.action, verdict.score, verdict.reasons)


def look(movement: Movement, at: datetime) -> tuple[rules.Facts, tuple[rules.Rule, ...]]:
    """Wait for the account's turn; then everything that is known of a movement, and the rules that hold at `at`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LOOK,
            [
                movement.account_id,
                movement.user_id,
                at,
                movement.amount.minor,
                movement.kind,
                movement.payee,
                movement.payee_account_id,
                asker().ip_address,
                asker().stay or None,
            ],
        )
        known, held = cursor.fetchone()
    facts: dict[str, Any] = json.loads(known)
    facts |= {"amount": movement.amount.minor, "is_new_recipient": movement.is_new_recipient}
    return facts, _read(held or "[]")


@lru_cache(maxsize=16)
def _read(held: str) -> tuple[rules.Rule, ...]:
    """The rules as the look gives them: read once as long as they stay the same."""
    return tuple(
        rules.Rule(code, rules.read(expression), Decimal(weight), version, may_answer)
        for code, version, expression, weight, may_answer in json.loads(held)
    )


def _written(
    reference: str,
    movement: Movement,
    facts: rules.Facts,
    held: tuple[rules.Rule, ...],
    verdict: rules.Verdict,
    at: datetime,
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            [
                reference,
                movement.user_id,
                movement.amount.minor,
                movement.amount.currency,
                movement.kind,
                asker().ip_address,
                movement.is_new_recipient,
                "UNUSUAL_AMOUNT" in verdict.reasons,
                facts.get("seconds_since_last"),
                verdict.score,
                verdict.action,
                json.dumps(verdict.reasons),
                rules.VERSION,
                json.dumps({rule.code: rule.version for rule in held}),
                json.dumps(facts),
                at,
            ],
        )
        check_id: int = cursor.fetchone()[0]
    return check_id
