"""Positions at the closing rate: once a day, in the books of that day, and the audit holds both sides together."""

from datetime import timedelta

import pytest

from apps.accounts.testing import give, make_account
from apps.fx.testing import make_quote, set_rates
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.money import Money
from apps.ledger import eod, verification
from apps.ledger import operations as ledger
from apps.ledger.queries import balances, balances_as_of, income_statement, lines
from apps.ledger.testing import assert_books_balance
from apps.payments import operations
from apps.payments.models import Revaluation
from apps.payments.positions import positions

TODAY = local_date(now())
YESTERDAY = TODAY - timedelta(days=1)
NOON = day_start(YESTERDAY) + timedelta(hours=12)
AT = day_start(TODAY) + timedelta(minutes=30)


def gl(purpose):
    account = ledger.gl(purpose, "KES")
    return str(balances([account.id])[account.id].posted.amount)


@pytest.fixture
def long_of_dollars(db):
    """A customer sold the bank 100 dollars yesterday at noon, at 130."""
    set_rates(NOON - timedelta(minutes=5))
    shillings = make_account(balance="1000", at=NOON - timedelta(days=1))
    dollars = make_account(shillings.owner, balance="500", product="USD_CURRENT", at=NOON - timedelta(days=1))
    operations.exchange(
        owner=shillings.owner, from_account=dollars, to_account=shillings,
        quote=make_quote(shillings.owner, Money.of("100", "USD"), "KES", at=NOON), key="k", at=NOON,
    )  # fmt: skip
    return shillings.owner, dollars, shillings


def test_a_higher_closing_rate_is_a_gain_of_that_day(long_of_dollars):
    set_rates(NOON + timedelta(hours=1), USD="131.50")
    set_rates(AT - timedelta(minutes=10), USD="150")  # after the day ended: not its closing rate
    (row,) = operations.revalue_positions(day=YESTERDAY, at=AT)
    assert (str(row.position), str(row.value), row.gain_minor) == ("USD 100.00", "KES 13,150.00", 150_00)
    assert (gl("fx:equivalent:USD"), gl("fx:gains"), gl("fx:losses")) == ("13150.00", "150.00", "0.00")
    (line,) = lines(ledger.gl("fx:gains", "KES").id)
    assert (line.transfer_id, line.booked_on, line.details) == (row.transfer_id, YESTERDAY, {"USD": "131.5000000000"})
    assert str(income_statement(since=YESTERDAY, until=YESTERDAY).profit) == "KES 345.00"  # spread 195, gain 150
    assert_books_balance()


def test_a_lower_one_is_a_loss(long_of_dollars):
    set_rates(NOON + timedelta(hours=1), USD="128")
    (row,) = operations.revalue_positions(day=YESTERDAY, at=AT)
    assert row.gain_minor == -200_00
    assert (gl("fx:equivalent:USD"), gl("fx:losses")) == ("12800.00", "200.00")
    assert_books_balance()


def test_twice_is_once(long_of_dollars):
    set_rates(NOON + timedelta(hours=1), USD="131.50")
    first = operations.revalue_positions(day=YESTERDAY, at=AT)
    again = operations.revalue_positions(day=YESTERDAY, at=AT + timedelta(hours=1))
    assert [row.pk for row in first] == [row.pk for row in again]
    assert Revaluation.objects.count() == 1
    assert gl("fx:gains") == "150.00"


def test_a_day_on_which_nothing_moved_is_written_without_a_transfer(long_of_dollars):
    (row,) = operations.revalue_positions(day=YESTERDAY, at=AT)
    assert (row.gain_minor, row.transfer_id) == (0, None)
    assert lines(ledger.gl("fx:gains", "KES").id) + lines(ledger.gl("fx:losses", "KES").id) == []
    assert_books_balance()


def test_each_day_starts_from_the_one_before_and_gains_and_losses_come_to_the_move(long_of_dollars):
    set_rates(NOON + timedelta(hours=1), USD="131.50")
    operations.revalue_positions(day=YESTERDAY, at=AT)
    set_rates(AT + timedelta(hours=1), USD="127")
    (row,) = operations.revalue_positions(day=TODAY, at=AT + timedelta(days=1))
    assert (row.carried_minor, row.value_minor) == (13_150_00, 12_700_00)
    assert (gl("fx:gains"), gl("fx:losses"), gl("fx:equivalent:USD")) == ("150.00", "450.00", "12700.00")
    assert_books_balance()


def test_a_short_position_loses_when_the_rate_rises(long_of_dollars):
    owner, dollars, shillings = long_of_dollars
    give(shillings, "50000", at=NOON)
    operations.exchange(
        owner=owner, from_account=shillings, to_account=dollars,
        quote=make_quote(owner, Money.of("40000", "KES"), "USD", at=NOON), key="k2", at=NOON,
    )  # fmt: skip
    set_rates(NOON + timedelta(hours=1), USD="140")
    (row,) = operations.revalue_positions(day=YESTERDAY, at=AT)
    assert str(row.position) == "USD -203.08"
    assert row.gain_minor < 0
    assert row.value_minor == -203_08 * 140
    assert_books_balance()


def test_a_position_that_was_closed_out_leaves_only_what_it_earned(long_of_dollars):
    """All of the position sold back: what is left on the equivalent is a realised gain, and it is booked."""
    set_rates(NOON + timedelta(hours=1), USD="131")
    ledger.post(
        reference="treasury/sale", kind="TREASURY", narrative="100 dollars sold to another bank", at=NOON,
        legs=[
            ledger.debit(ledger.gl("fx:position", "USD"), Money.of("100", "USD")),
            ledger.credit(ledger.gl("bank:settlement", "USD"), Money.of("100", "USD")),
            ledger.credit(ledger.gl("fx:equivalent:USD", "KES"), Money.of("13100", "KES")),
            ledger.debit(ledger.gl("bank:settlement", "KES"), Money.of("13100", "KES")),
        ],
    )  # fmt: skip
    (row,) = operations.revalue_positions(day=YESTERDAY, at=AT)
    assert (row.position_minor, row.value_minor, row.gain_minor) == (0, 0, 100_00)
    assert gl("fx:equivalent:USD") == "0.00"
    assert_books_balance()


def test_the_end_of_the_day_does_it_before_the_roll_up_and_going_on_after_a_failure_does_it_once(
    long_of_dollars, monkeypatch
):
    set_rates(NOON + timedelta(hours=1), USD="131.50")
    order = [step.name for step in eod.steps()]
    assert order.index("payments.revalue_positions") < order.index("ledger.roll_up_days")
    broken = next(step for step in eod.steps() if step.name == "ledger.roll_up_days")

    def fail(day, at):
        raise RuntimeError("power cut")

    eod.register(eod.Step(name=broken.name, order=broken.order, run=fail))
    try:
        assert eod.run(at=AT, day=YESTERDAY).status == "FAILED"
    finally:
        eod.register(broken)
    assert gl("fx:gains") == "150.00"
    run = eod.run(at=AT, day=YESTERDAY)
    assert run.status == "DONE"
    assert gl("fx:gains") == "150.00"
    step = run.steps.get(name="payments.revalue_positions")
    assert step.outcome == "1 positions revalued, +15000 minor units"
    assert step.attempts == 1


def test_a_day_without_rates_of_its_own_closes_at_the_newest_before_it_and_says_so(long_of_dollars):
    (row,) = operations.revalue_positions(day=TODAY, at=AT + timedelta(days=1))
    assert row.rate_at == NOON - timedelta(minutes=5)


@pytest.mark.django_db
def test_a_bank_without_positions_or_rates_ends_its_day():
    assert operations.revalue_positions(day=YESTERDAY, at=AT) == []


def test_the_audit_of_the_books_notices_a_worth_that_does_not_belong_to_its_position(long_of_dollars):
    operations.revalue_positions(day=YESTERDAY, at=AT)
    ledger.post(
        reference="t/odd", kind="ODD", narrative="Odd", at=NOON, booked_on=YESTERDAY,
        legs=[
            ledger.debit(ledger.gl("fx:equivalent:USD", "KES"), Money.of("7", "KES")),
            ledger.credit(ledger.gl("fx:gains", "KES"), Money.of("7", "KES")),
        ],
    )  # fmt: skip
    found = verification.verify()
    assert {finding.check for finding in found} == {"payments.positions_agree_with_their_worth"}
    assert [finding.says.split()[0] for finding in found] == ["transfer", "position"]


def test_all_positions_take_one_question(long_of_dollars, django_assert_num_queries):
    ledger.gl("fx:position", "USD")
    with django_assert_num_queries(1):
        found = positions()
    assert len(found) == 7
    assert {str(one.held): str(one.carried) for one in found if one.held} == {"USD 100.00": "KES 13,000.00"}
    dollars = ledger.gl("fx:position", "USD")
    assert str(balances_as_of([dollars.id], YESTERDAY)[dollars.id]) == "USD -100.00"
