"""A goal is a pot of its own: paid into, locked, shared, and given back to the cent."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import goals, operations
from apps.accounts.errors import AccountClosed, BadGoal, GoalLocked, GoalReused, NotSpendable, NotYourShare
from apps.accounts.events import GoalReached
from apps.accounts.models import Account, AccruedInterest, GoalMove, SavingsGoal
from apps.accounts.operations import RuleTerms
from apps.accounts.queries import main_account
from apps.accounts.rules import goals as rules
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.kernel.clock import day_start
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.money import CurrencyMismatch, Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.models import Message
from apps.users.testing import make_customer

NOON = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 4, 1)
steps = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([None, 1, 2, 3]), st.integers(-(10**6), 10**6).filter(bool)),
    max_size=12,
)


@given(steps)
def test_shares_add_up_to_the_cent_and_nobody_gets_less_than_nothing(moved):
    entries, balance = [], 0
    for day, who, minor in sorted(moved, key=lambda one: one[0]):
        if balance + minor >= 0:
            entries.append(rules.Entry(TODAY + timedelta(days=day), minor, who))
            balance += minor
    found = rules.shares(entries, owner=1)
    assert sum(found.values()) == balance
    assert min(found.values(), default=0) >= 0


def _moved(*entries):
    return [rules.Entry(TODAY + timedelta(days=day), minor, who) for day, minor, who in entries]


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([(0, 500, None)], {1: 500}),  # nobody had anything
        ([(0, 100, 1), (0, 200, 2), (30, 10, None)], {1: 103, 2: 207}),
        ([(0, 100, 2), (30, 20, None), (31, 10**6, 1)], {2: 120, 1: 10**6}),  # paid in late: no part of what was there
        ([(0, 100, 2), (29, 10**6, 1), (29, -(10**6), 1), (30, 20, None)], {2: 120}),  # nor in and out on one day
        ([(0, 100, 1), (0, 100, 2), (30, 20, None), (30, -105, 1)], {1: 5, 2: 110}),  # what is left stays one's own
        ([(0, 100, 1), (10, 300, 2), (20, 20, None)], {1: 108, 2: 312}),  # 20 days of 100, 10 days of 300
        ([(0, 100, 1), (0, 100, 2), (5, -30, None)], {1: 85, 2: 85}),
        ([(0, 100, 1), (0, 100, 2), (5, -130, 1)], {2: 70}),  # more than one's own was taken once
    ],
)
def test_what_it_earned_goes_with_the_money_and_the_days_it_lay_there(entries, found):
    assert rules.shares(_moved(*entries), owner=1) == found


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.dates(TODAY, date(2040, 1, 1)))
def test_the_pace_reaches_the_target_by_its_day(saved, target, by):
    pace = rules.pace(saved, target, TODAY, by)
    assert saved + pace * rules.months_between(TODAY, by) >= target
    assert pace % 100 == 0


def test_a_day_gone_by_has_no_pace():
    assert rules.pace(1, 100, TODAY, TODAY - timedelta(days=1)) is None
    assert rules.pace(0, 120_000, TODAY, date(2027, 3, 1)) == 10_000


@pytest.fixture
def account(db):
    return make_account(make_customer(full_name="Achieng Otieno"), balance="50000", at=NOON - timedelta(days=9))


def goal(account, *, key="g", **more):
    asked = {"name": "Karo ya shule", "target": kes("30000"), "by_date": date(2026, 12, 31)} | more
    return operations.make_goal(owner=account.owner, key=key, at=NOON, **asked)


def pay(row, account, amount, key="1"):
    return operations.pay_into_goal(
        goal=row, account=account, amount=kes(amount), key=key, by=account.owner, at=NOON + timedelta(minutes=1)
    )


def friend_of(row, name="Baraka Mwangi", phone="+254733111222", balance="20000"):
    friend = make_account(make_customer(full_name=name, phone=phone), balance=balance, at=NOON)
    operations.invite(goal=row, phone=phone, by=row.owner, at=NOON)
    operations.answer_invitation(goal=row, joins=True, by=friend.owner, at=NOON)
    return friend


def test_a_goal_fills_and_says_so_once(account):
    row = goal(account)
    assert goal(account).pk == row.pk
    with pytest.raises(GoalReused):
        goal(account, target=kes("1"))
    pay(row, account, "29999")
    pay(row, account, "29999")
    pay(row, account, "1", "2")
    pay(row, account, "1", "3")
    with pytest.raises(CurrencyMismatch):
        operations.pay_into_goal(
            goal=row, account=account, amount=Money.of("1", "USD"), key="u", by=account.owner, at=NOON
        )
    shown = goals.one(row, TODAY)
    assert (shown.saved, shown.percent, shown.missing.minor, shown.pace.minor) == (kes("30001"), 100, 0, 0)
    assert OutboxEvent.objects.filter(name=GoalReached.name).count() == 1
    assert_books_balance()


def _told(code):
    deliver_events()
    return sorted((one.user_id, one.body) for one in Message.objects.filter(code=code, channel="SMS"))


def test_who_is_asked_hears_of_it_and_all_savers_hear_when_it_is_full(account):
    row = goal(account)
    friend = friend_of(row)
    asked = make_account(balance="10")
    operations.invite(goal=row, phone=asked.owner.phone, by=account.owner, at=NOON)
    [(who, said)] = _told("accounts.goal_invited")
    assert (who, row.name in said, account.owner.full_name in said) == (asked.owner_id, True, False)
    pay(row, friend, "20000")
    pay(row, account, "10000")
    told = _told("accounts.goal_reached")
    assert [who for who, _said in told] == sorted([account.owner_id, friend.owner_id])
    assert all("KES 30,000.00 saved of KES 30,000.00" in said for _who, said in told)


def test_money_leaves_a_goal_by_its_own_page_alone(account):
    row = goal(account)
    pay(row, account, "1000")
    with pytest.raises(NotSpendable):
        operations.post(
            reference="x",
            kind="P2P_TRANSFER",
            narrative="x",
            movements=[operations.out_of(row.account, kes("1"), "x"), operations.into(account, kes("1"), "x")],
            at=NOON,
        )
    with pytest.raises(NotSpendable):
        operations.set_aside(account=row.account, amount=kes("1"), cost=kes("0"), reference="x", limited=False, at=NOON)
    with pytest.raises(NotSpendable):
        operations.close(account=row.account, by=account.owner, at=NOON)
    assert balance_of(row.account) == "1000.00"


def test_takes_out_once_and_no_more_than_there_is(account):
    row = goal(account)
    pay(row, account, "1000")
    taken = {"goal": row, "account": account, "by": account.owner, "at": NOON}
    for _nth in range(2):
        operations.take_out(**taken, amount=kes("400"), key="a")
    assert (balance_of(row.account), balance_of(account)) == ("600.00", "49400.00")
    with pytest.raises(NotYourShare):
        operations.take_out(**taken, amount=kes("600.01"), key="b")
    assert balance_of(row.account) == "600.00"
    assert_books_balance()


def test_a_locked_goal_is_broken_only_when_said_and_loses_what_it_earned(account):
    row = goal(account, locked_until=date(2026, 12, 1))
    pay(row, account, "10000")
    operations.accrue(day=TODAY, at=day_start(TODAY + timedelta(days=1)))
    taken = {"goal": row, "account": account, "by": account.owner, "at": NOON, "amount": kes("10000"), "key": "a"}
    with pytest.raises(GoalLocked) as no:
        operations.take_out(**taken)
    assert no.value.facts["can_be_broken"] is True
    assert int(AccruedInterest.objects.get(pk=row.account_id).parts) > 0
    operations.take_out(**taken, breaking=True)
    assert int(AccruedInterest.objects.get(pk=row.account_id).parts) == 0
    assert balance_of(account) == "50000.00"
    with pytest.raises(BadGoal):
        operations.change_goal(goal=row, by=account.owner, at=NOON, locked_until=date(2026, 5, 1))
    assert_books_balance()


def test_a_shared_goal_gives_everybody_their_share_back(account):
    row = goal(account)
    friend = friend_of(row)
    pay(row, account, "10000")
    pay(row, friend, "5000")
    give(row.account, "0.01", at=NOON)
    shown = goals.one(row, TODAY)
    assert [shown.share_of(one.owner) for one in (account, friend)] == [kes("10000.01"), kes("5000")]
    with pytest.raises(NotYourShare):
        operations.take_out(goal=row, account=account, amount=kes("10001"), key="a", by=account.owner, at=NOON)
    with pytest.raises(NotFound):
        operations.close_goal(goal=row, account=friend, by=friend.owner, at=NOON)
    operations.accrue(day=TODAY, at=day_start(TODAY + timedelta(days=1)))
    paid = operations.close_goal(goal=row, account=account, by=account.owner, at=NOON + timedelta(days=1))
    assert sum(one.minor for one in paid.values()) == 15_000_01 + 3_08 - 46
    assert balance_of(row.account) == "0.00"
    row.account.refresh_from_db()
    assert row.account.status == "CLOSED"
    with pytest.raises(IllegalMove):
        pay(row, account, "1", "9")
    assert_books_balance()


def test_nobody_takes_a_part_of_what_others_money_earned_by_paying_in_beside_it(account):
    row = goal(account)
    friend = friend_of(row)
    pay(row, friend, "1000")
    give(row.account, "90", at=NOON + timedelta(days=20))
    late = {"goal": row, "account": account, "by": account.owner, "at": NOON + timedelta(days=21)}
    operations.pay_into_goal(**late, amount=kes("40000"), key="in")
    operations.take_out(**late, amount=goals.one(row, TODAY).share_of(account.owner), key="out")
    operations.leave_goal(goal=row, account=friend, by=friend.owner, at=NOON + timedelta(days=22))
    assert (balance_of(account), balance_of(friend)) == ("50000.00", "20090.00")
    assert_books_balance()


def test_changed_after_its_day_went_by_the_day_need_not_be_another(account):
    row = goal(account, by_date=date(2026, 4, 20))
    late = {"goal": row, "by": account.owner, "at": NOON + timedelta(days=60)}
    assert operations.change_goal(**late, name="Ada", by_date=date(2026, 4, 20)).name == "Ada"
    with pytest.raises(BadGoal):
        operations.change_goal(**late, by_date=date(2026, 4, 21))


def test_a_locked_shared_goal_holds_for_everybody(account):
    row = goal(account, locked_until=date(2026, 12, 1))
    friend = friend_of(row)
    pay(row, friend, "500")
    for act in (
        lambda: operations.leave_goal(goal=row, account=friend, by=friend.owner, at=NOON),
        lambda: operations.close_goal(goal=row, account=account, by=account.owner, at=NOON, breaking=True),
    ):
        with pytest.raises(GoalLocked):
            act()
    assert balance_of(row.account) == "500.00"


def test_leaves_with_ones_share_and_sees_the_goal_no_more(account):
    row = goal(account)
    friend = friend_of(row)
    pay(row, account, "100")
    pay(row, friend, "50")
    operations.leave_goal(goal=row, account=friend, by=friend.owner, at=NOON)
    assert (balance_of(friend), balance_of(row.account)) == ("20000.00", "100.00")
    assert not SavingsGoal.objects.seen_by(friend.owner).exists()
    with pytest.raises(NotFound):
        pay(row, friend, "1", "2")
    assert_books_balance()


def test_is_closed_though_who_saves_along_keeps_dollars_and_savings_alone(account):
    row = goal(account)
    friend = friend_of(row)
    dollars = make_account(friend.owner, product="USD_CURRENT", at=NOON)
    savings = make_account(friend.owner, product="SAVINGS", at=NOON)
    pay(row, friend, "50")
    Account.objects.filter(pk=friend.pk).update(status="CLOSED", closed_at=NOON)
    assert main_account(friend.owner) == savings
    operations.close_goal(goal=row, account=account, by=account.owner, at=NOON)
    assert (balance_of(savings), balance_of(dollars)) == ("50.00", "0.00")
    assert_books_balance()


def test_nobody_learns_whether_a_phone_banks_here(account):
    row = goal(account)
    operations.invite(goal=row, phone="+254799999999", by=account.owner, at=NOON)
    assert not row.members.exists()
    stranger = make_account(balance="10")
    with pytest.raises(NotFound):
        pay(row, stranger, "1")
    with pytest.raises(NotFound):
        operations.invite(goal=row, phone="+254799999999", by=stranger.owner, at=NOON)


def test_a_rule_that_saves_into_a_goal_counts_as_its_owners_money(account):
    row = goal(account)
    terms = RuleTerms(kind="PERCENTAGE", from_account=account, to_account=row.account, rate=Decimal("0.5"))
    operations.make_rule(owner=account.owner, terms=terms, key="r", by=account.owner, at=NOON)
    give(account, "100", at=NOON + timedelta(hours=1))
    operations.run_rules(owner_id=account.owner_id, occasion="cash/1", at=NOON + timedelta(hours=1))
    assert [one.amount for one in GoalMove.objects.filter(goal=row)] == [kes("50")]
    assert_books_balance()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"target": kes("0")},
        {"by_date": TODAY},
        {"picture": "DRAGON"},
        {"locked_until": date(2080, 1, 1)},
    ],
)
def test_refuses_goals_that_cannot_be(account, wrong):
    with pytest.raises(BadGoal):
        goal(account, **wrong)
    assert not SavingsGoal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_taken_out_by_eight_at_once_it_never_pays_more_than_it_holds():
    account = make_account(balance="50000", at=NOON - timedelta(days=9))
    row = goal(account)
    pay(row, account, "1000")
    acts = [
        lambda nth=nth: operations.take_out(
            goal=row, account=account, amount=kes("300"), key=str(nth), by=account.owner, at=NOON
        )
        for nth in range(8)
    ]
    no = refusals(at_once(*acts))
    assert len(no) == 5
    assert all(isinstance(one, NotYourShare | InsufficientFunds) for one in no)
    assert (balance_of(row.account), balance_of(account)) == ("100.00", "49900.00")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_closed_while_others_pay_in_nothing_is_left_behind_or_lost():
    owner = make_account(make_customer(full_name="Achieng Otieno"), balance="50000", at=NOON - timedelta(days=9))
    row = goal(owner)
    friend = friend_of(row)
    pay(row, friend, "700", "before")
    acts = [lambda nth=nth: pay(row, friend, "100", str(nth)) for nth in range(6)]
    acts.insert(3, lambda: operations.close_goal(goal=row, account=owner, by=owner.owner, at=NOON + timedelta(hours=1)))
    refused = refusals(at_once(*acts))
    assert {type(no) for no in refused} <= {IllegalMove, AccountClosed}
    row.refresh_from_db()
    assert (row.closed_at is not None, balance_of(row.account)) == (True, "0.00")
    assert (balance_of(owner), balance_of(friend)) == ("50000.00", "20000.00")
    assert_books_balance()
