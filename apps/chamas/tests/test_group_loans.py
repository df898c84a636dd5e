"""Table banking: lent within the rules, paid back to the cent, fined when late."""

from datetime import date, timedelta

import pytest

from apps.accounts.testing import balance_of, kes
from apps.chamas import operations
from apps.chamas.errors import AlreadyDone, Invalid, NotYet, OverTheLimit
from apps.chamas.models import Fine, GroupLoan, GroupLoanRow
from apps.chamas.operations.books import balances
from apps.chamas.testing import decide, make_group, member_of, open_next, pay_all
from apps.kernel.clock import day_start, now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to

pytestmark = pytest.mark.django_db


def make_loan(amount="2000", *, months=2, **rules):
    """Asked for by a member, with the chair behind it, in a group where everybody saved 1000."""
    group = make_group(members=4, loan_guarantors=1, **rules)
    pay_all(open_next(group))
    chair, member = member_of(group, "CHAIR"), member_of(group, "MEMBER")
    return operations.ask_loan(
        group=group, amount=kes(amount), months=months, guarantors=[chair.pk], key="1", by=member.user, at=now()
    )


def lend(loan):
    """Guaranteed and decided."""
    operations.agree_to_guarantee(loan=loan, by=loan.guarantees.get().member.user, at=now())
    decide("LEND_TO_MEMBER", loan.group, {"loan": loan.pk}, at=now())
    return GroupLoan.objects.get(pk=loan.pk)


def test_a_loan_is_lent_within_the_multiple_with_guarantors_and_out_of_the_pot():
    loan = make_loan()
    group, member = loan.group, loan.member
    with pytest.raises(NotYet):
        decide("LEND_TO_MEMBER", group, {"loan": loan.pk}, at=now())
    loan = lend(loan)
    assert (balances(group)["LOANS"], balance_of(member.account)) == (-200_000, "50800.00")
    assert sum(row.principal_minor for row in loan.rows.all()) == 200_000
    with pytest.raises(AlreadyDone):
        decide("LEND_TO_MEMBER", group, {"loan": loan.pk}, at=now(), key="2")
    with pytest.raises(NotYet):
        decide("SHARE_OUT", group, {}, at=now())
    other = member_of(group, "SECRETARY")
    asked = {"group": group, "months": 1, "key": "2", "by": other.user, "at": now()}
    with pytest.raises(OverTheLimit):
        operations.ask_loan(amount=kes("4000.01"), guarantors=[member.pk], **asked)
    with pytest.raises(NotAllowed):
        operations.ask_loan(amount=kes("100"), guarantors=[other.pk], **asked)
    with pytest.raises(Invalid):
        operations.ask_loan(amount=kes("100"), guarantors=[member.pk], **asked | {"months": 13})
    assert_books_balance()


def test_a_loan_is_paid_back_interest_to_what_was_earned_and_more_lowers_what_comes():
    loan = lend(make_loan(loan_rate_bps=1_000))
    group, member = loan.group, loan.member
    first, second = loan.rows.order_by("number")
    assert (first.interest_minor, second.interest_minor) == (20_000, 10_476)

    def repay(amount, key, at):
        return operations.repay_loan(loan=loan, amount=kes(amount), key=key, by=member.user, at=at)

    due = day_start(first.due_on)
    with pytest.raises(NotFound):
        operations.repay_loan(loan=loan, amount=kes("1"), key="0", by=group.created_by, at=due)
    with pytest.raises(Invalid):
        repay("2200.01", "1", due)
    row = repay("1700", "1", due)
    assert repay("1700", "1", due) == row
    assert (row.interest_minor, balances(group)["LOANS"], balances(group)["RESERVE"]) == (20_000, -50_000, 20_000)
    second = loan.rows.get(number=2)
    assert (second.principal_minor, second.interest_minor) == (50_000, 5_000)
    repay("550", "2", day_start(second.due_on))
    loan.refresh_from_db()
    assert (loan.status, balances(group)["LOANS"], balances(group)["RESERVE"]) == ("PAID", 0, 25_000)
    with pytest.raises(AlreadyDone):
        repay("1", "3", due)
    assert_books_balance()


def test_days_on_which_instalments_are_due_stay_when_more_is_paid_back():
    loan = make_loan("2000", months=3)
    operations.agree_to_guarantee(loan=loan, by=loan.guarantees.get().member.user, at=now())
    lent = day_start(date(2027, 1, 31))
    decide("LEND_TO_MEMBER", loan.group, {"loan": loan.pk}, at=lent)
    loan.refresh_from_db()
    before = list(loan.rows.order_by("number").values_list("due_on", flat=True))
    assert before == [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]
    operations.repay_loan(loan=loan, amount=kes("1500"), key="1", by=loan.member.user, at=day_start(date(2027, 2, 28)))
    assert list(loan.rows.order_by("number").values_list("due_on", flat=True)) == before
    assert (
        sum(row.principal_minor - row.paid_principal_minor for row in loan.rows.all())
        == loan.__class__.objects.get(pk=loan.pk).left_minor
    )


def test_a_late_instalment_is_fined_once_and_a_leaver_settles_the_loan():
    loan = lend(make_loan("500", months=1, exit_notice_days=0))
    row = GroupLoanRow.objects.get()
    assert operations.fine_late_instalments(at=day_start(row.due_on)) == 0
    over = day_start(row.due_on + timedelta(days=1))
    assert operations.fine_late_instalments(at=over + timedelta(minutes=59)) == 0
    late = over + timedelta(minutes=60)
    assert [operations.fine_late_instalments(at=late), operations.fine_late_instalments(at=late)] == [1, 0]
    assert Fine.objects.get().amount == kes("50")
    deliver_events()
    assert messages_to(str(loan.member.user.phone))[-1].code == "chamas.fined"
    operations.give_notice(group=loan.group, by=loan.member.user, at=now())
    decide("SETTLE_LEAVER", loan.group, {"member": loan.member_id}, at=late)
    loan.refresh_from_db()
    own = balances(loan.group)
    assert (loan.status, own["LOANS"], own["RESERVE"], own["FINES"]) == ("PAID", 0, 5_000, 5_000)
    assert balance_of(loan.member.account) == "49700.00"  # 50000 - 200 welfare - 50 interest - 50 fine
    assert_books_balance()


def test_a_loan_that_is_not_wanted_any_more_is_not_paid_out():
    loan = make_loan()
    operations.cancel_loan(loan=loan, by=loan.member.user, at=now())
    with pytest.raises(AlreadyDone):
        decide("LEND_TO_MEMBER", loan.group, {"loan": loan.pk}, at=now())
    with pytest.raises(IllegalMove):
        operations.cancel_loan(loan=loan, by=loan.member.user, at=now())


@pytest.mark.django_db(transaction=True)
def test_a_loan_lent_and_repaid_at_once_is_lent_and_repaid_once():
    loan = make_loan()
    operations.agree_to_guarantee(loan=loan, by=loan.guarantees.get().member.user, at=now())
    acts = [lambda key=key: decide("LEND_TO_MEMBER", loan.group, {"loan": loan.pk}, at=now(), key=key) for key in "ab"]
    assert len(refusals(at_once(*acts))) == 1

    def repay():
        return operations.repay_loan(loan=loan, amount=kes("2000"), key="all", by=loan.member.user, at=now())

    assert not refusals(at_once(repay, repay))
    assert (balances(loan.group)["LOANS"], balance_of(loan.member.account)) == (0, "48800.00")
    assert_books_balance()


def test_a_guarantor_who_says_no_stops_the_loan_and_the_borrower_hears_it():
    loan = make_loan()
    chair = loan.guarantees.get().member
    with pytest.raises(NotFound):
        operations.decline_guarantee(loan=loan, by=loan.member.user, at=now())
    operations.decline_guarantee(loan=loan, by=chair.user, at=now())
    for answer in (operations.decline_guarantee, operations.agree_to_guarantee):
        with pytest.raises(AlreadyDone):
            answer(loan=loan, by=chair.user, at=now())
    with pytest.raises(NotYet, match="said no"):
        decide("LEND_TO_MEMBER", loan.group, {"loan": loan.pk}, at=now())
    assert balances(loan.group)["LOANS"] == 0
    deliver_events()
    assert "does not stand" in str(messages_to(str(loan.member.user.phone))[-1].body)
    operations.cancel_loan(loan=loan, by=loan.member.user, at=now())
