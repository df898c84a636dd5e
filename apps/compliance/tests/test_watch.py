"""What the rules see, what becomes of it, and that it is seen once."""

from datetime import timedelta

import pytest

from apps.accounts.testing import make_account
from apps.compliance import operations, rules
from apps.compliance.detectors import seen
from apps.compliance.models import AlertStatus, Case, SuspiciousActivityAlert, Sweep
from apps.compliance.testing import History
from apps.fx.testing import set_rates
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.testing import at_once

pytestmark = pytest.mark.django_db
TODAY = day_start(local_date(now()))
NOON = TODAY - timedelta(hours=12)


@pytest.fixture
def history():
    return History()


@pytest.fixture
def account():
    return make_account()


def sights(code, since=NOON - timedelta(hours=12), until=TODAY, **changed):
    return seen(code, rules.first_parameters(code) | changed, since=since, until=until)


def hours(n):
    return timedelta(hours=n)


def test_sees_deposits_kept_below_the_cash_report(history, account):
    set_rates(NOON - timedelta(days=1))
    for nth in range(4):
        history.line(account, 600_000, NOON - timedelta(days=nth), kind="DEPOSIT")
    (one,) = sights("STRUCTURING")
    assert (one.subject_id, one.actual, one.threshold) == (account.owner_id, 240_000_000, 195_000_000)
    assert len(one.lines) == 4


def test_does_not_take_one_large_deposit_for_structuring(history, account):
    set_rates(NOON - timedelta(days=1))
    history.line(account, 2_400_000, NOON, kind="DEPOSIT")
    assert sights("STRUCTURING") == []


def test_asks_nothing_in_dollars_without_a_rate(history, account):
    for nth in range(4):
        history.line(account, 600_000, NOON - timedelta(days=nth), kind="DEPOSIT")
    assert sights("STRUCTURING") == []
    operations.sweep_day(day=local_date(NOON), at=now())
    assert set(Sweep.objects.get().not_asked) == {"STRUCTURING", "CASH_OVER"}


def test_sees_money_that_leaves_as_soon_as_it_came(history, account):
    history.line(account, 373_000, NOON - hours(2))
    history.line(account, -372_000, NOON)
    (one,) = sights("RAPID_IN_OUT")
    assert (one.actual, one.threshold, one.usual, one.facts["minutes"]) == (997, 800, 0, 120)


def test_leaves_alone_who_always_has_that_much(history, account):
    for nth in range(1, 4):
        history.line(account, 373_000, NOON - timedelta(days=25 * nth), kind="SALARY")
    history.line(account, 373_000, NOON - hours(2))
    history.line(account, -372_000, NOON)
    assert sights("RAPID_IN_OUT") == []


def test_sees_an_account_that_wakes(history, account):
    history.line(account, 500, NOON - timedelta(days=214))
    history.line(account, 90_000, NOON)
    (one,) = sights("DORMANT_ACTIVE")
    assert (one.actual, one.threshold) == (214, 180)
    assert sights("DORMANT_ACTIVE", days=300) == []


def test_sees_money_that_comes_back_through_others(history, account):
    second, third = make_account(), make_account()
    history.move(account, second, 200_000, NOON - hours(9))
    history.move(second, third, 195_000, NOON - hours(5))
    history.move(third, account, 190_000, NOON)
    found = {one.subject_id: one for one in sights("ROUND_TRIP")}
    assert set(found) == {account.owner_id}
    assert (found[account.owner_id].actual, found[account.owner_id].facts["others"]) == (950, 2)
    assert sights("ROUND_TRIP", hops=2) == []


def test_sees_many_senders_and_many_receivers(history, account):
    others = [make_account() for _nth in range(8)]
    for nth, other in enumerate(others):
        history.move(other, account, 20_000, NOON - timedelta(minutes=nth))
    (one,) = sights("MANY_TO_ONE")
    assert (one.subject_id, one.actual) == (account.owner_id, 8)
    for nth, other in enumerate(others):
        history.move(account, other, 19_000, NOON + timedelta(minutes=nth))
    assert [two.actual for two in sights("ONE_TO_MANY")] == [8]
    assert sights("MANY_TO_ONE", count=9) == []


def test_sees_round_amounts_velocity_and_a_drain(history, account):
    for nth in range(6):
        history.line(account, 100_000, NOON - timedelta(minutes=nth))
    assert [one.actual for one in sights("ROUND_AMOUNTS")] == [6]
    for nth in range(15):
        history.line(account, -9_999, NOON + timedelta(minutes=nth), left=600_000 - 9_999 * nth)
    assert [one.actual for one in sights("VELOCITY")] == [15]
    assert sights("DRAIN") == []  # what left had come that day: another rule's sight
    victim = make_account()
    history.line(victim, 400_000, NOON - timedelta(days=3), left=400_000)
    history.line(victim, -390_000, NOON, left=10_000)
    assert [one.subject_id for one in sights("DRAIN", times_usual="0.1")] == [victim.owner_id]


@pytest.fixture
def rapid(history, account):
    history.line(account, 373_000, NOON - hours(2))
    history.line(account, -372_000, NOON)
    return account


def test_raises_an_alert_once_and_opens_one_case(rapid):
    raised = operations.sweep_day(day=local_date(NOON), at=now())
    assert raised == SuspiciousActivityAlert.objects.count() > 0
    assert operations.sweep_day(day=local_date(NOON), at=now()) == 0
    case = Case.objects.get()
    assert case.subject_id == rapid.owner_id
    assert case.reference == f"KB-{now():%Y}-{case.pk:04d}"
    assert set(case.alerts.values_list("status", flat=True)) == {AlertStatus.GROUPED}
    assert Sweep.objects.count() == 1


def test_catches_up_with_days_it_missed_and_looks_at_none_twice(rapid):
    operations.sweep_day(day=local_date(NOON) - timedelta(days=3), at=now())
    assert operations.sweep_due(at=now()) > 0
    assert Sweep.objects.count() == 4
    assert operations.sweep_due(at=now()) == 0


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_raise_once(history):
    account = make_account()
    history.line(account, 373_000, NOON - hours(2))
    history.line(account, -372_000, NOON)
    day = local_date(NOON)
    at_once(*(lambda: operations.sweep_day(day=day, at=now()) for _nth in range(2)))
    assert Case.objects.count() == 1
    assert SuspiciousActivityAlert.objects.values("code", "key").distinct().count() == (
        SuspiciousActivityAlert.objects.count()
    )


@pytest.mark.parametrize("code", rules.CODES)
def test_reads_back_its_own_first_figures_and_refuses_wild_ones(code):
    first = rules.first_parameters(code)
    kept, wrong = rules.read_parameters(code, first)
    assert (kept, wrong) == (first, {})
    for name in rules.FIGURES[code]:
        for wild in ("NaN", "-1", "", "1e30", None):
            assert name in rules.read_parameters(code, first | {name: wild})[1]
    assert "more" in rules.read_parameters(code, first | {"more": 1})[1]
