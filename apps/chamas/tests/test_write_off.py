"""A group's loan that will not come back: the borrower's own pays first, the rest is lost together, to the cent."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from apps.accounts.testing import balance_of, kes
from apps.audit_trail.models import AuditLog
from apps.chamas import acts, audit, checks, operations, purposes
from apps.chamas.errors import AlreadyDone, Invalid, NotYet, OwnMatter
from apps.chamas.models import Fine, GroupEntry, GroupLoan, GroupLoanRow, GroupRepayment, Proposal, Sharing
from apps.chamas.operations.books import balances
from apps.chamas.operations.incoming import receive_for
from apps.chamas.testing import decide, make_group, make_lost_loan, members_of, open_next, pay_all, sign
from apps.kernel.clock import now
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.notifications.models import Message
from apps.users.models import User

pytestmark = pytest.mark.django_db


def write_off(loan, *, key="off"):
    return decide("WRITE_OFF_LOAN", loan.group, {"loan": loan.pk, "reason": "Moved away"}, at=now(), key=key)


def fresh(loan):
    return GroupLoan.objects.select_related("group", "member__user", "member__account").get(pk=loan.pk)


def is_sound(group):
    """The books balance, rows and books say the same, and the audit names nothing of what is asked of a write-off."""
    assert_books_balance()
    assert [found for ask in checks._QUESTIONS.values() for found in checks._findings(ask)] == []
    asked = {"too_few_approvals", "written_off_without_decision", "share_out_to_nothing", "left_with_something"}
    assert [one for one in audit.audit([group], at=now()) if one.rule in asked] == []


def test_what_the_borrower_owns_pays_first_and_the_rest_is_lost_together():
    loan = make_lost_loan()
    group, member = loan.group, loan.member
    receipt = write_off(loan)
    loan = fresh(loan)
    assert (loan.status, loan.left_minor, loan.written_off_minor) == ("WRITTEN_OFF", 0, 120_000)
    own = balances(group)
    assert (own["LOANS"], own["SAVINGS"], own["RESERVE"]) == (0, 400_000, 20_000 - 120_000)
    assert balances(group, member=member)["SAVINGS"] == 0
    assert balance_of(member.account) == "50800.00"  # no money moved on any account
    paid = GroupRepayment.objects.get()
    assert (paid.amount_minor, paid.interest_minor) == (100_000, 20_000)  # a month of 10 % on 2000, then principal
    assert {row.reference for row in GroupEntry.objects.filter(kind="LOAN_LOSS")} == {receipt}
    kept = AuditLog.objects.get(action="chamas.loan.written_off")
    assert kept.reason == "Moved away"
    with pytest.raises(AlreadyDone):
        write_off(loan, key="again")
    assert operations.fine_late_instalments(at=now()) == 0
    is_sound(group)


def test_the_share_out_after_it_is_right_to_the_cent_and_nobody_pays_more_than_they_own():
    loan = make_lost_loan("2000", rate=0, share_out_by="TIME_WEIGHTED")
    group = loan.group
    with pytest.raises(NotYet):
        decide("SHARE_OUT", group, {}, at=now())
    write_off(loan)
    decide("SHARE_OUT", group, {}, at=now() + timedelta(days=60))
    got = {one.number: balance_of(one.account) for one in members_of(group)}
    # Four who saved 1000 bear the loss of 1000; who borrowed saved as long, and has nothing left to lose.
    assert [got[nth] for nth in (1, 2, 3, 4)] == ["49550.00"] * 4
    assert got[5] == "50800.00"
    assert (Sharing.objects.get().total_minor, Sharing.objects.get().profit_minor) == (300_000, -100_000)
    assert not any(minor for fund, minor in balances(group).items() if fund != "WELFARE")
    is_sound(group)


def test_a_loan_that_their_own_covers_is_paid_back_by_it_and_nothing_is_lost():
    loan = make_lost_loan("500", rate=0)
    write_off(loan)
    loan = fresh(loan)
    assert (loan.status, loan.written_off_minor, balances(loan.group)["RESERVE"]) == ("PAID", 0, 0)
    assert balances(loan.group, member=loan.member)["SAVINGS"] == 50_000
    is_sound(loan.group)


@pytest.mark.parametrize(("language", "says"), [("en", "is paid back"), ("sw", "umelipwa wote")])
def test_members_read_that_it_is_paid_back_where_nothing_is_lost(language, says):
    loan = make_lost_loan("500", rate=0)
    User.objects.filter(pk__in=[one.user_id for one in members_of(loan.group)]).update(language=language)
    deliver_events()
    Message.objects.all().delete()
    receipt = write_off(loan)
    deliver_events()
    told = Message.objects.all()
    assert {(one.code, one.user_id) for one in told} == {
        ("chamas.loan_paid_by_own", one.user_id) for one in members_of(loan.group)
    }
    for one in told:
        assert [said in str(one.body) for said in (says, "KES 500.00", receipt, "KES 0.00")] == [
            True,
            True,
            True,
            False,
        ]


def test_shares_and_what_was_paid_ahead_pay_as_well_and_fines_stay_owed():
    loan = make_lost_loan("3000", rate=0)
    group, member = loan.group, loan.member
    operations.buy_shares(group=group, count=1, key="1", by=member.user, at=now())
    operations.contribute(member=member, amount=kes("70"), key="ahead", by=member.user, at=now())
    operations.fine_late_instalments(at=now())
    write_off(loan)
    assert fresh(loan).written_off_minor == 300_000 - 100_000 - 50_000 - 7_000
    own = balances(group, member=member)
    assert (own["SAVINGS"], own["SHARES"], own["ADVANCE"]) == (0, 0, 0)
    assert set(Fine.objects.filter(member=member).values_list("status", flat=True)) == {"OPEN"}
    is_sound(group)


def test_what_comes_back_afterwards_is_earned_together_until_all_is_back():
    loan = make_lost_loan(rate=0)
    group, member = loan.group, loan.member
    write_off(loan)

    def repay(amount, key):
        return operations.repay_loan(loan=fresh(loan), amount=kes(amount), key=key, by=member.user, at=now())

    with pytest.raises(Invalid):
        repay("1000.01", "1")
    row = repay("400", "1")
    assert repay("400", "1") == row
    assert (fresh(loan).recovered_minor, balances(group)["RESERVE"]) == (40_000, -60_000)
    with pytest.raises(NotYet, match=loan.reference):
        operations.ask_loan(
            group=group,
            amount=kes("1"),
            months=1,
            guarantors=[members_of(group)[0].pk],
            key="2",
            by=member.user,
            at=now(),
        )
    assert purposes.Shares().account_of(loan.reference) == member.account
    receive_for(purpose=f"chama/{loan.reference}", amount=kes("999"), key="mpesa/1", source="MPESA", at=now())
    assert (fresh(loan).status, fresh(loan).recovered_minor, balances(group)["RESERVE"]) == ("WRITTEN_OFF", 100_000, 0)
    assert balance_of(member.account) == "49800.00"  # what was more than was lost stays theirs
    assert purposes.loan_of(loan.reference) is None
    with pytest.raises(AlreadyDone):
        repay("1", "2")
    assert GroupEntry.objects.filter(kind="LOAN_RECOVERY", fund="RESERVE").count() == 2
    is_sound(group)


def test_who_left_can_still_pay_it_back_and_a_closed_group_takes_nothing():
    loan = make_lost_loan(rate=0, exit_notice_days=0)
    group, member = loan.group, loan.member
    write_off(loan)
    operations.give_notice(group=group, by=member.user, at=now())
    decide("SETTLE_LEAVER", group, {"member": member.pk}, at=now())
    receive_for(purpose=f"chama/{loan.reference}", amount=kes("400"), key="mpesa/1", source="MPESA", at=now())
    assert (fresh(loan).recovered_minor, balances(group)["RESERVE"]) == (40_000, -60_000)
    deliver_events()
    decide("DISSOLVE", group, {}, at=now() + timedelta(days=60))
    assert {balance_of(one.account) for one in members_of(group)} == {"49900.00"}  # less 150 lost, with 50 of who left
    assert purposes.loan_of(loan.reference) is None
    assert receive_for(purpose=f"chama/{loan.reference}", amount=kes("9"), key="2", source="MPESA", at=now()) is None
    is_sound(group)


def test_a_loan_that_is_not_late_is_not_written_off_and_nothing_moves():
    loan = make_lost_loan(days=89)
    with pytest.raises(NotYet, match="90 days"):
        write_off(loan)
    with pytest.raises(Invalid):
        acts.act("WRITE_OFF_LOAN").read(
            make_lost_loan().group, {"loan": GroupLoan.objects.latest("pk").pk, "reason": " "}
        )
    assert (fresh(loan).status, balances(loan.group)["LOANS"]) == ("ACTIVE", -200_000)
    GroupLoanRow.objects.filter(loan=loan).update(due_on=F("due_on") - timedelta(days=1))
    write_off(loan)


def test_the_group_votes_two_officers_sign_and_who_borrowed_or_stands_for_it_has_no_say():
    loan = make_lost_loan(members=6)
    group, (chair, treasurer, secretary, plain, stand, borrower) = loan.group, members_of(loan.group)
    facts = {"loan": loan.pk, "reason": "Moved away"}
    row = operations.propose(group=group, act="WRITE_OFF_LOAN", facts=facts, by=borrower.user, at=now(), key="1")
    assert (row.is_voted_on, row.amount_minor, set(row.concerned)) == (True, 0, {borrower.pk, stand.pk})
    for one in (borrower, stand):
        with pytest.raises(OwnMatter):
            operations.vote(proposal=row, choice="YES", by=one.user, at=now())
    for one in (chair, treasurer):
        sign(row, one.user)
    for one in (chair, treasurer, secretary, plain):
        row = operations.vote(proposal=row, choice="YES", by=one.user, at=now()) if row.status == "OPEN" else row
    row.refresh_from_db()
    assert (row.status, fresh(loan).status) == ("CARRIED_OUT", "WRITTEN_OFF")
    assert operations.free_savings(stand) == 100_000
    Message.objects.all().delete()
    deliver_events()
    said = Message.objects.filter(code="chamas.loan_written_off")
    assert set(said.values_list("user_id", flat=True)) == {one.user_id for one in members_of(group)}
    assert row.reference in str(said[0].body)
    assert not Message.objects.filter(code="chamas.decided").exists()
    is_sound(group)


def test_officers_who_stand_for_it_decide_when_no_two_others_could_sign():
    group = make_group(members=4, loan_guarantors=2)
    pay_all(open_next(group))
    chair, treasurer, secretary, borrower = members_of(group)
    loan = operations.ask_loan(
        group=group,
        amount=kes("100"),
        months=1,
        guarantors=[chair.pk, treasurer.pk],
        key="1",
        by=borrower.user,
        at=now(),
    )
    for one in (chair, treasurer):
        operations.agree_to_guarantee(loan=loan, by=one.user, at=now())
    concerned = acts.act("WRITE_OFF_LOAN").concerns
    assert concerned(group, {"loan": loan.pk}) == {borrower.pk}
    assert secretary.role == "SECRETARY"


def test_one_written_off_past_the_group_is_found_and_one_that_lost_nothing_cannot_be():
    loan = make_lost_loan()
    write_off(loan)
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupLoan.objects.filter(pk=loan.pk).update(recovered_minor=F("written_off_minor") + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupLoan.objects.filter(pk=loan.pk).update(written_off_minor=0)
    Proposal.objects.filter(act="WRITE_OFF_LOAN").update(status="REJECTED")
    assert "written_off_without_decision" in {one.rule for one in audit.audit([loan.group], at=now())}
    GroupLoan.objects.filter(pk=loan.pk).update(recovered_minor=1)
    assert "lost" in checks._findings(checks._QUESTIONS["lost_loans_are_what_was_written_off"])[0]


@pytest.mark.django_db(transaction=True)
def test_written_off_by_two_and_repaid_at_once_it_is_lost_or_paid_and_never_both():
    loan = make_lost_loan("1500", rate=0)
    facts = {"loan": loan.pk, "reason": "Moved away"}

    def repay():
        return operations.repay_loan(loan=loan, amount=kes("400"), key="all", by=loan.member.user, at=now())

    carry_out = acts.act("WRITE_OFF_LOAN").carry_out
    off = [lambda key=key: carry_out(loan.group, facts, key=key, by=loan.member.user, at=now()) for key in "ab"]
    assert [type(no) for no in refusals(at_once(repay, *off, repay))] == [AlreadyDone]
    loan = fresh(loan)
    assert loan.status == "WRITTEN_OFF"
    # Paid before, 400 less was lost; paid after, 400 of it came back: the group is at the same cent.
    assert loan.written_off_minor - loan.recovered_minor == 10_000
    own = balances(loan.group)
    assert (own["LOANS"], own["SAVINGS"], own["RESERVE"]) == (0, 400_000, -10_000)
    assert_books_balance()
