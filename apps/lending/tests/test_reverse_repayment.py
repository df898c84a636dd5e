"""A repayment that is taken back: the loan stands where it would have stood without it, and no posted row changed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.errors import AccountClosed
from apps.accounts.models import Account, Transaction
from apps.accounts.testing import balance_of, give, kes, make_teller
from apps.kernel import approvals
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.lending import movements, operations
from apps.lending.errors import BadTerm, NotEligible, TakenBack
from apps.lending.models import Guarantee, Instalment, Loan, LoanEntry, Repayment, RepaymentReversal, Schedule
from apps.lending.operations import day as steps
from apps.lending.testing import end_days, make_borrower, make_guaranteed_loan, make_loan, make_officer
from apps.notifications.testing import messages_to

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
FIGURES = (
    "status",
    "over_at",
    "principal_left_minor",
    "interest_accrued_minor",
    "interest_paid_minor",
    "interest_suspended_minor",
    "paid_minor",
    "days_past_due",
    "oldest_due_on",
    "loss_class",
    "stage",
    "provision_minor",
    "regulatory_minor",
    "is_non_accrual",
    "owed_when_non_performing_minor",
    "paid_since_non_performing_minor",
    "first_due_on",
    "last_due_on",
)


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def figures(loan, *more):
    rows = Instalment.objects.current().filter(loan=loan).order_by("number")
    shown = [
        (row.number, row.due_on, row.principal_minor, row.interest_minor, row.fee_minor, row.settled_on,
         row.left_minor - row.penalty_minor + row.paid_penalty_minor, *(getattr(row, name) for name in more))
        for row in rows
    ]  # fmt: skip
    return [getattr(fresh(loan), name) for name in (*FIGURES, *more)], shown


def running(code="INSTANT", amount="5000"):
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, amount, code=code, at=NOON)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    return fresh(loan)


def paid(loan, amount, at, key="wrong", **more):
    if amount == "all":
        return operations.pay_off(loan=fresh(loan), key=key, by=loan.borrower, at=at)
    return operations.repay(loan=fresh(loan), amount=kes(amount), key=key, by=loan.borrower, at=at, **more)


def asked(row, at, **more):
    said = {"because": "PAYER", "reason": "M-Pesa took QJK1 back", "by": more.pop("by", None) or make_officer()}
    return operations.ask_reverse_repayment(repayment=row, at=at, **said | more)


def taken_back(row, at, **more):
    return approvals.approve(approval=asked(row, at, **more), by=make_officer(), at=at)


def sound(*loans):
    for loan in loans:
        movements.account_of(fresh(loan))
    deliver_events()
    assert_books_balance()


@pytest.mark.parametrize(
    ("code", "total", "amount", "day", "until"),
    [
        ("INSTANT", "5000", "2000", 12, 20),  # flat, ahead
        ("INSTANT", "5000", "all", 12, 20),
        ("INSTANT", "5000", "5250", 30, 30),  # on its day, seen the same day
        ("INSTANT", "5000", "all", 30, 55),  # paid up, and late without it
        ("INSTANT", "5000", "1000", 45, 46),  # late already
        ("EMERGENCY", "8000", "3000", 20, 45),
        ("BUSINESS", "60000", "20000", 15, 25),  # planned anew
        ("BUSINESS", "60000", "9000", 36, 70),
        ("BUSINESS", "60000", "0.01", 40, 66),
        ("BUSINESS", "60000", "all", 15, 75),
        ("BUSINESS", "60000", "all", 0, 1),  # in its free hour: charges had come back
        ("BUSINESS", "60000", "all", 40, 180),  # non-performing without it
        ("BUSINESS", "60000", "30000", 140, 150),  # non-performing when it was paid, not after it
        ("BUSINESS", "60000", "all", 140, 150),
        ("BUSINESS", "60000", "1500", 140, 190),
    ],
)
def test_stands_as_if_it_had_never_been_paid(code, total, amount, day, until):
    loan, twin = running(code, total), running(code, total)
    paid_at, now = NOON + timedelta(days=day), NOON + timedelta(days=until)
    end_days(NOON, paid_at, each=True)
    there, penalties = balance_of(loan.account), fresh(loan).penalties_minor
    row = paid(loan, amount, paid_at)
    end_days(paid_at, now, each=True)
    charged = fresh(loan).penalties_minor
    taken_back(row, now)
    assert balance_of(loan.account) == there
    assert fresh(loan).penalties_minor == charged >= penalties  # none for the days in between
    end_days(now, now + timedelta(days=1), each=True)
    assert figures(loan) == figures(twin)
    assert fresh(loan).penalties_minor == charged
    assert fresh(loan).charges_left_minor == charged
    sound(loan, twin)


def test_charges_penalties_again_from_the_day_after():
    loan, now = running(), NOON + timedelta(days=50)
    end_days(NOON, NOON + timedelta(days=30), each=True)
    row = paid(loan, "all", NOON + timedelta(days=30))
    end_days(NOON + timedelta(days=30), now, each=True)
    taken_back(row, now)
    end_days(now, now + timedelta(days=1), each=True)
    assert fresh(loan).penalties_minor == 0
    end_days(now + timedelta(days=1), now + timedelta(days=2), each=True)
    late = Instalment.objects.current().get(loan=loan)
    assert (
        fresh(loan).penalties_minor
        == late.penalty_minor
        == (late.left - late.penalty).times(loan.terms.penalty_rate).minor
    )
    assert fresh(loan).penalties_minor > 0
    sound(loan)


def test_leaves_what_was_written_as_it_was_and_says_what_was_taken_back():
    loan = running("BUSINESS", "60000")
    now = NOON + timedelta(days=20)
    row = paid(loan, "20000", NOON + timedelta(days=15))
    entries = list(LoanEntry.objects.filter(transfer_id=row.transfer_id).values_list("side", "amount_minor"))
    before = list(Schedule.objects.filter(loan=loan).values_list("version", "why"))
    approval = taken_back(row, now)
    reversal = RepaymentReversal.objects.get(repayment=row)
    assert (reversal.version, reversal.decided_by, reversal.reversed_on) == (3, approval.checker, now.date())
    mirror = LoanEntry.objects.filter(transfer_id=reversal.transfer_id, what="REPAYMENT_BACK")
    assert sorted(mirror.values_list("side", "amount_minor")) == sorted((side, -minor) for side, minor in entries)
    assert list(Schedule.objects.filter(loan=loan).values_list("version", "why")) == [*before, (3, "TAKEN_BACK")]
    line = Transaction.objects.get(transfer_id=reversal.transfer_id)
    assert (line.txn_type, line.amount, line.reference) == ("REVERSAL", kes("20000"), row.reference)
    view = movements.account_of(fresh(loan))
    kinds = [one.what for one in view.lines]
    assert (view.paid, kinds) == (
        kes("0"),
        ["DISBURSEMENT", "INTEREST_PAID", "REPAYMENT", "INTEREST_AGAIN", "REPAYMENT_BACK"],
    )
    assert Repayment.objects.standing().count() == 0
    sound(loan)


def test_tells_the_borrower_why_and_where_the_money_is():
    loan = running()
    row = paid(loan, "2000", NOON + timedelta(days=12))
    deliver_events()
    taken_back(row, NOON + timedelta(days=13), because="TWICE")
    deliver_events()
    words = " ".join(one.body for one in messages_to(loan.borrower.phone))
    assert "KES 2,000.00 of 14 Mar 2026 was taken back. It was recorded twice." in words
    assert "Left to pay: KES 5,250.00" in words


@pytest.mark.parametrize("days", [1, 5])
def test_takes_back_one_after_the_other_the_newest_first(days):
    loan, twin = running("BUSINESS", "60000"), running("BUSINESS", "60000")
    made = []
    for nth, amount in enumerate(("5000", "20000", "700")):
        at = NOON + timedelta(days=10 + days * nth)
        end_days(NOON + timedelta(days=10 + days * (nth - 1)), at, each=True)
        made.append(paid(loan, amount, at, key=f"wrong-{nth}"))
    now = NOON + timedelta(days=40)
    end_days(at, now, each=True)
    for row in made[:2]:
        with pytest.raises(NotEligible, match="came after it"):
            asked(row, now)
    for row in reversed(made):
        taken_back(row, now)
    end_days(now, now + timedelta(days=1), each=True)
    assert figures(loan) == figures(twin)
    sound(loan, twin)


def test_what_is_paid_afterwards_is_paid_on_the_loan_as_it_was():
    loan, twin = running("BUSINESS", "60000"), running("BUSINESS", "60000")
    row = paid(loan, "20000", NOON + timedelta(days=15))
    now = NOON + timedelta(days=20)
    taken_back(row, now)
    for one in (loan, twin):
        paid(one, "8000", now, key="right")
    end_days(now, now + timedelta(days=1), each=True)
    assert figures(loan) == figures(twin)
    with pytest.raises(TakenBack):
        asked(row, now)
    taken_back(Repayment.objects.get(loan=loan, key="right"), now)
    sound(loan, twin)


def test_a_teller_took_cash_for_the_wrong_loan_and_it_goes_on_to_the_right_one():
    wrong, right = running(), running()
    teller, _till = make_teller(cash="0")
    at = NOON + timedelta(days=10)
    _cash, row = operations.take_cash(loan=wrong, amount=kes("2000"), by_name="Achieng", key="slip", by=teller, at=at)
    before = balance_of(wrong.account), balance_of(right.account)
    approval = taken_back(row, at, because="WRONG_LOAN", to=f" {right.reference.lower()} ")
    assert approval.outcome["moved_to"] == right.reference
    assert (fresh(wrong).paid, fresh(right).paid) == (kes("0"), kes("2000"))
    moved = Repayment.objects.get(loan=right)
    assert (moved.source, moved.key) == ("CASH", f"moved/{row.reference}")
    assert (balance_of(wrong.account), balance_of(right.account)) == before
    sound(wrong, right)


def test_what_the_right_loan_does_not_take_stays_on_its_account():
    wrong, right = running("BUSINESS", "60000"), running()
    teller, _till = make_teller(cash="0")
    _cash, row = operations.take_cash(
        loan=wrong, amount=kes("9000"), by_name="Achieng", key="slip", by=teller, at=NOON + timedelta(days=1)
    )
    before = float(balance_of(right.account))
    taken_back(row, NOON + timedelta(days=1), because="WRONG_LOAN", to=right.reference)
    assert fresh(right).status == "PAID"
    assert float(balance_of(right.account)) == before + 9000 - 5250
    sound(wrong, right)


def test_ones_own_money_does_not_go_to_anothers_loan():
    wrong, right = running(), running()
    row = paid(wrong, "2000", NOON + timedelta(days=1))
    with pytest.raises(NotEligible, match="own account"):
        asked(row, NOON + timedelta(days=1), because="WRONG_LOAN", to=right.reference)
    for reference in ("L222222222", wrong.reference):
        with pytest.raises(BadTerm, match="No other loan"):
            asked(row, NOON + timedelta(days=1), to=reference)
    assert not RepaymentReversal.objects.exists()


def test_the_loan_takes_nothing_by_itself_for_three_days():
    loan = running()
    Loan.objects.filter(pk=loan.pk).update(auto_debit=True)
    due = NOON + timedelta(days=30)
    steps.collect(day=due.date(), at=due)
    row = Repayment.objects.get(loan=loan)
    assert row.source == "AUTO"
    taken_back(row, due)
    for nth in range(3):
        steps.collect(day=due.date() + timedelta(days=nth), at=due + timedelta(days=nth))
        assert steps.collect_from(account_id=loan.account_id, key=f"m/{nth}", at=due + timedelta(days=nth)) == []
    steps.collect(day=due.date() + timedelta(days=3), at=due + timedelta(days=3))
    assert fresh(loan).status == "PAID"
    sound(loan)


def test_guarantors_stay_free_and_the_second_person_reads_it():
    loan = make_guaranteed_loan(at=NOON)
    give(loan.account, "20000", at=NOON)
    row = paid(loan, "all", NOON + timedelta(days=20))
    deliver_events()
    assert set(Guarantee.objects.filter(loan=loan).values_list("status", flat=True)) == {"RELEASED"}
    request = asked(row, NOON + timedelta(days=21))
    assert request.after["guarantors_stand_for_less"] == str(loan.principal.times(loan.terms.guarantee_cover))
    approvals.approve(approval=request, by=make_officer(), at=NOON + timedelta(days=21))
    deliver_events()
    assert fresh(loan).status == "ACTIVE"
    assert set(Guarantee.objects.filter(loan=loan).values_list("status", "held_minor")) == {("RELEASED", 0)}
    sound(loan)


def test_a_recovery_of_a_loan_written_off_goes_back_too():
    loan = running()
    now = NOON + timedelta(days=30 + loan.terms.write_off_after_days + 5)
    end_days(NOON, now)
    asked_off = operations.ask_write_off(loan=fresh(loan), reason="Gone", by=make_officer(role="ADMIN"), at=now)
    approvals.approve(approval=asked_off, by=make_officer(role="ADMIN"), at=now)
    first = paid(loan, "400", now, key="a")
    paid(loan, "300", now, key="b")
    taken_back(first, now)
    assert (fresh(loan).status, fresh(loan).recovered) == ("WRITTEN_OFF", kes("300"))
    sound(loan)


def test_refuses_what_was_paid_before_the_loan_was_written_off_or_got_other_terms():
    loan = running()
    now = NOON + timedelta(days=30 + loan.terms.write_off_after_days + 5)
    row = paid(loan, "100", NOON + timedelta(days=1))
    late = NOON + timedelta(days=40)
    end_days(NOON, late)
    other = operations.ask_restructure(loan=fresh(loan), why="REAGED", reason="Harvest", by=make_officer(), at=late)
    request = asked(row, late)
    approvals.approve(approval=other, by=make_officer(), at=late)
    with pytest.raises(NotEligible, match="schedule was changed"):
        approvals.approve(approval=request, by=make_officer(), at=late)
    Loan.objects.filter(pk=loan.pk).update(days_past_due=400)
    gone = operations.ask_write_off(loan=fresh(loan), reason="Gone", by=make_officer(role="ADMIN"), at=now)
    approvals.approve(approval=gone, by=make_officer(role="ADMIN"), at=now)
    with pytest.raises(NotEligible, match="written off"):
        asked(row, now)
    assert not RepaymentReversal.objects.exists()
    sound(loan)


def test_takes_two_officers_who_are_not_the_borrower_and_one_of_them_within_their_limit():
    loan = running()
    row = paid(loan, "2000", NOON + timedelta(days=1))
    at = NOON + timedelta(days=2)
    with pytest.raises(NotAllowed):
        asked(row, at, by=loan.borrower)
    request = asked(row, at)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=request, by=request.maker, at=at)
    with pytest.raises(Exception, match="over your own approval limit"):
        approvals.approve(approval=request, by=make_officer("1999"), at=at)
    with pytest.raises(TakenBack, match="waits for a second"):
        asked(row, at)
    with pytest.raises(BadTerm):
        asked(row, at, because="FUN")
    assert fresh(loan).paid == kes("2000")


def test_refuses_when_the_account_is_closed_and_moves_nothing():
    loan = running()
    row = paid(loan, "all", NOON + timedelta(days=1))
    request = asked(row, NOON + timedelta(days=2))
    Account.objects.filter(pk=loan.account_id).update(status="CLOSED")
    with pytest.raises(AccountClosed):
        approvals.approve(approval=request, by=make_officer(), at=NOON + timedelta(days=2))
    assert fresh(loan).status == "PAID"
    assert not LoanEntry.objects.filter(what="REPAYMENT_BACK").exists()
