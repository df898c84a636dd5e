"""Returns of tax: figures that are the books', filed by another than who computed them, reminded of in time."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.testing import make_account
from apps.compliance import tax_rules
from apps.compliance.errors import FiledAlready, OutOfTurn, TaxReturnIncomplete
from apps.compliance.models import TaxComputation, TaxLine, TaxReturn
from apps.compliance.operations import taxes
from apps.compliance.operations.taxes.compute import due_on
from apps.compliance.testing import allow, file_tax, make_tax, pay_tax
from apps.kernel.clock import month_bounds
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import OutboxEvent
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.testing import assert_books_balance, kes
from apps.notifications.models import Message
from apps.users.queries import system_user
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
FIRST_OF = {9: datetime(2026, 10, 1, 3, tzinfo=UTC), 10: datetime(2026, 11, 1, 3, tzinfo=UTC),
            11: datetime(2026, 12, 1, 3, tzinfo=UTC)}  # fmt: skip


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def second():
    return make_staff("COMPLIANCE_OFFICER", full_name="Rehema Mwangi")


def drafted(month: int) -> TaxReturn:
    taxes.draft_due(at=FIRST_OF[month])
    found: TaxReturn = TaxReturn.objects.select_related("computation").get(kind="EXCISE", first_on__month=month)
    return found


def shown(row: TaxReturn) -> dict[str, int]:
    held = row.figures
    return {name: getattr(held, name) // 100 for name in ("opening", "accrued", "reversed", "late", "paid", "closing")}


class TestFigures:
    def test_are_those_of_the_books_with_their_rows(self):
        account = make_account()
        for day, duty in ((2, "30"), (30, "45")):
            make_tax(duty, at=noon(9, day), account=account)
        make_tax("7", at=noon(9, 3), kind="CASH_WITHDRAWAL")
        undone = make_tax("5", at=noon(9, 4))
        ledger.reverse(transfer_id=undone, reason="Twice", by=system_user(), at=noon(9, 5))
        make_tax("100", at=datetime(2026, 9, 30, 20, 59, 59, tzinfo=UTC))  # a second before midnight in Nairobi
        make_tax("1000", at=datetime(2026, 9, 30, 21, tzinfo=UTC))  # which is October there
        row = drafted(9)
        assert shown(row) == {"opening": 0, "accrued": 187, "reversed": 5, "late": 0, "paid": 0, "closing": 182}
        lines = row.computation.lines.values_list("part", "source", "product", "entries", "amount_minor")
        product = account.product.code
        assert sorted(lines) == [
            ("ACCRUED", "CASH_WITHDRAWAL", "", 1, 700), ("ACCRUED", "P2P_TRANSFER", "", 2, 10500),
            ("ACCRUED", "P2P_TRANSFER", product, 2, 7500), ("REVERSED", "P2P_TRANSFER", "", 1, 500),
        ]  # fmt: skip
        account_id = ledger.gl("tax:excise", "KES").id
        assert books.balance_as_of(account_id, row.last_on) == kes("182")
        assert_books_balance()

    def test_count_interest_that_was_taxed(self):
        make_tax("15", at=noon(9, 30), kind="INTEREST", purpose="tax:withholding")
        taxes.draft_due(at=FIRST_OF[9])
        row = TaxReturn.objects.get()
        assert (row.kind, row.payable, row.due_on) == ("WITHHOLDING", kes("15"), date(2026, 10, 7))

    def test_take_what_comes_late_into_the_next_month(self, officer, second):
        given_back = make_tax("50", at=noon(9, 20))
        make_tax("200", at=noon(9, 21))
        september = file_tax(drafted(9), by=officer)
        ledger.reverse(
            transfer_id=given_back, reason="Charged twice", by=second, at=noon(10, 2), booked_on=date(2026, 9, 30)
        )
        make_tax("30", at=noon(10, 5))
        october = drafted(10)
        assert shown(october) == {
            "opening": 250, "accrued": 30, "reversed": 0, "late": -50, "paid": 0, "closing": 230,
        }  # fmt: skip
        assert (october.payable, october.figures.credit_left) == (kes("0"), 2000)
        september.refresh_from_db()
        assert september.payable == kes("250")
        make_tax("25", at=noon(11, 5))
        assert drafted(11).payable == kes("5")
        assert_books_balance()

    def test_are_made_once_however_often_the_job_runs_and_catch_up(self):
        make_tax("10", at=noon(9, 1))
        assert taxes.draft_due(at=FIRST_OF[11]) == 3
        assert taxes.draft_due(at=FIRST_OF[11]) == 0
        assert list(TaxReturn.objects.order_by("first_on").values_list("first_on", flat=True)) == [
            SEPTEMBER, OCTOBER, NOVEMBER,
        ]  # fmt: skip
        assert OutboxEvent.objects.filter(name="taxes.return.drafted").count() == 3

    def test_are_computed_again_until_filed(self, officer, second):
        make_tax("10", at=noon(9, 1))
        row = drafted(9)
        make_tax("5", at=noon(9, 2))
        again = taxes.compute(tax_return=row, by=officer, at=noon(10, 2))
        assert (again.computation.number, again.payable) == (2, kes("15"))
        with pytest.raises(NotAllowed):
            file_tax(again, by=officer)
        file_tax(again, by=second)
        with pytest.raises(IllegalMove):
            taxes.compute(tax_return=row, by=officer, at=noon(10, 3))
        assert TaxComputation.objects.count() == 2


class TestDrafts:
    def test_are_made_month_after_month(self, officer):
        make_tax("10", at=noon(9, 1))
        draft = partial(taxes.draft, kind="EXCISE", by=officer, at=noon(11, 2))
        with pytest.raises(OutOfTurn):
            draft(month=OCTOBER)
        assert draft(month=date(2026, 9, 17)).first_on == SEPTEMBER
        with pytest.raises(Conflict):
            draft(month=SEPTEMBER)
        draft(month=OCTOBER)
        with pytest.raises(OutOfTurn):
            draft(month=NOVEMBER)  # not over
        with pytest.raises(OutOfTurn):
            draft(month=SEPTEMBER, currency="XYZ")
        assert TaxReturn.objects.count() == 2

    @pytest.mark.parametrize("role", ["AUDITOR", "BRANCH_MANAGER", "TELLER"])
    def test_are_not_for_others(self, role):
        make_tax("10", at=noon(9, 1))
        with pytest.raises(NotAllowed):
            taxes.draft(kind="EXCISE", month=SEPTEMBER, by=make_staff(role), at=noon(10, 2))
        assert not TaxReturn.objects.exists()


class TestFiling:
    def test_waits_for_the_month_before_and_for_what_it_counted(self, officer, second):
        make_tax("10", at=noon(9, 1))
        october, september = drafted(10), drafted(9)
        with pytest.raises(OutOfTurn):
            file_tax(october, by=officer)
        make_tax("5", at=noon(9, 2))
        file_tax(taxes.compute(tax_return=september, by=officer, at=noon(11, 2)), by=second)
        with pytest.raises(OutOfTurn):
            file_tax(october, by=officer, number="KRA-2")
        october = taxes.compute(tax_return=TaxReturn.objects.get(pk=october.pk), by=officer, at=noon(11, 3))
        assert file_tax(october, by=second, number="KRA-2").figures.opening == 1500
        assert_books_balance()

    def test_asks_for_a_number_of_its_own(self, officer):
        make_tax("10", at=noon(9, 1))
        october, september = drafted(10), drafted(9)
        with pytest.raises(TaxReturnIncomplete):
            file_tax(september, by=officer, number=" ")
        file_tax(september, by=officer)
        with pytest.raises(IllegalMove):
            file_tax(september, by=officer)
        with pytest.raises(FiledAlready):
            file_tax(october, by=officer)
        assert TaxReturn.objects.get(pk=october.pk).status == "DRAFT"

    def test_freezes_the_figures_in_the_database(self, officer):
        make_tax("10", at=noon(9, 1))
        row = file_tax(drafted(9), by=officer)
        rows = TaxReturn.objects.filter(pk=row.pk)
        for change in ({"status": "DRAFT"}, {"acknowledgement": "other"}, {"last_on": date(2026, 10, 31)}):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(**change)
        for held in (TaxComputation.objects, TaxLine.objects, rows):
            with pytest.raises(DatabaseError), transaction.atomic():
                held.all().delete()
        row.refresh_from_db()
        assert (row.status, row.acknowledgement) == ("FILED", "KRA-1")


def test_staff_are_reminded_five_days_before_the_day_before_and_once_when_late(officer):
    make_tax("10", at=noon(9, 1))
    row = drafted(9)
    assert row.due_on == date(2026, 10, 19)  # the 20th is Mashujaa Day
    sent = Message.objects.filter(code="taxes.due", user=officer)
    for days, messages in ((-6, 0), (-5, 1), (-4, 1), (-1, 2), (0, 2), (1, 3), (9, 3)):
        day = row.due_on + timedelta(days=days)
        taxes.remind_due(at=datetime(day.year, day.month, day.day, 5, tzinfo=UTC))
        assert sent.count() == messages, days
    file_tax(row, by=officer)
    allow(pay_tax(row, by=officer, at=noon(10, 9)), make_staff("COMPLIANCE_OFFICER"))
    assert taxes.remind_due(at=noon(10, 29)) == 0


@pytest.mark.parametrize(
    ("kind", "first", "due"),
    [
        ("EXCISE", date(2026, 6, 1), date(2026, 7, 20)),  # a Monday
        ("EXCISE", date(2026, 8, 1), date(2026, 9, 18)),  # the 20th is a Sunday
        ("WITHHOLDING", date(2023, 6, 1), date(2023, 7, 20)),
        ("WITHHOLDING", date(2023, 7, 1), date(2023, 8, 7)),
        ("WITHHOLDING", date(2026, 3, 1), date(2026, 4, 9)),  # Easter between
    ],
)
def test_a_tax_is_due_when_the_law_of_its_month_says(kind, first, due):
    assert due_on(kind, month_bounds(first)[1]) == due


@given(
    st.lists(
        st.tuples(st.integers(0, 9999), st.integers(0, 9999), st.integers(-9999, 9999), st.integers(0, 9999)),
        min_size=1,
    )
)
def test_what_is_paid_and_what_is_left_over_come_to_what_was_due(months):
    opening = credit = payable = due = 0
    for accrued, given_back, late, on_account in months:
        held = tax_rules.Figures(
            opening=opening,
            accrued=accrued,
            reversed=given_back,
            late=late,
            paid=0,
            on_account=on_account,
            credit=credit,
        )
        opening, credit = held.closing, held.credit_left
        due, payable = due + held.due, payable + held.payable + on_account
        assert held.payable >= 0 <= credit
    assert payable - credit == due
    assert opening == due - sum(month[3] for month in months)
