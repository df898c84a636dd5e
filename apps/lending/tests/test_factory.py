"""The product factory: what can be offered and what cannot, previews beside today, and versions by two people."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.testing import kes
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import Conflict, DomainError, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance
from apps.lending import factory, offers, operations
from apps.lending.errors import BadProduct
from apps.lending.factory.catalogue import in_force, shelves
from apps.lending.models import (
    Amortisation,
    DayCount,
    InterestMethod,
    LoanProduct,
    ProductTerms,
    RatePer,
    ReferenceRate,
    Rounding,
    Unit,
)
from apps.lending.testing import make_borrower, make_loan, terms_of
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def tomorrow():
    return local_date(now()) + DAY


def ask_terms(code="INSTANT", by=None, **changes):
    newest = terms_of(code)
    values = factory.primitives(newest) | changes
    asked = {"product": newest.product, "values": values, "fees": factory.fees_of(newest), "reason": "Funds cost more"}
    return operations.ask_terms(**asked, valid_from=tomorrow(), by=by or make_staff("ADMIN"), at=now())


def approve(approval):
    return approvals.approve(approval=approval, by=make_staff("ADMIN"), at=now())


def draft_of(code="BUSINESS", **changes):
    terms = terms_of(code)
    values = factory.primitives(terms) | changes
    on = local_date(now())
    return factory.draft(product=terms.product, values=values, fees=factory.fees_of(terms), valid_from=on, at=now())


def test_keeps_a_version_more_and_leaves_live_loans_as_they_were():
    loan = make_loan(make_borrower(), "5000")
    before = (loan.terms_id, loan.rate, loan.principal_left_minor, list(loan.instalments.values_list("interest_minor")))
    approve(ask_terms(rate="0.06"))
    loan.refresh_from_db()
    assert before == (
        loan.terms_id,
        loan.rate,
        loan.principal_left_minor,
        list(loan.instalments.values_list("interest_minor")),
    )
    assert in_force(loan.product, local_date(now())).version == 1
    assert in_force(loan.product, tomorrow()).rate == Decimal("0.06")
    (shelf,) = shelves(local_date(now()), "INSTANT")
    assert [(one.terms.version, one.running) for one in shelf.versions] == [(2, 0), (1, 1)]
    assert [(one.name, one.after) for one in shelf.versions[0].changed] == [("rate", "6 %")]
    assert [one.terms.version for one in shelf.coming] == [2]
    assert_books_balance()


def test_is_asked_by_those_with_the_right_and_allowed_by_another():
    with pytest.raises(NotAllowed):
        ask_terms(by=make_staff("BRANCH_MANAGER"), rate="0.06")
    admin = make_staff("ADMIN")
    approval = ask_terms(by=admin, rate="0.06")
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=admin, at=now())
    assert ProductTerms.objects.filter(product__code="INSTANT").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_make_one_version():
    asked = [ask_terms(rate="0.06"), ask_terms(rate="0.07")]
    deciders = [make_staff("ADMIN"), make_staff("ADMIN")]
    found = at_once(
        *(
            lambda one=one, by=by: approvals.approve(approval=Approval.objects.get(pk=one.pk), by=by, at=now())
            for one, by in zip(asked, deciders, strict=True)
        )
    )
    assert [type(no) for no in refusals(found)] == [Conflict]
    assert ProductTerms.objects.filter(product__code="INSTANT").count() == 2


def test_refuses_a_day_that_has_come_and_terms_that_change_nothing():
    newest = terms_of("INSTANT")
    asked = {"product": newest.product, "fees": [], "reason": "x", "by": make_staff("ADMIN"), "at": now()}
    values = factory.primitives(newest)
    with pytest.raises(BadProduct, match="tomorrow"):
        operations.ask_terms(values=values | {"rate": "0.06"}, valid_from=local_date(now()), **asked)
    with pytest.raises(BadProduct, match="Nothing differs"):
        operations.ask_terms(values=values, valid_from=tomorrow(), **asked)
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"most_minor": 1}, "most_minor"),
        ({"rate": "11"}, "rate"),
        ({"least_rate": "0.01"}, "least_rate"),
        ({"least_rate": "0.02", "most_rate": "0.03"}, "least_rate"),
        ({"usual_periods": 30}, "usual_periods"),
        ({"principal_grace": 3}, "principal_grace"),
        ({"interest_free": 4}, "interest_free"),
        ({"amortisation": "FIXED_PRINCIPAL_PCT"}, "principal_pct"),
        ({"amortisation": "FIXED_PRINCIPAL_PCT", "principal_pct": "5"}, "principal_pct"),
        ({"principal_pct": "5"}, "principal_pct"),
        ({"interest_method": "FLAT", "smoothing": True}, "smoothing"),
        ({"rate_per": "TERM"}, "is_daily"),
        ({"reference": "CBR"}, "reference"),
        ({"reference": "NOBODY", "rate_per": "YEAR"}, "reference"),
        ({"repayment_order": ["FEE", "FEE", "INTEREST", "PRINCIPAL"]}, "repayment_order"),
        ({"penalty_cap_rate": "1.5"}, "penalty_cap_rate"),
        ({"decides_itself": True, "loan_to_value": "0.5"}, "decides_itself"),
        ({"least_tier": "TIER_9"}, "least_tier"),
        ({"instalment_multiple_minor": 0}, "instalment_multiple_minor"),
        ({"down_payment_pct": "100"}, "down_payment_pct"),
        ({"source": " "}, "source"),
    ],
)
def test_says_at_which_field_terms_are_wrong(changes, field):
    found = factory.faults(draft_of(**changes), local_date(now()))
    assert field in {one.field for one in found}
    assert all(one.says.endswith(".") for one in found)


TERMS = st.fixed_dictionaries(
    {
        "rate": st.decimals(0, "0.6", places=4).map(str),
        "rate_per": st.sampled_from(RatePer.values),
        "interest_method": st.sampled_from(InterestMethod.values),
        "amortisation": st.sampled_from(Amortisation.values),
        "is_daily": st.booleans(),
        "day_count": st.sampled_from(DayCount.values),
        "every": st.integers(0, 3),
        "unit": st.sampled_from(Unit.values),
        "least_periods": st.integers(1, 3),
        "most_periods": st.integers(1, 12),
        "usual_periods": st.integers(1, 6),
        "principal_grace": st.integers(0, 2),
        "interest_deferred": st.integers(0, 2),
        "interest_free": st.integers(0, 2),
        "down_payment_pct": st.sampled_from(["0", "0", "25"]),
        "principal_pct": st.sampled_from([None, None, "4", "60"]),
        "instalment_multiple_minor": st.sampled_from([None, None, 100, 5000]),
        "smoothing": st.booleans(),
        "rounding": st.sampled_from(Rounding.values),
        "reference": st.sampled_from(["", "", "", "CBR"]),
    }
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=TERMS, minor=st.integers(1_000_000, 50_000_000))
def test_what_it_accepts_can_be_lent_and_the_rest_is_refused_with_a_sentence(changes, minor):
    if not ReferenceRate.objects.filter(code="CBR").exists():
        ReferenceRate.objects.create(code="CBR", rate="0.0975", valid_from=date(2026, 1, 1), source="CBK")
    draft, on = draft_of(**changes), local_date(now())
    found = factory.faults(draft, on)
    if found:
        assert all(one.says.strip() for one in found)
        return
    for periods in (draft.least_periods, draft.most_periods):
        shown = offers.offer(terms=draft, principal=kes(str(minor // 100)), periods=periods, on=on)
        assert shown.plan.principal == shown.principal
        assert sum(row.total_minor for row in shown.plan.rows) == shown.repaid.minor
        assert all(row.principal_minor >= 0 and row.interest_minor >= 0 for row in shown.plan.rows)
        assert shown.plan.rows[-1].balance_minor == 0


def test_previews_beside_today_and_explains_every_figure():
    draft = draft_of("INSTANT", rate="0.06")
    seen = factory.preview(terms=draft, today=terms_of("INSTANT"), amount=kes("5000"), periods=1, on=local_date(now()))
    (row,) = seen.rows
    assert row.why["interest"] == ["KES 5,000.00 × 6% = KES 300.00, rounded to 0.01 (a half to the even digit)."] or (
        "300.00" in row.why["interest"][0]
    )
    cost = next(one for one in seen.differences if one.label == "Total cost")
    assert (cost.new, cost.today, cost.differs) == ("KES 300.00", "KES 250.00", True)
    assert ProductTerms.objects.filter(product__code="INSTANT").count() == 1


def product(**changes):
    facts = {"code": "BODA", "name": "Boda loan", "name_sw": "Mkopo wa boda", "about": "A boda of your own."}
    facts |= {"about_sw": "Boda yako mwenyewe.", "purposes": ["ASSET"], "currency": "KES", "loss_table": "CBK_BANK"}
    return facts | {"loss_given_default": "0.4"} | changes


def ask_product(**changes):
    start = terms_of("BUSINESS")
    values = factory.primitives(start) | {"loan_to_value": "0.8"}
    asked = {"values": values, "fees": factory.fees_of(start), "valid_from": local_date(now()), "reason": "Asked for"}
    return operations.ask_product(product=product(**changes), **asked, by=make_staff("ADMIN"), at=now())


def test_makes_a_product_and_stops_offering_it():
    approve(ask_product())
    made = LoanProduct.objects.get(code="BODA")
    assert made.versions.get().loan_to_value == Decimal("0.8")
    assert made.versions.get().fees.count() == 2
    approval = operations.ask_product_switch(
        product=made, on=False, reason="Too many fail", by=make_staff("ADMIN"), at=now()
    )
    approve(approval)
    assert not ProductTerms.objects.in_force(local_date(now())).filter(product=made).exists()
    made.refresh_from_db()
    with pytest.raises(BadProduct, match="stands so"):
        operations.ask_product_switch(product=made, on=False, reason="x", by=make_staff("ADMIN"), at=now())


@pytest.mark.parametrize(
    "wrong", [{"code": "lower"}, {"code": "INSTANT"}, {"name_sw": " "}, {"purposes": []}, {"loss_table": "NONE"}]
)
def test_refuses_a_product_that_is_not_one(wrong):
    with pytest.raises(BadProduct):
        ask_product(**wrong)
    assert LoanProduct.objects.count() == 4


def test_a_reference_rate_holds_from_its_day_and_once():
    asked = {"code": "CBR", "rate": Decimal("0.0975"), "source": "CBK, press release", "reason": "New rate"}
    first, second = (
        operations.ask_reference_rate(**asked, valid_from=tomorrow(), by=make_staff("ADMIN"), at=now())
        for _twice in range(2)
    )
    approve(first)
    with pytest.raises(BadProduct, match="already"):
        approve(second)
    assert ReferenceRate.objects.get().rate == Decimal("0.0975")
    draft = draft_of("BUSINESS", reference="CBR", rate="0.04", rate_per="YEAR")
    assert factory.faults(draft, tomorrow()) == []
    assert offers.rate_of(draft, tomorrow()) == Decimal("0.1375")
    with pytest.raises(DomainError):
        operations.ask_reference_rate(**asked, valid_from=local_date(now()) - DAY, by=make_staff("ADMIN"), at=now())
