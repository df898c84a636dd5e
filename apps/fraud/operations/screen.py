"""Screening one movement, in the transaction that would make it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.fraud import anomaly, rules
from apps.fraud.devices import DeviceAtHand, device_at_hand
from apps.fraud.events import TransactionBlocked, TransactionFlagged
from apps.fraud.home import judge
from apps.fraud.models import FlaggedTransaction
from apps.kernel import events, statements
from apps.kernel.context import asker
from apps.kernel.money import Money
from apps.kyc.operations.screening import may_be_sanctioned

ANSWER_WITHIN = timedelta(hours=4)

# The lock of the account, and then what is known, the rules that hold and the model in use: see the function's
# migration.
_LOOK = """
SELECT facts::text, held, rules, model
  FROM fraud_look(%s::bigint, %s::bigint, %s, %s::bigint, %s::text, %s::text, %s::bigint, %s::inet, %s::uuid,
                  %s::text, %s, %s::text)
"""

# That the device was seen is written with the check; a device that is seen all day is written down once an hour.
_WRITE = """
WITH seen AS (
    INSERT INTO fraud_deviceprint AS p (user_id, value, names_itself, first_seen_at, last_seen_at)
    SELECT %(user)s::bigint, %(print)s::varchar, %(names_itself)s, %(at)s::timestamptz, %(at)s::timestamptz
     WHERE %(print)s::varchar <> ''
        ON CONFLICT (value, user_id) DO UPDATE SET last_seen_at = EXCLUDED.last_seen_at
     WHERE p.last_seen_at < EXCLUDED.last_seen_at - interval '1 hour'
)
INSERT INTO fraud_fraudcheck (reference, user_id, amount_minor, currency, transaction_type, ip_address, new_recipient,
                              unusual_amount, time_since_last_seconds, risk_score, action, reasons, model_version,
                              rule_versions, facts, device_print, anomaly_because, checked_at)
VALUES (%(reference)s, %(user)s::bigint, %(minor)s, %(currency)s, %(kind)s, %(address)s::inet, %(is_new)s, %(unusual)s,
        %(seconds)s, %(score)s, %(action)s, %(reasons)s::jsonb, %(version)s, %(versions)s::jsonb, %(facts)s::jsonb,
        %(print)s::varchar, %(because)s::jsonb, %(at)s::timestamptz)
RETURNING id
"""

# The rows of rules that held when this process looked last, which are never changed, and what they come to.
_latest: list[tuple[str | None, tuple[rules.Rule, ...]]] = [("", ())]


@dataclass(frozen=True, slots=True)
class Movement:
    """What is about to be done. `account_id` is the customer's account that would pay; `payee` is who would be paid, as
    payments know them again, `payee_account_id` their account when it is one of this bank, and `payee_outside` their
    name when it is not, and known.
    """

    user_id: int
    account_id: int
    amount: Money
    kind: str
    is_new_recipient: bool
    payee: str = ""
    payee_account_id: int | None = None
    payee_outside: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a movement, the rules that hold, and what was asked besides: see `anomaly.ask`."""

    facts: dict[str, Any]
    rules: tuple[rules.Rule, ...]
    version: str
    model: str | None
    device: DeviceAtHand

    @property
    def because(self) -> list[str]:
        """What makes it odd to the model: worked out for what a person will look at, because it takes a while."""
        return anomaly.because(self.model, self.facts)


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
    payee_outside: str = "",
    may_block: bool = True,
    may_ask: bool = False,
) -> Screened:
    """Judge a movement and write the judgement down; REVIEW opens a case for staff. Moves nothing itself.

    `account_id` and what is said of the payee as `Movement` says. Without `may_block` a person looks at what would be
    blocked: for what more than one person has allowed already. With `may_ask` the payer may be asked whether it was
    them. The caller acts on `action` in the same transaction; after BLOCK it keeps this transaction, so that the check
    and its event stay, and refuses outside it.
    """
    movement = Movement(user_id, account_id, amount, kind, is_new_recipient, payee, payee_account_id, payee_outside)
    looked = look(movement, at)
    verdict = judge(looked.facts, amount.currency, looked.rules, at)
    if verdict.action == "BLOCK" and not may_block:
        verdict = replace(verdict, action="REVIEW")
    check_id = _written(reference, movement, looked, verdict, at)
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


def look(movement: Movement, at: datetime, *, device: DeviceAtHand | None = None) -> Looked:
    """Wait for the account's turn; then everything that is known of a movement, and the rules that hold at `at`.

    `device` stands in for the one at hand in a dry run.
    """
    device = device or device_at_hand()
    asked = [
        movement.account_id,
        movement.user_id,
        at,
        movement.amount.minor,
        movement.kind,
        movement.payee,
        movement.payee_account_id,
        asker().ip_address,
        asker().stay or None,
        device.value,
        device.names_itself,
    ]
    known, holding = _latest[0]
    told, held, written, model = statements.row(_LOOK, [*asked, known])
    if held != known:
        holding = _read(written or "[]")
        _latest[0] = held, holding
    facts: dict[str, Any] = json.loads(told)
    facts |= {"amount": movement.amount.minor, "is_new_recipient": movement.is_new_recipient}
    if movement.payee_outside and may_be_sanctioned(movement.payee_outside):
        facts["has_open_sanctions_hit"] = True  # customers are compared when they join and each night; others here
    version = anomaly.ask(model, facts)
    return Looked(facts, holding, version, model, device)


def _read(written: str) -> tuple[rules.Rule, ...]:
    """The rules as the look gives them."""
    return tuple(
        rules.Rule(code, rules.read(expression), Decimal(weight), version, may_answer)
        for code, version, expression, weight, may_answer in json.loads(written)
    )


def _written(reference: str, movement: Movement, looked: Looked, verdict: rules.Verdict, at: datetime) -> int:
    given = {
        "reference": reference,
        "user": movement.user_id,
        "minor": movement.amount.minor,
        "currency": movement.amount.currency,
        "kind": movement.kind,
        "address": asker().ip_address,
        "is_new": movement.is_new_recipient,
        "unusual": "UNUSUAL_AMOUNT" in verdict.reasons,
        "seconds": looked.facts.get("seconds_since_last"),
        "score": verdict.score,
        "action": verdict.action,
        "reasons": json.dumps(verdict.reasons),
        "version": looked.version,
        "versions": json.dumps({rule.code: rule.version for rule in looked.rules}),
        "facts": json.dumps(looked.facts),
        "print": looked.device.value,
        "names_itself": looked.device.names_itself,
        "because": json.dumps([] if verdict.action == "ALLOW" else looked.because),
        "at": at,
    }
    return int(statements.row(_WRITE, given)[0])
