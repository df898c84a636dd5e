"""Roll-ups, snapshots, balances as of a day, statements, seals and proofs."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.models import DailyRollup, Entry, Seal, Snapshot
from apps.ledger.operations import seal
from apps.ledger.rules.evidence import read_leaf
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, posted_in

pytestmark = pytest.mark.django_db

JAN_31, FEB_28, MAR_31 = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
_count = iter(range(10**9))


def book(wallet, amount, on, line="mpesa:settlement"):
    """Money in, or out when negative, booked on a day."""
    money = kes(abs(amount))
    legs = [ledger.debit(line, money), ledger.credit(wallet, money)]
    legs = legs if amount > 0 else [-leg for leg in legs]
    return ledger.post(reference=f"b/{next(_count)}", kind="X", narrative="", legs=legs, booked_on=on, at=NOON)


def test_answers_as_of_any_day_across_months():
    wallet = open_wallet()
    book(wallet, 100, date(2026, 1, 10))
    book(wallet, -30, JAN_31)
    book(wallet, 7, date(2026, 2, 1))
    assert ledger.take_snapshots(as_of=JAN_31, at=NOON) == 2
    book(wallet, 5, FEB_28)
    ledger.take_snapshots(as_of=FEB_28, at=NOON)
    book(wallet, 1, date(2026, 3, 3))
    book(wallet, 1000, date(2026, 1, 20))  # late, for a month that has its snapshot
    days = [date(2026, 1, 9), date(2026, 1, 10), date(2026, 1, 20), JAN_31, date(2026, 2, 1), FEB_28, date(2026, 3, 3)]
    expected = [0, 100, 1100, 1070, 1077, 1082, 1083]
    assert [books.balance_as_of(wallet.id, day) for day in days] == [kes(amount) for amount in expected]
    mpesa = ledger.gl("mpesa:settlement", "KES").id
    assert [books.balance_as_of(mpesa, day) for day in days] == [kes(amount) for amount in expected]
    assert_books_balance()


def test_takes_a_snapshot_once():
    wallet = open_wallet()
    book(wallet, 5, JAN_31)
    assert ledger.take_snapshots(as_of=JAN_31, at=NOON) == 2
    book(wallet, 5, JAN_31)
    assert ledger.take_snapshots(as_of=JAN_31, at=NOON) == 0
    assert Snapshot.objects.get(account_id=wallet.id).balance_minor == 500
    assert books.balance_as_of(wallet.id, JAN_31) == kes(10)
    assert_books_balance()


def test_looks_at_entries_since_the_snapshot_only(django_assert_num_queries):
    wallet = open_wallet()
    book(wallet, 5, JAN_31)
    ledger.take_snapshots(as_of=JAN_31, at=NOON)
    with django_assert_num_queries(1):
        assert books.balances_as_of([wallet.id], FEB_28) == {wallet.id: kes(5)}
    with pytest.raises(LookupError):
        books.balance_as_of(10**15, FEB_28)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("book"), st.integers(0, 120), st.integers(1, 500)),
            st.tuples(st.just("snapshot"), st.integers(0, 120), st.just(0)),
            st.tuples(st.just("rollup"), st.just(0), st.just(0)),
        ),
        min_size=3,
        max_size=14,
    ),
    st.lists(st.integers(0, 130), min_size=3, max_size=3),
)
def test_agrees_with_adding_up_whatever_was_kept_in_between(acts, asked):
    start, wallet = date(2026, 1, 1), open_wallet()
    booked: list[tuple[date, int]] = []
    for act, day, amount in acts:
        on = start + timedelta(days=day)
        if act == "book":
            book(wallet, amount, on)
            booked.append((on, amount))
        elif act == "snapshot":
            ledger.take_snapshots(as_of=on, at=NOON)
        else:
            ledger.roll_up_days()
    for day in asked:
        on = start + timedelta(days=day)
        assert books.balance_as_of(wallet.id, on) == kes(sum(amount for one, amount in booked if one <= on))
    assert posted_in(wallet) == kes(sum(amount for _on, amount in booked))
    assert_books_balance()


def test_rolls_customers_up_into_their_control_account():
    one, two = open_wallet(), open_wallet()
    book(one, 10, JAN_31)
    book(two, 5, JAN_31)
    book(two, 1, FEB_28)
    ledger.roll_up_days()
    control = books.account_by_code("2010-KES").id
    mpesa = ledger.gl("mpesa:settlement", "KES").id
    rows = DailyRollup.objects.order_by("account_id", "booked_on").values_list(
        "account_id", "booked_on", "amount_minor"
    )
    assert list(rows) == [
        (mpesa, JAN_31, 1500),
        (mpesa, FEB_28, 100),
        (control, JAN_31, -1500),
        (control, FEB_28, -100),
    ]
    assert posted_in(mpesa) == kes(16)


def test_adds_late_entries_to_their_day_and_nothing_twice():
    wallet, mpesa = open_wallet(), ledger.gl("mpesa:settlement", "KES").id
    for _ in range(3):
        book(wallet, 10, JAN_31)
        upto = ledger.roll_up_days()
        assert ledger.roll_up_days() == upto
        assert posted_in(mpesa) == posted_in(wallet)
    assert DailyRollup.objects.get(account_id=mpesa).entry_count == 3
    book(wallet, 10, JAN_31)
    assert posted_in(mpesa) == kes(40)
    assert_books_balance()


def test_draws_the_statements():
    wallet = open_wallet()
    book(wallet, 1000, JAN_31)
    book(wallet, -30, FEB_28, line="fees:transfer")
    book(wallet, 12, FEB_28, line="interest:deposits")
    ledger.roll_up_days()
    book(wallet, -4, MAR_31, line="fees:transfer")
    trial = books.trial_balance(on=FEB_28)
    assert trial.debits == trial.credits == kes(1012)
    assert {line.code: line.net for line in trial.lines} == {
        "1040-KES": kes(1000),
        "2010-KES": -kes(982),
        "4040-KES": -kes(30),
        "5010-KES": kes(12),
    }
    assert [line.credit for line in books.trial_balance(on=MAR_31).lines if line.code == "4040-KES"] == [kes(34)]
    assert books.trial_balance(on=date(2026, 1, 30)).lines == ()
    earned = books.income_statement(since=date(2026, 2, 1), until=MAR_31)
    assert (earned.profit, earned.income[0].balance, earned.expenses[0].balance) == (kes(22), kes(34), kes(12))
    assert books.income_statement(since=MAR_31, until=MAR_31).profit == kes(4)
    sheet = books.balance_sheet(on=MAR_31)
    assert sheet.total_assets == sheet.total_claims == kes(1000)
    assert sheet.result == kes(22)
    assert books.trial_balance(on=MAR_31, currency="USD").debits == Money.zero("USD")


def test_seals_in_blocks_and_proves_each_entry(monkeypatch):
    monkeypatch.setattr(seal, "BLOCK", 7)
    wallet = open_wallet()
    for nth in range(1, 11):
        book(wallet, nth, JAN_31)
    assert ledger.seal_up_to(at=NOON) == 3
    assert ledger.seal_up_to(at=NOON) == 0
    book(wallet, 1, JAN_31)
    assert ledger.seal_up_to(at=NOON) == 1
    assert list(Seal.objects.order_by("block").values_list("entry_count", flat=True)) == [7, 7, 6, 2]
    newest = Seal.objects.order_by("-block").first()
    for entry in Entry.objects.select_related("transfer"):
        proof = ledger.prove(entry.pk)
        assert ledger.verify_proof(proof)
        says = read_leaf(proof.leaf)
        assert (says["amount_minor"], says["reference"]) == (str(entry.amount_minor), entry.transfer.reference)
    assert ledger.verify_proof(proof, chain=bytes(newest.chain))
    assert_books_balance()


def test_seals_only_up_to_where_it_is_told():
    wallet = open_wallet()
    first = book(wallet, 1, JAN_31)
    later = book(wallet, 1, JAN_31)
    ledger.seal_up_to(at=NOON, upto=first.transfer_id)
    assert Seal.objects.get().last_entry == first.transfer_id * 1000 + 2
    with pytest.raises(NotFound):
        ledger.prove(later.transfer_id * 1000 + 1)
    with pytest.raises(NotFound):
        ledger.prove(10**12)


def test_seals_nothing_in_empty_books():
    assert ledger.seal_up_to(at=NOON) == 0
    assert ledger.roll_up_days() == 0
    assert ledger.take_snapshots(as_of=JAN_31, at=NOON) == 0
