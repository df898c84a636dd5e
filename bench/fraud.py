"""What the screen finds of planted frauds and whom it troubles for nothing; and what it adds to a confirm.

The invented month of `frauds` runs through the screen itself in the order of time: what it lets go is posted, so that
the next look sees it. Then a bank with a million lines and a million checks confirms payments with the screen and
without it, in turn, one after the other.
"""

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bench import frauds
from bench.common import Options, Result, execute, main, settle

RICH = "9000000"


@dataclass(slots=True)
class Told:
    """What came of the month: for every scheme whether it was found, and honest payments that were held or stopped."""

    schemes: dict[str, bool] = field(default_factory=dict)
    honest: int = 0
    troubled: int = 0
    troubled_by: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def found(self) -> float:
        """The share of schemes of which something was held or stopped."""
        return sum(self.schemes.values()) / len(self.schemes)

    def found_of(self, kind: str) -> float:
        """The same of one kind."""
        these = [was for name, was in self.schemes.items() if name.startswith(kind)]
        return sum(these) / len(these)

    @property
    def false_alarms(self) -> float:
        """Per thousand honest payments."""
        return 1000 * self.troubled / self.honest


def use_a_model() -> None:
    """Put a forest of invented payments to use, as two people would."""
    from apps.fraud import operations as fraud
    from apps.fraud.models import AnomalyModel
    from apps.kernel.clock import now
    from apps.users.queries import system_user

    made = fraud.train_model(dataset="synthetic", rows=2_000, by=system_user(), at=now())
    AnomalyModel.objects.filter(pk=made.pk).update(status="IN_USE", in_use_from=now())


def judge(pays: list[frauds.Pays]) -> Told:
    """Run a month through the screen of a migrated bank."""
    from apps.fraud import operations as fraud

    town, told = _Town(), Told()
    for nth, pay in enumerate(pays):
        payer, payee = town.account(pay.payer), town.account(pay.payee)
        if pay.sim_changed:
            fraud.note_sim_change(
                customer=payer.owner, changed_at=pay.at - timedelta(minutes=30), by=town.officer, at=pay.at
            )
        screened = town.screen(pay, payer, payee, f"payments/bench-{nth}")
        is_stopped = screened.action != "ALLOW"
        if pay.scheme:
            told.schemes[pay.scheme] = told.schemes.get(pay.scheme, False) or is_stopped
        else:
            told.honest += 1
            told.troubled += is_stopped
            for code in screened.reasons if is_stopped else ():
                told.troubled_by[code] += 1
        if not is_stopped:
            town.post(pay, payer, payee, f"bench/{nth}")
    return told


class _Town:
    """The people of a month with their accounts, devices, and whom they paid."""

    def __init__(self) -> None:
        from apps.users.testing import make_staff

        self.accounts: dict[int, Any] = {}
        self.stays: dict[tuple[int, str], str] = {}
        self.paid: set[tuple[int, int]] = set()
        self.officer = make_staff("COMPLIANCE_OFFICER")

    def account(self, number: int) -> Any:
        from apps.accounts.testing import make_account
        from apps.users.models import User

        if number not in self.accounts:
            account = self.accounts[number] = make_account(balance=RICH)
            User.objects.filter(pk=account.owner_id).update(created_at=frauds.BEGIN - timedelta(days=200))
        return self.accounts[number]

    def stay(self, pay: frauds.Pays, owner: Any) -> str:
        from apps.users.models import Device, Session

        key = pay.payer, pay.device
        if key not in self.stays:
            seen = pay.at - (timedelta(days=150) if pay.device == "own" else timedelta(minutes=10))
            device = Device.objects.create(
                user=owner, fingerprint=f"{key}", name="Phone", first_seen_at=seen, last_seen_at=seen
            )
            times = {"created_at": seen, "last_used_at": seen, "expires_at": seen + timedelta(days=400)}
            self.stays[key] = str(
                Session.objects.create(user=owner, device=device, door="API", token_id=str(len(self.stays)), **times).pk
            )
        return self.stays[key]

    def screen(self, pay: frauds.Pays, payer: Any, payee: Any, reference: str) -> Any:
        from django.db import transaction

        from apps.fraud import operations as fraud
        from apps.kernel.context import Asker, asked_by
        from apps.kernel.money import Money

        with asked_by(Asker(stay=self.stay(pay, payer.owner))), transaction.atomic():
            return fraud.screen(
                reference=reference,
                user_id=payer.owner_id,
                account_id=payer.pk,
                amount=Money(pay.minor, "KES"),
                kind="P2P_TRANSFER",
                is_new_recipient=(pay.payer, pay.payee) not in self.paid,
                at=pay.at,
                payee=f"accounts/{payee.pk}",
                payee_account_id=payee.pk,
            )

    def post(self, pay: frauds.Pays, payer: Any, payee: Any, reference: str) -> None:
        from apps.accounts import operations as accounts
        from apps.kernel.money import Money

        money = Money(pay.minor, "KES")
        into = accounts.into(payee, money, "x", counterparty=f"Customer {pay.payer}")
        accounts.post(
            reference=reference,
            kind="P2P_TRANSFER",
            narrative="",
            movements=[accounts.out_of(payer, money, "x"), into],
            at=pay.at,
        )
        self.paid.add((pay.payer, pay.payee))


# ---- what it adds to a confirm ----

_LINES = """
INSERT INTO accounts_transaction (account_id, transfer_id, seq, txn_type, amount_minor, currency, running_balance_minor,
                                  description, counterparty, merchant, mcc, category, reference, booked_on, posted_at)
SELECT a.id, -n, 1000000 + n, 'P2P_TRANSFER', CASE WHEN n %% 3 = 0 THEN 1 ELSE -1 END * (10000 + n %% 500000), 'KES', 0,
       'x', 'Customer ' || n %% 977, '', '', '', 'bench/' || a.id || '/' || n, d.day, d.day
  FROM generate_series(1, %s) n
 CROSS JOIN unnest(%s::bigint[]) a(id)
 CROSS JOIN LATERAL (SELECT now() - (%s - n) * interval '3 hours' - interval '1 hour' AS day) d
"""
_CHECKS = """
INSERT INTO fraud_fraudcheck (reference, user_id, amount_minor, currency, transaction_type, new_recipient,
                              unusual_amount, risk_score, action, reasons, model_version, rule_versions, facts,
                              checked_at)
SELECT 'bench/' || n, %s, 10000, 'KES', 'P2P_TRANSFER', false, false, 0, 'ALLOW', '[]', 'rules/2', '{}',
       '{"amount": 10000, "hour": 9, "payments_known": 50, "sent_in_ten_minutes": 0}', now() - n * interval '8 seconds'
  FROM generate_series(1, %s) n
"""


def _added(history: int, confirms: int) -> list[Result]:
    from apps.accounts.testing import kes, make_account
    from apps.fraud import operations as fraud
    from apps.fraud.operations.screen import Screened
    from apps.fraud.queries import Proposed, try_rule
    from apps.kernel.clock import now
    from apps.payments import operations as payments
    from apps.users.models import StepUpChallenge, User

    pairs = [(make_account(balance="90000"), make_account()) for _nth in range(100)]
    User.objects.update(kyc_tier="TIER_3")
    ids = [account.pk for pair in pairs for account in pair]
    execute(_LINES, [history // len(ids), ids, history // len(ids)])
    execute(_CHECKS, [pairs[0][0].owner_id, history])
    settle()

    def ready(number: int) -> tuple[Any, Any]:
        payer, payee = pairs[number % len(pairs)]
        payment = payments.start(
            payer=payer.owner, from_account=payer, to=payee.number, amount=kes("1"), key=f"f{number}", at=now()
        )
        proof = payments.challenge(payment=payment, by=payer.owner, at=now())
        StepUpChallenge.objects.filter(pk=proof.pk).update(answered_at=now())
        return payment, proof

    took: dict[str, list[float]] = {"with": [], "without": [], "screen": []}

    def timed_screen(**asked: Any) -> Screened:
        began = time.perf_counter()
        said = fraud_screen(**asked)
        took["screen"].append(time.perf_counter() - began)
        return said

    fraud_screen = fraud.screen
    sides = {"with": timed_screen, "without": lambda **asked: Screened(0, "ALLOW", Decimal(0), ())}
    try:
        for number in range(confirms):
            payment, proof = ready(number)
            side = "with" if number % 2 else "without"
            fraud.screen = sides[side]
            began = time.perf_counter()
            payments.confirm(payment=payment, challenge_id=proof.pk, by=payment.payer, at=now())
            if number >= 40:  # the first ones load and write what is kept
                took[side].append(time.perf_counter() - began)
    finally:
        fraud.screen = fraud_screen
    p95 = {name: statistics.quantiles(times[20:], n=20)[-1] * 1000 for name, times in took.items()}
    middle = {name: statistics.median(times) * 1000 for name, times in took.items()}
    began = time.perf_counter()
    tried = try_rule(Proposed("BENCH", "amount >= KES 1000 and hour < 6", Decimal("0.1")), now())
    taken = time.perf_counter() - began
    note = f"p95 {p95['with']:.1f} : {p95['without']:.1f}, medians {middle['with']:.1f} : {middle['without']:.1f}"
    alone = f"median {middle['screen']:.2f}"
    return [
        Result(f"screen: p95 added, {history:,} lines", p95["with"] - p95["without"], at_most=10, unit="ms", note=note),
        Result("screen: p95 of the screen itself", p95["screen"], at_most=10, unit="ms", note=alone),
        Result("screen: judging by every rule", _judging(), unit="us"),
        Result("screen: back-test, seconds", taken, unit="s", note=f"{tried.checks:,} checks"),
    ]  # fmt: skip


def _judging() -> float:
    from apps.fraud import queries, rules
    from apps.kernel.clock import now

    held, facts = queries.rules_at(now()), queries.ORDINARY[1]
    began = time.perf_counter()
    for _nth in range(20_000):
        rules.judge(facts, held)
    return (time.perf_counter() - began) / 20_000 * 1_000_000


def run(options: Options) -> list[Result]:
    """Schemes found by kind, false alarms per thousand, and the time a confirm takes longer."""
    is_quick = options.rounds <= 3
    use_a_model()
    told = judge(frauds.made(honest=40 if is_quick else 150, each=4 if is_quick else 12))
    by = ", ".join(f"{code} {count}" for code, count in sorted(told.troubled_by.items()))
    kinds = ("velocity", "takeover", "mule ring", "structuring", "sim swap")
    return [
        Result("fraud: schemes found", told.found, at_least=0.9, unit="", note=f"{len(told.schemes)} planted"),
        *(Result(f"fraud: {kind} found", told.found_of(kind), unit="") for kind in kinds),
        Result("fraud: false alarms per 1,000 payments", told.false_alarms, at_most=10, unit="",
               note=f"{told.honest:,} honest payments; {by}"),
        *_added(100_000 if is_quick else 1_000_000, 300 if is_quick else 1_000),
    ]  # fmt: skip


if __name__ == "__main__":
    main(run)
