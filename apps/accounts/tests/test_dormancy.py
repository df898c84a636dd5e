"""Accounts nobody uses sleep, holders are told, and what the Authority holds comes back; all of it by the books."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import operations
from apps.accounts.errors import AccountNotActive, NotAsleep, NotEmpty
from apps.accounts.models import AccountStatus, SleepingAccount
from apps.accounts.rules import dormancy as rules
from apps.accounts.testing import balance_of, business_account, give, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import day_start
from apps.kernel.errors import NotAllowed, NotFound
from apps.ledger import operations as ledger
from apps.ledger.testing import assert_books_balance
from apps.notifications.models import Alert, Message
from apps.notifications.testing import code_sent_to
from apps.users import operations as people
from apps.users.errors import Connected, StepUpRequired
from apps.users.models import StaffMember
from apps.users.testing import make_business, make_customer, make_member, make_staff

OPENED = datetime(2020, 1, 10, 9, 0, tzinfo=UTC)
YEAR_ON = date(2021, 1, 10)


def night(day):
    return day_start(day + timedelta(days=1)) + timedelta(minutes=5)


def asleep(day):
    return operations.fall_asleep(day=day, at=night(day))


@pytest.fixture
def account(db):
    return make_account(balance="1000", at=OPENED)


@given(st.dates(date(2015, 1, 1), date(2040, 1, 1)), st.integers(1, 80))
def test_months_before_is_a_day_of_that_month(day, months):
    before = rules.months_before(day, months)
    assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == months
    assert before.day == day.day or (before.day < day.day and (before + timedelta(days=1)).day == 1)


def test_falls_asleep_a_year_after_the_holders_own_act(account):
    used = make_account(balance="1000", at=OPENED)
    give(used, "1", at=datetime(2020, 1, 11, 9, 0, tzinfo=UTC))
    interest = operations.into(account, kes("5"), "Interest")
    legs = [ledger.debit(ledger.gl("interest:deposits", "KES"), kes("5"))]
    at = datetime(2020, 6, 30, 9, 0, tzinfo=UTC)
    operations.post(reference="i", kind="INTEREST", narrative="i", movements=[interest], legs=legs, at=at)
    assert asleep(YEAR_ON - timedelta(days=1)) == 0
    assert asleep(YEAR_ON) == 1
    assert asleep(YEAR_ON) == 0
    account.refresh_from_db()
    used.refresh_from_db()
    assert (account.status, used.status) == ("DORMANT", "ACTIVE")
    assert SleepingAccount.objects.get().last_act_on == date(2020, 1, 10)
    with pytest.raises(AccountNotActive):
        operations.set_aside(account=account, amount=kes("1"), cost=kes("0"), reference="x", limited=False, at=OPENED)
    assert_books_balance()


def prove(account, at):
    asked = operations.challenge_wake(account=account, by=account.owner, at=at)
    code = code_sent_to(str(account.owner.phone))
    people.answer(challenge_id=asked.pk, user=account.owner, answer=code, at=at)
    return asked.pk


def test_wakes_by_a_proof_of_its_holder_and_sleeps_again_a_year_later(account):
    asleep(YEAR_ON)
    account.refresh_from_db()
    at = night(YEAR_ON)
    with pytest.raises(StepUpRequired):
        operations.wake(account=account, challenge_id=None, by=account.owner, at=at)
    with pytest.raises(NotFound):
        operations.challenge_wake(account=account, by=make_customer(), at=at)
    operations.wake(account=account, challenge_id=prove(account, at), by=account.owner, at=at)
    account.refresh_from_db()
    assert (account.status, SleepingAccount.objects.get().status) == ("ACTIVE", "WOKEN")
    with pytest.raises(NotAsleep):
        operations.wake(account=account, challenge_id=None, by=account.owner, at=at)
    assert asleep(YEAR_ON + timedelta(days=200)) == 0
    assert asleep(YEAR_ON + timedelta(days=370)) == 1


def test_freezing_it_is_no_way_around_the_proof(account):
    asleep(YEAR_ON)
    account.refresh_from_db()
    at = night(YEAR_ON)
    operations.freeze(account=account, by=account.owner, at=at)
    operations.unfreeze(account=account, by=account.owner, at=at)
    account.refresh_from_db()
    assert account.status == "DORMANT"
    assert asleep(YEAR_ON + timedelta(days=1)) == 0
    operations.wake(account=account, challenge_id=prove(account, at), by=account.owner, at=at)
    account.refresh_from_db()
    assert (account.status, SleepingAccount.objects.get().status) == ("ACTIVE", "WOKEN")


def officers():
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER")
    StaffMember.objects.update(approval_limit_minor=10**9)
    return maker, checker


def test_goes_to_the_authority_by_two_people_after_five_years_and_comes_back(account):
    asleep(YEAR_ON)
    assert operations.give_notice(day=date(2022, 1, 9), at=night(date(2022, 1, 9))) == 0
    assert operations.give_notice(day=date(2022, 1, 10), at=night(date(2022, 1, 10))) == 1
    assert operations.give_notice(day=date(2022, 1, 11), at=night(date(2022, 1, 11))) == 0
    assert Message.objects.filter(code="accounts.dormant_notice").exists()
    row, (maker, checker) = SleepingAccount.objects.get(), officers()
    asked = {"row": row, "reason": "Five years", "by": maker}
    with pytest.raises(NotAsleep):
        operations.ask_hand_over(**asked, at=night(date(2025, 1, 8)))
    with pytest.raises(NotAllowed):
        operations.ask_hand_over(**asked | {"by": make_customer()}, at=night(date(2025, 1, 10)))
    at = night(date(2025, 1, 10))
    approval = operations.ask_hand_over(**asked, at=at)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=maker, at=at)
    with pytest.raises(NotAllowed, match="limit"):
        approvals.approve(approval=approval, by=make_staff("BRANCH_MANAGER", limit_minor=999_99), at=at)
    approvals.approve(approval=approval, by=checker, at=at)
    row.refresh_from_db()
    assert (balance_of(account), row.status, row.amount) == ("0.00", "HANDED_OVER", kes("1000"))
    assert_books_balance()
    back = operations.ask_reclaim(row=row, reason="Claim 17", by=maker, at=at)
    approvals.approve(approval=back, by=checker, at=at)
    account.refresh_from_db()
    row.refresh_from_db()
    assert (balance_of(account), account.status, row.status) == ("1000.00", AccountStatus.ACTIVE, "RECLAIMED")
    assert_books_balance()


def test_an_account_is_not_closed_while_its_money_is_with_the_authority_and_what_sleeps_ends_with_it(account):
    empty = make_account(balance="0", at=OPENED)
    asleep(YEAR_ON)
    row = SleepingAccount.objects.get(account=account)
    facts = {"status": "HANDED_OVER", "amount_minor": 100_000, "transfer_id": 1, "handed_over_at": night(YEAR_ON)}
    SleepingAccount.objects.filter(pk=row.pk).update(**facts)
    operations.post(
        reference="o", kind="UNCLAIMED", narrative="o", movements=[operations.out_of(account, kes("1000"), "o")],
        legs=[ledger.credit(ledger.gl("bank:settlement", "KES"), kes("1000"))], by_bank=True, at=night(YEAR_ON),
    )  # fmt: skip
    with pytest.raises(NotEmpty, match="Authority"):
        operations.close(account=account, by=account.owner, at=night(YEAR_ON))
    at = night(date(2025, 2, 10))
    SleepingAccount.objects.filter(account=empty).update(status="NOTICED", noticed_at=night(date(2022, 1, 10)))
    with pytest.raises(NotAsleep, match="nothing on this account"):
        operations.ask_hand_over(row=SleepingAccount.objects.get(account=empty), reason="x", by=officers()[0], at=at)
    operations.close(account=empty, by=empty.owner, at=at)
    assert SleepingAccount.objects.get(account=empty).over_at == at
    assert not operations.give_notice(day=date(2025, 2, 10), at=at)


def test_nobody_hands_over_or_takes_back_the_money_of_whom_they_are_connected_with(account):
    asleep(YEAR_ON)
    operations.give_notice(day=date(2022, 1, 10), at=night(date(2022, 1, 10)))
    row, (maker, checker), at = SleepingAccount.objects.get(), officers(), night(date(2025, 1, 10))
    approval = operations.ask_hand_over(row=row, reason="Five years", by=maker, at=at)
    people.declare_connection(staff=checker, customer=account.owner, kind="SELF", by=checker, at=at)
    with pytest.raises(Connected):
        approvals.approve(approval=approval, by=checker, at=at)
    approvals.approve(approval=approval, by=officers()[1], at=at)
    row.refresh_from_db()
    back = operations.ask_reclaim(row=row, reason="Claim 17", by=maker, at=at)
    with pytest.raises(Connected):
        approvals.approve(approval=back, by=checker, at=at)
    assert balance_of(account) == "0.00"


def test_who_wakes_what_is_with_the_authority_breaks_no_night_of_the_bank(account):
    asleep(YEAR_ON)
    facts = {"status": "HANDED_OVER", "amount_minor": 1, "transfer_id": 1, "handed_over_at": night(YEAR_ON)}
    SleepingAccount.objects.update(**facts)
    account.refresh_from_db()
    at = night(YEAR_ON)
    operations.wake(account=account, challenge_id=prove(account, at), by=account.owner, at=at)
    assert asleep(YEAR_ON + timedelta(days=1)) == 0
    account.refresh_from_db()
    assert account.status == "ACTIVE"


def test_who_came_back_meanwhile_keeps_their_money(account):
    asleep(YEAR_ON)
    operations.give_notice(day=date(2022, 1, 10), at=night(date(2022, 1, 10)))
    maker, checker = officers()
    at = night(date(2025, 1, 10))
    approval = operations.ask_hand_over(row=SleepingAccount.objects.get(), reason="Five years", by=maker, at=at)
    account.refresh_from_db()
    operations.wake(account=account, challenge_id=prove(account, at), by=account.owner, at=at)
    with pytest.raises(NotAsleep):
        approvals.approve(approval=approval, by=checker, at=at)
    assert balance_of(account) == "1000.00"


def test_a_low_balance_is_told_on_the_day_it_falls(account):
    day = date(2020, 6, 1)
    for amount, on in (("500", day - timedelta(days=1)), ("310", day), ("10", day + timedelta(days=1))):
        operations.post(
            reference=f"out/{amount}",
            kind="WITHDRAWAL",
            narrative="x",
            movements=[operations.out_of(account, kes(amount), "x")],
            legs=[ledger.credit(ledger.gl("bank:settlement", "KES"), kes(amount))],
            at=day_start(on) + timedelta(hours=9),
        )
    told = [operations.tell_of_low_balances(day=day + timedelta(days=nth), at=night(day)) for nth in (-1, 0, 1)]
    assert told == [0, 1, 0], "KES 190 on the first is below a fifth of 991; the day before and after nothing fell"
    message = Message.objects.filter(code="accounts.balance_low").first()
    assert "KES 190.00" in str(message.body)
    raised = Alert.objects.get(user=account.owner)
    assert (raised.type, raised.about) == ("LOW_BALANCE", f"accounts/{account.pk}/low/{day}")
    assert "KES 190.00" in raised.message


def test_an_account_of_a_business_sleeps_and_anyone_who_signs_for_it_wakes_it(db):
    firm = make_business(make_customer())
    clerk, viewer = make_member(firm, "SIGNATORY"), make_member(firm, "VIEWER")
    account = business_account(firm, balance="1000", at=OPENED)
    assert asleep(YEAR_ON - timedelta(days=1)) == 0
    assert asleep(YEAR_ON) == 1
    account.refresh_from_db()
    assert account.status == "DORMANT"
    assert operations.give_notice(day=date(2022, 1, 10), at=night(date(2022, 1, 10))) == 1
    told = Message.objects.filter(code="accounts.dormant_notice").values_list("user", flat=True)
    assert list(told) == [firm.created_by_id], "those behind the business read it"
    at = night(YEAR_ON)
    for who, no in ((make_customer(), NotFound), (viewer, NotAllowed)):
        with pytest.raises(no):
            operations.challenge_wake(account=account, by=who, at=at)
        with pytest.raises(no):
            operations.wake(account=account, challenge_id=None, by=who, at=at)
    asked = operations.challenge_wake(account=account, by=clerk, at=at)
    people.answer(challenge_id=asked.pk, user=clerk, answer=code_sent_to(str(clerk.phone)), at=at)
    with pytest.raises(StepUpRequired):
        operations.wake(account=account, challenge_id=asked.pk, by=firm.created_by, at=at)
    operations.wake(account=account, challenge_id=asked.pk, by=clerk, at=at)
    account.refresh_from_db()
    assert (account.status, SleepingAccount.objects.get().status) == ("ACTIVE", "WOKEN")
    assert AuditLog.objects.get(action="accounts.account.woken").actor == clerk
    assert asleep(YEAR_ON + timedelta(days=200)) == 0
    assert asleep(YEAR_ON + timedelta(days=370)) == 1
