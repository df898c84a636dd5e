"""What threads do at once on connections of their own: nothing lost, nothing twice, nothing below its floor."""

from datetime import date

import pytest

from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.errors import (
    AlreadyReversed,
    HoldNotOpen,
    InsufficientFunds,
    ReferenceReused,
)
from apps.ledger.models import Hold, Transfer
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay, posted_in

pytestmark = pytest.mark.django_db(transaction=True)


def bulk(payer, payee, references, amount=None):
    money = amount or kes(1)
    legs = [ledger.debit(payer, money), ledger.credit(payee, money)]
    return ledger.post_many(
        [ledger.Posting(reference=one, kind="TEST_PAYMENT", narrative="", legs=legs) for one in references], at=NOON
    )


def kinds(results):
    return {type(one) for one in refusals(results)}


def test_eight_threads_never_drain_an_account_below_its_floor():
    payer, shops = open_wallet(80, floor=kes(-10)), [open_wallet() for _ in range(8)]

    def drain(shop):
        taken = 0
        for _ in range(10):
            try:
                pay(payer, shop, kes(3))
            except InsufficientFunds:
                continue
            taken += 1
        return taken

    taken = at_once(*[lambda shop=shop: drain(shop) for shop in shops])
    assert sum(taken) == 30
    assert posted_in(payer) == kes(-10)
    assert_books_balance()


def test_crossfire_does_not_deadlock():
    one, two, three = (open_wallet(1000) for _ in range(3))
    routes = [(one, two), (two, one), (two, three), (three, two), (one, three), (three, one)]

    def fire(payer, payee):
        for _ in range(25):
            pay(payer, payee, kes(2))

    assert refusals(at_once(*[lambda route=route: fire(*route) for route in routes])) == []
    assert posted_in(one) + posted_in(two) + posted_in(three) == kes(3000)
    assert_books_balance()


def test_crossfire_of_singles_bulk_and_holds_does_not_deadlock():
    one, two = open_wallet(1000), open_wallet(1000)
    fees = ledger.gl("fees:transfer", "KES")

    def singles():
        for nth in range(20):
            pay(one if nth % 2 else two, two if nth % 2 else one, kes(1))

    def many(first, second, name):
        for nth in range(4):
            bulk(first, second, [f"{name}/{nth}/{place}" for place in range(20)])

    def captures():
        for nth in range(20):
            held = ledger.hold(reference=f"h/{nth}", account=two, amount=kes(2), at=NOON)
            legs = [ledger.debit(two, kes(2)), ledger.credit(fees, kes(1)), ledger.credit(one, kes(1))]
            ledger.capture(held, legs=legs, reference=f"c/{nth}", at=NOON)

    results = at_once(singles, lambda: many(one, two, "a"), lambda: many(two, one, "b"), captures, singles)
    assert refusals(results) == []
    assert posted_in(one) + posted_in(two) + posted_in(fees.id) == kes(2000)
    assert_books_balance()


def test_one_reference_from_ten_threads_posts_once():
    payer, payee = open_wallet(100), open_wallet()
    posted = at_once(*[lambda: pay(payer, payee, kes(60), reference="payments/1")] * 10)
    assert refusals(posted) == []
    assert sum(not one.is_replay for one in posted) == 1
    assert len({(one.transfer_id, one.entries) for one in posted}) == 1
    assert posted_in(payee) == kes(60)
    assert_books_balance()


def test_one_reference_between_accounts_of_the_bank_posts_once():
    def move():
        return ledger.post(
            reference="gl/1",
            kind="X",
            narrative="",
            legs=[ledger.debit("bank:reserve", kes(5)), ledger.credit("equity:capital", kes(5))],
            at=NOON,
        )

    posted = at_once(*[move] * 8)
    assert sum(not one.is_replay for one in posted) == 1
    assert posted_in(ledger.gl("bank:reserve", "KES").id) == kes(5)
    assert_books_balance()


def test_one_reference_with_two_bodies_posts_one_of_them():
    payer, payees = open_wallet(100), [open_wallet() for _ in range(6)]
    results = at_once(*[lambda payee=payee: pay(payer, payee, kes(50), reference="p") for payee in payees])
    assert (len(refusals(results)), kinds(results)) == (5, {ReferenceReused})
    assert posted_in(payer) == kes(50)
    assert_books_balance()


def test_one_reference_single_and_in_bulk_posts_once():
    payer, payee = open_wallet(100), open_wallet()
    for nth in range(6):
        reference = f"p/{nth}"
        results = at_once(
            *[lambda reference=reference: pay(payer, payee, kes(1), reference=reference)] * 2,
            *[lambda reference=reference: bulk(payer, payee, ["other/" + reference, reference])] * 2,
        )
        assert refusals(results) == []
    assert posted_in(payee) == kes(12)
    assert_books_balance()


def test_one_reference_single_and_in_bulk_between_accounts_of_the_bank_posts_once():
    legs = [ledger.debit("bank:reserve", kes(1)), ledger.credit("equity:capital", kes(1))]

    def single(reference):
        return ledger.post(reference=reference, kind="X", narrative="", legs=legs, at=NOON)

    def many(reference):
        posting = ledger.Posting(reference=reference, kind="X", narrative="", legs=legs)
        return ledger.post_many([posting], at=NOON)

    for nth in range(8):
        results = at_once(*[lambda nth=nth: single(f"p/{nth}"), lambda nth=nth: many(f"p/{nth}")] * 2)
        assert refusals(results) == []
    assert posted_in(ledger.gl("bank:reserve", "KES").id) == kes(8)
    assert_books_balance()


def test_six_holds_of_1000_at_once_do_not_fit_in_5000():
    wallet = open_wallet(5000)
    results = at_once(
        *[
            lambda nth=nth: ledger.hold(reference=f"h/{nth}", account=wallet, amount=kes(1000), at=NOON)
            for nth in range(6)
        ]
    )
    assert (len(refusals(results)), kinds(results)) == (1, {InsufficientFunds})
    assert books.balance(wallet.id).available == kes(0)
    assert_books_balance()


def test_one_hold_from_eight_threads_holds_once():
    wallet = open_wallet(100)
    results = at_once(*[lambda: ledger.hold(reference="h", account=wallet, amount=kes(80), at=NOON)] * 8)
    assert len({one.id for one in results}) == 1
    assert books.balance(wallet.id).held == kes(80)
    assert_books_balance()


def test_holds_and_payments_race_for_the_same_money():
    wallet, shop = open_wallet(100), open_wallet()
    acts = [
        lambda nth=nth: ledger.hold(reference=f"h/{nth}", account=wallet, amount=kes(30), at=NOON) for nth in range(4)
    ]
    acts += [lambda: pay(wallet, shop, kes(30))] * 4
    results = at_once(*acts)
    assert (len(refusals(results)), kinds(results)) == (5, {InsufficientFunds})
    assert books.balance(wallet.id).available == kes(10)
    assert_books_balance()


def test_a_hold_is_captured_or_released_never_both():
    wallet, shop = open_wallet(100), open_wallet()
    for nth in range(6):
        held = ledger.hold(reference=f"h/{nth}", account=wallet, amount=kes(10), expires_at=NOON, at=NOON)
        at_once(
            lambda held=held, nth=nth: ledger.capture(held, to=shop, reference=f"c/{nth}", at=NOON),
            lambda held=held: ledger.release(held, at=NOON),
            lambda: ledger.expire_holds(at=NOON),
        )
    captured = Hold.objects.filter(status="CAPTURED").count()
    assert Hold.objects.filter(status="OPEN").count() == 0
    assert posted_in(shop) == kes(10 * captured)
    assert books.balance(wallet.id).held == kes(0)
    assert_books_balance()


def test_a_hold_is_captured_once_by_two_references():
    wallet, shop = open_wallet(100), open_wallet()
    held = ledger.hold(reference="h", account=wallet, amount=kes(100), at=NOON)
    results = at_once(
        *[lambda nth=nth: ledger.capture(held, to=shop, reference=f"c/{nth}", at=NOON) for nth in range(5)]
    )
    assert (len(refusals(results)), kinds(results)) == (4, {HoldNotOpen})
    assert posted_in(shop) == kes(100)
    assert_books_balance()


def test_a_capture_asked_for_by_five_threads_posts_once():
    wallet, shop = open_wallet(100), open_wallet()
    held = ledger.hold(reference="h", account=wallet, amount=kes(100), at=NOON)
    results = at_once(*[lambda: ledger.capture(held, to=shop, reference="c", at=NOON)] * 5)
    assert refusals(results) == []
    assert len({one.transfer_id for one in results}) == 1
    assert_books_balance()


def test_two_reverse_one_wins():
    payer, payee = open_wallet(100), open_wallet(100)
    posted = pay(payer, payee, kes(60))
    results = at_once(
        *[
            lambda nth=nth: ledger.reverse(
                transfer_id=posted.transfer_id, reason="Twice", reference=f"r/{nth}", by=None, at=NOON
            )
            for nth in range(4)
        ]
    )
    assert (len(refusals(results)), kinds(results)) == (3, {AlreadyReversed})
    assert posted_in(payer) == kes(100)
    assert_books_balance()


def test_an_account_closes_or_is_paid_never_both():
    payer = open_wallet(1000)
    for _ in range(6):
        payee = open_wallet()
        at_once(lambda payee=payee: pay(payer, payee, kes(1)), lambda payee=payee: ledger.close_account(payee, at=NOON))
    assert_books_balance()


def test_rollups_seals_and_snapshots_run_twice_at_once_and_while_money_moves():
    payer, payee = open_wallet(1000), open_wallet()

    def moving():
        for _ in range(40):
            pay(payer, payee, kes(1))
            pay(payer, "fees:transfer", kes(1))

    def jobs():
        for nth in range(4):
            ledger.roll_up_days()
            ledger.seal_up_to(at=NOON)
            ledger.take_snapshots(as_of=date(2026, 3, nth + 1), at=NOON)

    assert refusals(at_once(moving, moving, jobs, jobs)) == []
    assert_books_balance()
    assert posted_in(ledger.gl("fees:transfer", "KES").id) == kes(80)


def test_balances_are_never_seen_between_two_legs():
    one, two = open_wallet(500), open_wallet(500)
    sums = set()

    def moving():
        for nth in range(60):
            pay(one if nth % 2 else two, two if nth % 2 else one, kes(7))

    def looking():
        for _ in range(60):
            found = books.balances([one.id, two.id])
            sums.add(found[one.id].posted + found[two.id].posted)

    assert refusals(at_once(moving, looking, moving)) == []
    assert sums == {kes(1000)}
    assert Transfer.objects.count() == 122
