"""Laundering in the demo: money that comes and leaves at once, deposits below the cash report, a case in each state."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.compliance import operations as compliance
from apps.compliance.models import Case
from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.portals.demo.year import Household
from apps.users.models import User

SENDERS = (
    "J. Mutiso",
    "P. Njeri",
    "A. Kiprono",
    "S. Wafula",
    "M. Hassan",
    "L. Auma",
    "D. Kamau",
    "R. Cherono",
    "F. Omar",
)


def tell_of_laundering(households: Sequence[Household], *, officer: User, mlro: User, end: datetime) -> int:
    """Three customers with something to look at, and three who pass the same money on; one case under way, one reported
    with its file, the rest left alone. Returns the alerts.
    """
    noon = day_start(local_date(end) - timedelta(days=2)) + timedelta(hours=12)
    gathers, saves, passes = (household.account for household in households[3:6])
    for nth, sender in enumerate(SENDERS):
        _into(gathers, 41_000 + 500 * nth, noon + timedelta(minutes=3 * nth), "EXTERNAL_TRANSFER", sender)
    _out(gathers, 380_000, noon + timedelta(minutes=72), "Wallet TXk…91f")
    for nth in range(4):
        _into(saves, 620_000, noon - timedelta(days=nth), "DEPOSIT", "Counter")
    _into(passes, 600_000, noon, "EXTERNAL_TRANSFER", "Bluewater Ltd")
    _out(passes, 590_000, noon + timedelta(hours=2), "Coast Metals")
    _pass_on([household.account for household in households[-4:-1]], noon)
    swept = end - timedelta(hours=7)  # by night, before anybody is at work
    raised = sum(compliance.sweep_day(day=local_date(end) - timedelta(days=days), at=swept) for days in (2, 1))
    _work(gathers, officer, end)
    _report(passes, officer, mlro, end)
    return raised


def _pass_on(accounts_: Sequence[Account], noon: datetime) -> None:
    """From hand to hand within hours, and out: one alert with all of them."""
    _into(accounts_[0], 700_000, noon, "EXTERNAL_TRANSFER", "Quarry Ltd")
    for nth, (giver, taker) in enumerate(pairwise(accounts_)):
        amount = Money.of(690_000 - 10_000 * nth, "KES")
        accounts.post(
            reference=f"demo/watch/{giver.pk}/{taker.pk}",
            kind="P2P_TRANSFER",
            narrative="For the lorry",
            movements=[
                accounts.out_of(giver, amount, "For the lorry", counterparty=str(taker.owner.full_name)),
                accounts.into(taker, amount, "For the lorry", counterparty=str(giver.owner.full_name)),
            ],
            at=noon + timedelta(hours=1 + nth),
        )
    _out(accounts_[-1], 670_000, noon + timedelta(hours=4), "Coast Metals")


def _work(account: Account, officer: User, end: datetime) -> None:
    case = _case(account)
    compliance.claim(case=case, by=officer, at=end - timedelta(hours=5))
    reason = "Senders paid within half an hour; the money left as fast."
    compliance.record_suspicion(case=case, reason=reason, by=officer, at=end - timedelta(hours=4))
    compliance.note(case=case, text="None of the senders paid this customer before.", by=officer, at=end)


def _report(account: Account, officer: User, mlro: User, end: datetime) -> None:
    case = _case(account)
    compliance.claim(case=case, by=officer, at=end - timedelta(hours=6))
    compliance.decide_to_report(case=case, reason="No business explains it.", by=officer, at=end - timedelta(hours=6))
    lines = sorted({line for alert in case.alerts.all() for line in alert.lines})
    report = compliance.draft_report(
        case=case, narrative="KES 600,000 came from Bluewater Ltd and left to Coast Metals two hours later.",
        action="Account watched.", lines=lines, indicators=["RAPID_IN_OUT"], by=officer, at=end - timedelta(hours=3),
    )  # fmt: skip
    kept = compliance.approve_report(report=report, by=mlro, at=end - timedelta(hours=2))
    compliance.file_report(report=report, by=officer, at=end - timedelta(hours=1))
    compliance.receive(kept=kept, number="DEMO-0001", by=officer, at=end)


def _case(account: Account) -> Case:
    found: Case = Case.objects.get(subject=account.owner_id, status="OPEN")
    return found


def _into(account: Account, shillings: int, at: datetime, kind: str, other: str) -> None:
    amount = Money.of(shillings, "KES")
    accounts.post(
        reference=f"demo/watch/{account.pk}/{at:%d%H%M}",
        kind=kind,
        narrative=f"From {other}",
        movements=[accounts.into(account, amount, f"From {other}", counterparty=other)],
        legs=[ledger.debit("bank:settlement", amount)],
        at=at,
    )


def _out(account: Account, shillings: int, at: datetime, other: str) -> None:
    amount = Money.of(shillings, "KES")
    accounts.post(
        reference=f"demo/watch/{account.pk}/{at:%d%H%M}",
        kind="EXTERNAL_TRANSFER",
        narrative=f"To {other}",
        movements=[accounts.out_of(account, amount, f"To {other}", counterparty=other)],
        legs=[ledger.credit("bank:settlement", amount)],
        at=at,
    )
