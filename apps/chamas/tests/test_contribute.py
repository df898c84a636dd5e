"""Members pay in: each cycle by its own rules, the oldest first, ahead when there is more, and late with a fine."""

from datetime import timedelta

import pytest

from apps.accounts.events import MoneyCameIn
from apps.accounts.testing import balance_of, give, kes
from apps.chamas import operations, reminders, subscribers
from apps.chamas.errors import AlreadyDone, Invalid, NotYet
from apps.chamas.models import Contribution, Cycle, Fine, GroupEntry, PayIn
from apps.chamas.operations.books import balances
from apps.chamas.testing import decide, make_group, make_person, member_of, members_of, open_next, pay_all
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.models import Message

pytestmark = pytest.mark.django_db


def owed(member):
    """What a member owes, oldest first."""
    return list(Contribution.objects.filter(member=member).order_by("due_on"))


def pay(member, amount, *, key="1", at=None):
    """From the member's own account."""
    return operations.contribute(member=member, amount=kes(amount), key=key, by=member.user, at=at or now())


def test_a_cycle_opens_once_with_a_row_for_every_member_and_keeps_its_rules():
    group = make_group()
    first = open_next(group)
    assert operations.open_due(day=first.opens_on, at=day_start(first.opens_on)) == "0 cycles opened"
    assert (first.contributions.count(), first.due_on.day) == (5, 5)
    assert {row.amount_minor for row in first.contributions.all()} == {120_000}
    version = operations.propose_constitution(
        group=group, rules={"savings_minor": 7_000}, by=group.created_by, at=now()
    )
    operations.put_in_force(version=version, by=group.created_by, at=now())
    assert {row.amount_minor for row in Contribution.objects.filter(cycle=first)} == {120_000}
    second = open_next(group)
    assert {row.amount_minor for row in second.contributions.all()} == {7_000}
    assert Cycle.objects.get(pk=first.pk).closed_at == second.opened_at
    assert first.late_at == day_start(first.due_on + timedelta(days=1)) + timedelta(minutes=60)


def test_money_goes_to_the_oldest_and_there_to_welfare_before_savings_and_the_rest_waits_ahead():
    group = make_group()
    member = member_of(group, "MEMBER")
    open_next(group), open_next(group)
    pay(member, "250")
    first, second = owed(member)
    assert (first.paid_welfare_minor, first.paid_savings_minor, first.status) == (20_000, 5_000, "DUE")
    pay(member, "2500", key="2")
    first, second = owed(member)
    assert (first.status, second.status) == ("PAID", "PAID")
    assert balances(group, member=member)["ADVANCE"] == 35_000
    third = open_next(group)
    row = third.contributions.get(member=member)
    assert (row.paid_minor, row.status, balances(group)["ADVANCE"]) == (35_000, "DUE", 0)
    assert balances(group)["SAVINGS"] == 200_000 + 15_000
    assert_books_balance()


def test_a_payment_is_made_once_for_its_key_and_refused_with_other_figures():
    group = make_group()
    member = member_of(group, "MEMBER")
    open_next(group)
    row = pay(member, "1200")
    assert pay(member, "1200") == row
    with pytest.raises(Conflict):
        pay(member, "1300")
    with pytest.raises(InsufficientFunds):
        pay(member, "48800.01", key="2")
    with pytest.raises(NotFound):
        operations.contribute(member=member, amount=kes("1"), key="3", by=make_person(), at=now())
    with pytest.raises(Invalid):
        pay(member, "0", key="4")
    assert balance_of(member.account) == "48800.00"
    assert sum(part.minor for part in row.parts.all()) == 120_000
    assert_books_balance()


def test_who_has_not_paid_after_the_grace_is_late_and_fined_once():
    group = make_group()
    cycle = open_next(group)
    member = member_of(group, "MEMBER")
    pay_all(cycle, but=[member])
    assert operations.mark_late(at=cycle.late_at - timedelta(seconds=1)) == 0
    assert operations.mark_late(at=cycle.late_at) == 1
    assert operations.mark_late(at=cycle.late_at + timedelta(days=1)) == 0
    fine = Fine.objects.get()
    assert (fine.member_id, fine.amount_minor, fine.why, owed(member)[0].status) == (member.pk, 5_000, "LATE", "LATE")
    pay(member, "1250", at=cycle.late_at + timedelta(hours=1))
    fine.refresh_from_db()
    assert (fine.status, owed(member)[0].status, balances(group)["FINES"]) == ("PAID", "PAID", 5_000)
    assert_books_balance()


def test_members_are_reminded_three_days_before_and_once():
    group = make_group(members=3)
    cycle = open_next(group)
    pay_all(cycle, but=[member_of(group, "CHAIR")])
    at = day_start(cycle.due_on - timedelta(days=3)) + timedelta(hours=8)
    assert [reminders.remind(at=at), reminders.remind(at=at)] == [1, 1]
    assert Message.objects.filter(code="chamas.due_soon").count() == 1
    assert reminders.remind(at=at + timedelta(days=1)) == 0


def test_a_waived_contribution_is_owed_no_more_and_is_not_late():
    group = make_group(members=3)
    cycle = open_next(group)
    member = member_of(group, "CHAIR")
    pay(member, "100")
    row = owed(member)[0]
    decide("WAIVE_CONTRIBUTION", group, {"contribution": row.pk, "reason": "Ill"}, at=now())
    row.refresh_from_db()
    assert (row.status, row.open_minor, row.paid_minor) == ("WAIVED", 0, 10_000)
    with pytest.raises(AlreadyDone):
        decide("WAIVE_CONTRIBUTION", group, {"contribution": row.pk, "reason": "Ill"}, at=now())
    operations.mark_late(at=cycle.late_at)
    assert not Fine.objects.filter(member=member).exists()
    with pytest.raises(NotFound):
        decide("WAIVE_CONTRIBUTION", make_group(members=3), {"contribution": row.pk, "reason": "x"}, at=now())


def test_mpesa_with_the_members_reference_pays_their_dues_once():
    group = make_group(members=3)
    member = member_of(group, "CHAIR")
    open_next(group)
    give(member.account, "500")
    event = MoneyCameIn(
        account_id=member.account_id,
        rail="mpesa",
        receipt="SJK1",
        minor=50_000,
        currency="KES",
        purpose=f"chama/{member.reference}",
    )
    subscribers.use_money(event)
    subscribers.use_money(event)
    row = PayIn.objects.get()
    assert (row.source, row.amount_minor, balance_of(member.account)) == ("MPESA", 50_000, "50000.00")
    assert owed(member)[0].paid_minor == 50_000
    assert_books_balance()


def test_money_paid_to_the_wrong_group_comes_back_and_goes_to_the_right_one():
    wrong, right = make_group(members=3), make_group(members=3)
    member = member_of(wrong, "CHAIR")
    asked = operations.ask_to_join(join_code=right.join_code, by=member.user, at=now())
    operations.decide_on_asker(member=asked, take_in=True, by=right.created_by, at=now())
    open_next(wrong), open_next(right)
    paid = pay(member, "1500")
    facts = {"pay_in": paid.pk, "to": right.slug, "reason": "Meant for the other group"}
    with pytest.raises(NotFound):
        decide("REFUND_PAY_IN", wrong, facts | {"to": make_group(members=3).slug}, at=now())
    decide("REFUND_PAY_IN", wrong, facts, at=now())
    with pytest.raises(AlreadyDone):
        decide("REFUND_PAY_IN", wrong, facts, at=now(), key="2")
    assert not any(balances(wrong).values())
    assert sum(balances(right).values()) == 150_000
    assert (owed(member)[0].status, owed(member)[0].paid_minor) == ("DUE", 0)
    assert owed(asked)[0].status == "PAID"
    assert (paid.refund.to_group, paid.refund.to_pay_in.amount) == (right, kes("1500"))
    assert balance_of(member.account) == "48500.00"
    assert_books_balance()


def test_money_lent_on_since_is_not_given_back_and_nothing_moves():
    group = make_group(members=3)
    member = member_of(group, "CHAIR")
    paid = pay(member, "1200")
    open_next(group)  # takes what was paid ahead
    with pytest.raises(NotYet):
        decide("REFUND_PAY_IN", group, {"pay_in": paid.pk, "reason": "x"}, at=now())
    assert sum(balances(group).values()) == 120_000
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_one_who_pays_twice_at_once_pays_two_things_and_all_members_at_once_pay_theirs():
    group = make_group(members=4, verified=True)
    open_next(group), open_next(group)
    first, *others = members_of(group)
    acts = [lambda key=key: pay(first, "1200", key=key) for key in ("a", "a", "b")]
    acts += [lambda one=one: pay(one, "1200") for one in others]
    assert not refusals(at_once(*acts))
    assert {row.status for row in owed(first)} == {"PAID"}
    assert PayIn.objects.count() == 5
    assert sum(balances(group).values()) == 5 * 120_000
    assert {row.paid_minor for one in others for row in owed(one)} == {0, 120_000}
    assert_books_balance()


def test_a_late_member_hears_of_it_and_of_the_fine():
    group = make_group(members=3)
    cycle = open_next(group)
    pay_all(cycle, but=[member_of(group, "CHAIR")])
    operations.mark_late(at=cycle.late_at)
    deliver_events()
    assert set(Message.objects.filter(code__in=["chamas.late", "chamas.fined"]).values_list("code", flat=True)) == {
        "chamas.late",
        "chamas.fined",
    }
    assert GroupEntry.objects.filter(booked_on__gt=local_date(now())).exists()
