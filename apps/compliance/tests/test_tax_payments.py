"""Taxes are paid by two, once, with their return or on account within the month."""

from datetime import date
from functools import partial

import pytest

from apps.compliance.errors import OutOfTurn, TaxReturnIncomplete
from apps.compliance.models import TaxReturn
from apps.compliance.operations import taxes
from apps.compliance.testing import allow, file_tax, make_tax, pay_on_account, pay_tax
from apps.compliance.tests.test_taxes import FIRST_OF, OCTOBER, drafted, noon, shown
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.errors import TransferTied
from apps.ledger.testing import assert_books_balance, kes
from apps.notifications.models import Message
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
        assert taxes.open_of("WITHHOLDING", "KES").amount == kes("180")
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
        allow(pay_on_account("150", by=officer, at=noon(10, 7)), second, at=noon(10, 8))
        again = pay_on_account("30", by=officer, at=noon(10, 13))
        with pytest.raises(Conflict):
            allow(again, second, at=noon(10, 13))
        assert taxes.open_of("WITHHOLDING", "KES").amount == kes("30")
        with pytest.raises(OutOfTurn):
            pay_on_account("30", by=officer, at=noon(11, 2))

    def test_is_reminded_of(self, withheld, officer):
        sent = Message.objects.filter(code="taxes.due", user=officer)
        for day, messages in ((1, 0), (5, 1), (7, 2), (9, 3), (13, 3)):
            taxes.remind_due(at=noon(10, day))
            assert sent.count() == messages, day


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
