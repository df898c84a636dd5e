"""What happens in a group while something else is carried out: nobody loses money, nobody waits in a circle."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.accounts.testing import balance_of, kes
from apps.chamas import operations
from apps.chamas.errors import AlreadyDone, NoSay, NotYet
from apps.chamas.models import ChamaGroup, GroupRole, Membership
from apps.chamas.operations import books, leave
from apps.chamas.operations import join as join_
from apps.chamas.operations.incoming import CLEARING
from apps.chamas.testing import RULES, decide, join, make_group, make_person, member_of, members_of, open_next, pay_all
from apps.chamas.tests.test_group_loans import lend, make_loan
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db


def meanwhile(monkeypatch, what):
    """`what` is done once while the accounts of who will be paid are waited for, by one who was there before."""
    lock, done = accounts.lock, []

    def waiting(movements, **how):
        if not done:
            done.append(1)
            what()
        return lock(movements, **how)

    monkeypatch.setattr(accounts, "lock", waiting)


@pytest.mark.parametrize("act", ["SHARE_OUT", "DISSOLVE"])
def test_who_comes_in_while_the_pot_is_shared_out_is_not_left_out(monkeypatch, act):
    group = make_group(members=4)
    pay_all(open_next(group))

    def come_in():
        new = join(group)
        operations.contribute(member=new, amount=kes("700"), key="1", by=new.user, at=now())

    meanwhile(monkeypatch, come_in)
    with pytest.raises(NotYet):
        decide(act, group, {}, at=now())
    assert ChamaGroup.objects.get(pk=group.pk).status == "ACTIVE"
    assert_books_balance()


def test_who_leaves_while_a_dividend_is_paid_is_not_paid_twice_for_the_same_shares(monkeypatch):
    group = make_group(members=4, exit_notice_days=0)
    member = member_of(group, "MEMBER")
    for one in members_of(group):
        operations.buy_shares(group=group, count=1, key="1", by=one.user, at=now())
    operations.give_fine(member=member_of(group, "CHAIR"), why="ABSENT", cause="m/1", by=group.created_by, at=now())
    pay_all(open_next(group))
    chair = member_of(group, "CHAIR")
    operations.contribute(member=chair, amount=kes("100"), key="fine", by=chair.user, at=now())
    operations.give_notice(group=group, by=member.user, at=now())
    meanwhile(monkeypatch, lambda: decide("SETTLE_LEAVER", group, {"member": member.pk}, at=now()))
    with pytest.raises(NotYet):
        decide("PAY_DIVIDEND", group, {"minor": 8_000, "until": str(now().date())}, at=now())


def test_who_leaves_while_they_buy_shares_keeps_their_money(monkeypatch):
    group = make_group(members=4, exit_notice_days=0)
    member = member_of(group, "MEMBER")
    operations.give_notice(group=group, by=member.user, at=now())
    meanwhile(monkeypatch, lambda: decide("SETTLE_LEAVER", group, {"member": member.pk}, at=now()))
    with pytest.raises(NotFound):
        operations.buy_shares(group=group, count=1, key="1", by=member.user, at=now())
    assert (balance_of(member.account), books.balances(group)["SHARES"]) == ("50000.00", 0)


def test_an_auditor_who_votes_is_told_that_they_do_not():
    group = make_group(members=5)
    auditor = member_of(group, "MEMBER")
    Membership.objects.filter(pk=auditor.pk).update(role=GroupRole.AUDITOR)
    chair = member_of(group, "CHAIR")
    pay_all(open_next(group))
    asked = operations.propose(group=group, act="SHARE_OUT", facts={}, by=chair.user, at=now(), key="1")
    with pytest.raises(NoSay):
        operations.vote(proposal=asked, choice="YES", by=auditor.user, at=now())


def test_the_end_of_a_vote_locks_no_group_before_the_accounts_of_who_is_paid():
    group = make_group(members=4)
    chair = member_of(group, "CHAIR")
    pay_all(open_next(group))
    asked = operations.propose(group=group, act="SHARE_OUT", facts={}, by=chair.user, at=now(), key="1")
    with CaptureQueriesContext(connection) as seen:
        assert operations.settle_due(at=asked.lapses_at + timedelta(minutes=1)) == 1
    locks = [row["sql"] for row in seen if "FOR UPDATE" in row["sql"] and "chamas_proposal" in row["sql"]]
    assert len([sql for sql in locks if 'OF "chamas_proposal"' in sql]) == len(locks) > 0


@pytest.mark.django_db(transaction=True)
def test_a_loan_that_a_friend_pays_back_while_the_borrower_leaves_is_paid_back_once(monkeypatch):
    loan = lend(make_loan("500", months=1, exit_notice_days=0, verified=True))
    group, member, friend = loan.group, loan.member, make_person()
    operations.give_notice(group=group, by=member.user, at=now())
    legs = [ledger.debit(ledger.gl(CLEARING, "KES"), kes("500"))]
    refused = []

    def pay_back():
        refused.extend(
            refusals(
                at_once(
                    lambda: operations.repay_loan(loan=loan, amount=kes("500"), key="1", by=friend, at=now(), legs=legs)
                )
            )
        )

    friends, settled = Thread(target=pay_back), leave.settle

    def settle(**owed):
        if not friends.ident:  # what is owed is counted, and not yet taken
            friends.start()
            friends.join(timeout=1)
        return settled(**owed)

    monkeypatch.setattr(leave, "settle", settle)
    decide("SETTLE_LEAVER", group, {"member": member.pk}, at=now() + timedelta(days=1))
    friends.join()
    assert [type(no) for no in refused] == [AlreadyDone]
    assert books.balances(group)["LOANS"] == 0
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("comes_in", ["invited", "founds"])
def test_an_account_is_not_closed_while_its_holder_comes_into_a_group_that_will_pay_on_it(monkeypatch, comes_in):
    group, person = make_group(members=4), make_person(balance="0")
    own = Account.objects.get(owner=person)
    made = operations.invite(group=group, phone=str(person.phone), by=group.created_by, at=now())
    refused = []

    def close():
        refused.extend(refusals(at_once(lambda: accounts.close(account=own, by=person, at=now()))))

    closer, written = Thread(target=close), join_._write

    def write(member):
        closer.start()
        closer.join(timeout=1)
        written(member)

    monkeypatch.setattr(join_, "_write", write)
    if comes_in == "invited":
        operations.answer_invitation(invitation=made, accept=True, by=person, at=now())
    else:
        operations.found_group(name="Tujenge", kind="SAVINGS", rules=RULES, by=person, at=now())
    closer.join()
    assert [type(no) for no in refused] == [Conflict]
    assert Membership.objects.active().get(user=person).account.status == "ACTIVE"
