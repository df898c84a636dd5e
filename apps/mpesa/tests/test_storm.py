"""Many payments at once while M-Pesa misbehaves at random and workers die: in the end nobody lost or won a cent.

`MPESA_STORM=2000` makes it as long as wanted; the suite runs a short one.
"""

import os
import random
from collections import Counter
from datetime import timedelta
from threading import Event, Thread

import httpx
import pytest
from django.db import connection, transaction

from apps.accounts.testing import kes, make_account
from apps.kernel import http
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import ProviderState
from apps.ledger import operations as ledger
from apps.ledger.queries import balances
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations, tasks
from apps.mpesa.models import MpesaTransaction
from apps.payments import operations as payments
from apps.payments import tasks as carrying
from apps.payments.models import Payment
from apps.payments.operations.carry import queue
from simulators import callbacks

PAYMENTS = int(os.environ.get("MPESA_STORM", "60"))
SEED = int(os.environ.get("MPESA_STORM_SEED", "7"))
RATES = {
    "sync": {"TIMEOUT": 0.03, "RESET": 0.04, "HTTP_500": 0.03, "GARBAGE": 0.03, "SPIKE_ARREST": 0.03},
    "callback": {"NEVER": 0.08, "DUPLICATE": 0.1, "BEFORE": 0.08, "WRONG_TYPE": 0.05, "QUEUE_TIMEOUT": 0.04},
    "result_code": {"1037": 0.04, "2001": 0.03, "1": 0.04},
    "answer": {"PIN": 0.8, "CANCEL": 0.1, "WRONG_PIN": 0.1},
}


def top_up(account, nth):
    operations.start_top_up(
        account=account, phone=f"07{nth + 10_000_000:08d}", amount=kes(str(10 + nth % 50)), key=f"up-{nth}",
        by=account.owner, at=now(),
    )  # fmt: skip


def pay_out(account, nth):
    """As the confirmation does it, without the proof: this storm is about what comes after."""
    amount, phone = kes(str(10 + nth % 50)), f"07{nth + 20_000_000:08d}"
    found = payments.find_destination(
        rail="mpesa", kind="MOBILE_MONEY", asked={"phone": phone}, amount=amount, at=now()
    )
    payment = payments.start_by_rail(
        payer=account.owner, from_account=account, rail="mpesa", kind="MOBILE_MONEY",
        destination=found, amount=amount, key=f"out-{nth}", at=now(),
    )  # fmt: skip
    with transaction.atomic():
        queue(payment, at=now())


class Worker(Thread):
    """Makes its rounds until it is told to stop; now and then it dies in the middle of one and another takes over."""

    def __init__(self, over: Event, seed: int):
        super().__init__(daemon=True)
        self.over, self.dice = over, random.Random(seed)

    def run(self):
        rounds = [carrying.sweep_payments, tasks.sweep_mpesa, carrying.ask_about_silence, tasks.ask_about_silence]
        while not self.over.is_set():
            try:
                if self.dice.random() < 0.05:
                    self._die_after_claiming()
                self.dice.choice(rounds)()
            except DomainError:
                continue
            finally:
                connection.close()

    def _die_after_claiming(self):
        """Killed between the claim and the call: the row says it was taken, and nothing was sent."""
        waiting = Payment.objects.filter(status="PENDING", sent_at=None).values_list("pk", flat=True)[:1]
        Payment.objects.filter(pk__in=list(waiting), sent_at=None).update(sent_at=now())


@pytest.mark.django_db(transaction=True)
def test_nobody_loses_or_wins_a_cent(safaricom, settings, monkeypatch):
    settings.DARAJA_NAMES = False
    monkeypatch.setattr(http.send, "__kwdefaults__", {**http.send.__kwdefaults__, "timeout": httpx.Timeout(0.5)})
    monkeypatch.setattr(tasks, "SILENCE", timedelta(seconds=0))
    monkeypatch.setattr(tasks, "BETWEEN_QUESTIONS", timedelta(seconds=0))
    monkeypatch.setattr(carrying, "SILENCE", timedelta(seconds=1))
    monkeypatch.setattr("apps.kernel.breaker.FAILURES", 10**6)  # the storm never rests
    operations.register_addresses()
    safaricom.control("organisations", shortcode="174379", utility="50000000.00")
    accounts = [make_account(balance="50000") for _nth in range(6)]
    dice = random.Random(SEED)
    safaricom.control("chaos", seed=SEED, rates=RATES)

    over = Event()
    workers = [Worker(over, seed) for seed in range(3)]
    for worker in workers:
        worker.start()
    for nth in range(PAYMENTS):
        dice.choice([top_up, pay_out])(dice.choice(accounts), nth)
        if nth % 10 == 0:
            callbacks.post_due(safaricom.house)
    over.set()
    for worker in workers:
        worker.join(30)

    safaricom.web.post("/control/mpesa/chaos/", json={})  # the weather clears, and everything is asked about
    for _nth in range(12 + PAYMENTS // 20):
        ProviderState.objects.all().delete()
        for look in (carrying.sweep_payments, carrying.ask_about_silence, tasks.ask_about_silence):
            look()
        Payment.objects.filter(status__in=["PENDING", "CHECKING"]).update(sent_at=now() - timedelta(minutes=2))
        safaricom.tell()
        tasks.pull_receipts()
        if not _open():
            break
    while callbacks.post_due(safaricom.house):
        tasks.sweep_mpesa()
    _assert_the_same(safaricom)
    assert_books_balance()


def _open():
    live = ["INITIATED", "PENDING", "CHECKING"]
    return MpesaTransaction.objects.filter(status__in=live).count() + Payment.objects.filter(status__in=live).count()


def _assert_the_same(safaricom):
    """What M-Pesa did and what the bank has booked are the same list of receipts and amounts."""
    truth = [row for row in safaricom.truth()["transactions"] if row["status"] == "Completed"]
    theirs = {row["receipt"]: row["cents"] for row in truth if row["product"] in {"stk", "c2b", "b2c"}}
    done = MpesaTransaction.objects.filter(status="COMPLETED").exclude(receipt=None)
    ours = dict(done.values_list("receipt", "amount_minor"))
    assert ours == theirs
    assert len(ours) > PAYMENTS / 2, "a storm in which nothing arrives shows nothing"
    states = Counter(MpesaTransaction.objects.values_list("kind", "status"))
    unsure = {key: count for key, count in states.items() if key[1] in {"INITIATED", "PENDING", "CHECKING"}}
    # A prompt whose answer was lost before it reached M-Pesa is honestly unknown until a day has passed.
    assert set(unsure) <= {("STK_PUSH", "CHECKING"), ("STK_PUSH", "PENDING")}, unsure
    assert not Payment.objects.filter(status__in=["PENDING", "CHECKING"]).exists()
    inward = sum(minor for receipt, minor in ours.items() if done.get(receipt=receipt).kind != "B2C")
    outward = sum(ours.values()) - inward
    held = ledger.gl("mpesa:settlement", "KES")
    assert balances([held.id])[held.id].posted.minor == inward - outward
