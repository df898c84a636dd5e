"""The book by month and lateness: hand-worked, and every figure opens the loans it counts."""

from datetime import date, timedelta

import pytest

from apps.accounts.testing import kes
from apps.kernel.clock import local_date, now
from apps.lending import book, operations, queries
from apps.lending.models import Instalment, Loan
from apps.lending.testing import make_borrower, make_loan

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


@pytest.fixture
def loans():
    """Four of 1,000 to 4,000, paid out on 10 August: on time, 2, 61 and 181 days late, the first with other terms."""
    found = []
    for nth, late in enumerate((0, 2, 61, 181), start=1):
        loan = make_loan(make_borrower(), f"{nth}000")
        Loan.objects.filter(pk=loan.pk).update(
            days_past_due=late, disbursed_on=date(2026, 8, 10), is_restructured=nth == 1, loss_class="NORMAL"
        )
        found.append(loan)
    return found


def test_portfolio_at_risk_in_both_forms(loans):
    lines = {line.days: line for line in queries.portfolio().at_risk}
    plain = {days: (line.loans, line.principal) for days, line in lines.items()}
    assert plain == {
        1: (3, kes("9000")),
        30: (2, kes("7000")),
        60: (2, kes("7000")),
        90: (1, kes("4000")),
        180: (1, kes("4000")),
    }
    assert [str(lines[days].share) for days in book_lines()] == ["0.9000", "0.7000", "0.7000", "0.4000", "0.4000"]
    assert [lines[days].strict_principal for days in book_lines()] == [
        kes(amount) for amount in ("10000", "8000", "8000", "5000", "5000")
    ]


def book_lines():
    return (1, 30, 60, 90, 180)


OPENS = [
    ({}, 4),
    ({"over": "1"}, 3),
    ({"over": "90", "strict": "1"}, 2),
    ({"since": "61", "until": "90"}, 1),
    ({"since": "181"}, 1),
    ({"product": "INSTANT"}, 4),
    ({"product": "BUSINESS"}, 0),
    ({"class": "NORMAL", "stage": "1"}, 4),
    ({"lent": "2026-08"}, 4),
    ({"lent": "2026-07"}, 0),
    ({"lent": "nonsense"}, 0),
    ({"over": "x"}, 0),
    ({"since": "99999999999"}, 0),
    ({"status": "NOBODY"}, 0),
    ({"status": "PAID"}, 0),
]


def test_a_figure_opens_its_loans(loans):
    assert [(asked, book.rows_of(asked, TODAY).count()) for asked, _count in OPENS] == OPENS


def test_counts_by_lateness_what_the_links_open(loans, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = book.ageing(TODAY)
    assert [(one.since, one.until, one.loans) for one in found] == [
        (0, 0, 1),
        (1, 30, 1),
        (31, 60, 0),
        (61, 90, 1),
        (91, 180, 0),
        (181, None, 1),
    ]
    for one in found:
        asked = {"since": str(one.since)} | ({"until": str(one.until)} if one.until is not None else {})
        assert book.rows_of(asked, TODAY).count() == one.loans


def test_follows_loans_of_a_month(loans, django_assert_num_queries):
    """Due on 20 August: 41 days late at the end of September until it is settled."""
    Instalment.objects.update(starts_on=date(2026, 8, 10), due_on=date(2026, 8, 20))
    for loan, settled in ((loans[0], date(2026, 8, 19)), (loans[2], date(2026, 10, 5))):
        left = Instalment.objects.filter(loan=loan)
        for row in left:
            parts = ("principal", "interest", "fee", "penalty")
            paid = {f"paid_{part}_minor": getattr(row, f"{part}_minor") for part in parts}
            left.update(settled_on=settled, **paid)
    with django_assert_num_queries(1):
        (line,) = book.vintages(TODAY)
    assert (line.month, line.loans, line.lent) == (date(2026, 8, 1), 4, kes("10000"))
    shares = [None if one is None else (one.late, str(one.share)) for one in line.seen[:4]]
    assert shares == [(0, "0.0000"), (3, "0.9000"), (2, "0.6000"), None]
    for nth, one in enumerate(line.seen[:3]):
        assert book.rows_of({"lent": "2026-08", "book": str(nth)}, TODAY).count() == one.late


def test_adds_up_a_month(django_assert_num_queries):
    today = local_date(now())
    loan = make_loan(make_borrower(), "5000")
    operations.repay(loan=loan, amount=kes("1000"), key="a", by=loan.borrower, at=now())
    with django_assert_num_queries(1):
        rows = book.months(today)
    assert len(rows) == book.MONTHS
    assert (rows[0].loans, rows[0].lent, rows[0].back) == (1, kes("5000"), kes("1000"))
    assert rows[0].rate is None
    month = f"{today:%Y-%m}"
    assert book.rows_of({"repaid": month}, today).get() == loan
    assert not book.rows_of({"due": month}, today).exists()
    later = book.months(today + timedelta(days=40))
    assert [str(one.rate) for one in later if one.rate is not None] != []


def test_opens_what_moves_tomorrow(loans):
    late = Loan.objects.get(pk=loans[3].pk)
    Loan.objects.filter(pk=late.pk).update(oldest_due_on=TODAY - timedelta(days=180), loss_class="SUBSTANDARD")
    found = [line for line in queries.tomorrow(TODAY + timedelta(days=1)) if line.before == "SUBSTANDARD"]
    assert [(line.after, line.loans) for line in found] == [("DOUBTFUL", 1)]
    assert book.rows_of({"class": "SUBSTANDARD", "becomes": "DOUBTFUL"}, TODAY).get() == late


def test_opens_what_was_not_classed_yet(loans):
    Loan.objects.filter(pk=loans[0].pk).update(loss_class="")
    assert book.rows_of({"class": "-", "product": "INSTANT"}, TODAY).get() == loans[0]
