"""Who must wait for postings under way, and does: closing a period, blocking an account, jobs that cut by id."""

import threading
import time
from datetime import date

import pytest
from django.db import connection, transaction

from apps.kernel.testing import refusals
from apps.ledger import operations as ledger
from apps.ledger.errors import AccountClosedForPosting, BooksBusy, PeriodClosed, PeriodNotOver
from apps.ledger.models import Period
from apps.ledger.operations import settle
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay, posted_in
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db(transaction=True)


def in_another_thread(act):
    """Start `act` on a connection of its own; join and look at the list for what came of it."""
    came = []

    def run():
        try:
            came.append(act())
        except Exception as refusal:
            came.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, came


def test_closing_a_period_waits_for_a_posting_under_way():
    wallet, officer = open_wallet(), make_staff("ADMIN")
    period = Period.objects.create(name="2026-02", first_on=date(2026, 2, 1), last_on=date(2026, 2, 28))
    legs = [ledger.debit("1040-KES", kes(1)), ledger.credit(wallet, kes(1))]

    def book(reference):
        return ledger.post(reference=reference, kind="X", narrative="", legs=legs, booked_on=date(2026, 2, 28), at=NOON)

    with transaction.atomic():
        book("under way")
        thread, closed = in_another_thread(lambda: ledger.close_period(period=period, by=officer, at=NOON))
        thread.join(0.4)
        assert thread.is_alive()
    thread.join()
    assert closed == [period]
    with pytest.raises(PeriodClosed):
        book("after")
    assert_books_balance()


def test_a_refusal_to_close_a_period_that_runs_waits_for_nobody():
    wallet, officer = open_wallet(), make_staff("ADMIN")
    period = Period.objects.create(name="Now", first_on=date(2026, 3, 1), last_on=date(2026, 3, 31))
    legs = [ledger.debit("1040-KES", kes(1)), ledger.credit(wallet, kes(1))]
    with transaction.atomic():
        ledger.post(reference="under way", kind="X", narrative="", legs=legs, at=NOON)
        thread, came = in_another_thread(lambda: ledger.close_period(period=period, by=officer, at=NOON))
        thread.join(3)
        assert not thread.is_alive()
    assert [type(no) for no in refusals(came)] == [PeriodNotOver]
    assert_books_balance()


def test_blocking_an_account_of_the_bank_waits_for_a_posting_under_way():
    wallet, fees = open_wallet(10), ledger.gl("fees:transfer", "KES")
    with transaction.atomic():
        pay(wallet, fees, kes(1))
        thread, came = in_another_thread(lambda: ledger.block_account(fees, at=NOON))
        thread.join(0.4)
        assert thread.is_alive()
    thread.join()
    assert came == [None]
    with pytest.raises(AccountClosedForPosting):
        pay(wallet, fees, kes(1))


def test_jobs_that_cut_by_id_wait_for_older_postings():
    wallet, other = open_wallet(100), open_wallet(100)
    fees = ledger.gl("fees:transfer", "KES")
    with transaction.atomic():
        earlier = pay(wallet, fees, kes(1))  # draws its id, is not committed
        thread, later = in_another_thread(lambda: pay(other, fees, kes(2)))
        thread.join()
        assert later[0].transfer_id > earlier.transfer_id
        jobs = [
            in_another_thread(lambda: ledger.roll_up_days()),
            in_another_thread(lambda: ledger.seal_up_to(at=NOON)),
            in_another_thread(lambda: ledger.take_snapshots(as_of=NOON.date(), at=NOON)),
        ]
        time.sleep(0.4)
        assert all(thread.is_alive() for thread, _came in jobs)
        impatient, gave_up = in_another_thread(lambda: settle.settled_upto(patience=0.1))
        impatient.join()
        assert isinstance(gave_up[0], BooksBusy)
    for thread, _came in jobs:
        thread.join()
    assert jobs[0][1] == [later[0].transfer_id]
    assert posted_in(fees.id) == kes(3)
    assert_books_balance()


def test_jobs_that_cut_by_id_wait_for_a_posting_that_has_only_drawn_its_id():
    """Between accounts of the bank: no balance row is written, and before the transfer no transaction id is taken."""
    reserve, capital = ledger.gl("bank:reserve", "KES"), ledger.gl("equity:capital", "KES")

    def move(reference):
        legs = [ledger.debit(reserve, kes(5)), ledger.credit(capital, kes(5))]
        return ledger.post(reference=reference, kind="X", narrative="", legs=legs, at=NOON)

    def last_id():
        with connection.cursor() as cursor:
            cursor.execute("SELECT last_value FROM ledger_transfer_id")
            return cursor.fetchone()[0]

    def many():
        legs = [ledger.debit(reserve, kes(1)), ledger.credit(capital, kes(1))]
        return ledger.post_many([ledger.Posting(reference="many", kind="X", narrative="", legs=legs)], at=NOON)

    for act in (lambda: move("lower"), many):
        with transaction.atomic():
            with connection.cursor() as cursor:  # who writes a transfer waits here, with its id already drawn
                cursor.execute("SELECT nextval('ledger_transfer_id')")
                before = cursor.fetchone()[0]
                cursor.execute("LOCK TABLE ledger_transfer IN SHARE MODE")
            posting, came = in_another_thread(act)
            while last_id() == before and posting.is_alive():
                time.sleep(0.01)
            impatient, gave_up = in_another_thread(lambda: settle.settled_upto(patience=0.2))
            impatient.join()
            assert isinstance(gave_up[0], BooksBusy)
            assert posting.is_alive()
        posting.join()
        assert refusals(came) == []
    ledger.roll_up_days()
    assert posted_in(reserve.id) == kes(6)
    assert_books_balance()


@pytest.mark.parametrize("each", [False, True], ids=["post", "credit_each"])
def test_locks_balances_in_account_order_wherever_their_rows_lie(each):
    low, high, fees = open_wallet(100), open_wallet(100), ledger.gl("fees:transfer", "KES")
    pay(low, fees, kes(1))  # its row lies behind the other one now

    def move():
        if not each:
            return pay(high, low, kes(1))
        asked = {"reference": "interest/1", "kind": "INTEREST", "narrative": "", "against": fees, "currency": "KES"}
        return ledger.credit_each({high.id: 5, low.id: 5}, at=NOON, **asked)

    with transaction.atomic(), connection.cursor() as cursor:
        lock = "SELECT FROM ledger_balance WHERE account_id = %s FOR UPDATE "
        cursor.execute(lock, [low.id])
        thread, came = in_another_thread(move)
        thread.join(0.4)
        assert thread.is_alive()
        cursor.execute(lock + "NOWAIT", [high.id])  # it waits for the lower account and has not taken the higher one
    thread.join()
    assert not isinstance(came[0], Exception)
    assert_books_balance()
