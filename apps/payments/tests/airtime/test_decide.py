"""Airtime nobody knows the end of: two people decide, once, and the provider's late word is shown, not booked."""

from datetime import timedelta
from unittest.mock import Mock

import pytest

from apps.accounts.testing import balance_of
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.ledger.errors import BooksBusy
from apps.ledger.testing import assert_books_balance
from apps.payments import operations, tasks
from apps.payments.errors import AirtimeNotToDecide
from apps.payments.models import AirtimeCallback, AirtimeOrder
from apps.payments.tests.airtime.gateway import OTHER, buy, stands, status
from apps.users import operations as people
from apps.users.errors import Connected
from apps.users.testing import bearer, make_customer, make_staff

LATER = timedelta(minutes=11)


def manager(limit_minor=1_000_000_00):
    return make_staff("BRANCH_MANAGER", limit_minor=limit_minor)


def ask(order, *, loaded=True, by=None, at=None):
    maker = by or manager()
    at = at or now() + LATER
    return operations.ask_to_decide_airtime(order=order, loaded=loaded, reason="Console", by=maker, at=at)


@pytest.fixture
def order(gateway, account):
    payment = buy(account)
    return AirtimeOrder.objects.select_related("payment").get(payment=payment)


@pytest.mark.parametrize(
    ("loaded", "stands_as", "left"), [(True, "COMPLETED", "4900.00"), (False, "FAILED", "5000.00")]
)
def test_what_two_people_agree_on_is_booked_once(order, account, loaded, stands_as, left):
    approval = ask(order, loaded=loaded)
    assert stands(order.payment) == "PENDING"
    second = manager()
    results = at_once(*[lambda: approvals.approve(approval=approval, by=second, at=now() + LATER)] * 4)
    assert len(refusals(results)) == 3
    assert (stands(order.payment), balance_of(account)) == (stands_as, left)
    assert_books_balance()
    said = status(order.payment, status="Failed" if loaded else "Success")
    assert said.outcome == "DISPUTED"
    assert stands(order.payment) == stands_as
    assert operations.odd_airtime_callbacks(now()).get() == said
    assert not operations.airtime_in_doubt(now() + LATER).exists()


def test_refuses_what_the_provider_may_still_tell_and_who_may_not(order, account):
    with pytest.raises(AirtimeNotToDecide):
        ask(order, at=now())
    with pytest.raises(NotAllowed):
        ask(order, by=make_customer())
    own = manager()
    type(order.payment).objects.filter(pk=order.payment_id).update(payer=own)
    approval = ask(order)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=own, at=now() + LATER)
    assert (stands(order.payment), balance_of(account)) == ("PENDING", "5000.00")
    assert Approval.objects.get().status == "PENDING"


def test_who_is_connected_with_the_payer_does_not_decide(order):
    cousin, payment = manager(), order.payment
    people.declare_connection(staff=cousin, customer=payment.payer, kind="FAMILY", by=cousin, at=now())
    with pytest.raises(Connected):
        approvals.approve(approval=ask(order, loaded=False), by=cousin, at=now() + LATER)
    assert (stands(payment), balance_of(payment.from_account)) == ("PENDING", "5000.00")


def test_decides_no_more_than_the_second_person_may(order):
    with pytest.raises(NotAllowed, match="own approval limit"):
        approvals.approve(approval=ask(order, loaded=False), by=manager(99_99), at=now() + LATER)
    assert stands(order.payment) == "PENDING"


def test_a_word_of_the_provider_in_between_makes_the_decision_void(order, account):
    approval = ask(order, loaded=False)
    assert status(order.payment).outcome == "APPLIED"
    with pytest.raises(AirtimeNotToDecide):
        approvals.approve(approval=approval, by=manager(), at=now() + LATER)
    assert (stands(order.payment), balance_of(account)) == ("COMPLETED", "4900.00")
    assert_books_balance()


def test_staff_see_what_waits_and_ask_by_api(order, client, django_assert_max_num_queries):
    AirtimeOrder.objects.update(sent_at=now() - LATER)
    headers = bearer(manager())
    with django_assert_max_num_queries(7):
        shown = client.get("/api/v1/admin/airtime/", headers=headers).json()
    assert [row["reference"] for row in shown["orders"]] == [order.payment.reference]
    address = f"/api/v1/admin/airtime/{order.payment.public_id}/decide/"
    asked = {"data": {"loaded": True, "reason": "Console"}, "content_type": "application/json"}
    answer = client.post(address, **asked, headers=headers)
    assert (answer.status_code, answer.json()["approval"]) == (202, Approval.objects.get().pk)
    assert client.post(address, **asked, headers=bearer(make_customer())).status_code == 403
    assert client.get("/api/v1/admin/airtime/", headers=bearer(make_staff("TELLER"))).status_code == 403


def test_while_the_books_are_busy_its_status_waits_and_is_no_riddle(gateway, account, monkeypatch):
    gateway.plan(OTHER, callbacks="NONE")
    payment = buy(account)
    with monkeypatch.context() as others:
        others.setattr("apps.accounts.operations.take", Mock(side_effect=BooksBusy("Another transaction waits.")))
        with pytest.raises(BooksBusy):
            status(payment)
        tasks.sweep_airtime()
    assert (stands(payment), AirtimeCallback.objects.get().outcome) == ("PENDING", "")
    tasks.sweep_airtime()
    assert (stands(payment), AirtimeCallback.objects.get().outcome) == ("COMPLETED", "APPLIED")
    assert_books_balance()


def test_books_nothing_for_another_phone(gateway, account):
    gateway.plan(OTHER, callbacks="NONE")
    payment = buy(account)
    kept = status(payment, phoneNumber="254799999999")
    assert (kept.outcome, stands(payment), balance_of(account)) == ("DISPUTED", "CHECKING", "5000.00")
    assert "254799999999" not in kept.why
    assert status(payment, phoneNumber="0733 000 114", description="as dialled at home").outcome == "APPLIED"
    assert stands(payment) == "COMPLETED"
    assert_books_balance()


@pytest.mark.parametrize("value", ["UGX 100.0000", "USD 100", "a lot"])
def test_books_nothing_of_another_currency(gateway, account, value):
    gateway.plan(OTHER, callbacks="NONE")
    payment = buy(account)
    assert status(payment, value=value).outcome == "UNREADABLE"
    assert (stands(payment), balance_of(account)) == ("PENDING", "5000.00")
    assert status(payment, value="None").outcome == "APPLIED"
    assert stands(payment) == "COMPLETED"
