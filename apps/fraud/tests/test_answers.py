"""The customer's own answer to a payment that is held, given once."""

from datetime import timedelta

import pytest
from django.db import transaction

from apps.accounts.testing import make_account
from apps.fraud import operations
from apps.fraud.models import FlaggedTransaction
from apps.fraud.testing import switch_rule
from apps.fraud.tests.test_watch import paid
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.notifications.models import Alert
from apps.notifications.testing import messages_to
from apps.users.errors import StepUpRequired
from apps.users.models import StepUpChallenge
from apps.users.testing import bearer, make_customer, make_staff

JSON = "application/json"


@pytest.fixture
def officer(db):
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def question(db):
    account = make_account()
    paid(account, "600000", is_new=True, may_ask=True, reference="payments/00000000-0000-0000-0000-000000000007")
    return FlaggedTransaction.objects.select_related("user", "check_made").get()


def proof(flag):
    row = operations.answer_challenge(flag=flag, by=flag.user, at=now())
    StepUpChallenge.objects.filter(pk=row.pk).update(answered_at=now())
    return row.pk


def test_the_customer_is_asked_once_by_message(question):
    deliver_events()
    told = [row for row in messages_to(str(question.user.phone)) if "KES 600,000.00" in str(row.body)]
    assert len(told) == 1


def test_the_code_for_a_yes_says_what_a_yes_says(question):
    operations.answer_challenge(flag=question, by=question.user, at=now())
    assert " is the code to say that you sent KES 600,000.00. " in str(messages_to(str(question.user.phone))[-1].body)


def test_a_yes_needs_proof_for_exactly_this_and_lets_it_go_on(question):
    for challenge in (None, "00000000-0000-0000-0000-000000000001"):
        with pytest.raises(StepUpRequired):
            operations.answer(flag=question, was_me=True, by=question.user, at=now(), challenge_id=challenge)
    question.refresh_from_db()
    assert question.status == "OPEN"
    given = proof(question)
    operations.answer(flag=question, was_me=True, by=question.user, at=now(), challenge_id=given)
    assert (question.status, question.customer_said, question.reviewed_by) == ("CLEARED", "YES", question.user)
    assert OutboxEvent.objects.filter(name="fraud.transaction.cleared").count() == 1
    with pytest.raises(IllegalMove):
        operations.answer(flag=question, was_me=False, by=question.user, at=now())


def test_a_no_stops_it_without_proof(question):
    operations.answer(flag=question, was_me=False, by=question.user, at=now())
    assert (question.status, question.customer_said) == ("CONFIRMED", "NO")
    assert OutboxEvent.objects.filter(name="fraud.transaction.blocked").count() == 1


def test_nobody_answers_for_another_or_where_it_was_not_asked(question):
    with pytest.raises(NotFound):
        operations.answer(flag=question, was_me=False, by=make_customer(), at=now())
    FlaggedTransaction.objects.update(asks_customer=False)
    question.refresh_from_db()
    with pytest.raises(NotFound):
        operations.answer(flag=question, was_me=False, by=question.user, at=now())
    question.refresh_from_db()
    assert question.status == "OPEN"


def test_a_yes_is_not_asked_for_where_it_is_worth_nothing(db):
    account = make_account()
    switch_rule("LARGE_AMOUNT", "amount >= KES 1", "0.6", may_answer=False)
    paid(account, "10", may_ask=True)
    assert not FlaggedTransaction.objects.get().asks_customer


@pytest.mark.django_db(transaction=True)
def test_customer_and_staff_at_once_decide_once():
    account = make_account()
    with transaction.atomic():
        paid(account, "600000", is_new=True, may_ask=True)
    flag, officer = (
        FlaggedTransaction.objects.select_related("user", "check_made").get(),
        make_staff("COMPLIANCE_OFFICER"),
    )
    again = FlaggedTransaction.objects.select_related("user").get()
    tried = at_once(
        lambda: operations.answer(flag=flag, was_me=False, by=account.owner, at=now()),
        lambda: operations.clear(flag=again, note="ok", by=officer, at=now()),
    )
    assert [type(no) for no in refusals(tried)] == [IllegalMove]


def test_customers_answer_by_api(client, question):
    mine, sent = bearer(question.user), {"content_type": JSON, "headers": bearer(question.user)}
    path = f"/api/v1/fraud/{question.reference.replace('payments', 'questions')}"
    assert [row["amount"] for row in client.get("/api/v1/fraud/questions/", headers=mine).json()["results"]] == [
        {"amount": "600000.00", "currency": "KES"}
    ]
    other = bearer(make_customer())
    assert client.get("/api/v1/fraud/questions/", headers=other).json()["results"] == []
    assert client.post(f"{path}/answer/", {"was_me": False}, content_type=JSON, headers=other).status_code == 404
    assert client.post(f"{path}/answer/", {"was_me": True}, **sent).status_code in (401, 403)
    asked = client.post(f"{path}/proof/", {}, **sent)
    assert asked.status_code == 201
    StepUpChallenge.objects.update(answered_at=now())
    said = client.post(f"{path}/answer/", {"was_me": True, "challenge": asked.json()["challenge"]}, **sent)
    assert (said.status_code, said.json()["customer_said"]) == (200, "YES")
    assert client.post(f"{path}/answer/", {"was_me": False}, **sent).status_code == 409


# ---- ageing ----


def test_what_waits_too_long_is_told_once_to_those_who_decide(question, officer):
    assert operations.escalate(at=question.answer_by - timedelta(minutes=61)) == 0
    assert operations.escalate(at=question.answer_by - timedelta(minutes=59)) == 1
    assert operations.escalate(at=question.answer_by) == 0
    assert OutboxEvent.objects.filter(name="fraud.transaction.aged").count() == 1
    deliver_events()
    assert Alert.objects.filter(user=officer).count() == 1


def test_what_was_decided_does_not_age(question, officer):
    operations.clear(flag=question, note="fine", by=officer, at=now())
    assert operations.escalate(at=question.answer_by) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_it_once():
    account = make_account()
    with transaction.atomic():
        paid(account, "600000", is_new=True)
    at = FlaggedTransaction.objects.get().answer_by
    tried = at_once(lambda: operations.escalate(at=at), lambda: operations.escalate(at=at))
    assert refusals(tried) == []
    assert OutboxEvent.objects.filter(name="fraud.transaction.aged").count() == 1
