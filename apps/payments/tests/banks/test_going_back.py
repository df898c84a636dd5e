"""Money of other banks goes back: by two people from suspense, by its holder when they ask; once, or it stays safe."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.testing import at_once, deliver_events, on_disk, refusals
from apps.ledger.errors import InsufficientFunds
from apps.notifications.testing import messages_to
from apps.payments import iso20022 as iso
from apps.payments import operations
from apps.payments.errors import AnsweredAlready, NotWaiting
from apps.payments.models import AskedBack, BankNews, Channel, IncomingReturn, IncomingTransfer
from apps.payments.operations import banks
from apps.payments.operations.banks.receiving import receive_entry
from apps.payments.tests.banks.desk import settles_at, sound
from apps.payments.tests.banks.incoming import came, told
from apps.payments.tests.people import pay
from apps.users.errors import StepUpRequired
from apps.users.models import StepUpChallenge
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db


def manager():
    return make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00)


def waiting(**more):
    """Five thousand that an entry brought and nobody is named for."""
    receive_entry(channel=Channel.BANK, told=told("nobody", reference="C1", **more), at=now())
    return IncomingTransfer.objects.get(status="SUSPENSE")


def wished(row, case="CASE-1", reason="AC03"):
    wish = iso.Wish(case, row.end_to_end_id, row.uetr, reason, "Wrong digit", "EQBLKENA")
    return banks.hear_wish(channel=Channel(row.channel), wish=wish, at=now())


def proof(asked, by):
    row = banks.challenge_sending_back(asked=asked, by=by, at=now())
    StepUpChallenge.objects.filter(pk=row.pk).update(answered_at=now())
    return row.pk


def agreed(asked):
    by = asked.incoming.account.owner
    return banks.send_back(asked=asked, challenge_id=proof(asked, by), by=by, at=now())


def test_two_people_place_what_waits():
    row, account = waiting(), make_account()
    maker, checker = manager(), manager()
    asked = banks.ask_to_place(row=row, account=account, why="She called; one digit was wrong", by=maker, at=now())
    assert balance_of(account) == "0.00"
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=maker, at=now())
    approvals.approve(approval=asked, by=checker, at=now())
    row.refresh_from_db()
    assert (row.status, row.account_id, balance_of(account)) == ("CREDITED", account.pk, "5000.00")
    assert settles_at("suspense:receipts") == 0
    deliver_events()
    assert row.reference in messages_to(str(account.owner.phone))[-1].body
    with pytest.raises(NotWaiting):
        banks.ask_to_place(row=row, account=account, why="Again", by=maker, at=now())
    sound()


def test_a_second_person_allows_no_more_than_they_may_decide():
    row, account, maker = waiting(), make_account(), manager()
    for asked in (
        banks.ask_to_place(row=row, account=account, why="Hers", by=maker, at=now()),
        banks.ask_to_return(row=row, reason="AC01", why="Nobody's", by=maker, at=now()),
    ):
        with pytest.raises(NotAllowed, match="own approval limit"):
            approvals.approve(approval=asked, by=make_staff("BRANCH_MANAGER", limit_minor=4_999_99), at=now())
    row.refresh_from_db()
    assert (row.status, balance_of(account)) == ("SUSPENSE", "0.00")


def test_who_may_not_asks_for_nothing():
    row, account = waiting(), make_account()
    for who in (make_customer(), make_staff("TELLER")):
        with pytest.raises(NotAllowed):
            banks.ask_to_place(row=row, account=account, why="Mine", by=who, at=now())
        with pytest.raises(NotAllowed):
            banks.ask_to_return(row=row, reason="AC01", why="No", by=who, at=now())
    listed = IncomingTransfer.objects.get()
    IncomingTransfer.objects.update(reason="RR04")
    listed.refresh_from_db()
    there = manager()
    with pytest.raises(NotAllowed, match="list"):
        banks.ask_to_place(row=listed, account=account, why="Mine", by=there, at=now())
    with pytest.raises(NotAllowed, match="list"):
        banks.ask_to_return(row=listed, reason="RR04", why="Away with it", by=there, at=now())
    with pytest.raises(NotAllowed):
        banks.ask_to_release(row=listed, why="I know him", by=there, at=now())


@pytest.mark.parametrize("takes_it", [True, False])
def test_two_who_decide_about_lists_release_it_to_where_it_was_meant(takes_it, monkeypatch):
    monkeypatch.setattr("apps.payments.operations.banks.receiving.may_be_sanctioned", bool)
    account = make_account()
    row = came(account, "5000" if takes_it else "300000000")
    assert (row.status, row.reason) == ("SUSPENSE", "RR04")
    officers = [make_staff("COMPLIANCE_OFFICER") for _nth in range(2)]
    asked = banks.ask_to_release(row=row, why="Another day of birth", by=officers[0], at=now())
    approvals.approve(approval=asked, by=officers[1], at=now())
    row.refresh_from_db()
    assert (row.status, row.reason) == (("CREDITED", "") if takes_it else ("SUSPENSE", "AM21"))
    assert balance_of(account) == ("5000.00" if takes_it else "0.00")
    sound()


def test_placing_and_sending_back_at_once_do_one_of_both(transactional_db):
    row, account, checker = waiting(), make_account(), manager()
    maker = manager()
    asked = [
        banks.ask_to_place(row=row, account=account, why="Hers", by=maker, at=now()),
        banks.ask_to_return(row=row, reason="AC01", why="Nobody's", by=maker, at=now()),
    ]
    results = at_once(*[lambda one=one: approvals.approve(approval=one, by=checker, at=now()) for one in asked])
    assert len(refusals(results)) == 1
    row.refresh_from_db()
    assert (row.status == "CREDITED") == (balance_of(account) == "5000.00")
    sound()


def returned(row):
    """Allowed by two, not sent yet."""
    maker, checker = manager(), manager()
    asked = banks.ask_to_return(row=row, reason="AC01", why="Nobody's", by=maker, at=now())
    approvals.approve(approval=asked, by=checker, at=now())
    return IncomingReturn.objects.get(status="WAITING")


@pytest.fixture
def sent_by_them(others, transactional_db):
    """A transfer by file that the other side knows, and that waits here."""

    def send(account="nobody", channel="bank"):
        asked = {"channel": channel, "account": account, "amount": "5000", "words": "Rent"}
        assert others.web.post("/control/interbank/sent/", json=asked).status_code == 200
        banks.hear_news(channel=Channel(channel), at=now())
        return IncomingTransfer.objects.select_related("account__owner").latest("pk")

    return send


def test_a_return_leaves_suspense_when_they_have_it_and_their_statement_agrees(sent_by_them, others):
    row = sent_by_them()
    back = returned(row)
    assert settles_at("suspense:receipts") == 500_000
    for _nth in range(2):
        banks.send_returns(at=now())
    banks.hear_news(channel=Channel.BANK, at=now())
    row.refresh_from_db()
    back.refresh_from_db()
    assert (row.status, back.status) == ("RETURNED", "SETTLED")
    assert (settles_at("suspense:receipts"), settles_at("bank:settlement")) == (0, 0)
    sound()


def test_one_that_is_not_taken_waits_again_and_may_go_another_way(sent_by_them, others):
    row = sent_by_them()
    others.plan("REJECT", account="0110123456789", reason="AC04")
    returned(row)
    banks.send_returns(at=now())
    row.refresh_from_db()
    assert (row.status, row.reason, settles_at("suspense:receipts")) == ("SUSPENSE", "AC04", 500_000)
    account = make_account()
    asked = banks.ask_to_place(row=row, account=account, why="Found", by=manager(), at=now())
    approvals.approve(approval=asked, by=manager(), at=now())
    assert balance_of(account) == "5000.00"
    sound()


def test_a_lost_answer_loses_nothing_and_counts_once(sent_by_them, others, settings):
    row = sent_by_them()
    returned(row)
    there = settings.INTERBANK_URLS
    settings.INTERBANK_URLS = dict.fromkeys(there, "http://127.0.0.1:9")
    banks.send_returns(at=now())
    row.refresh_from_db()
    assert row.status == "RETURNING"
    settings.INTERBANK_URLS = there
    at_once(*[lambda: banks.send_returns(at=now()) for _nth in range(3)])
    row.refresh_from_db()
    assert (row.status, settles_at("bank:settlement")) == ("RETURNED", 0)
    sound()


def test_the_entry_of_a_return_settles_it_when_the_answer_never_came(sent_by_them, others, monkeypatch):
    row = sent_by_them()
    returned(row)
    monkeypatch.setattr("apps.payments.operations.banks.returning._heard", lambda *_: None)
    banks.send_returns(at=now())
    banks.hear_news(channel=Channel.BANK, at=now())
    row.refresh_from_db()
    assert row.status == "RETURNED"
    sound()


def test_the_holder_agrees_and_it_goes_back(sent_by_them, others):
    account = make_account()
    row = sent_by_them(account.number)
    assert (row.status, balance_of(account)) == ("CREDITED", "5000.00")
    assert "Rent" in BankNews.objects.get().raw
    assert "Rent" not in on_disk(BankNews)
    asked = wished(row)
    deliver_events()
    assert "asks for KES 5,000.00 back" in messages_to(str(account.owner.phone))[-1].body
    asked = agreed(asked)
    assert (asked.status, balance_of(account), settles_at("suspense:receipts")) == ("AGREED", "0.00", 500_000)
    assert banks.answer_of(asked).is_accepted
    assert agreed_again(asked, account).pk == asked.pk
    banks.send_returns(at=now())
    deliver_events()
    assert "WENT BACK" in messages_to(str(account.owner.phone))[-1].body
    assert (settles_at("suspense:receipts"), settles_at("bank:settlement")) == (0, 0)
    sound()


def agreed_again(asked, account):
    return banks.send_back(asked=asked, challenge_id=asked.challenge, by=account.owner, at=now())


def test_agreeing_in_five_threads_sends_it_once(transactional_db):
    account = make_account(balance="20000")
    asked = wished(came(account))
    challenge = proof(asked, account.owner)
    results = at_once(
        *[lambda: banks.send_back(asked=asked, challenge_id=challenge, by=account.owner, at=now()) for _nth in range(5)]
    )
    assert refusals(results) == []
    assert (balance_of(account), IncomingReturn.objects.count()) == ("20000.00", 1)
    sound()


def test_agreeing_and_keeping_at_once_do_one_of_both(transactional_db):
    account = make_account()
    asked = wished(came(account))
    challenge = proof(asked, account.owner)
    at_once(
        lambda: banks.send_back(asked=asked, challenge_id=challenge, by=account.owner, at=now()),
        lambda: banks.keep(asked=asked, by=account.owner, at=now()),
    )
    asked.refresh_from_db()
    assert balance_of(account) == ("0.00" if asked.status == "AGREED" else "5000.00")
    sound()


def test_keeping_says_so_to_them_and_the_money_stays():
    account = make_account()
    asked = banks.keep(asked=wished(came(account)), by=account.owner, at=now())
    assert (banks.answer_of(asked).reason, balance_of(account)) == ("CUST", "5000.00")
    assert banks.keep(asked=asked, by=account.owner, at=now()).pk == asked.pk
    with pytest.raises(AnsweredAlready):
        banks.challenge_sending_back(asked=asked, by=account.owner, at=now())


def test_money_that_was_spent_is_not_sent_back():
    account = make_account()
    asked = wished(came(account))
    challenge = proof(asked, account.owner)
    to, owner = make_account().number, account.owner
    pay(operations.start(payer=owner, from_account=account, to=to, amount=kes("4500"), key="away", at=now()))
    with pytest.raises(InsufficientFunds):
        banks.send_back(asked=asked, challenge_id=challenge, by=account.owner, at=now())
    before = StepUpChallenge.objects.count()
    with pytest.raises(InsufficientFunds, match="no code was sent"):
        banks.challenge_sending_back(asked=asked, by=owner, at=now() + timedelta(minutes=1), method="SMS")
    assert StepUpChallenge.objects.count() == before
    asked.refresh_from_db()
    assert asked.status == "ASKED"
    sound()


def test_only_the_holder_answers_with_a_proof_of_their_own():
    account, other = make_account(), make_account()
    asked, theirs = wished(came(account)), wished(came(other), case="CASE-2")
    with pytest.raises(NotFound):
        banks.keep(asked=asked, by=other.owner, at=now())
    with pytest.raises(StepUpRequired):
        banks.send_back(asked=asked, challenge_id=proof(theirs, other.owner), by=account.owner, at=now())
    assert balance_of(account) == "5000.00"


def test_nothing_said_for_ten_working_days_is_a_no():
    account = make_account()
    asked = wished(came(account))
    days = (asked.due_at - asked.asked_at).days
    assert 12 <= days <= 18
    assert banks.refuse_what_is_due(at=asked.due_at - timedelta(seconds=1)) == 0
    assert banks.refuse_what_is_due(at=asked.due_at) == 1
    asked.refresh_from_db()
    assert (asked.status, asked.answer) == ("REFUSED", "NOAS")
    with pytest.raises(AnsweredAlready):
        banks.challenge_sending_back(asked=asked, by=account.owner, at=asked.due_at)


def test_what_is_not_here_or_gone_is_answered_at_once_and_what_waits_goes_back():
    account = make_account()
    refused = came("nobody")
    assert wished(refused).answer == "NOOR"
    unknown = iso.Wish("CASE-9", "E2E-9", None, "CUST", "", "EQBLKENA")
    assert banks.hear_wish(channel=Channel.PESALINK, wish=unknown, at=now()).answer == "NOOR"
    row = waiting()
    assert wished(row, case="CASE-3").status == "AGREED"
    assert IncomingReturn.objects.get().reason == "FOCR"
    row.refresh_from_db()
    assert wished(row, case="CASE-4").answer == "ARDT"
    credited = came(account)
    first = wished(credited, case="CASE-5")
    assert wished(credited, case="CASE-5").pk == first.pk
    assert wished(credited, case="CASE-6").answer == "DUPL"
    listed = came(account)
    IncomingTransfer.objects.filter(pk=listed.pk).update(status="SUSPENSE", reason="RR04")
    listed.refresh_from_db()
    assert wished(listed, case="CASE-7").answer == "LEGL"
    assert not AskedBack.objects.of(account.owner).filter(case="CASE-7").exists()
