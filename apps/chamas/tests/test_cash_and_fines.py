"""Cash through the treasurer is money only once it is paid in; fines are given once, appealed once, paid or waived."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes
from apps.chamas import operations
from apps.chamas.errors import AlreadyDone, Invalid
from apps.chamas.models import Contribution, Fine, GroupEntry, PayIn
from apps.chamas.operations.books import balances
from apps.chamas.testing import decide, make_group, member_of, open_next, pay_all
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, refusals
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db


def note_of(group, amount="1200", *, key="1", at=None):
    """Cash of a plain member, written down by the treasurer."""
    member, treasurer = member_of(group, "MEMBER"), member_of(group, "TREASURER")
    return operations.record_cash(member=member, amount=kes(amount), key=key, by=treasurer.user, at=at or now())


def test_cash_is_in_the_books_only_once_the_member_confirmed_and_the_treasurer_paid_it_in():
    group = make_group(members=4)
    open_next(group)
    member, treasurer = member_of(group, "MEMBER"), member_of(group, "TREASURER")
    note = note_of(group)
    assert note_of(group) == note
    with pytest.raises(Conflict):
        note_of(group, "1300")
    with pytest.raises(IllegalMove):
        operations.bank_cash(note=note, by=treasurer.user, at=now())
    with pytest.raises(NotFound):
        operations.confirm_cash(note=note, is_so=True, by=treasurer.user, at=now())
    operations.confirm_cash(note=note, is_so=True, by=member.user, at=now())
    assert not any(balances(group).values())
    with pytest.raises(NotFound):
        operations.bank_cash(note=note, by=member.user, at=now())
    note = operations.bank_cash(note=note, by=treasurer.user, at=now())
    assert operations.bank_cash(note=note, by=treasurer.user, at=now()) == note
    assert (balance_of(treasurer.account), balance_of(member.account)) == ("48800.00", "50000.00")
    assert Contribution.objects.get(member=member).status == "PAID"
    assert note.pay_in.source == "TREASURER"
    assert_books_balance()


def test_nobody_notes_their_own_cash_and_what_a_member_denies_is_never_paid_in():
    group = make_group(members=4)
    treasurer = member_of(group, "TREASURER")
    with pytest.raises(NotAllowed):
        operations.record_cash(member=treasurer, amount=kes("1"), key="1", by=treasurer.user, at=now())
    with pytest.raises(NotAllowed):
        operations.record_cash(member=treasurer, amount=kes("1"), key="1", by=member_of(group, "CHAIR").user, at=now())
    note = note_of(group)
    operations.confirm_cash(note=note, is_so=False, by=note.member.user, at=now())
    with pytest.raises(IllegalMove):
        operations.bank_cash(note=note, by=treasurer.user, at=now())
    second = note_of(group, key="2")
    operations.withdraw_cash_note(note=second, by=treasurer.user, at=now())
    with pytest.raises(IllegalMove):
        operations.confirm_cash(note=second, is_so=True, by=second.member.user, at=now())
    assert not GroupEntry.objects.exists()
    assert balance_of(treasurer.account) == "50000.00"


def test_cash_handed_over_in_time_keeps_a_member_from_being_late_for_three_days():
    group = make_group(members=4)
    cycle = open_next(group)
    member = member_of(group, "MEMBER")
    pay_all(cycle, but=[member])
    note_of(group, at=cycle.late_at - timedelta(hours=3))
    assert operations.mark_late(at=cycle.late_at) == 0
    assert operations.mark_late(at=cycle.late_at + timedelta(days=3)) == 1


@pytest.mark.django_db(transaction=True)
def test_cash_that_is_paid_in_twice_at_once_is_paid_in_once():
    group = make_group(members=4)
    treasurer = member_of(group, "TREASURER")
    note = note_of(group)
    operations.confirm_cash(note=note, is_so=True, by=note.member.user, at=now())
    assert not refusals(at_once(*[lambda: operations.bank_cash(note=note, by=treasurer.user, at=now())] * 3))
    assert balance_of(treasurer.account) == "48800.00"
    assert_books_balance()


# ---- fines ----


def test_a_fine_follows_a_rule_and_is_given_once_for_one_cause():
    group = make_group(members=4, other_fines={"Noise": 2_000})
    officer, member = group.created_by, member_of(group, "MEMBER")
    fine = operations.give_fine(member=member, why="ABSENT", cause="meeting/7", by=officer, at=now())
    assert fine.amount == kes("100")
    with pytest.raises(AlreadyDone):
        operations.give_fine(member=member, why="ABSENT", cause="meeting/7", by=officer, at=now())
    with pytest.raises(Invalid):
        operations.give_fine(member=member, why="NAMED", name="Dancing", cause="meeting/7", by=officer, at=now())
    with pytest.raises(NotAllowed):
        operations.give_fine(member=member, why="NAMED", name="Noise", cause="meeting/7", by=member.user, at=now())
    noise = operations.give_fine(member=member, why="NAMED", name="Noise", cause="meeting/7", by=officer, at=now())
    operations.pay_fine(fine=noise, key="1", by=member.user, at=now())
    assert operations.pay_fine(fine=noise, key="1", by=member.user, at=now()) == PayIn.objects.get()
    with pytest.raises(AlreadyDone):
        operations.pay_fine(fine=noise, key="2", by=member.user, at=now())
    assert balances(group)["FINES"] == 2_000
    fine.refresh_from_db()
    assert fine.status == "OPEN"
    assert_books_balance()


def test_an_appealed_fine_is_not_due_until_the_group_decided_and_is_appealed_once():
    group = make_group(members=4)
    member = member_of(group, "MEMBER")
    fine = operations.give_fine(member=member, why="ABSENT", cause="meeting/7", by=group.created_by, at=now())
    with pytest.raises(NotFound):
        operations.appeal(fine=fine, says="No", by=group.created_by, at=now())
    operations.appeal(fine=fine, says="I was in hospital", by=member.user, at=now())
    with pytest.raises(AlreadyDone):
        operations.pay_fine(fine=fine, key="1", by=member.user, at=now())
    operations.contribute(member=member, amount=kes("50"), key="2", by=member.user, at=now())
    assert (balances(group)["FINES"], balances(group)["ADVANCE"]) == (0, 5_000)
    decide("DECIDE_FINE", group, {"fine": fine.pk, "keep": True}, at=now())
    fine.refresh_from_db()
    assert fine.open_minor == 10_000
    with pytest.raises(AlreadyDone):
        operations.appeal(fine=fine, says="Again", by=member.user, at=now())
    decide("DECIDE_FINE", group, {"fine": fine.pk, "keep": False}, at=now(), key="2")
    fine.refresh_from_db()
    assert (fine.status, fine.open_minor) == ("WAIVED", 0)
    with pytest.raises(AlreadyDone):
        decide("DECIDE_FINE", group, {"fine": fine.pk}, at=now(), key="3")


def test_more_than_a_fine_is_not_taken_and_too_little_money_moves_nothing():
    group = make_group(members=4)
    member = member_of(group, "MEMBER")
    fine = operations.give_fine(member=member, why="ABSENT", cause="meeting/7", by=group.created_by, at=now())
    with pytest.raises(Invalid):
        operations.pay_fine(fine=fine, key="1", by=member.user, at=now(), amount=kes("100.01"))
    operations.pay_fine(fine=fine, key="2", by=member.user, at=now(), amount=kes("40"))
    Fine.objects.get(paid_minor=4_000, status="OPEN")
    operations.contribute(member=member, amount=kes("49940"), key="3", by=member.user, at=now())
    with pytest.raises(InsufficientFunds):
        operations.contribute(member=member, amount=kes("20.01"), key="4", by=member.user, at=now())
    fine.refresh_from_db()
    assert fine.status == "PAID"
    assert_books_balance()


def test_nobody_is_asked_to_keep_a_fine_that_stands_and_was_not_appealed():
    group = make_group(members=4)
    member = member_of(group, "MEMBER")
    fine = operations.give_fine(member=member, why="ABSENT", cause="m/1", by=group.created_by, at=now())
    chair = member_of(group, "CHAIR").user
    asked = {"group": group, "act": "DECIDE_FINE", "by": chair, "at": now()}
    with pytest.raises(AlreadyDone, match="stands"):
        operations.propose(facts={"fine": fine.pk, "keep": True}, key="1", **asked)
    assert operations.propose(facts={"fine": fine.pk}, key="2", **asked).status == "OPEN"
