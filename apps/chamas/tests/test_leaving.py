"""Money that leaves a group for one member: settlements, withdrawals, welfare; each by an act, and by the rules."""

from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.errors import PayeeLimit
from apps.accounts.models import TransactionType
from apps.accounts.testing import balance_of, kes, make_account
from apps.chamas import operations
from apps.chamas.errors import AlreadyDone, Invalid, NotYet, OverTheLimit
from apps.chamas.models import EntryKind, FundKind, Membership, WelfareClaim
from apps.chamas.operations.books import Change, balances, move
from apps.chamas.testing import decide, join, make_group, member_of, open_next, pay_all
from apps.kernel.clock import local_date, now
from apps.kernel.errors import Conflict, NotFound
from apps.ledger import operations as ledger
from apps.ledger.testing import assert_books_balance
from apps.users.models import User

pytestmark = pytest.mark.django_db
LATER = timedelta(days=31)


def test_who_leaves_takes_savings_shares_and_what_was_ahead_less_fines_and_the_fee():
    group = make_group(members=4, exit_fee_bps=1_000)
    member = member_of(group, "MEMBER")
    pay_all(open_next(group))
    operations.buy_shares(group=group, count=2, key="1", by=member.user, at=now())
    operations.contribute(member=member, amount=kes("300"), key="ahead", by=member.user, at=now())
    operations.give_fine(member=member, why="ABSENT", cause="meeting/7", by=group.created_by, at=now())
    before = balance_of(member.account)
    with pytest.raises(NotYet) as no:
        decide("SETTLE_LEAVER", group, {"member": member.pk}, at=now())
    assert no.value.facts["because"] == ["notice"]
    operations.give_notice(group=group, by=member.user, at=now())
    with pytest.raises(AlreadyDone):
        operations.give_notice(group=group, by=member.user, at=now())
    with pytest.raises(NotYet):
        decide("SETTLE_LEAVER", group, {"member": member.pk}, at=now())
    assert balance_of(member.account) == before
    decide("SETTLE_LEAVER", group, {"member": member.pk}, at=now() + LATER)
    with pytest.raises(NotFound):
        decide("SETTLE_LEAVER", group, {"member": member.pk}, at=now() + LATER, key="2")
    # 1000 saved + 1000 shares + 300 ahead - 100 fine - 100 fee; welfare of 200 stays
    assert balance_of(member.account) == f"{float(before) + 2100:.2f}"
    assert Membership.objects.get(pk=member.pk).status == "LEFT"
    own = balances(group, member=member)
    assert (own["SAVINGS"], own["SHARES"], own["ADVANCE"], balances(group)["WELFARE"]) == (0, 0, 0, 80_000)
    assert (balances(group)["FINES"], balances(group)["RESERVE"]) == (10_000, 10_000)
    assert_books_balance()


def test_pays_nobody_more_than_their_tier_may_hold_until_they_bring_their_papers():
    group = make_group(members=4)
    member = member_of(group, "MEMBER")
    pay_all(open_next(group))
    savings = make_account(member.user, product="SAVINGS", balance="50500")
    before, held = balance_of(member.account), balances(group)
    with pytest.raises(PayeeLimit) as no:
        decide("WITHDRAW_SAVINGS", group, {"member": member.pk, "minor": 80_000}, at=now())
    assert "next tier" in str(no.value)
    assert (balance_of(member.account), balance_of(savings), balances(group)) == (before, "50500.00", held)
    User.objects.filter(pk=member.user_id).update(kyc_tier="TIER_2")
    decide("WITHDRAW_SAVINGS", group, {"member": member.pk, "minor": 80_000}, at=now())
    assert balances(group, member=member)["SAVINGS"] == 20_000
    assert_books_balance()


def test_what_was_paid_is_found_again_though_the_payee_could_hold_no_more_by_now():
    group = make_group(members=4)
    member = member_of(group, "MEMBER")
    pay_all(open_next(group))
    amount = kes("500")
    asked = {
        "group": group, "changes": [Change(FundKind.SAVINGS, -amount, member)], "kind": EntryKind.WITHDRAWAL,
        "line": TransactionType.PAYOUT, "reference": "chama/once", "quoted": "ONCE", "action": "chamas.test",
        "movements": [accounts.into(member.account, amount, group.name)], "by": member.user, "at": now(),
    }  # fmt: skip
    first = move(**asked)
    make_account(member.user, product="SAVINGS", balance="60000")
    assert move(**asked) == first
    with pytest.raises(PayeeLimit):
        move(**asked | {"reference": "chama/twice"})
    assert balances(group, member=member)["SAVINGS"] == 50_000


def test_officers_guarantors_and_who_is_in_a_round_stay_until_they_are_free():
    group = make_group(members=4, rotation="FIXED", rotation_minor=10_000, loan_guarantors=1, exit_notice_days=0)
    chair, member = member_of(group, "CHAIR"), member_of(group, "MEMBER")
    operations.start_round(group=group, by=chair.user, at=now())
    pay_all(open_next(group))
    loan = operations.ask_loan(
        group=group, amount=kes("500"), months=1, guarantors=[member.pk], key="1", by=chair.user, at=now()
    )
    operations.agree_to_guarantee(loan=loan, by=member.user, at=now())
    for one, because in ((chair, ["officer", "merry_go_round"]), (member, ["guarantor", "merry_go_round"])):
        operations.give_notice(group=group, by=one.user, at=now())
        with pytest.raises(NotYet) as no:
            decide("SETTLE_LEAVER", group, {"member": one.pk}, at=now() + LATER)
        assert no.value.facts["because"] == because
    operations.withdraw_notice(group=group, by=chair.user, at=now())
    with pytest.raises(AlreadyDone):
        operations.withdraw_notice(group=group, by=chair.user, at=now())


def test_savings_are_paid_out_as_far_as_they_are_there_and_free():
    group = make_group(members=4, loan_guarantors=1, loan_multiple=2)
    member, chair = member_of(group, "MEMBER"), member_of(group, "CHAIR")
    pay_all(open_next(group))
    with pytest.raises(OverTheLimit):
        decide("WITHDRAW_SAVINGS", group, {"member": member.pk, "minor": 100_001}, at=now())
    decide("WITHDRAW_SAVINGS", group, {"member": member.pk, "minor": 20_000}, at=now())
    loan = operations.ask_loan(
        group=group, amount=kes("600"), months=1, guarantors=[member.pk], key="1", by=chair.user, at=now()
    )
    operations.agree_to_guarantee(loan=loan, by=member.user, at=now())
    decide("LEND_TO_MEMBER", group, {"loan": loan.pk}, at=now())
    assert (operations.free_savings(member), operations.free_savings(chair)) == (20_000, 70_000)
    for minor in (20_001, 0, "x", None):
        with pytest.raises((OverTheLimit, Invalid)):
            decide("WITHDRAW_SAVINGS", group, {"member": member.pk, "minor": minor}, at=now(), key="2")
    assert balance_of(member.account) == "49000.00"
    assert_books_balance()


def test_welfare_is_paid_after_the_waiting_months_by_the_rules_and_once_for_an_event():
    group = make_group(members=6, welfare_waiting_months=1, welfare_claims={"Bereavement": 50_000})
    member = member_of(group, "MEMBER")
    pay_all(open_next(group))
    today = local_date(now())
    facts = {"member": member.pk, "what": "Bereavement", "happened_on": str(today)}
    with pytest.raises(NotYet):
        decide("PAY_WELFARE", group, facts, at=now())
    at, day = now() + timedelta(days=70), str(today + timedelta(days=62))
    with pytest.raises(Invalid):
        decide("PAY_WELFARE", group, facts | {"what": "Party", "happened_on": day}, at=at)
    with pytest.raises(Invalid):
        decide("PAY_WELFARE", group, facts | {"happened_on": str(today + timedelta(days=80))}, at=at)
    decide("PAY_WELFARE", group, facts | {"happened_on": day}, at=at)
    with pytest.raises(AlreadyDone):
        decide("PAY_WELFARE", group, facts | {"happened_on": day}, at=at, key="2")
    assert WelfareClaim.objects.get().amount == kes("500")
    assert balances(group)["WELFARE"] == 6 * 20_000 - 50_000
    assert_books_balance()


def test_who_joins_later_owes_from_the_next_cycle_and_who_comes_back_begins_anew():
    group = make_group(members=4, exit_notice_days=0)
    member = member_of(group, "MEMBER")
    operations.give_notice(group=group, by=member.user, at=now())
    decide("SETTLE_LEAVER", group, {"member": member.pk}, at=now())
    again = operations.ask_to_join(join_code=group.join_code, by=member.user, at=now())
    operations.decide_on_asker(member=again, take_in=True, by=group.created_by, at=now())
    new = join(group)
    cycle = open_next(group)
    assert set(cycle.contributions.values_list("member", flat=True)) >= {again.pk, new.pk}
    assert not cycle.contributions.filter(member=member).exists()


def test_an_account_on_which_a_group_pays_is_closed_after_leaving_it():
    group = make_group(members=4, exit_notice_days=0)
    member = member_of(group, "MEMBER")
    pay_all(open_next(group))
    account, left = member.account, kes(balance_of(member.account))
    spent = [accounts.out_of(account, left, "Shop")]
    counter = ledger.credit(ledger.gl("suspense:receipts", "KES"), left)
    accounts.post(
        reference="spent", kind=TransactionType.WITHDRAWAL, narrative="x", movements=spent, legs=[counter], at=now()
    )
    with pytest.raises(Conflict, match="Umoja Women"):
        accounts.close(account=account, by=member.user, at=now())
    decide("SHARE_OUT", group, {}, at=now())
    assert balance_of(account) == "1000.00"
    assert_books_balance()


def test_who_closed_an_account_while_a_group_thought_about_them_is_paid_on_another():
    group = make_group(members=4)
    first = make_account(balance="0")
    person = first.owner
    asker = operations.ask_to_join(join_code=group.join_code, by=person, at=now())
    second = make_account(person, balance="0")
    accounts.close(account=first, by=person, at=now())
    operations.decide_on_asker(member=asker, take_in=True, by=group.created_by, at=now())
    assert Membership.objects.get(pk=asker.pk).account == second


def test_a_guarantor_keeps_their_savings_in_the_group_from_their_word_on():
    group = make_group(members=4, loan_guarantors=1)
    member, chair = member_of(group, "MEMBER"), member_of(group, "CHAIR")
    pay_all(open_next(group))
    loan = operations.ask_loan(
        group=group, amount=kes("600"), months=1, guarantors=[member.pk], key="1", by=chair.user, at=now()
    )
    assert operations.free_savings(member) == 100_000
    operations.agree_to_guarantee(loan=loan, by=member.user, at=now())
    with pytest.raises(OverTheLimit):
        decide("WITHDRAW_SAVINGS", group, {"member": member.pk, "minor": 100_000}, at=now())
    operations.cancel_loan(loan=loan, by=chair.user, at=now())
    decide("WITHDRAW_SAVINGS", group, {"member": member.pk, "minor": 100_000}, at=now(), key="2")
