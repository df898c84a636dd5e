"""Bad times: the arithmetic by hand, the book against it loan by loan, and runs that are kept as they were."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotAllowed
from apps.ledger import queries as books
from apps.ledger.testing import assert_books_balance
from apps.lending import operations, stress
from apps.lending.errors import BadProduct
from apps.lending.models import Loan, StressRun, StressScenario
from apps.lending.rules.stress import Bank, Exposure, Shock, capital, expected_loss, income_of, table_loss
from apps.lending.stress_words import assumptions_in_words, lines_in_words, shock_in_words
from apps.lending.testing import make_borrower, make_loan
from apps.users.testing import make_staff

D = Decimal
LOAN = Exposure(owed=1_000_000, pd=D("0.1"), lgd=D("0.45"), months=12, yearly=D(0), stage=1)


@pytest.mark.parametrize(
    ("shock", "loss"),
    [
        (Shock(), 45_000),  # 10,000.00 x 45 % x 10 %
        (Shock(pd_factor=D(2)), 90_000),
        (Shock(loss_points=D("0.05")), 50_000),
        (Shock(failing_share=D("0.1")), 85_500),  # a tenth of 450,000, and nine tenths of 45,000
        (Shock(pd_factor=D(20)), 450_000),  # no more than all of them fail
        (Shock(loss_points=D(1)), 100_000),  # no more than all is lost
    ],
)
def test_expects_losses_as_worked_out_by_hand(shock, loss):
    assert expected_loss(LOAN, shock) == loss


def test_looks_a_year_ahead_at_first_and_to_the_end_later():
    later = Exposure(1_000_000, D("0.1"), D("0.45"), 24, D(0), 2)
    assert expected_loss(later) == 85_500  # 1 - 0.9 x 0.9 = 19 %
    assert expected_loss(Exposure(1_000_000, D("0.1"), D("0.45"), 24, D(0), 1)) == 45_000
    assert expected_loss(Exposure(1_000_000, D("0.1"), D("0.45"), 24, D("0.44"), 1)) == 37_500  # over 1.2 = 1.44 ^ 0.5
    assert expected_loss(Exposure(1_000_000, D("0.1"), D("0.45"), 24, D("0.44"), 3)) == 450_000


def test_the_table_asks_for_those_who_stop_as_for_loans_91_days_late():
    assert table_loss(1_000_000, D("0.01"), D("0.2"), 1) == 10_000
    assert table_loss(1_000_000, D("0.01"), D("0.2"), 1, Shock(failing_share=D("0.1"))) == 29_000
    assert table_loss(1_000_000, D("0.2"), D("0.2"), 3, Shock(failing_share=D("0.1"))) == 200_000


def test_who_fails_pays_no_interest_and_floating_rates_rise():
    shock = Shock(pd_factor=D(2), rate_points=D("0.02"), failing_share=D("0.1"))
    assert income_of(1_000_000, D("0.1"), D("0.1"), 1, Shock(), floats=False) == 90_000
    assert income_of(1_000_000, D("0.1"), D("0.1"), 1, shock, floats=False) == 72_000  # 0.9 x 0.8 x 10 %
    assert income_of(1_000_000, D("0.1"), D("0.1"), 1, shock, floats=True) == 86_400
    assert income_of(1_000_000, D("0.1"), D("0.1"), 3, shock, floats=True) == 0


def test_capital_pays_for_losses_lost_interest_dearer_funds_and_the_reserve():
    bank = Bank(equity=20_000, reserve=500, weighted=100_000, provision=1_000, regulatory=1_500)
    found = capital(bank, provision=3_000, regulatory=4_000, income_lost=700, funding_cost=300, loan_weight=D(1))
    # 19,500 less 2,000 provisions, 700, 300 and 500 more in the reserve (1,000 instead of 500)
    assert (found.core_before, found.core_after, found.reserve_after) == (19_500, 16_000, 1_000)
    assert (found.ratio_before, found.ratio_after) == (D("0.1950"), D("0.1633"))  # over 98,000
    assert (
        capital(bank, provision=1_000, regulatory=1_500, income_lost=0, funding_cost=0, loan_weight=D(1)).core_after
        == 19_500
    )


SHOCKS = st.builds(
    Shock,
    pd_factor=st.decimals(1, 20, places=2),
    loss_points=st.decimals(0, 1, places=3),
    rate_points=st.decimals(0, 1, places=3),
    failing_share=st.decimals(0, 1, places=3),
)
LOANS = st.builds(
    Exposure,
    owed=st.integers(0, 10**12),
    pd=st.decimals(0, 1, places=4),
    lgd=st.decimals(0, 1, places=4),
    months=st.integers(1, 360),
    yearly=st.decimals(0, 3, places=4),
    stage=st.sampled_from([1, 2, 3]),
)


@given(loan=LOANS, shock=SHOCKS)
def test_bad_times_never_lose_less_and_never_more_than_all(loan, shock):
    assert 0 <= expected_loss(loan) <= expected_loss(loan, shock) <= loan.owed


# ---- on the book ----


@pytest.fixture
def book(db):
    loans = [make_loan(make_borrower(deposits="100000", kyc_tier="TIER_2"), "60000", code="BUSINESS")]
    loans.append(make_loan(make_borrower(), "5000"))
    late = make_loan(make_borrower(), "8000")
    failed = make_loan(make_borrower(), "3000")
    Loan.objects.filter(pk=late.pk).update(stage=2, days_past_due=40, loss_class="WATCH")
    Loan.objects.filter(pk=failed.pk).update(stage=3, days_past_due=120, loss_class="SUBSTANDARD")
    return Loan.objects.select_related("product", "terms")


def exposure(loan, on):
    odds = 9 * D(2) ** (D(loan.score - 600) / 80)
    yearly = loan.rate * {"WEEK": 52, "MONTH": 12}.get(loan.terms.rate_per, 1)
    months = max(-(-(loan.last_due_on - on).days // 30), 1)
    lgd = loan.product.loss_given_default
    return Exposure(
        loan.principal_left_minor + loan.interest_due.minor, 1 / (1 + odds), lgd, months, yearly, loan.stage
    )


@pytest.mark.parametrize("shock", [Shock(), Shock(D(3), D("0.2"), D("0.04"), D("0.1"))])
def test_the_book_is_the_sum_of_its_loans(book, shock):
    on = local_date(now())
    lines = stress.lines_of(shock=shock, product=None, on=on)
    by_hand = [expected_loss(exposure(loan, on), shock) for loan in book]
    assert sum(line.loans for line in lines) == len(by_hand) == 4
    assert abs(sum(line.after.minor for line in lines) - sum(by_hand)) <= len(by_hand)  # a cent each, of power()
    before = sum(expected_loss(exposure(loan, on)) for loan in book)
    assert abs(sum(line.before.minor for line in lines) - before) <= len(by_hand)


def test_hits_only_the_loans_of_its_product(book):
    product = next(loan.product for loan in book if loan.product.code == "BUSINESS")
    lines = stress.lines_of(shock=Shock(pd_factor=D(5)), product=product, on=local_date(now()))
    hit = {line.product for line in lines if line.after != line.before}
    assert hit == {"BUSINESS"}


def test_keeps_a_run_as_it_was_and_moves_nothing(book, django_assert_max_num_queries):
    admin, before = make_staff("ANALYST"), books.balance_sheet(on=local_date(now()))
    scenario = StressScenario.objects.get(code="SEVERE")
    admin.has_perm("lending.view_portfolio")
    with django_assert_max_num_queries(14):
        run = operations.run_stress_test(scenario=scenario, by=admin, at=now())
    figures = run.results["capital"]
    assert run.results["total"]["after"] > run.results["total"]["before"] > 0
    assert figures["core_after"] < figures["core_before"]
    assert run.inputs == {
        "pd_factor": "3",
        "loss_points": "0.2",
        "rate_points": "0.04",
        "failing_share": "0.1",
        "product": None,
    }
    assert len(shock_in_words(run.inputs)) == 4
    assert all(line.says for line in lines_in_words(run))
    assert all(says and source for says, source in assumptions_in_words(run))
    with pytest.raises(DatabaseError), transaction.atomic():
        StressRun.objects.filter(pk=run.pk).update(results={})
    assert books.balance_sheet(on=local_date(now())) == before
    assert_books_balance()


def test_is_for_those_who_see_the_portfolio_and_for_what_can_happen(db):
    own = StressScenario.objects.get(code="OWN")
    with pytest.raises(NotAllowed):
        operations.run_stress_test(scenario=own, shock=Shock(), by=make_staff("TELLER"), at=now())
    analyst = make_staff("ANALYST")
    for wrong in (None, Shock(pd_factor=D(-1)), Shock(failing_share=D(2))):
        with pytest.raises(BadProduct):
            operations.run_stress_test(scenario=own, shock=wrong, by=analyst, at=now())
    assert not StressRun.objects.exists()
    run = operations.run_stress_test(scenario=own, shock=Shock(), by=analyst, at=now())
    assert run.results["total"]["after"] == 0
    assert shock_in_words(run.inputs) == ["Nothing happens."]
