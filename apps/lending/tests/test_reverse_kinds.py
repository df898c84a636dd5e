"""Repayments of other kinds taken back: of a loan in parts, of an earlier day, from another account, by a new loan."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, give, kes, make_account
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger.errors import TransferTied
from apps.ledger.testing import assert_books_balance
from apps.lending import movements, operations
from apps.lending.book import months
from apps.lending.errors import NotEligible
from apps.lending.models import LoanEntry, Repayment, RepaymentReversal, Tranche
from apps.lending.operations import Part, receive
from apps.lending.operations import day as steps
from apps.lending.operations.reverse_repayment import why_not
from apps.lending.testing import ask, end_days, make_borrower, make_loan, make_officer, signed, terms_of
from apps.lending.tests.test_reverse_at_once import approving
from apps.lending.tests.test_reverse_repayment import NOON, asked, figures, fresh, paid, running, taken_back

pytestmark = pytest.mark.django_db


def sound(*loans):
    for loan in loans:
        movements.account_of(fresh(loan))
    assert_books_balance()


def in_parts():
    account, officer = make_borrower(deposits="90000", at=NOON, kyc_tier="TIER_2"), make_officer()
    loan = ask(account, "60000", code="BUSINESS", terms=terms_of("BUSINESS", most_parts=2), at=NOON)
    days = (NOON, NOON + timedelta(days=20))
    parts = [Part(kes(amount), local_date(on)) for amount, on in zip(("20000", "40000"), days, strict=True)]
    operations.plan_parts(loan=loan, parts=parts, by=account.owner, at=NOON)
    loan = operations.approve(loan=fresh(loan), by=officer, at=NOON)
    operations.disburse(loan=signed(loan, at=NOON), by=officer, at=NOON)
    return fresh(loan), officer


def test_parts_that_ending_the_loan_had_cancelled_are_to_come_again():
    loan, officer = in_parts()
    give(loan.account, "30000", at=NOON)
    row = paid(loan, "all", NOON + timedelta(days=10))
    assert Tranche.objects.get(loan=loan, number=2).status == "CANCELLED"
    taken_back(row, NOON + timedelta(days=12))
    part = Tranche.objects.get(loan=loan, number=2)
    assert (part.status, part.over_at, fresh(loan).status) == ("PLANNED", None, "ACTIVE")
    operations.pay_out_part(tranche=part, by=officer, at=NOON + timedelta(days=20))
    assert fresh(loan).principal_left == kes("60000")
    sound(loan)


def test_refuses_one_after_which_another_part_went_out():
    loan, officer = in_parts()
    row = paid(loan, "500", NOON + timedelta(days=10))
    part = Tranche.objects.get(loan=loan, number=2)
    operations.pay_out_part(tranche=part, by=officer, at=NOON + timedelta(days=20))
    with pytest.raises(NotEligible, match="schedule was changed"):
        asked(row, NOON + timedelta(days=20))


@pytest.mark.parametrize("amount", ["9000", "20000"])
def test_a_payment_of_an_earlier_day_that_had_changed_the_schedule(amount):
    loan, twin = running("BUSINESS", "60000"), running("BUSINESS", "60000")
    now = NOON + timedelta(days=70)
    end_days(NOON, now)
    request = operations.ask_back_dated(
        loan=fresh(loan), amount=kes(amount), paid_on=(NOON + timedelta(days=36)).date(), came="CASH", document="R-1",
        reason="It lay in the wrong file", by=make_officer(), at=now,
    )  # fmt: skip
    approvals.approve(approval=request, by=make_officer(), at=now)
    taken_back(Repayment.objects.get(loan=loan), now)
    end_days(now, now + timedelta(days=1))
    assert figures(loan) == figures(twin)
    assert fresh(loan).penalties_minor <= fresh(twin).penalties_minor
    sound(loan, twin)


def test_goes_back_to_the_account_that_paid():
    loan = running()
    other = make_account(loan.borrower, balance="9000", at=NOON)
    due = NOON + timedelta(days=30)
    row = steps.pay_due(account=other, most=kes("9000"), key="rule", at=due)[0]
    before = float(balance_of(other)), balance_of(loan.account)
    taken_back(row, due)
    assert (float(balance_of(other)), balance_of(loan.account)) == (before[0] + 5250, before[1])
    sound(loan)


def test_what_a_new_loan_paid_off_stays_paid():
    account = make_borrower(deposits="90000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, "20000", code="BUSINESS", at=NOON)
    give(account, "20000", at=NOON)
    at = NOON + timedelta(days=1)
    operations.repay(loan=fresh(loan), amount=kes("15000"), key="most", by=account.owner, at=at)
    new = operations.top_up(loan=fresh(loan), more=kes("5000"), key="more", by=account.owner, at=at)
    if new.status == "APPLIED":
        new = operations.approve(loan=fresh(new), by=make_officer(), at=at)
    operations.disburse(loan=signed(fresh(new), at=at), by=make_officer(), at=at)
    row = Repayment.objects.get(loan=loan, source="REFINANCE")
    with pytest.raises(NotEligible, match="A new loan paid this"):
        asked(row, at)
    assert "A new loan paid this" in why_not(row)
    assert not RepaymentReversal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_that_go_on_to_each_others_loan_wait_for_each_other_and_no_longer():
    one, two = running(), running()
    at = NOON + timedelta(days=5)
    give(one.account, "0.01", at=at)
    rows = [paid(loan, "1000", at, source="CASH") for loan in (one, two)]
    requests = [
        asked(row, at, because="WRONG_LOAN", to=right.reference) for row, right in zip(rows, (two, one), strict=True)
    ]
    made = at_once(*[approving(request, at) for request in requests])
    # Whichever comes second finds that a newer payment stands on its loan: the one that went on to it.
    assert [type(no) for no in refusals(made)] in ([], [NotEligible])
    assert RepaymentReversal.objects.count() == 2 - len(refusals(made))
    assert sum(row.amount_minor for row in Repayment.objects.standing()) == 200_000
    sound(one, two)


def test_the_books_alone_do_not_undo_what_was_done_to_a_loan():
    loan = running()
    row = paid(loan, "2000", NOON + timedelta(days=1))
    payout = LoanEntry.objects.get(loan=loan, what="DISBURSEMENT").transfer_id
    for transfer, words in ((row.transfer_id, row.reference), (payout, "Loans stand on this transfer")):
        with pytest.raises(TransferTied, match=words):
            ledger.ask_reversal(
                transfer_id=transfer, reason="Wrong", by=make_officer(role="ADMIN"), at=NOON + timedelta(days=1)
            )
    sound(loan)


def test_a_promise_is_not_kept_by_what_was_taken_back():
    loan, at = running(), NOON + timedelta(days=35)
    end_days(NOON, at)
    made = operations.collections.promise(
        loan=fresh(loan), amount=kes("1000"), due_on=at.date(), key="word", by=loan.borrower, at=at
    )
    taken_back(paid(loan, "1000", at), at)
    end_days(at, at + timedelta(days=1))
    made.refresh_from_db()
    assert (made.status, made.received_minor) == ("BROKEN", 0)
    assert months(at.date())[0].back == kes("0")
    sound(loan)


def test_a_payment_of_an_earlier_day_is_not_recorded_before_one_that_was_taken_back():
    loan, at = running(), NOON + timedelta(days=40)
    end_days(NOON, at)
    taken_back(paid(loan, "1000", at), at)
    later = at + timedelta(days=2)
    end_days(at, later)
    said = {"came": "CASH", "document": "R-1", "reason": "Late", "by": make_officer(), "at": later}
    for day in (39, 40):
        with pytest.raises(NotEligible, match="was taken back on"):
            operations.ask_back_dated(
                loan=fresh(loan), amount=kes("500"), paid_on=(NOON + timedelta(days=day)).date(), **said
            )
    request = operations.ask_back_dated(
        loan=fresh(loan), amount=kes("500"), paid_on=(NOON + timedelta(days=41)).date(), **said
    )
    approvals.approve(approval=request, by=make_officer(), at=later)
    row = Repayment.objects.get(key="document/CASH/R-1")
    taken_back(row, later)
    assert fresh(loan).paid == kes("0")
    sound(loan)


@pytest.mark.parametrize(("code", "total"), [("INSTANT", "5000"), ("BUSINESS", "60000")])
def test_what_goes_on_to_the_right_loan_counts_from_the_day_it_came(code, total):
    wrong, right, twin = running(code, total), running(code, total), running(code, total)
    came, now = NOON + timedelta(days=33), NOON + timedelta(days=45)
    end_days(NOON, came)
    row = paid(wrong, "2000", came, source="CASH")
    paid(twin, "2000", came)
    end_days(came, now)
    before = balance_of(right.account)
    taken_back(row, now, because="WRONG_LOAN", to=right.reference)
    moved = Repayment.objects.get(loan=right)
    assert (moved.paid_on, moved.source, balance_of(right.account)) == (came.date(), "CASH", before)
    end_days(now, now + timedelta(days=1))
    assert figures(right) == figures(twin)
    assert fresh(right).penalties_minor == fresh(twin).penalties_minor
    sound(wrong, right, twin)


def test_what_cannot_count_from_the_day_it_came_counts_from_today():
    wrong, right = running(), running()
    came, now = NOON + timedelta(days=33), NOON + timedelta(days=45)
    end_days(NOON, came)
    row = paid(wrong, "2000", came, source="CASH")
    paid(right, "100", came + timedelta(days=2))
    end_days(came, now)
    taken_back(row, now, because="WRONG_LOAN", to=right.reference)
    assert Repayment.objects.get(key=f"moved/{row.reference}").paid_on == now.date()
    sound(wrong, right)


def test_refuses_what_is_older_than_the_banks_memory_of_it(monkeypatch):
    loan = running()
    made = receive._repayment

    def forgetting(*args):
        row = made(*args)
        row.before = None
        return row

    monkeypatch.setattr(receive, "_repayment", forgetting)
    row = paid(loan, "2000", NOON + timedelta(days=1))
    with pytest.raises(NotEligible, match="older than"):
        asked(row, NOON + timedelta(days=1))
    assert fresh(loan).paid == kes("2000")
    sound(loan)
