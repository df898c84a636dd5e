"""What a group owned before it came to the bank: share capital of those whose it was; the pot holds what it held."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes, make_account
from apps.chamas import audit, investment_parts, operations
from apps.chamas.errors import AlreadyDone, Invalid, NotYet
from apps.chamas.models import Investment, InvestmentValuation, Membership
from apps.chamas.operations.books import balances
from apps.chamas.operations.bring_investment import concerns_holders
from apps.chamas.queries.investments import holdings
from apps.chamas.rules.funds import cash_of
from apps.chamas.testing import bring_paper, decide, make_group, members_of, open_next, pay_all, sign
from apps.chamas.tests.test_investments import paid, sold, worth
from apps.kernel.clock import local_date, now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    made = make_group(members=4, share_out_investments="KEEP")
    pay_all(open_next(made))
    return made


def plot(group, **more):
    """A plot worth 3,000.01, with its paper."""
    return {
        "kind": "LAND", "name": "Plot in Juja", "units": "1", "custodian": "Ardhi House", "custody_reference": "LR 1",
        "value_minor": 300_001, "valued_on": str(local_date(now())), "says": "A valuer",
        "paper": str(bring_paper(group).public_id), "split": "EQUALLY",
    } | more  # fmt: skip


def brought(group, *, key="1", **more):
    decide("BRING_INVESTMENT", group, plot(group, **more), at=now(), key=key)
    return Investment.objects.filter(group=group).latest("pk")


def shares(group):
    return [balances(group, member=one)["SHARES"] for one in members_of(group)]


def test_it_becomes_share_capital_by_vote_and_two_signatures_and_no_money_moves(group):
    before = cash_of("POT", balances(group))
    chair, treasurer, secretary, member = members_of(group)
    asked = {"group": group, "act": "BRING_INVESTMENT", "by": member.user, "at": now(), "key": "1"}
    row = operations.propose(facts=plot(group), **asked)
    assert (row.amount_minor, row.is_voted_on, row.sign_offs_needed, row.concerned) == (0, True, 2, [])
    for one in (chair, treasurer, secretary):
        operations.vote(proposal=row, choice="YES", by=one.user, at=now())
    sign(row, chair.user)
    assert not Investment.objects.exists()
    row = sign(row, treasurer.user)
    made = Investment.objects.get()
    assert (row.status, row.reference, made.is_brought, made.payee) == ("CARRIED_OUT", made.receipt, True, None)
    assert shares(group) == [75_001, 75_000, 75_000, 75_000]
    assert (balances(group)["INVESTMENTS"], cash_of("POT", balances(group))) == (-300_001, before)
    [one] = holdings(group, on=local_date(now()))
    assert (one.value, one.cost, one.is_brought) == (kes("3000.01"), kes("3000.01"), True)
    assert InvestmentValuation.objects.get().paper is not None
    deliver_events()
    assert_books_balance()
    assert audit.audit([group], at=now()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "GOLD"},
        {"paper": ""},
        {"paper": "x"},
        {"value_minor": 0},
        {"value_minor": 10**15 + 1},
        {"units": "0"},
        {"says": ""},
        {"split": "MINE"},
        {"split": "PARTS"},
        {"split": "PARTS", "parts": "all"},
        {"split": "PARTS", "parts": [[0, 300_001]]},
        {"valued_on": "2001-01-01"},
        {"valued_on": "2999-01-01"},
    ],
)
def test_what_cannot_be_brought_is_refused_and_nothing_is_written(group, wrong):
    with pytest.raises(Invalid):
        brought(group, **wrong)
    one, two, *_others = members_of(group)
    for parts in ([[one.pk, 300_000]], [[one.pk, 300_001], [one.pk, 0]], [[one.pk, 400_000], [two.pk, -99_999]]):
        with pytest.raises(Invalid):
            brought(group, split="PARTS", parts=parts)
    assert (balances(group)["SHARES"], Investment.objects.exists()) == (0, False)


def test_the_split_follows_what_is_said_and_who_gets_richer_has_no_say(group):
    one, two, three, four = (one.pk for one in members_of(group))
    richest = members_of(group)[0]
    operations.contribute(member=richest, amount=kes("4800"), key="ahead", by=richest.user, at=now())
    for _nth in range(2):
        open_next(group)  # what was paid ahead is saved: she has 3,000 of the 6,000
    read = operations.decide.acts.act("BRING_INVESTMENT").read
    assert read(group, plot(group, split="AS_SAVED"))["parts"] == [
        [one, 150_001], [two, 50_000], [three, 50_000], [four, 50_000],
    ]  # fmt: skip
    parts = {
        ((one, 300_001),): {one},
        ((one, 150_000), (two, 150_001)): {one, two},
        ((one, 100_000), (two, 100_000), (three, 50_001), (four, 50_000)): set(),
        ((one, 200_000), (two, 50_000), (three, 50_000), (four, 1)): {one},
    }
    for said, concerned in parts.items():
        facts = read(group, plot(group, split="PARTS", parts=[list(part) for part in said]))
        assert concerns_holders(group, facts) == concerned, said
    brought(group, split="PARTS", parts=[[one, 300_000], [two, 1]])
    assert shares(group) == [300_000, 1, 0, 0]
    assert_books_balance()


def test_a_holder_who_left_since_or_a_value_that_is_old_by_now_is_not_written(group):
    act = operations.decide.acts.act("BRING_INVESTMENT")
    facts = act.read(group, plot(group))
    by = group.created_by
    with pytest.raises(Invalid):
        act.carry_out(group, facts, key="1", by=by, at=now() + timedelta(days=93))
    last = members_of(group)[3]
    Membership.objects.filter(pk=last.pk).update(status="LEFT", left_at=now())
    with pytest.raises(AlreadyDone):
        act.carry_out(group, facts, key="1", by=by, at=now())
    assert not Investment.objects.exists()


def test_it_is_valued_and_sold_like_what_was_bought_and_parts_are_measured_alike(group):
    one, two, *_others = members_of(group)
    row = brought(group, split="PARTS", parts=[[one.pk, 200_000], [two.pk, 100_001]])
    worth(row, 600_002, key="v")
    today = local_date(now())
    parts = [investment_parts.parts(group, on=today, member=who)[0].value for who in members_of(group)]
    assert parts == [kes("4000"), kes("2000.02"), kes("0"), kes("0")]
    gone, day = Membership.objects.filter(pk__in=[one.pk, two.pk]), timedelta(days=1)
    gone.update(status="LEFT", joined_at=now() - 2 * day, left_at=now() - day)
    [left] = investment_parts.parts(group, on=today, member=members_of(group)[0])
    assert left.value == kes("3000.01")  # whose it was are gone: it is measured as everything else
    gone.update(status="ACTIVE", left_at=None)
    paid(sold(row, units="1", price=350_000))
    assert (balances(group)["INVESTMENTS"], balances(group)["RESERVE"]) == (0, 350_000 - 300_001)
    assert sum(shares(group)) == 300_001  # what it brought above its value is earned together
    assert audit.audit([group], at=now()) == []
    assert_books_balance()


def test_a_share_out_leaves_the_shares_that_stand_in_it_and_pays_the_rest_to_the_cent(group):
    row = brought(group)
    operations.buy_shares(group=group, count=1, key="s", by=members_of(group)[3].user, at=now())
    decide("BUY_INVESTMENT", group,
           {"kind": "SHARES", "name": "KCB", "units": "1", "custodian": "CDSC", "custody_reference": "1",
            "account": make_account().number, "minor": 100_000}, at=now(), key="buy")  # fmt: skip
    with pytest.raises(NotYet):
        decide("SHARE_OUT", group, {}, at=now(), key="early")  # the second was not valued
    worth(Investment.objects.latest("pk"), 100_000, key="v")
    before = [balance_of(one.account) for one in members_of(group)]
    later = now() + timedelta(days=60)  # after all dues were paid
    decide("SHARE_OUT", group, {}, at=later, key="out")
    left = balances(group)
    assert (left["SAVINGS"], left["SHARES"], left["INVESTMENTS"]) == (100_000, 300_001, -400_001)
    assert sum(left[fund] for fund in ("FINES", "RESERVE", "ADVANCE")) == 0
    assert cash_of("POT", left) == 0
    gained = [kes(balance_of(one.account)) - kes(old) for one, old in zip(members_of(group), before, strict=True)]
    assert sum(one.minor for one in gained) == 400_000 + 50_000 - 100_000
    assert row.is_brought
    assert audit.audit([group], at=later) == []
    assert_books_balance()


def test_the_audit_names_what_was_brought_in_past_the_decision(group):
    act = operations.decide.acts.act("BRING_INVESTMENT")
    act.carry_out(group, act.read(group, plot(group)), key="1", by=group.created_by, at=now())
    assert {one.rule for one in audit.audit([group], at=now())} == {
        "brought_without_decision",
        "valued_without_decision",
    }
