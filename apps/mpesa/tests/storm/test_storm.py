"""Payments of every kind while providers misbehave and web and workers are killed: nobody loses or wins a cent.

`MPESA_STORM=2000` makes it as long as wanted; the suite runs a short one.
"""

import os
import random
import socket
import time
from datetime import timedelta
from functools import partial

import httpx
import pytest
import structlog
from django.db.models import Q

from apps.accounts.testing import kes, make_account
from apps.fraud.models import FraudRule
from apps.fraud.testing import switch_rule
from apps.fx.testing import set_rates
from apps.kernel import approvals, http
from apps.kernel.clock import now
from apps.kernel.models import ProviderState
from apps.mpesa import operations, tasks
from apps.mpesa.models import MpesaTransaction
from apps.mpesa.tests.storm import elsewhere, files, shops, truth
from apps.mpesa.tests.storm.bank import Bank, Customers
from apps.mpesa.tests.storm.kinds import CHAOS, Town, clear_sky, pay
from apps.mpesa.tests.storm.worker import ROUNDS, EveryDay
from apps.payments import operations as payments
from apps.payments import tasks as carrying
from apps.payments.models import Payment
from apps.payments.operations.banks import cut_offs
from apps.payments.testing import make_shop
from apps.users.models import User
from apps.users.testing import make_staff
from simulators import callbacks

log = structlog.get_logger(__name__)
PAYMENTS = int(os.environ.get("MPESA_STORM", "60"))
A_DEATH_EACH = max(20, PAYMENTS // 40)  # payments
A_CUT_OFF_EACH = 15  # payments
SEED = int(os.environ.get("MPESA_STORM_SEED", "7"))
OPENED_WITH = kes("500000")
QUIET = 3  # rounds in which nothing more is heard


@pytest.fixture
def bank(safaricom, settings, tmp_path):
    """Providers are the test's simulators; M-Pesa and Africa's Talking call the web server back."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    simulators = settings.DARAJA_URL.removesuffix("/daraja")
    settings.DARAJA_CALLBACK_ADDRESS = f"http://127.0.0.1:{port}"
    settings.AFRICASTALKING_URL = f"{simulators}/africastalking"
    settings.INTERBANK_URLS = {who: f"{simulators}/interbank/{who}" for who in ("pesalink", "bank", "abroad")}
    settings.DARAJA_NAMES = False
    for what in ("status", "validation"):
        here = f"http://127.0.0.1:{port}/webhooks/africastalking/airtime/{what}?token=simulated-callback"
        safaricom.house.store.set(f"africastalking.airtime_{what}_url", here)
    made = Bank(
        tmp_path, port,
        KITBANK_SIMULATORS_PORT=simulators.rpartition(":")[2],
        DARAJA_CALLBACK_ADDRESS=settings.DARAJA_CALLBACK_ADDRESS,
    )  # fmt: skip
    yield made
    for one in made.processes:
        one.kill()
    made.door.close()


@pytest.fixture
def hurried(monkeypatch):
    """As the workers hurry, here where the last rounds are made: nobody is silent by then, only slow."""
    monkeypatch.setattr(http.send, "__kwdefaults__", {**http.send.__kwdefaults__, "timeout": httpx.Timeout(5)})
    monkeypatch.setattr(tasks, "SILENCE", timedelta(0))
    monkeypatch.setattr(tasks, "BETWEEN_QUESTIONS", timedelta(0))
    monkeypatch.setattr(tasks, "BETWEEN_RECEIPTS", timedelta(0))
    monkeypatch.setattr(carrying, "SILENCE", timedelta(seconds=1))
    monkeypatch.setattr("apps.kernel.breaker.FAILURES", 10**6)  # the storm never rests
    monkeypatch.setattr(cut_offs, "calendar_of", EveryDay)


@pytest.fixture
def town(safaricom, bank):
    """Six people whom no rule about speed stops, room for what they do, and two shops where they buy."""
    for rule in FraudRule.objects.order_by("code", "-version").distinct("code"):
        switch_rule(rule.code, f"({rule.expression}) and amount > KES 10_000_000", str(rule.weight))
    accounts = [make_account(balance=f"{OPENED_WITH.amount}") for _nth in range(6)]
    User.objects.update(kyc_tier="TIER_3")
    for account in accounts:
        account.owner.refresh_from_db()
    markets = [make_shop(make_account(), trading_name=name) for name in ("Duka la Achieng", "Kiosk ya Otieno")]
    payments.choose_sale_alerts(merchant=markets[0], alerts="EVERY", by=markets[0].owner, at=now())
    set_rates()
    operations.register_addresses()
    safaricom.control("organisations", shortcode="174379", utility="50000000.00")
    safaricom.control("chaos", seed=SEED, rates=CHAOS)
    customers = Customers(bank.address)
    yield Town(safaricom, customers, accounts, markets, random.Random(SEED))
    customers.leave()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_nobody_loses_or_wins_a_cent(safaricom, bank, town, hurried):
    bank.until(bank.answers)
    _blow(town, bank)
    for one in bank.workers:
        one.kill()
    bank.until(bank.answers)
    assert sum(one.deaths for one in bank.processes) >= PAYMENTS // A_DEATH_EACH
    refused = town.customers.refused()
    shops.assert_codes_are_paid_once(refused)

    clear_sky(town, 2 * PAYMENTS)
    assert town.customers.refused().keys() <= refused.keys()
    _ask_until_all_is_heard(town)
    truth.assert_honest()
    _decide_what_nobody_can_be_asked_about(safaricom)
    assert truth.what_is_open() == set()
    truth.assert_every_kind_occurred()
    assert len(truth.theirs(safaricom)) > PAYMENTS / 5, "a storm in which nothing arrives shows nothing"
    truth.assert_the_same(safaricom)
    elsewhere.assert_the_same(safaricom.house.store, given=len(town.accounts) * OPENED_WITH.minor)
    shops.assert_each_gets_what_it_took(town)
    truth.assert_statements_agree(safaricom)
    truth.assert_each_has_what_is_theirs(town.accounts, OPENED_WITH)
    truth.assert_each_was_told_once()


def _blow(town, bank):
    """All payments; every so many it is time for files, or one or two of the three processes die at their work."""
    began, deck = time.monotonic(), []
    for nth in range(PAYMENTS):
        pay(town, nth, deck)
        callbacks.post_due(town.safaricom.house)
        if nth % A_CUT_OFF_EACH == A_CUT_OFF_EACH - 1:
            files.cut_off(town)
        if nth % A_DEATH_EACH == A_DEATH_EACH - 1:
            _strike(town, bank, nth)
            took = time.monotonic() - began
            log.info("storm", payments=nth + 1, seconds=round(took), asked_again=town.customers.asked_again)


def _strike(town, bank, nth):
    """In turn: the web server, one of the workers, both of them over a file."""
    turn = nth // A_DEATH_EACH % 3
    victims = [[bank.web], [town.dice.choice(bank.workers)], bank.workers][turn]
    if turn == 2:
        files.keep_one_unheard_of(town, bank, PAYMENTS + nth)
    else:
        bank.until(partial(_took_more, _taken()))
    for one in victims:
        one.kill()
        one.start()


def _took_more(before):
    """Whether the workers took something since, or nothing is left to take."""
    return _taken() > before or not _untaken()


def _ask_until_all_is_heard(town):
    """The workers' rounds, here: every provider is asked about what is open until nothing more comes of it."""
    quiet, before = 0, None
    while quiet < QUIET:
        ProviderState.objects.all().delete()
        files.cut_off(town, outcome="")
        for look in ROUNDS:
            look()
        Payment.objects.filter(status__in=["PENDING", "CHECKING"]).update(sent_at=now() - timedelta(minutes=2))
        Payment.objects.filter(status="HELD").update(held_until=now())
        town.safaricom.tell()
        tasks.pull_receipts()
        still = truth.what_is_open()
        quiet = quiet + 1 if still == before else 0
        before = still
        if not still:
            break
    while callbacks.post_due(town.safaricom.house):
        tasks.sweep_mpesa()
        carrying.sweep_airtime()


def _decide_what_nobody_can_be_asked_about(safaricom):
    """Two people read the providers' portals ten minutes later; a prompt nobody heard of is over after a day."""
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00)
    at = now() + timedelta(minutes=11)
    loaded = {row["phone"] for row in safaricom.house.store.rows("SELECT * FROM airtime WHERE state = 'LOADED'")}
    went = {row["remarks"]: row["receipt"] for row in truth.theirs(safaricom)}
    asked = [
        payments.ask_to_decide_airtime(
            order=order, loaded=order.payment.destination["phone"] in loaded, reason="Console", by=maker, at=at
        )
        for order in payments.airtime_in_doubt(at)
    ]
    for row in MpesaTransaction.objects.filter(kind="B2B", status__in=truth.LIVE):
        payment = Payment.objects.get(public_id=row.payment_reference.removeprefix("payments/"))
        receipt = went.get(payment.reference, "")
        asked.append(
            operations.ask_to_decide(row=row, went=bool(receipt), receipt=receipt, reason="Portal", by=maker, at=at)
        )
    for approval in asked:
        approvals.approve(approval=approval, by=checker, at=at)
    for push in MpesaTransaction.objects.filter(kind="STK_PUSH", status__in=truth.LIVE):
        operations.give_up(push=push, at=now() + timedelta(hours=25))


def _taken():
    """How many payments and prompts a worker has claimed."""
    claimed = MpesaTransaction.objects.exclude(sent_at=None).filter(kind="STK_PUSH").count()
    return claimed + Payment.objects.exclude(sent_at=None).count()


def _untaken():
    waiting = Q(kind="STK_PUSH", status="INITIATED", sent_at=None)
    return (
        MpesaTransaction.objects.filter(waiting).count()
        + Payment.objects.filter(status="PENDING", sent_at=None).count()
    )
