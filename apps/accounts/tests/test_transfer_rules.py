"""Rules move money in their order, once, never below the floor, and say what became of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.accounts import operations, tasks
from apps.accounts.errors import BadRule, RuleReused
from apps.accounts.events import DepositReceived, MoneyCameIn
from apps.accounts.models import AutoTransferRule, AutoTransferRun, Product
from apps.accounts.operations import RuleTerms
from apps.accounts.testing import balance_of, give, kes, make_account, make_teller
from apps.kernel.clock import local_date, now
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.events import publish
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.ledger.testing import assert_books_balance
from apps.notifications.models import Message
from apps.users.testing import make_customer

MORNING = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)  # seven in Nairobi, a Wednesday
DAY = timedelta(days=1)


@pytest.fixture
def pair(db):
    current = make_account(balance="10000", at=MORNING - 30 * DAY)
    return current, make_account(current.owner, product="SAVINGS", at=MORNING - 30 * DAY)


def rule(pair, kind, *, key="", at=MORNING - DAY, **terms):
    current, savings = pair
    asked = {"from_account": current, "to_account": savings} | terms
    return operations.make_rule(
        owner=current.owner, terms=RuleTerms(kind=kind, **asked), key=key or kind, by=current.owner, at=at
    )


def run(pair, at=MORNING):
    return operations.run_day(owner_id=pair[0].owner_id, at=at)


def spend(account, amount, at=MORNING):
    operations.post(
        reference=f"test/spend/{account.pk}/{amount}/{at}",
        kind="MERCHANT_PAYMENT",
        narrative="Shop",
        movements=[operations.out_of(account, kes(amount), "Shop")],
        legs=[ledger.credit(ledger.gl("bank:settlement", "KES"), kes(amount))],
        at=at,
    )


def balances(pair):
    return tuple(balance_of(one) for one in pair)


def test_a_fixed_amount_moves_on_its_day_once(pair):
    rule(pair, "FIXED", amount=kes("1000"), cadence="MONTHLY", day=1, floor=kes("500"))
    assert run(pair, MORNING - DAY) == []
    made = run(pair)
    assert [(one.status, one.amount) for one in made] == [("MADE", kes("1000"))]
    assert run(pair) == []
    assert balances(pair) == ("9000.00", "1000.00")
    assert AutoTransferRule.objects.get().next_due_on == date(2026, 5, 1)
    assert_books_balance()


def test_a_date_without_money_is_tried_for_three_days_and_told_once(pair):
    rule(pair, "FIXED", amount=kes("9800"), cadence="MONTHLY", day=1, floor=kes("500"))
    for ahead in range(4):
        made = run(pair, MORNING + ahead * DAY)
        assert [(one.status, "keep there" in one.because) for one in made] == [("REFUSED", True)]
    assert run(pair, MORNING + 4 * DAY) == []
    assert balances(pair) == ("10000.00", "0.00")
    deliver_events()
    assert Message.objects.filter(code="accounts.auto_transfer_failed").count() in (1, 2)  # SMS, and e-mail where set
    assert AutoTransferRule.objects.get().next_due_on == date(2026, 5, 1)


def test_what_comes_in_is_shared_once(pair):
    rule(pair, "PERCENTAGE", rate=Decimal("0.1"), at=now() - timedelta(hours=1))
    teller, _till = make_teller()
    operations.deposit_cash(account=pair[0], amount=kes("5000"), by_name="A", key="1", by=teller, at=now(), note="")
    deliver_events()
    deliver_events()
    assert balances(pair) == ("14500.00", "500.00")
    event = DepositReceived(account_id=pair[0].pk, cash_id=1, minor=1, currency="KES")
    with transaction.atomic():
        publish(event)
        publish(MoneyCameIn(account_id=pair[0].pk, rail="mpesa", receipt="R1", minor=1, currency="KES"))
    deliver_events()
    assert balances(pair) == ("14500.00", "500.00"), "no new line came with those"
    assert_books_balance()


def test_what_came_for_something_is_left_for_that(pair):
    rule(pair, "SWEEP_ABOVE", threshold=kes("4000"), at=now() - timedelta(hours=1))
    told = {"account_id": pair[0].pk, "rail": "mpesa", "minor": 1, "currency": "KES"}
    for receipt, purpose in (("R1", "chama/G23456789A"), ("R2", "")):
        before = balances(pair)
        with transaction.atomic():
            publish(MoneyCameIn(**told, receipt=receipt, purpose=purpose))
        deliver_events()
        assert (balances(pair) == before) == bool(purpose)


def test_runs_in_the_order_of_the_catalogue(pair):
    rule(pair, "ROUND_UP", amount=kes("100"))
    rule(pair, "TOP_UP_BELOW", threshold=kes("5000"))
    rule(pair, "SWEEP_ABOVE", threshold=kes("4000"))
    rule(pair, "FIXED", amount=kes("1000"), cadence="DAILY", priority=5, key="later")
    rule(pair, "FIXED", amount=kes("2000"), cadence="DAILY", key="first")
    spend(pair[0], "1050.50")
    made = run(pair)
    assert [(one.kind, str(one.amount.amount)) for one in made] == [
        ("FIXED", "2000.00"),
        ("FIXED", "1000.00"),
        ("SWEEP_ABOVE", "1949.50"),
        ("TOP_UP_BELOW", "50.50"),
        ("ROUND_UP", "49.50"),
    ]
    assert balances(pair) == ("3900.00", "5049.50")
    assert_books_balance()


def test_two_rules_that_chase_each_other_move_once_a_day_each(pair):
    current, savings = pair
    rule(pair, "SWEEP_ABOVE", threshold=kes("1000"))
    rule((savings, current), "SWEEP_ABOVE", threshold=kes("500"), key="back")
    assert [str(one.amount.amount) for one in run(pair)] == ["9000.00", "8500.00"]
    for nth in range(3):
        assert operations.run_rules(owner_id=current.owner_id, occasion=f"cash/{nth}", at=MORNING) == []
    assert balances(pair) == ("9500.00", "500.00")
    made = AutoTransferRun.objects.order_by("pk")[0]
    made.pk, made.occasion = None, "by hand"
    with pytest.raises(IntegrityError, match="rules_that_could_chase"), transaction.atomic():
        made.save(force_insert=True)


def test_the_floor_holds_and_the_run_says_so(pair):
    rule(pair, "TOP_UP_BELOW", threshold=kes("9900"), floor=kes("200"))
    made = run(pair)
    assert [(one.status, one.amount.minor, "KES 200.00" in one.because) for one in made] == [("REFUSED", 0, True)]
    assert balances(pair) == ("10000.00", "0.00")


def test_a_frozen_account_moves_nothing_and_says_so(pair):
    rule(pair, "SWEEP_ABOVE", threshold=kes("1000"))
    operations.freeze(account=pair[0], by=pair[0].owner, at=MORNING)
    assert [(one.status, "frozen" in one.because) for one in run(pair)] == [("REFUSED", True)]
    assert balances(pair) == ("10000.00", "0.00")


def test_pauses_skips_and_ends(pair):
    one = rule(pair, "FIXED", amount=kes("100"), cadence="DAILY")
    owner = pair[0].owner
    operations.pause_rule(rule=one, until=date(2026, 4, 3), by=owner, at=MORNING)
    assert run(pair) == run(pair, MORNING + DAY) == []
    operations.skip_rule(rule=one, skip=True, by=owner, at=MORNING)
    assert [made.status for made in run(pair, MORNING + 2 * DAY)] == ["SKIPPED"]
    assert [made.status for made in run(pair, MORNING + 3 * DAY)] == ["MADE"]
    operations.pause_rule(rule=one, until=None, by=owner, at=MORNING)
    assert run(pair, MORNING + 4 * DAY) == []
    operations.resume_rule(rule=one, by=owner, at=MORNING + 9 * DAY)
    assert [made.status for made in run(pair, MORNING + 9 * DAY)] == ["MADE"]
    for _nth in range(2):
        operations.end_rule(rule=one, by=owner, at=MORNING + 9 * DAY)
    for act, more in (("resume", {}), ("pause", {"until": None}), ("skip", {"skip": True}), ("change", {"day": 2})):
        with pytest.raises(IllegalMove, match="has ended"):
            getattr(operations, f"{act}_rule")(rule=one, by=owner, at=MORNING + 9 * DAY, **more)
    assert run(pair, MORNING + 10 * DAY) == []
    assert balances(pair) == ("9800.00", "200.00")


def test_changes_what_it_moves_and_no_form_counts_twice(pair):
    terms = {"amount": kes("100"), "cadence": "DAILY"}
    one = rule(pair, "FIXED", **terms)
    assert rule(pair, "FIXED", **terms).pk == one.pk
    with pytest.raises(RuleReused):
        rule(pair, "FIXED", **terms | {"amount": kes("101")})
    operations.change_rule(rule=one, by=pair[0].owner, at=MORNING, amount=kes("250"))
    assert [made.amount for made in run(pair)] == [kes("250")]


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        ("FIXED", {"amount": kes("0"), "cadence": "DAILY"}),
        ("FIXED", {"amount": kes("1"), "cadence": "YEARLY"}),
        ("FIXED", {"amount": kes("1"), "cadence": "WEEKLY", "day": 8}),
        ("PERCENTAGE", {"rate": Decimal("1.01")}),
        ("PERCENTAGE", {}),
        ("SWEEP_ABOVE", {"threshold": kes("99"), "floor": kes("100")}),
        ("TOP_UP_BELOW", {}),
        ("ROUND_UP", {}),
        ("GUESS", {}),
        ("FIXED", {"amount": kes("1"), "cadence": "DAILY", "to_account": None}),
    ],
)
def test_refuses_rules_that_do_not_hold_together(pair, kind, terms):
    with pytest.raises(BadRule):
        rule(pair, kind, **terms)


def test_nobody_arranges_another_persons_money(pair):
    stranger = make_customer()
    with pytest.raises(NotFound):
        rule(pair, "SWEEP_ABOVE", threshold=kes("1"), to_account=make_account())
    one = rule(pair, "SWEEP_ABOVE", threshold=kes("1"))
    with pytest.raises(NotFound):
        operations.end_rule(rule=one, by=stranger, at=MORNING)
    dollars = make_account(pair[0].owner, product="USD_CURRENT")
    with pytest.raises(BadRule):
        rule(pair, "SWEEP_ABOVE", threshold=kes("1"), to_account=dollars, key="usd")


def test_is_looked_at_once_a_day(pair):
    rule(pair, "SWEEP_ABOVE", threshold=kes("1000"))
    on = local_date(MORNING)
    assert operations.owners_to_look_at(on=on) == [pair[0].owner_id]
    run(pair)
    assert operations.owners_to_look_at(on=on) == []
    assert operations.owners_to_look_at(on=on + DAY) == [pair[0].owner_id]
    assert Product.objects.to_open().filter(code="GOAL").count() == 0


def test_ends_with_the_account_it_fills(pair):
    current, savings = pair
    one = rule(pair, "SWEEP_ABOVE", threshold=kes("1000"))
    operations.close(account=savings, by=current.owner, at=MORNING)
    one.refresh_from_db()
    assert (one.is_active, one.ended_at, run(pair)) == (False, MORNING, [])


def test_the_job_waits_for_six_in_the_morning_and_goes_on_when_one_cannot_be_served(pair, monkeypatch):
    rule(pair, "SWEEP_ABOVE", threshold=kes("1000"))
    other = make_account(balance="5000", at=MORNING - 9 * DAY)
    both = (other, make_account(other.owner, product="SAVINGS", at=MORNING - 9 * DAY))
    rule(both, "SWEEP_ABOVE", threshold=kes("1000"))
    monkeypatch.setattr(tasks, "now", lambda: MORNING - timedelta(hours=2))
    tasks.run_transfer_rules()
    assert balances(pair) == ("10000.00", "0.00")
    run_day = operations.run_day

    def busy(*, owner_id, at):
        if owner_id == pair[0].owner_id:
            raise NotFound("busy")
        return run_day(owner_id=owner_id, at=at)

    monkeypatch.setattr(operations, "run_day", busy)
    monkeypatch.setattr(tasks, "now", lambda: MORNING)
    tasks.run_transfer_rules()
    assert (balances(pair), balances(both)) == (("10000.00", "0.00"), ("1000.00", "4000.00"))


@pytest.mark.django_db(transaction=True)
def test_eight_threads_run_the_rules_of_a_day_once():
    current = make_account(balance="10000", at=MORNING - 30 * DAY)
    both = (current, make_account(current.owner, product="SAVINGS", at=MORNING - 30 * DAY))
    rule(both, "SWEEP_ABOVE", threshold=kes("1000"))
    rule(both, "TOP_UP_BELOW", threshold=kes("9500"))
    give(current, "0.50", at=MORNING)
    acts = [lambda nth=nth: operations.run_rules(owner_id=current.owner_id, occasion=f"cash/{nth % 4}", at=MORNING)
            for nth in range(8)]  # fmt: skip
    results = at_once(*acts)
    assert refusals(results) == []
    made = [(one.kind, one.amount.amount) for runs in results for one in runs if one.status == "MADE"]
    assert made == [("SWEEP_ABOVE", Decimal("9000.50")), ("TOP_UP_BELOW", Decimal("499.50"))]
    assert balances(both) == ("500.50", "9500.00")
    assert_books_balance()
