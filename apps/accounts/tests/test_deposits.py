"""A deposit earns what was agreed, ends once on a day on which banks work, and is paid back to the cent."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import deposits, operations
from apps.accounts.errors import AccountNotActive, DepositNotOffered, DepositReused, NotSpendable, TakesNoMoney
from apps.accounts.models import Account, FixedDeposit, InterestPayment
from apps.accounts.rules import deposits as rules
from apps.accounts.rules import interest as rules_of_interest
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.kernel.clock import day_start
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.money import Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.ledger.errors import BooksBusy, InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.models import Message

NOON = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
STARTS = date(2026, 3, 31)
DAY = timedelta(days=1)
ENDS = date(2026, 4, 30)  # the last day of a shorter month; 1 May is a holiday, and a Friday


def night(day):
    return day_start(day + timedelta(days=1)) + timedelta(minutes=5)


@pytest.fixture
def account(db):
    return make_account(balance="200000", at=NOON - timedelta(days=1))


def lay_aside(account, amount="100000", months=1, *, key="d", **more):
    return operations.open_deposit(
        owner=account.owner, from_account=account, amount=kes(amount), months=months, key=key, at=NOON, **more
    )


def mature(day):
    return operations.mature(day=day, at=night(day))


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 60))
def test_a_term_ends_on_the_same_day_or_the_months_last(start, months):
    end = rules.after_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(st.integers(0, 10**18), st.integers(1, 99_999), st.integers(0, 99_999))
def test_breaking_never_pays_more_than_was_earned(parts, rate, premature):
    left = rules.broken_parts(parts, Decimal(rate).scaleb(-5), Decimal(premature).scaleb(-5))
    assert 0 <= left <= parts


def test_the_chart_knows_what_each_amount_gets(account):
    chart = deposits.chart("KES", STARTS)
    assert rules.rate_for(chart.cells, 100_000_00, 12) == Decimal("0.105")
    assert rules.rate_for(chart.cells, 99_999_99, 12) == Decimal("0.100")
    assert rules.rate_for(chart.cells, 999_99, 12) is None
    quote = deposits.quote(kes("100000"), 1, STARTS)
    assert (quote.matures_on, quote.gross, quote.tax) == (ENDS, kes("616.44"), kes("92.47"))


def test_a_term_is_paid_out_once_with_its_interest_and_tax(account):
    row = lay_aside(account)
    assert lay_aside(account).pk == row.pk
    for other in ({"months": 3}, {"amount": "150000"}, {"recurring": True}):
        with pytest.raises(DepositReused):
            lay_aside(account, **other)
    operations.accrue(day=STARTS, at=night(STARTS))
    assert mature(ENDS - timedelta(days=1)) == (0, 0)
    assert mature(ENDS) == (1, 0)
    assert mature(ENDS) == (0, 0)
    row.refresh_from_db()
    paid = InterestPayment.objects.get()
    assert (row.status, paid.gross, paid.tax, paid.because) == ("PAID_OUT", kes("616.44"), kes("92.47"), "MATURITY")
    assert balance_of(account) == "200523.97"
    assert Account.objects.get(pk=row.account_id).status == "CLOSED"
    assert_books_balance()


def test_what_ends_on_a_day_off_earns_on_to_the_next_day_banks_work(account):
    row = lay_aside(account)
    FixedDeposit.objects.update(matures_on=date(2026, 5, 1))  # Labour Day; Monday is the fourth
    for day in (date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 3)):
        assert mature(day) == (0, 0)
    assert mature(date(2026, 5, 4)) == (1, 0)
    days = (date(2026, 5, 4) - STARTS).days
    assert InterestPayment.objects.get(account=row.account_id).gross_minor == 100_000_00 * 7500 * days // 36_500_000
    assert_books_balance()


def test_what_rolls_over_on_a_holiday_begins_again_on_the_next_day_banks_work_and_earned_until_then(account):
    row = lay_aside(account, on_maturity="ROLL_ALL")
    FixedDeposit.objects.update(matures_on=date(2026, 5, 1))  # Labour Day, a Friday
    assert mature(date(2026, 5, 1)) == (0, 0)
    assert mature(date(2026, 5, 4)) == (1, 0)
    assert mature(date(2026, 5, 4)) == (0, 0)
    row.refresh_from_db()
    new, paid = row.rolled_to, InterestPayment.objects.get()
    assert paid.gross_minor == 100_000_00 * 7500 * 34 // 36_500_000  # 31 March to 4 May
    assert (new.starts_on, new.matures_on) == (date(2026, 5, 4), date(2026, 6, 4))
    assert new.principal == kes("100000") + paid.gross - paid.tax
    assert (row.status, balance_of(account)) == ("ROLLED", "100000.00")
    assert_books_balance()


@pytest.mark.parametrize(("then", "principal", "out"), [("ROLL_ALL", "100523.97", "100000.00"),
                                                        ("ROLL_PRINCIPAL", "100000.00", "100523.97")])  # fmt: skip
def test_begins_again_with_or_without_the_interest(account, then, principal, out):
    row = lay_aside(account, on_maturity=then)
    assert mature(ENDS) == (1, 0)
    new = row.rolled_to
    assert (str(new.principal.amount), new.starts_on, new.matures_on) == (principal, ENDS, date(2026, 5, 30))
    assert balance_of(account) == out
    assert_books_balance()
    operations.accrue(day=ENDS, at=night(ENDS))
    assert int(new.account.accrued.parts) == new.principal_minor * 7500
    assert_books_balance()


@pytest.mark.parametrize(("then", "rate"), [("ROLL_ALL", "0.105"), ("ROLL_PRINCIPAL", "0.100")])
def test_what_begins_again_gets_the_rate_of_what_it_now_is(account, then, rate):
    row = lay_aside(account, "99900", 12, on_maturity=then)
    assert row.rate == Decimal("0.100")
    ends = date(2027, 3, 31)
    assert mature(ends) == (1, 0)
    new = row.rolled_to
    assert (new.principal_minor > 100_000_00, new.rate) == (then == "ROLL_ALL", Decimal(rate))
    operations.accrue(day=ends, at=night(ends))
    assert int(new.account.accrued.parts) == new.principal_minor * int(new.rate * 100_000)
    assert_books_balance()


def test_taken_out_early_it_earns_the_lower_rate(account):
    row = lay_aside(account)
    operations.accrue(day=STARTS, at=night(STARTS))
    operations.accrue(day=date(2026, 4, 9), at=night(date(2026, 4, 9)))
    operations.break_deposit(deposit=row, by=account.owner, at=NOON + timedelta(days=10))
    assert InterestPayment.objects.get().gross == kes("82.19")  # 10 days at 3 %
    assert balance_of(account) == "200069.86"
    with pytest.raises(IllegalMove):
        operations.break_deposit(deposit=row, by=account.owner, at=NOON + timedelta(days=10))
    assert_books_balance()


def test_what_has_run_its_term_loses_nothing_before_it_is_paid(account):
    row = lay_aside(account)
    FixedDeposit.objects.update(matures_on=date(2026, 5, 1))  # Labour Day; Monday is the fourth
    assert mature(date(2026, 5, 1)) == (0, 0)
    with pytest.raises(IllegalMove, match="Its term is over"):
        operations.break_deposit(deposit=row, by=account.owner, at=night(date(2026, 5, 1)))
    assert mature(date(2026, 5, 4)) == (1, 0)
    assert InterestPayment.objects.get().because == "MATURITY"


def test_what_is_frozen_stays_when_its_term_is_over(account):
    row = lay_aside(account)
    Account.objects.filter(pk=row.account_id).update(status="FROZEN", frozen_by_bank=True, frozen_because="Court order")
    assert mature(ENDS) == (0, 1)
    row.refresh_from_db()
    assert (row.status, balance_of(row.account), balance_of(account)) == ("RUNNING", "100000.00", "100000.00")
    Account.objects.filter(pk=row.account_id).update(status="ACTIVE", frozen_by_bank=False, frozen_because="")
    assert mature(date(2026, 5, 4)) == (1, 0)
    assert_books_balance()


def test_nothing_else_moves_a_deposits_money(account):
    row = lay_aside(account)
    with pytest.raises(TakesNoMoney):
        give(row.account, "1")
    with pytest.raises(NotSpendable):
        operations.set_aside(account=row.account, amount=kes("1"), cost=kes("0"), reference="x", limited=False, at=NOON)
    with pytest.raises(NotFound):
        operations.break_deposit(deposit=row, by=make_account().owner, at=NOON)
    assert balance_of(row.account) == "100000.00"


@pytest.mark.parametrize(
    ("amount", "months", "refusal"),
    [("999.99", 12, DepositNotOffered), ("50000", 7, DepositNotOffered), ("200000.01", 1, InsufficientFunds)],
)
def test_refuses_what_is_not_offered_or_not_there(account, amount, months, refusal):
    with pytest.raises(refusal):
        lay_aside(account, amount, months)
    assert (balance_of(account), FixedDeposit.objects.count()) == ("200000.00", 0)


def test_grows_by_instalments_and_earns_less_after_three_misses(account):
    row = lay_aside(account, "20000", 12, recurring=True)
    for month in range(1, 4):
        due = rules.after_months(STARTS, month)
        assert operations.pay_instalment(deposit_id=row.pk, at=night(due - timedelta(days=1))) == "PAID"
        assert operations.pay_instalment(deposit_id=row.pk, at=night(due)) == ""
    row.refresh_from_db()
    assert (row.principal, balance_of(account)) == (kes("80000"), "120000.00")
    operations.freeze(account=account, by=account.owner, at=NOON)
    for month in range(4, 7):
        due = rules.after_months(STARTS, month)
        assert operations.pay_instalment(deposit_id=row.pk, at=night(due)) == ""
        assert operations.pay_instalment(deposit_id=row.pk, at=night(due + timedelta(days=3))) == "MISSED"
    row.refresh_from_db()
    assert (row.missed, row.rate, row.instalments.count()) == (3, row.premature_rate, 6)
    assert_books_balance()


def test_broken_after_three_misses_it_earned_the_lower_rate_from_its_first_day(account):
    row = lay_aside(account, "20000", 12, recurring=True)
    assert operations.pay_instalment(deposit_id=row.pk, at=night(rules.after_months(STARTS, 1) - DAY)) == "PAID"
    operations.accrue(day=STARTS, at=night(STARTS))
    operations.freeze(account=account, by=account.owner, at=NOON)
    for month in (2, 3, 4):
        late = rules.after_months(STARTS, month) + timedelta(days=3)
        operations.accrue(day=late - DAY, at=night(late - DAY))
        assert operations.pay_instalment(deposit_id=row.pk, at=night(late - DAY)) == "MISSED"
    operations.break_deposit(deposit=row, by=account.owner, at=night(late - DAY))
    days = (late - STARTS).days + (late - rules.after_months(STARTS, 1)).days
    # Accrued day by day: the second instalment counts from the day it came, 30 April.
    wanted = rules_of_interest.to_the_nearest(20_000_00 * 3000 * days)
    assert abs(InterestPayment.objects.get().gross_minor - wanted) <= 1
    assert_books_balance()


def test_a_busy_database_misses_no_instalment(account, monkeypatch):
    row = lay_aside(account, "20000", 12, recurring=True)

    def busy(**_asked):
        raise BooksBusy("busy")

    monkeypatch.setattr("apps.accounts.operations.deposit.post", busy)
    with pytest.raises(BooksBusy):
        operations.pay_instalment(deposit_id=row.pk, at=night(rules.after_months(STARTS, 1) + timedelta(days=9)))
    assert not row.instalments.exists()


@pytest.mark.django_db(transaction=True)
def test_ended_and_broken_at_once_it_is_paid_out_once():
    account = make_account(balance="200000", at=NOON - timedelta(days=1))
    row = lay_aside(account)
    operations.accrue(day=ENDS - timedelta(days=1), at=night(ENDS - timedelta(days=1)))
    eve = ENDS - timedelta(days=2)
    acts = [lambda: operations.break_deposit(deposit=row, by=account.owner, at=night(eve))] * 4 + [
        lambda: mature(ENDS)
    ] * 2
    results = at_once(*acts)
    assert all(isinstance(one, IllegalMove) for one in refusals(results)), results
    row.refresh_from_db()
    assert row.status in ("PAID_OUT", "BROKEN")
    assert InterestPayment.objects.count() == 1
    assert_books_balance()


def _close(account):
    Account.objects.filter(pk=account.pk).update(status="CLOSED", closed_at=NOON)


def test_is_paid_to_the_main_account_when_the_one_it_came_from_was_closed(account):
    row, other = lay_aside(account), make_account(account.owner, at=NOON)
    _close(account)
    assert mature(ENDS) == (1, 0)
    row.refresh_from_db()
    assert (row.status, balance_of(other)) == ("PAID_OUT", "100523.97")
    assert_books_balance()


def test_waits_for_an_account_of_its_currency_and_stops_nobody_elses(account):
    dollars = make_account(account.owner, product="USD_CURRENT", at=NOON)
    row, another = lay_aside(account), lay_aside(make_account(balance="200000", at=NOON))
    operations.close(account=emptied(account), by=account.owner, at=NOON)
    assert mature(ENDS) == (1, 1)
    row.refresh_from_db(), another.refresh_from_db()
    assert (row.status, another.status, balance_of(dollars)) == ("RUNNING", "PAID_OUT", "0.00")
    with pytest.raises(AccountNotActive):
        operations.break_deposit(deposit=row, by=account.owner, at=NOON)
    savings = make_account(account.owner, product="SAVINGS", at=NOON)
    assert mature(ENDS) == (1, 0)
    assert balance_of(savings) == "100523.97"
    assert_books_balance()


def emptied(account):
    rest = Money.of(balance_of(account), account.currency)
    operations.post(
        reference=f"test/empty/{account.pk}", kind="WITHDRAWAL", narrative="Taken by a test", at=NOON,
        movements=[operations.out_of(account, rest, "Out")],
        legs=[ledger.credit(ledger.gl("bank:settlement", account.currency), rest)],
    )  # fmt: skip
    return account


def test_broken_it_is_paid_to_the_main_account_or_stays_when_there_is_none(account):
    row = lay_aside(account)
    _close(account)
    with pytest.raises(AccountNotActive):
        operations.break_deposit(deposit=row, by=account.owner, at=NOON)
    row.refresh_from_db()
    assert (row.status, balance_of(row.account)) == ("RUNNING", "100000.00")
    other = make_account(account.owner, at=NOON)
    operations.break_deposit(deposit=row, by=account.owner, at=NOON + timedelta(hours=1))
    assert balance_of(other) == "100000.00"
    assert_books_balance()


def _told(code):
    deliver_events()
    return [one.body for one in Message.objects.filter(code=code, channel="SMS")]


def test_its_owner_hears_a_week_before_and_at_the_end(account):
    lay_aside(account)
    for day in (ENDS - timedelta(days=8), ENDS - timedelta(days=7), ENDS - timedelta(days=3)):
        operations.tell_of_ending_deposits(day=day, at=night(day))
    assert [("30/04/2026" in one, "Pay all of it out" in one) for one in _told("accounts.deposit_ending")] == [
        (True, True)
    ]
    mature(ENDS)
    [said] = _told("accounts.deposit_paid_out")
    assert "KES 100,000.00 has ended. KES 100,523.97 is on" in said


def test_its_owner_hears_at_what_it_began_again(account):
    lay_aside(account, on_maturity="ROLL_ALL")
    mature(ENDS)
    [said] = _told("accounts.deposit_rolled")
    assert "with KES 100,523.97 until 30/05/2026 at 7.5% a year" in said
