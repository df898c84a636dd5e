"""Back-tests that run by themselves, how well rules do, and what a customer's no says of a payee."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.testing import make_account
from apps.fraud import operations, queries, tasks
from apps.fraud.errors import NotTriedYet
from apps.fraud.models import BackTest, BackTestJob, FlaggedTransaction
from apps.fraud.operations.review import ReasonNeeded
from apps.fraud.queries import Proposed
from apps.fraud.tests.test_screen import screened
from apps.fraud.tests.test_watch import facts_of_last, paid
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.testing import at_once
from apps.users.testing import bearer, make_staff

EARLIER = Proposed("LARGE_AMOUNT", "amount >= KES 400000", Decimal("0.5"))
ASKED = {"code": "LARGE_AMOUNT", "expression": "amount >= KES 400000", "weight": "0.500"}
WORDS = {"sentence_en": "Large", "sentence_sw": "Kubwa", "customer_may_answer": True, "reason": "Losses"}
JSON = "application/json"


@pytest.fixture
def officer(db):
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def many(monkeypatch):
    """Twelve checks, which are more than a request may wait for here; told of after every five."""
    monkeypatch.setattr("apps.fraud.operations.back_tests.FEW", 10)
    monkeypatch.setattr("apps.fraud.queries.TOLD_EACH", 5)
    account = make_account()
    for nth in range(12):
        screened(account, "450000" if nth == 3 else "100", reference=f"payments/{nth}")
    return account


@pytest.mark.django_db
def test_a_request_does_not_wait_for_a_long_one(officer, many):
    with pytest.raises(NotTriedYet):
        operations.back_test(proposed=EARLIER, by=officer, at=now())
    with pytest.raises(NotTriedYet):
        operations.ask_rule_change(proposed=EARLIER, by=officer, at=now(), **WORDS)
    job = operations.ask_back_test(proposed=EARLIER, by=officer, at=now())
    assert operations.ask_back_test(proposed=EARLIER, by=officer, at=now()).pk == job.pk
    operations.run_back_test(job_id=job.pk, at=now())
    job.refresh_from_db()
    assert (job.status, job.done, job.total, job.back_test.hits) == ("DONE", 12, 12, 1)
    tried = operations.back_test(proposed=EARLIER, by=officer, at=now())
    assert (tried.checks, tried.would, tried.warnings) == (12, {"ALLOW": 11, "REVIEW": 1}, job.back_test.warnings)


@pytest.mark.django_db
def test_a_change_is_asked_with_the_figures_of_the_one_that_ran(officer, many):
    job = operations.ask_back_test(proposed=EARLIER, by=officer, at=now())
    operations.run_back_test(job_id=job.pk, at=now())
    job.refresh_from_db()
    asked = operations.ask_rule_change(proposed=EARLIER, by=officer, at=now(), despite="LARGE_AMOUNT", **WORDS)
    assert (asked.payload["back_test"], BackTest.objects.count()) == (job.back_test_id, 1)
    with pytest.raises(NotTriedYet):
        operations.ask_rule_change(proposed=EARLIER, by=officer, at=now() + timedelta(days=2), **WORDS)


@pytest.mark.django_db
def test_tells_how_far_it_is(officer, many, monkeypatch):
    seen = []
    job = operations.ask_back_test(proposed=EARLIER, by=officer, at=now())
    looked = queries.rules.judge

    def judge(*given):
        seen.append(BackTestJob.objects.get(pk=job.pk).done)
        return looked(*given)

    monkeypatch.setattr("apps.fraud.queries.rules.judge", judge)
    operations.run_back_test(job_id=job.pk, at=now())
    assert {0, 5, 10} == set(seen)


@pytest.mark.django_db(transaction=True)
def test_one_of_two_workers_runs_it(many):
    officer = make_staff("COMPLIANCE_OFFICER")
    job = operations.ask_back_test(proposed=EARLIER, by=officer, at=now())
    at_once(*(lambda: operations.run_back_test(job_id=job.pk, at=now()) for _nth in range(2)))
    assert (BackTest.objects.count(), BackTestJob.objects.get().status) == (1, "DONE")


@pytest.mark.django_db
def test_one_whose_worker_is_gone_is_begun_again(officer, many):
    job = operations.ask_back_test(proposed=EARLIER, by=officer, at=now())
    BackTestJob.objects.update(status="RUNNING", begun_at=now() - timedelta(minutes=5))
    assert operations.run_waiting(at=now()) == 0
    assert operations.run_waiting(at=now() + timedelta(minutes=11)) == 1
    job.refresh_from_db()
    assert job.status == "DONE"
    with pytest.raises(IntegrityError), transaction.atomic():
        BackTestJob.objects.update(status="WAITING")


@pytest.mark.django_db
def test_is_asked_for_and_followed_by_api(officer, many, client, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr("apps.fraud.wake.run_back_test", lambda pk: tasks.run_back_test(job_id=pk))
    slow = client.post("/api/v1/fraud/rules/back-test/", ASKED, JSON, headers=bearer(officer))
    assert (slow.status_code, slow.json()["code"]) == (409, "not_tried_yet")
    with django_capture_on_commit_callbacks(execute=True):
        asked = client.post("/api/v1/fraud/back-tests/", ASKED, JSON, headers=bearer(officer))
    assert (asked.status_code, asked.json()["status"]) == (202, "WAITING")
    told = client.get(f"/api/v1/fraud/back-tests/{asked.json()['id']}/", headers=bearer(officer)).json()
    assert (told["status"], told["figures"]["would"]) == ("DONE", {"ALLOW": 11, "REVIEW": 1})
    assert len(client.get("/api/v1/fraud/back-tests/", headers=bearer(officer)).json()["results"]) == 1
    assert (
        client.post("/api/v1/fraud/back-tests/", ASKED, JSON, headers=bearer(make_staff("TELLER"))).status_code == 403
    )


def denied(shop, reference):
    """A payment to a shop of which its payer says that it was not them."""
    payer = make_account()
    paid(payer, "600000", shop, is_new=True, reference=reference, may_ask=True)
    flag = FlaggedTransaction.objects.get(reference=reference)
    operations.answer(flag=flag, was_me=False, by=payer.owner, at=now())
    flag.refresh_from_db()
    return flag


@pytest.mark.django_db
def test_a_no_is_a_doubt_about_the_payee_until_staff_have_judged(officer):
    shop = make_account()
    first = denied(shop, "payments/1")
    assert paid(make_account(), "100", shop, reference="payments/2").reasons == ()
    assert (facts_of_last()["payee_denials"], facts_of_last()["payee_confirmed_frauds"]) == (1, 0)
    second = denied(shop, "payments/3")
    assert paid(make_account(), "100", shop, reference="payments/4").reasons == ("PAYEE_DOUBTED",)
    for flag in (first, second):
        operations.judge_payee(flag=flag, is_fraud=False, note="An honest shop", by=officer, at=now())
    assert paid(make_account(), "100", shop, reference="payments/5").reasons == ()
    third = denied(shop, "payments/6")
    operations.judge_payee(flag=third, is_fraud=True, note="Gathers and passes on", by=officer, at=now())
    assert paid(make_account(), "100", shop, reference="payments/7").reasons == ("PAYEE_FRAUD",)


@pytest.mark.django_db
def test_a_payee_is_judged_once_by_staff_with_a_reason(officer, client):
    flag = denied(make_account(), "payments/1")
    with pytest.raises(NotAllowed):
        operations.judge_payee(flag=flag, is_fraud=True, note="x", by=make_staff("TELLER"), at=now())
    with pytest.raises(ReasonNeeded):
        operations.judge_payee(flag=flag, is_fraud=True, note=" ", by=officer, at=now())
    address, told = f"/api/v1/admin/transactions/{flag.pk}/payee/", {"is_fraud": True, "note": "A mule"}
    assert client.post(address, told, JSON, headers=bearer(officer)).status_code == 200
    assert client.post(address, told, JSON, headers=bearer(officer)).status_code == 409
    cleared = make_account()
    paid(cleared, "600000", make_account(), is_new=True, reference="payments/2", may_ask=True)
    open_one = FlaggedTransaction.objects.get(reference="payments/2")
    with pytest.raises(IllegalMove):
        operations.judge_payee(flag=open_one, is_fraud=True, note="x", by=officer, at=now())


@pytest.mark.django_db
def test_says_of_each_rule_how_much_of_what_it_held_was_nothing(officer, client):
    for nth in range(3):
        screened(make_account(), "600000", is_new=True, reference=f"payments/{nth}")
    flags = list(FlaggedTransaction.objects.order_by("pk"))
    operations.clear(flag=flags[0], note="Knows the payee", by=officer, at=now())
    operations.confirm_fraud(flag=flags[1], note="A mule", by=officer, at=now())
    told = {row["code"]: row for row in client.get("/api/v1/fraud/rules/quality/", headers=bearer(officer)).json()}
    assert told["LARGE_AMOUNT"] == {"code": "LARGE_AMOUNT", "held": 3, "decided": 2, "cleared": 1, "false_percent": 50}
    assert queries.quality(now() + timedelta(days=91)) == []
