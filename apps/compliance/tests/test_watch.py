"""What the rules see, what becomes of it, and that it is seen once."""

from datetime import timedelta
from itertools import pairwise

import pytest

from apps.accounts.models import Account, Transaction
from apps.accounts.testing import make_account
from apps.compliance import operations, rules
from apps.compliance.detectors import seen
from apps.compliance.models import AlertParty, AlertStatus, Case, SuspiciousActivityAlert, Sweep
from apps.compliance.testing import History
from apps.fx.testing import set_rates
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.testing import at_once
from apps.users.testing import make_staff

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


def test_weighs_a_currency_without_cents_by_what_it_is_worth(history):
    set_rates(NOON - timedelta(days=1))
    uganda = make_account(product="UGX_CURRENT")
    for nth in range(4):
        history.line(uganda, 200_000, NOON - timedelta(days=nth), kind="DEPOSIT", left=200_000)
    (one,) = sights("STRUCTURING")  # 20,000,000 of Uganda are 700,000 of Kenya
    assert (one.actual, one.amount_minor, one.threshold) == (280_000_000, 280_000_000, 195_000_000)


def test_follows_money_in_a_currency_without_cents_as_one_way(history):
    set_rates(NOON - timedelta(days=1))
    people = [make_account(product="UGX_CURRENT") for _nth in range(3)]
    history.line(people[0], 400_000, NOON - hours(4), other="outside")
    history.move(people[0], people[1], 399_000, NOON - hours(2))
    history.move(people[1], people[2], 398_000, NOON)
    operations.sweep_day(day=local_date(NOON), at=now())
    alert = SuspiciousActivityAlert.objects.get(code="RAPID_IN_OUT")
    assert (alert.amount_minor, AlertParty.objects.filter(alert=alert).count()) == (140_000_000, 1)


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
    assert operations.sweep_due(at=TODAY + hours(1)) > 0
    assert Sweep.objects.count() == 4
    assert operations.sweep_due(at=TODAY + hours(2)) == 0


def chain(history, *, at=NOON, count=4, gap=2):
    """Cash that goes through `count` customers, hours apart; the last one sends it out of the bank."""
    people = [make_account() for _nth in range(count)]
    history.line(people[0], 400_000, at - hours(1), kind="DEPOSIT")
    for nth, (giver, taker) in enumerate(pairwise(people)):
        history.move(giver, taker, 400_000 - 4_000 * nth, at + hours(gap * nth))
    history.line(people[-1], -385_000, at + hours(gap * (count - 2) + 1), kind="EXTERNAL_TRANSFER")
    return people


def test_raises_one_alert_for_money_on_its_way_with_all_who_passed_it_on(history):
    people = chain(history)
    operations.sweep_day(day=local_date(NOON), at=now())
    (alert,) = SuspiciousActivityAlert.objects.filter(code="RAPID_IN_OUT")
    assert alert.subject_id == people[0].owner_id
    assert [party.person_id for party in alert.parties.order_by("pk")] == [one.owner_id for one in people[1:]]
    assert {line.account_id for line in Transaction.objects.filter(pk__in=alert.lines)} == {one.pk for one in people}
    assert operations.sweep_day(day=local_date(NOON), at=now()) == 0
    assert (alert.parties.count(), Case.objects.filter(subject=people[0].owner).count()) == (3, 1)


def test_joins_who_passes_it_on_the_next_day_to_the_alert_that_is_there(history):
    people = chain(history, at=NOON - timedelta(days=1), gap=7)
    raised = [operations.sweep_day(day=local_date(NOON) - timedelta(days=nth), at=now()) for nth in (1, 0)]
    rapid = SuspiciousActivityAlert.objects.filter(code="RAPID_IN_OUT")
    assert (raised[0] >= 1, rapid.count()) == (True, 1)
    seen_of = {rapid.get().subject_id, *rapid.get().parties.values_list("person_id", flat=True)}
    assert seen_of == {one.owner_id for one in people}
    assert rapid.get().case.entries.filter(kind="PATH").count() == 1
    operations.sweep_day(day=local_date(NOON), at=now())
    assert rapid.get().case.entries.filter(kind="PATH").count() == 1


def test_does_not_join_whom_a_small_part_of_it_went_to(history):
    giver, taker = make_account(), make_account()
    history.line(giver, 400_000, NOON - hours(2), kind="DEPOSIT")
    history.move(giver, taker, 150_000, NOON - hours(1))
    history.line(giver, -240_000, NOON, kind="EXTERNAL_TRANSFER")
    history.line(taker, 300_000, NOON - hours(1), kind="DEPOSIT")
    history.line(taker, -440_000, NOON, kind="EXTERNAL_TRANSFER")
    operations.sweep_day(day=local_date(NOON), at=now())
    assert SuspiciousActivityAlert.objects.filter(code="RAPID_IN_OUT", parties=None).count() == 2


def test_an_officer_on_the_path_knows_nothing_of_it(history):
    people, officer = chain(history), make_staff("COMPLIANCE_OFFICER")
    operations.sweep_day(day=local_date(NOON), at=now())
    assert Case.objects.visible_to(officer).exists()
    Account.objects.filter(pk=people[2].pk).update(owner=officer)
    other = make_staff("COMPLIANCE_OFFICER")
    for alert in SuspiciousActivityAlert.objects.filter(code="RAPID_IN_OUT"):
        AlertParty.objects.create(alert=alert, person=officer, key="week/0", first_at=NOON, last_at=NOON, actual=1,
                                  amount_minor=1, joined_at=NOON)  # fmt: skip
    case = Case.objects.get(subject=people[0].owner)
    assert (case in Case.objects.visible_to(other), case in Case.objects.visible_to(officer)) == (True, False)
    assert not SuspiciousActivityAlert.objects.not_about(officer.pk).filter(code="RAPID_IN_OUT").exists()


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
