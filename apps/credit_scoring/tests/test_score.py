"""What is seen of a customer, what is made of it, and that nothing of tomorrow leaks into today."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.testing import give, kes, make_account
from apps.credit_scoring import features, operations, queries
from apps.credit_scoring.errors import BadInputs
from apps.credit_scoring.models import CreditScore, PricingRule
from apps.credit_scoring.rules.features import ScoreInputs
from apps.credit_scoring.testing import BAD_LOANS, GOOD_LOANS, Lender, lending_by, make_earner, spend
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
AT = now().replace(microsecond=0)


def days(count):
    return timedelta(days=count)


def seen(user, at=AT):
    return features.observe([user], at=at)[0].features


def test_measures_an_account_as_it_stood():
    person = make_customer()
    account, shop = make_account(person, at=AT - days(100)), make_account(at=AT - days(100))
    give(account, "9000", at=AT - days(90))
    give(account, "3000", at=AT - days(45))
    spend(account, shop, "6000", at=AT - days(10))
    give(account, "1000", at=AT - days(2))
    found = seen(person)
    assert found.account_age_days == 100
    # 9,000 for 45 days, 12,000 for 35, 6,000 for 8 and 7,000 for 2, over 90
    assert found.average_balance_minor == pytest.approx(9_855_56, abs=2)
    assert found.minimum_balance_6m_minor == 6_000_00
    assert (found.lines_90d, found.income_count_30d, found.expense_count_30d) == (3, 1, 1)
    assert (found.money_in_90d_minor, found.money_out_90d_minor, found.deposits_90d) == (4_000_00, 6_000_00, 2)
    assert found.deposit_average_90d_minor == 2_000_00
    # months of 1,000, 3,000 and nothing (what came 90 days ago belongs to the fourth): mean 1,333, deviation 1,247
    assert found.income_regularity == pytest.approx(1 - 1247.22 / 1333.33, abs=0.001)


def test_money_of_ones_own_is_no_income():
    person = make_customer()
    one, other = make_account(person, at=AT - days(9)), make_account(person, product="SAVINGS", at=AT - days(9))
    give(one, "500", at=AT - days(8))
    from apps.accounts import operations as accounts

    accounts.post(
        reference="own",
        kind="INTERNAL_TRANSFER",
        narrative="",
        movements=[accounts.out_of(one, kes("200"), "x"), accounts.into(other, kes("200"), "x")],
        at=AT - days(7),
    )
    found = seen(person)
    assert (found.money_in_90d_minor, found.money_out_90d_minor, found.deposits_90d) == (500_00, 0, 1)
    assert found.minimum_balance_6m_minor == 500_00


def test_nothing_that_came_later_changes_what_was_seen():
    person = make_earner(months=5, at=AT - days(40))
    before = seen(person, AT - days(40))
    assert before.money_in_90d_minor > 0
    account, shop = person.accounts.get(), make_account(at=AT - days(39))
    give(account, "250000", at=AT - days(39))
    spend(account, shop, "240000", at=AT - days(20))
    make_account(person, product="SAVINGS", balance="99999", at=AT - days(3))
    assert seen(person, AT - days(40)) == before
    assert seen(person) != before


def test_a_thousand_customers_cost_as_many_statements_as_one():
    people = [make_earner(months=2, at=AT) for _ in range(3)]
    counts = []
    for some in (people[:1], people):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            features.observe(some, at=AT)
        counts.append(len(asked))
    assert counts[0] == counts[1] == 3  # the features, the loans, the bureau


def test_scores_somebody_nobody_knows():
    person = make_customer()
    row = operations.score(user=person, at=AT, by=person)
    assert row.is_thin_file
    assert row.model is None
    assert row.model_version == "five-factors/1"
    assert row.max_loan_amount == kes("2000")
    assert 300 <= row.score <= 850
    assert "BUREAU_NOT_ASKED" in row.notes
    assert {factor["code"] for factor in row.factors} <= {"SAVINGS", "INCOME", "OBLIGATIONS", "TENURE"}
    assert row.valid_until == AT + timedelta(hours=24)
    assert seen(person).account_age_days == 0


def test_a_first_deposit_gives_a_limit_of_four_fifths_of_it():
    person = make_customer()
    make_account(person, balance="5000", at=AT - timedelta(hours=1))
    row = operations.score(user=person, at=AT, by=person)
    assert row.max_loan_amount == kes("4000")
    assert row.decision_score > 600
    assert Decimal("0.13") <= row.recommended_interest_rate <= Decimal("0.36")


def test_a_product_has_bounds_of_its_own():
    person = make_customer()
    row = operations.score(user=person, at=AT, by=person)
    PricingRule.objects.create(
        product="INSTANT", cost_of_funds="0.08", operating_cost="0.04", margin="0.03", loss_given_default="0.6",
        floor_rate="0.5", cap_rate="0.6", valid_from="2020-01-02", source="A test",
    )  # fmt: skip
    assert queries.rate_for(row, product="INSTANT", on=AT.date()).rate == Decimal("0.5000")
    assert queries.rate_for(row, product="ASSET", on=AT.date()).rate == row.recommended_interest_rate


def test_the_cap_of_the_tier_holds():
    assert operations.score(user=(rich := make_earner(at=AT, salary="90000")), at=AT, by=rich).max_loan_amount == kes(
        "15000"
    )


def test_answers_the_same_score_for_a_day_unless_something_moved():
    person = make_earner(at=AT - days(1))
    account = person.accounts.get()
    first = operations.score(user=person, at=AT, by=person)
    assert operations.score(user=person, at=AT + timedelta(hours=23), by=person) == first
    assert operations.score(user=person, at=AT + timedelta(hours=23), by=person, fresh=True) != first
    latest = CreditScore.objects.latest("pk")
    give(account, "10", at=AT + timedelta(hours=23, minutes=30))
    moved = operations.score(user=person, at=AT + timedelta(hours=23, minutes=40), by=person)
    assert moved.pk > latest.pk
    person.kyc_tier = "TIER_2"
    person.save(update_fields=["kyc_tier"])
    raised = operations.score(user=person, at=AT + timedelta(hours=23, minutes=50), by=person)
    assert raised.pk > moved.pk
    assert raised.max_loan_amount > moved.max_loan_amount
    aged = operations.score(user=person, at=AT + days(2), by=person)
    assert aged.pk > raised.pk
    assert_books_balance()


def test_what_lending_knows_counts():
    good, bad = make_earner(at=AT), make_earner(at=AT)
    with lending_by(Lender({good.pk: GOOD_LOANS, bad.pk: BAD_LOANS})):
        first, second = (operations.score(user=person, at=AT, by=person) for person in (good, bad))
    assert first.probability_of_default < second.probability_of_default
    assert second.snapshot.measured["days_late_now"] == 45
    hurts = {row["code"] for row in second.factors if row["direction"] == "DOWN"}
    assert {"REPAYMENT_RATE", "ACTIVE_LOANS"} <= hurts


def test_what_a_customer_tells_counts_little_and_only_what_can_be():
    person = make_customer()
    plain = operations.score(user=person, at=AT, by=person)
    told = ScoreInputs(
        age=30, employment_status="EMPLOYED", monthly_income_minor=90_000_00, credit_bureau_score=850,
        told={"average_balance": "1000000"},
    )  # fmt: skip
    row = operations.score(user=person, at=AT, by=person, inputs=told)
    assert 0 < row.decision_score - plain.decision_score < 30
    assert row.snapshot.measured["bureau_score"] is None
    assert row.snapshot.declared["told"] == {"average_balance": "1000000", "credit_bureau_score": 850}
    assert operations.score(user=person, at=AT, by=person) == row  # what was told stays told
    officer = make_staff("LOAN_OFFICER")
    brought = operations.score(user=person, at=AT, by=officer, inputs=told)
    assert brought.snapshot.measured["bureau_score"] == 850
    assert brought.decision_score > row.decision_score
    for wrong in (ScoreInputs(age=17), ScoreInputs(monthly_income_minor=-1), ScoreInputs(credit_bureau_score=900)):
        with pytest.raises(BadInputs):
            operations.score(user=person, at=AT, by=person, inputs=wrong)


def test_nobody_scores_somebody_else_without_the_right():
    person = make_customer()
    for who in (make_customer(), make_staff("TELLER")):
        with pytest.raises(NotAllowed):
            operations.score(user=person, at=AT, by=who)
    assert not CreditScore.objects.exists()


def test_tells_the_building_when_a_score_changes():
    person = make_customer()
    operations.score(user=person, at=AT, by=person)
    operations.score(user=person, at=AT, by=person, fresh=True)
    told = OutboxEvent.objects.filter(name="credit_scoring.score.changed")
    assert [event.payload["before"] for event in told] == [0]


def test_a_score_is_written_once():
    person = make_customer()
    row = operations.score(user=person, at=AT, by=person)
    for change in ({"score": 850}, {"max_loan_amount_minor": 10**9}):
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            CreditScore.objects.filter(pk=row.pk).update(**change)


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_make_one_score():
    person = make_customer()
    found = at_once(*(lambda: operations.score(user=person, at=AT, by=person) for _ in range(4)))
    assert not refusals(found)
    assert len({row.pk for row in found}) == 1
    assert CreditScore.objects.count() == 1
