"""The merry-go-round: fixed, drawn or auctioned once; everybody has one turn; a turn pays what its cycle brought."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes
from apps.audit_trail.models import AuditLog
from apps.chamas import audit, operations
from apps.chamas.errors import AlreadyDone, Invalid, NotYet
from apps.chamas.models import Round, Turn
from apps.chamas.operations.books import balances
from apps.chamas.operations.payout import there_for
from apps.chamas.operations.rounds import words_of
from apps.chamas.rules import draw
from apps.chamas.testing import decide, make_group, member_of, members_of, open_next, pay_all
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db


def make_round(how="FIXED", *, members=3, verified=False, **asked):
    """A group with the merry-go-round alone, and its first round."""
    group = make_group(
        members=members,
        verified=verified,
        savings_minor=0,
        welfare_minor=0,
        welfare_claims={},
        rotation_minor=50_000,
        rotation=how,
    )
    if how != "FIXED":
        asked.setdefault("until", now() + timedelta(days=1))
    return operations.start_round(group=group, by=group.created_by, at=now(), **asked)


def turns(row):
    """By position."""
    return list(Turn.objects.filter(round=row).select_related("member__user", "member__account").order_by("position"))


def pay(turn, *, partial=False, key="1", at=None):
    """Decided by the group."""
    facts = {"turn": turn.pk, "partial": partial}
    return decide("PAY_TURN", turn.round.group, facts, at=at or now(), key=key)


def test_everybody_has_one_turn_and_the_pot_of_their_cycle():
    row = make_round()
    for turn in turns(row):
        with pytest.raises(NotYet):
            pay(turn)
        pay_all(open_next(row.group))
        pay(turn)
        with pytest.raises(AlreadyDone):
            pay(turn, key="2")
    row.refresh_from_db()
    assert row.status == "DONE"
    assert {balance_of(one.account) for one in members_of(row.group)} == {"50000.00"}
    assert not any(balances(row.group).values())
    assert not open_next(row.group).contributions.exists()
    assert_books_balance()


def test_a_turn_waits_for_everybody_unless_the_group_pays_what_is_there():
    row = make_round()
    first, second, _third = turns(row)
    cycle = open_next(row.group)
    late = second.member
    pay_all(cycle, but=[late])
    with pytest.raises(NotYet) as no:
        pay(first)
    assert no.value.facts["missing"] == "500.00"
    assert balance_of(first.member.account) == "49500.00"
    pay(first, partial=True)
    first.refresh_from_db()
    assert (first.paid_minor, first.paid_at) == (100_000, None)
    operations.contribute(member=late, amount=kes("500"), key="late", by=late.user, at=now())
    pay(first, key="2")
    first.refresh_from_db()
    assert (first.paid_minor, first.paid_at is None) == (150_000, False)
    assert_books_balance()


def test_an_order_names_everybody_once_and_one_round_runs_at_a_time():
    row = make_round()
    group = row.group
    with pytest.raises(AlreadyDone):
        operations.start_round(group=group, by=group.created_by, at=now())
    other = make_group(members=3, rotation="FIXED", rotation_minor=100)
    ids = [one.pk for one in members_of(other)]
    for order in (ids[:2], [*ids, ids[0]], [*ids[:2], turns(row)[0].member_id]):
        with pytest.raises(Invalid):
            operations.start_round(group=other, order=order, by=other.created_by, at=now())
    made = operations.start_round(group=other, order=ids[::-1], by=other.created_by, at=now())
    assert [one.member_id for one in turns(made)] == ids[::-1]
    plain = make_group(members=3)
    with pytest.raises(Invalid):
        operations.start_round(group=plain, by=plain.created_by, at=now())


def test_a_draw_is_committed_to_before_words_are_taken_and_any_member_can_do_it_again():
    row = make_round("DRAWN", members=5)
    row.refresh_from_db()
    assert (len(row.seed_hash), row.shown_seed, row.status) == (64, "", "ORDERING")
    chair, member = member_of(row.group, "CHAIR"), member_of(row.group, "MEMBER")
    operations.add_word(round=row, word="jua kali", by=chair.user, at=now())
    with pytest.raises(AlreadyDone):
        operations.add_word(round=row, word="other", by=chair.user, at=now())
    with pytest.raises(NotFound):
        operations.add_word(round=row, word="x", by=make_group(members=3).created_by, at=now())
    with pytest.raises(NotYet):
        operations.order_round(round=row, by=member.user, at=now())
    done = operations.order_round(round=row, by=member.user, at=row.until)
    order = [turn.member.number for turn in turns(row)]
    facts = {"published": row.seed_hash, "seed": done.shown_seed, "words": words_of(row), "numbers": range(1, 6)}
    assert draw.faults(**facts, order=order) == []
    with pytest.raises(AlreadyDone):
        operations.order_round(round=row, by=member.user, at=row.until + timedelta(days=1))
    assert [turn.member.number for turn in turns(row)] == order
    with pytest.raises(NotYet):
        operations.add_word(round=row, word="late", by=member.user, at=now())


def test_an_auction_stays_sealed_and_shares_what_was_given_up_among_the_others():
    row = make_round("AUCTIONED")
    first, second, third = members_of(row.group)
    operations.bid(round=row, amount=kes("100.01"), by=third.user, at=now())
    with pytest.raises(AlreadyDone):
        operations.bid(round=row, amount=kes("200"), by=third.user, at=now())
    for amount in ("0", "1000"):
        with pytest.raises(Invalid):
            operations.bid(round=row, amount=kes(amount), by=first.user, at=now())
    assert row.bids.get().opened_minor is None
    assert operations.order_due(at=row.until) == 1
    order = turns(row)
    assert [one.member for one in order] == [third, first, second]
    assert row.bids.get().opened == kes("100.01")
    pay_all(open_next(row.group))
    pay(order[0])
    assert balance_of(third.account) == "50899.99"
    assert sorted(balances(row.group, member=one)["SAVINGS"] for one in (first, second)) == [5_000, 5_001]
    assert balances(row.group)["ROTATION"] == 0
    assert_books_balance()


def test_two_swap_turns_by_both_their_consent_while_neither_has_begun():
    row = make_round(members=4)
    first, second, third, _fourth = turns(row)
    open_next(row.group)
    with pytest.raises(NotYet):
        operations.ask_swap(turn=second, other=first, by=second.member.user, at=now())
    with pytest.raises(NotFound):
        operations.ask_swap(turn=second, other=third, by=third.member.user, at=now())
    swap = operations.ask_swap(turn=second, other=third, by=second.member.user, at=now())
    with pytest.raises(NotFound):
        operations.answer_swap(swap=swap, agree=True, by=second.member.user, at=now())
    operations.answer_swap(swap=swap, agree=True, by=third.member.user, at=now())
    with pytest.raises((IllegalMove, NotYet)):
        operations.answer_swap(swap=swap, agree=True, by=third.member.user, at=now())
    assert [one.pk for one in turns(row)][:3] == [first.pk, third.pk, second.pk]


def test_who_asked_for_a_turn_takes_it_back_and_asks_another():
    row = make_round(members=4)
    first, second, third, fourth = turns(row)
    swap = operations.ask_swap(turn=first, other=second, by=first.member.user, at=now())
    with pytest.raises(AlreadyDone, match="take it back"):
        operations.ask_swap(turn=first, other=third, by=first.member.user, at=now())
    for other in (second, fourth):
        with pytest.raises(NotFound):
            operations.take_back_swap(swap=swap, by=other.member.user, at=now())
    for _twice in range(2):
        assert operations.take_back_swap(swap=swap, by=first.member.user, at=now()).status == "WITHDRAWN"
    with pytest.raises(IllegalMove):
        operations.answer_swap(swap=swap, agree=True, by=second.member.user, at=now())
    operations.ask_swap(turn=first, other=third, by=first.member.user, at=now())
    assert [one.pk for one in turns(row)] == [first.pk, second.pk, third.pk, fourth.pk]
    assert AuditLog.objects.filter(action="chamas.swap.withdrawn").count() == 1


def test_a_swap_that_nobody_answers_blocks_its_asker_for_three_days_and_no_longer():
    row = make_round(members=4)
    first, second, third, _fourth = turns(row)
    at = now()
    late = at + timedelta(days=3)
    swap = operations.ask_swap(turn=first, other=second, by=first.member.user, at=at)
    assert operations.lapse_swaps(at=late - timedelta(seconds=1)) == 0
    with pytest.raises(NotYet, match="three days"):
        operations.answer_swap(swap=swap, agree=True, by=second.member.user, at=late)
    asked = operations.ask_swap(turn=first, other=third, by=first.member.user, at=late)
    swap.refresh_from_db()
    assert (swap.status, asked.status) == ("LAPSED", "ASKED")
    assert [operations.lapse_swaps(at=late + timedelta(days=3)) for _twice in range(2)] == [1, 0]
    with pytest.raises(IllegalMove):
        operations.take_back_swap(swap=asked, by=first.member.user, at=late + timedelta(days=3))


def test_only_officers_start_a_round():
    group = make_group(members=4, rotation="FIXED", rotation_minor=100)
    with pytest.raises(NotAllowed):
        operations.start_round(group=group, by=member_of(group, "MEMBER").user, at=now())
    assert not Round.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_is_paid_twice_at_once_is_paid_once():
    row = make_round()
    first = turns(row)[0]
    pay_all(open_next(row.group))
    answers = at_once(*[lambda key=key: pay(first, key=key) for key in ("a", "b", "c")])
    assert len(refusals(answers)) == 2
    assert balance_of(first.member.account) == "51000.00"
    assert_books_balance()


@pytest.mark.parametrize("verified", [True, False])  # who pays in waits for nobody, or is counted
@pytest.mark.django_db(transaction=True)
def test_paying_in_marking_late_and_paying_out_at_once_wait_for_each_other_and_lose_nothing(verified):
    row = make_round(members=5, verified=verified)
    first = turns(row)[0]
    cycle = open_next(row.group)
    early, *others = members_of(row.group)
    operations.contribute(member=early, amount=kes("500"), key="1", by=early.user, at=now())
    acts = [
        lambda one=one: operations.contribute(member=one, amount=kes("550"), key="1", by=one.user, at=cycle.late_at)
        for one in others
    ]
    acts += [lambda: operations.mark_late(at=cycle.late_at), lambda: pay(first, partial=True, at=cycle.late_at)]
    assert all(isinstance(no, NotYet) for no in refusals(at_once(*acts)))
    first.refresh_from_db()
    held = balances(row.group)
    assert first.paid_minor + held["ROTATION"] == 250_000
    assert held["FINES"] + held["ADVANCE"] == 20_000
    assert_books_balance()


def test_a_turn_is_closed_only_after_its_cycle_and_when_nothing_is_there_for_it():
    row = make_round(members=3)
    first = turns(row)[0]
    facts = {"turn": first.pk, "reason": "They moved away"}
    for pays in (lambda: open_next(row.group), lambda: pay_all(open_next(row.group))):
        pays()
        first.refresh_from_db()
        with pytest.raises(NotYet):
            decide("SKIP_TURN", row.group, facts, at=now())
    assert there_for(first) == 150_000
    pay(first)
    with pytest.raises(AlreadyDone):
        decide("SKIP_TURN", row.group, facts, at=now())
    assert_books_balance()


def test_what_is_unpaid_for_a_closed_turn_is_not_owed_and_other_parts_are():
    group = make_group(members=3, rotation="FIXED", rotation_minor=50_000)
    row = operations.start_round(group=group, by=group.created_by, at=now())
    cycle, payer = open_next(group), members_of(group)[1]
    operations.contribute(member=payer, amount=kes("200"), key="1", by=payer.user, at=now())
    for _turn in turns(row)[1:]:
        open_next(group)
    last = open_next(group)
    for turn in turns(row):
        decide("SKIP_TURN", group, {"turn": turn.pk, "reason": "Nobody paid"}, at=now(), key=str(turn.pk))
    row.refresh_from_db()
    assert row.status == "DONE"
    owed = {one.member.number: one.open_minor for one in cycle.contributions.select_related("member")}
    assert owed == {1: 120_000, 2: 100_000, 3: 120_000}
    assert not last.contributions.filter(rotation_minor__gt=0).exists()
    assert [one for one in audit.audit([group], at=now()) if one.rule == "amount_due"] == []
    assert_books_balance()
