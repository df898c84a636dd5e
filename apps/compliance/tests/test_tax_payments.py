"""Taxes are paid by two, once, with their return or on account within the month."""

from datetime import date
from functools import partial

import pytest

from apps.compliance.errors import OutOfTurn, TaxReturnIncomplete
from apps.compliance.models import TaxReturn
from apps.compliance.operations import taxes
from apps.compliance.tax_books import bookings_of
from apps.compliance.testing import allow, file_tax, make_tax, pay_on_account, pay_tax
from apps.compliance.tests.test_taxes import FIRST_OF, NOVEMBER, OCTOBER, drafted, noon, shown
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.errors import PeriodClosed, TransferTied
from apps.ledger.testing import assert_books_balance, kes, make_period
from apps.notifications.models import Message
from apps.users.queries import system_user
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def second():
    return make_staff("COMPLIANCE_OFFICER", full_name="Rehema Mwangi")


class TestPaying:
    def test_takes_two_and_moves_the_money_once(self, officer, second):
        make_tax("187.50", at=noon(9, 1))
        row = drafted(9)
        settlement, payable = ledger.gl("bank:settlement", "KES").id, ledger.gl("tax:excise", "KES").id
        before = books.balance(settlement).posted
        with pytest.raises(IllegalMove):
            pay_tax(row, by=officer, at=noon(10, 9))
        row = file_tax(row, by=officer)
        asked = pay_tax(row, by=officer, at=noon(10, 9))
        with pytest.raises(Conflict):
            pay_tax(row, by=second, at=noon(10, 9))
        with pytest.raises(NotAllowed):
            allow(asked, officer)
        assert (asked.amount_minor, books.balance(settlement).posted) == (18750, before)
        allow(asked, second)
        row.refresh_from_db()
        assert (row.status, row.prn, row.paid_by, row.pay_asked_by) == ("PAID", "PRN1", second, officer)
        assert (before - books.balance(settlement).posted, books.balance(payable).posted) == (kes("187.50"), kes("0"))
        with pytest.raises(IllegalMove):
            pay_tax(row, by=officer, at=noon(10, 10))
        assert shown(drafted(10)) == {
            "opening": 187, "accrued": 0, "reversed": 0, "late": 0, "paid": 187, "closing": 0,
        }  # fmt: skip
        assert_books_balance()

    @pytest.mark.parametrize(
        ("facts", "wrong"),
        [({"prn": " "}, "prn"), ({"bank_reference": ""}, "bank_reference"), ({"paid_on": date(2026, 8, 31)}, "paid_on"),
         ({"paid_on": date(2026, 10, 10)}, "paid_on")],
    )  # fmt: skip
    def test_asks_for_what_the_slip_says(self, officer, facts, wrong):
        make_tax("10", at=noon(9, 1))
        row = file_tax(drafted(9), by=officer)
        with pytest.raises(TaxReturnIncomplete) as refused:
            pay_tax(row, by=officer, at=noon(10, 9), **facts)
        assert list(refused.value.facts["errors"]) == [wrong]
        assert not Approval.objects.exists()

    def test_stays_paid_whoever_would_reverse_it_in_the_books(self, officer, second):
        make_tax("187.50", at=noon(9, 1))
        row = file_tax(drafted(9), by=officer)
        allow(pay_tax(row, by=officer, at=noon(10, 9)), second)
        row.refresh_from_db()
        with pytest.raises(TransferTied, match="tax return was paid"):
            ledger.ask_reversal(transfer_id=row.transfer_id, reason="Wrong", by=make_staff("ADMIN"), at=noon(10, 10))
        row.refresh_from_db()
        assert row.status == "PAID"

    def test_of_nothing_is_refused(self, officer):
        undone = make_tax("10", at=noon(9, 1))
        ledger.reverse(transfer_id=undone, reason="Twice", by=officer, at=noon(9, 1))
        row = file_tax(drafted(9), by=officer)
        assert row.is_settled
        with pytest.raises(IllegalMove):
            pay_tax(row, by=officer, at=noon(10, 9))


class TestPayingOnAccount:
    """Tax withheld is due five working days after it was withheld, which is before there is a return."""

    @pytest.fixture
    def withheld(self):
        for day, tax in ((1, "150"), (12, "30")):
            make_tax(tax, at=noon(10, day), kind="INTEREST", purpose="tax:withholding")

    def test_covers_the_oldest_days_and_leaves_the_rest_to_the_return(self, withheld, officer, second):
        assert taxes.all_open() == [taxes.Open("WITHHOLDING", kes("180"), OCTOBER, date(2026, 10, 8))]
        asked = pay_on_account("150", by=officer, at=noon(10, 7))
        with pytest.raises(Conflict):
            pay_on_account("150", by=second, at=noon(10, 7))
        with pytest.raises(NotAllowed):
            allow(asked, officer, at=noon(10, 8))
        assert taxes.open_of("WITHHOLDING", "KES").amount == kes("180")
        allow(asked, second, at=noon(10, 8))
        assert taxes.all_open() == [
            taxes.Open("WITHHOLDING", kes("30"), date(2026, 10, 12), date(2026, 10, 19))
        ]  # fmt: skip
        taxes.draft_due(at=FIRST_OF[10])
        row = TaxReturn.objects.get()
        assert (row.figures.due, row.figures.on_account, row.payable) == (18000, 15000, kes("30"))
        assert taxes.all_open() == []
        assert_books_balance()

    def test_taken_back_in_the_books_it_is_open_anew(self, withheld, officer, second):
        asked = pay_on_account("150", by=officer, at=noon(10, 7))
        allow(asked, second, at=noon(10, 8))
        asked.refresh_from_db()
        back = ledger.ask_reversal(
            transfer_id=asked.outcome["transfer"], reason="The RTGS came back", by=make_staff("ADMIN"), at=noon(10, 9)
        )
        allow(back, make_staff("ADMIN", limit_minor=100_000_00), at=noon(10, 9))
        assert taxes.all_open() == [taxes.Open("WITHHOLDING", kes("180"), OCTOBER, date(2026, 10, 8))], "due as ever"
        taxes.draft_due(at=FIRST_OF[10])
        assert TaxReturn.objects.get().payable == kes("180")
        assert_books_balance()

    @pytest.mark.parametrize(
        ("amount", "facts", "wrong"),
        [("180.01", {}, "amount"), ("0", {}, "amount"), ("150", {"prn": ""}, "prn"),
         ("150", {"paid_on": date(2026, 10, 14)}, "paid_on")],
    )  # fmt: skip
    def test_is_bounded_by_what_is_open(self, withheld, officer, amount, facts, wrong):
        with pytest.raises(TaxReturnIncomplete) as refused:
            pay_on_account(amount, by=officer, at=noon(10, 13), **facts)
        assert list(refused.value.facts["errors"]) == [wrong]
        assert not Approval.objects.exists()

    def test_waits_for_returns_of_months_that_are_over_and_uses_a_number_once(self, withheld, officer, second):
        make_tax("50", at=noon(9, 1))
        other = pay_tax(file_tax(drafted(9), by=officer), by=officer, at=noon(10, 7))
        allow(pay_on_account("150", by=officer, at=noon(10, 7)), second, at=noon(10, 8))
        with pytest.raises(Conflict, match="that booking stands"):
            pay_on_account("30", by=officer, at=noon(10, 13))
        with pytest.raises(Conflict, match="that booking stands"):
            allow(other, second, at=noon(10, 13))
        assert taxes.open_of("WITHHOLDING", "KES").amount == kes("30")
        with pytest.raises(OutOfTurn):
            pay_on_account("30", by=officer, at=noon(11, 2))

    def test_is_reminded_of(self, withheld, officer):
        sent = Message.objects.filter(code="taxes.due", user=officer)
        for day, messages in ((1, 0), (5, 1), (7, 2), (9, 3), (13, 3)):
            taxes.remind_due(at=noon(10, day))
            assert sent.count() == messages, day


def take_back(transfer_id, *, at):
    """Reversed in the books, as two decide on it."""
    ledger.reverse(transfer_id=transfer_id, reason="Wrong", by=system_user(), at=at)


def withhold():
    for day, tax in ((1, "150"), (12, "30")):
        make_tax(tax, at=noon(10, day), kind="INTEREST", purpose="tax:withholding")


class TestBookedAnew:
    """What was taken back in the books is booked again by the number of its slip; one booking of it stands at most."""

    @pytest.fixture
    def wrong(self, officer, second):
        """Too little, on the right day."""
        withhold()
        allow(pay_on_account("120", by=officer, at=noon(10, 7)), second, at=noon(10, 8))
        return bookings_of("PRN1")[0].transfer_id

    def booked(self):
        return [(one.nth, one.booked_on.isoformat(), one.back_on is not None) for one in bookings_of("PRN1")]

    def test_by_two_who_read_what_came_before_and_no_day_says_it_twice(self, wrong, officer, second):
        take_back(wrong, at=noon(10, 9))
        assert taxes.all_open() == [taxes.Open("WITHHOLDING", kes("180"), OCTOBER, date(2026, 10, 8))], "due as ever"
        again = pay_on_account("150", by=officer, at=noon(10, 13), paid_on=date(2026, 10, 7))
        assert again.before == {"booked": f"2026-10-07, transfer {wrong}", "taken back": "2026-10-09"}
        with pytest.raises(NotAllowed):
            allow(again, officer, at=noon(10, 13))
        allow(again, second, at=noon(10, 13))
        assert self.booked() == [(1, "2026-10-07", True), (2, "2026-10-13", False)]
        payable = ledger.gl("tax:withholding", "KES").id
        says = {day: books.balance_as_of(payable, date(2026, 10, day)) for day in (6, 7, 9, 12, 13)}
        assert says == {6: kes("150"), 7: kes("30"), 9: kes("150"), 12: kes("180"), 13: kes("30")}
        assert_books_balance()

    def test_stands_once_and_may_be_taken_back_again(self, wrong, officer, second):
        with pytest.raises(Conflict, match="that booking stands"):
            pay_on_account("30", by=officer, at=noon(10, 9))
        take_back(wrong, at=noon(10, 9))
        allow(pay_on_account("150", by=officer, at=noon(10, 13)), second, at=noon(10, 13))
        with pytest.raises(Conflict, match="that booking stands"):
            pay_on_account("30", by=officer, at=noon(10, 14))
        take_back(bookings_of("PRN1")[1].transfer_id, at=noon(10, 14))
        allow(pay_on_account("180", by=officer, at=noon(10, 15)), second, at=noon(10, 15))
        assert [is_back for _nth, _day, is_back in self.booked()] == [True, True, False]
        taxes.draft_due(at=FIRST_OF[10])
        row = TaxReturn.objects.get()
        assert (row.figures.on_account, row.payable) == (18000, kes("0"))
        assert_books_balance()

    def test_when_its_month_has_its_return_by_now(self, wrong, officer, second):
        taxes.draft_due(at=FIRST_OF[10])
        file_tax(TaxReturn.objects.get(), by=officer)
        take_back(wrong, at=noon(11, 3))
        assert taxes.open_of("WITHHOLDING", "KES").amount == kes("120")
        with pytest.raises(TaxReturnIncomplete):
            pay_on_account("120", by=officer, at=noon(11, 4), prn="PRN2", paid_on=date(2026, 10, 7))
        slip_day = {"paid_on": date(2026, 10, 7)}
        allow(pay_on_account("120", by=officer, at=noon(11, 4), **slip_day), second, at=noon(11, 4))
        assert self.booked() == [(1, "2026-10-07", True), (2, "2026-11-04", False)]
        assert taxes.all_open() == []
        taxes.draft_due(at=FIRST_OF[11])
        november = TaxReturn.objects.get(first_on=NOVEMBER)
        assert (november.figures.on_account, november.payable) == (0, kes("0"))
        assert_books_balance()

    def test_with_its_return_when_it_was_the_returns(self, wrong, officer, second):
        take_back(wrong, at=noon(10, 9))
        taxes.draft_due(at=FIRST_OF[10])
        row = file_tax(TaxReturn.objects.get(), by=officer)
        allow(pay_tax(row, by=officer, at=noon(11, 5)), second, at=noon(11, 5))
        row.refresh_from_db()
        assert (row.status, row.prn, row.transfer_id) == ("PAID", "PRN1", bookings_of("PRN1")[1].transfer_id)
        with pytest.raises(TransferTied):
            ledger.ask_reversal(transfer_id=row.transfer_id, reason="Wrong", by=make_staff("ADMIN"), at=noon(11, 6))
        assert_books_balance()

    def test_a_number_that_looks_like_a_second_booking_is_a_number_of_its_own(self, wrong, officer, second):
        take_back(wrong, at=noon(10, 9))
        for nth, prn in enumerate(("PRN1/2", ".2/PRN1", "PRN1"), start=13):
            allow(pay_on_account("10", by=officer, at=noon(10, nth), prn=prn), second, at=noon(10, nth))
        found = [len(bookings_of(prn)) for prn in ("PRN1/2", ".2/PRN1", "PRN1")]
        assert found == [1, 1, 2]

    def test_a_day_whose_books_are_closed_is_refused_in_words(self, officer, second):
        withhold()
        asked = pay_on_account("150", by=officer, at=noon(10, 7))
        make_period("October", OCTOBER, date(2026, 10, 7), status="CLOSED")
        with pytest.raises(PeriodClosed, match="The books of that day are closed"):
            allow(asked, second, at=noon(10, 8))
        assert bookings_of("PRN1") == []


@pytest.mark.django_db(transaction=True)
def test_bookings_anew_that_race_leave_one_that_stands():
    officer, second = make_staff("COMPLIANCE_OFFICER"), make_staff("COMPLIANCE_OFFICER")
    withhold()
    make_tax("50", at=noon(9, 1))
    allow(pay_on_account("150", by=officer, at=noon(10, 7)), second, at=noon(10, 8))
    take_back(bookings_of("PRN1")[0].transfer_id, at=noon(10, 9))
    asked = [
        pay_on_account("150", by=officer, at=noon(10, 13)),
        pay_tax(file_tax(drafted(9), by=officer), by=officer, at=noon(10, 13)),
    ]
    made = at_once(*[partial(allow, one, second, at=noon(10, 13)) for one in asked])
    assert [type(no) for no in refusals(made)] == [Conflict]
    assert [one.back_on is None for one in bookings_of("PRN1")] == [False, True]
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_a_booking_anew_while_the_first_is_taken_back_waits_or_is_refused():
    officer, second = make_staff("COMPLIANCE_OFFICER"), make_staff("COMPLIANCE_OFFICER")
    withhold()
    allow(pay_on_account("30", by=officer, at=noon(10, 7)), second, at=noon(10, 8))
    first = bookings_of("PRN1")[0].transfer_id
    made = at_once(
        partial(take_back, first, at=noon(10, 13)),
        lambda: allow(pay_on_account("30", by=officer, at=noon(10, 13)), second, at=noon(10, 13)),
    )
    assert {type(no) for no in refusals(made)} <= {Conflict}
    standing = [one for one in bookings_of("PRN1") if one.back_on is None]
    assert len(standing) == 1 - len(refusals(made))
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_payments_on_account_that_race_never_pay_more_than_is_open():
    officer, second = make_staff("COMPLIANCE_OFFICER"), make_staff("COMPLIANCE_OFFICER")
    make_tax("150", at=noon(10, 1), kind="INTEREST", purpose="tax:withholding")
    asks = at_once(*[partial(pay_on_account, "150", by=officer, at=noon(10, 7)) for _nth in range(2)])
    assert len(refusals(asks)) == 1
    asked = next(one for one in asks if isinstance(one, Approval))
    assert len(refusals(at_once(*[partial(allow, asked, second, at=noon(10, 8))] * 2))) == 1
    assert books.balance(ledger.gl("tax:withholding", "KES").id).posted == kes("0")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_drafts_filings_and_payments_that_race_are_done_once():
    officer, second, third = (make_staff("COMPLIANCE_OFFICER") for _nth in range(3))
    make_tax("10", at=noon(9, 1))
    assert sum(at_once(*[lambda: taxes.draft_due(at=FIRST_OF[9])] * 3)) == 1
    row = TaxReturn.objects.get()
    assert len(refusals(at_once(*[partial(file_tax, row, by=one) for one in (officer, second, third)]))) == 2
    row.refresh_from_db()
    asks = at_once(*[partial(pay_tax, row, by=one, at=noon(10, 9)) for one in (officer, officer)])
    assert len(refusals(asks)) == 1
    asked = next(one for one in asks if isinstance(one, Approval))
    assert len(refusals(at_once(*[partial(allow, asked, one) for one in (second, third, second)]))) == 2
    assert books.balance(ledger.gl("tax:excise", "KES").id).posted == kes("0")
    assert TaxReturn.objects.get().status == "PAID"
    assert_books_balance()
