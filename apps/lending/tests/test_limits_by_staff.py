"""Limits set by staff: asked by one, decided by another within their own, told to the customer, until a day."""

from datetime import timedelta

import pytest

from apps.accounts.testing import kes
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.lending import limits, matching, operations
from apps.lending.errors import AboveOwnLimit, BadTerm, OverLimit
from apps.lending.models import CreditLimit
from apps.lending.testing import ask, make_borrower, make_officer, terms_of
from apps.notifications.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_borrower(deposits="20000", kyc_tier="TIER_2")


def ask_limit(person, amount="60000", *, code="INSTANT", by=None, days=30, reason="You showed us contracts."):
    return operations.ask_limit(
        user=person,
        product=terms_of(code).product,
        amount=None if amount is None else kes(amount),
        until=local_date(now()) + timedelta(days=days),
        reason=reason,
        by=by or make_officer(),
        at=now(),
    )


def approve(approval, by=None):
    return approvals.approve(approval=approval, by=by or make_officer(), at=now())


def limit_of(person, code="INSTANT", at=None):
    return limits.limit_of(user=person, terms=terms_of(code), by=person, at=at or now())


@pytest.mark.parametrize("amount", ["1000", "60000"])
def test_takes_the_place_of_what_is_worked_out_and_says_why(account, amount):
    before = limit_of(account.owner)
    assert before.amount != kes(amount)
    approve(ask_limit(account.owner, amount))
    found = limit_of(account.owner)
    assert (found.amount, [why.code for why in found.reasons]) == (kes(amount), ["STAFF"])
    assert "You showed us contracts." in found.reasons[0].says
    deliver_events()
    assert Message.objects.filter(user=account.owner, code="lending.limit_set").exists()
    with pytest.raises(OverLimit):
        ask(account, str(int(amount) + 1))
    approve(ask_limit(account.owner, None))
    assert limit_of(account.owner).amount == before.amount


def test_ends_after_its_day_and_stays_below_the_product_and_the_tier(account):
    before = limit_of(account.owner).amount
    approve(ask_limit(account.owner, "90000", days=1))
    assert limit_of(account.owner).amount == kes("90000")
    row = CreditLimit.objects.get()
    assert CreditLimit.of(account.owner, [row.product_id], row.until + timedelta(days=1)) == {}
    poor = make_borrower(deposits="20000")
    approve(ask_limit(poor.owner, "90000"))
    assert limit_of(poor.owner).amount == kes("15000")  # the cap of tier 1
    assert before < kes("90000")


def test_is_decided_by_another_within_their_own_limit_and_never_for_oneself(account):
    officer = make_officer()
    approval = ask_limit(account.owner, by=officer)
    with pytest.raises(NotAllowed):
        approve(approval, officer)
    with pytest.raises(AboveOwnLimit):
        approve(approval, make_officer(limit="59999"))
    with pytest.raises(NotAllowed):
        ask_limit(officer, by=officer)
    assert not CreditLimit.objects.exists()
    mine = ask_limit(officer)
    with pytest.raises(NotAllowed):
        approve(mine, officer)
    approve(approval)


def test_waits_once_and_refuses_what_makes_no_sense(account):
    ask_limit(account.owner)
    with pytest.raises(Conflict):
        ask_limit(account.owner, "70000")
    for wrong in ({"days": -1}, {"days": 400}, {"reason": "  "}):
        with pytest.raises(BadTerm):
            ask_limit(account.owner, code="BUSINESS", **wrong)
    assert Approval.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_leave_one_request():
    account = make_borrower(deposits="20000", kyc_tier="TIER_2")
    officers = [make_officer(), make_officer()]
    found = at_once(*(lambda by=by: ask_limit(account.owner, by=by) for by in officers))
    assert [type(no) for no in refusals(found)] == [Conflict]
    (waiting,) = Approval.objects.filter(kind="lending.set_limit")
    deciders = [make_officer(), make_officer()]
    done = at_once(*(lambda by=by: approve(Approval.objects.get(pk=waiting.pk), by) for by in deciders))
    assert len(refusals(done)) == 1
    assert CreditLimit.objects.count() == 1


def test_asks_as_much_for_all_products_as_for_one(account, django_assert_max_num_queries):
    person, at = account.owner, now()
    terms = matching.on_offer(at)
    score = limit_of(person).score
    with django_assert_max_num_queries(7):
        found = limits.limits_of_all(user=person, terms=terms, by=person, at=at, score=score)
    assert [one.amount for one in found] == [
        limits.limit_of(user=person, terms=one, by=person, at=at, score=score).amount for one in terms
    ]
