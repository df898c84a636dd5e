"""Scoring by API: one's own, and staff by their rights; what cannot be is refused by field."""

import pytest

from apps.accounts.testing import kes, make_account
from apps.credit_scoring import operations
from apps.credit_scoring.models import CreditScore, Decision, ModelVersion
from apps.credit_scoring.testing import BAD_LOANS, Lender, lending_by, make_struggler
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
BASE = "/api/v1/credit-scoring"
AT = now()


def post(client, path, who, **body):
    return client.post(path, body, content_type="application/json", headers=bearer(who))


def get(client, path, who):
    return client.get(path, headers=bearer(who))


@pytest.fixture
def declined():
    person = make_struggler(at=AT)
    with lending_by(Lender({person.pk: BAD_LOANS})):
        yield operations.decide(
            user=person, product="INSTANT", amount=kes("3000"), active_loans=0, at=AT, by=person, loan_reference="l/1"
        )


@pytest.mark.parametrize("path", ["/api/v1/ai/credit-score/", "/api/v1/ai/credit-score", f"{BASE}/scores/"])
def test_scores_oneself_at_either_address(client, path):
    person = make_customer()
    make_account(person, balance="5000")
    told = post(client, path, person, age=30, monthly_income={"amount": "9000.00", "currency": "KES"}).json()
    assert 300 <= told["score"] <= 850
    assert told["max_loan_amount"] == {"amount": "4000.00", "currency": "KES"}
    assert told["factors"][0]["sentence"].endswith(".")
    assert {note["code"] for note in told["notes"]} == {"BUREAU_NOT_ASKED"}
    listed = get(client, f"{BASE}/scores/", person).json()["results"]
    assert [row["id"] for row in listed] == [told["id"]]
    assert get(client, f"{BASE}/scores/{told['id']}/", make_customer()).status_code == 404
    assert get(client, f"{BASE}/scores/", make_customer()).json()["results"] == []


def test_speaks_the_readers_language(client):
    person = make_customer()
    make_account(person, balance="5000")
    sent = {"content_type": "application/json", "headers": {**bearer(person), "Accept-Language": "sw"}}
    swahili = client.post("/api/v1/ai/credit-score/", {}, **sent).json()["factors"]
    english = post(client, "/api/v1/ai/credit-score/", person).json()["factors"]
    assert [row["code"] for row in swahili] == [row["code"] for row in english]
    assert [row["sentence"] for row in swahili] != [row["sentence"] for row in english]


@pytest.mark.parametrize(
    "wrong",
    [
        {"age": 17},
        {"monthly_income": {"amount": "-1.00", "currency": "KES"}},
        {"monthly_income": 5000},
        {"monthly_income": {"amount": "100.00", "currency": "USD"}},
        {"loan_repayment_rate": "1.1"},
        {"loan_repayment_rate": "-0.1"},
        {"credit_bureau_score": 299},
        {"employment_status": "KING"},
        {"transaction_count_30d": -1},
        {"risk_level": "LOW"},
    ],
)
def test_what_cannot_be_is_refused_by_field(client, wrong):
    answer = post(client, "/api/v1/ai/credit-score/", make_customer(), **wrong)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(wrong)
    assert not CreditScore.objects.exists()


def test_what_a_customer_claims_of_their_account_is_kept_and_not_believed(client):
    person = make_customer()
    plain = post(client, "/api/v1/ai/credit-score/", person).json()
    claimed = post(
        client, "/api/v1/ai/credit-score/", person,
        average_balance={"amount": "9000000.00", "currency": "KES"}, loan_repayment_rate="1.0", credit_bureau_score=850,
    ).json()  # fmt: skip
    assert claimed["score"] == plain["score"]
    assert CreditScore.objects.latest("pk").snapshot.declared["told"]["loan_repayment_rate"] == "1.0000"


def test_staff_with_the_right_score_a_customer(client):
    person, officer = make_customer(), make_staff("LOAN_OFFICER")
    assert post(client, "/api/v1/ai/credit-score/", officer, user=person.pk).json()["user"] == person.pk
    assert post(client, "/api/v1/ai/credit-score/", make_staff("TELLER"), user=person.pk).status_code == 403
    assert post(client, "/api/v1/ai/credit-score/", make_customer(), user=person.pk).status_code == 403
    assert post(client, "/api/v1/ai/credit-score/", officer, user=10**9).status_code == 404
    assert len(get(client, f"{BASE}/scores/?user={person.pk}", officer).json()["results"]) == 1


def test_asks_for_eligibility(client):
    person = make_customer()
    make_account(person, balance="5000")
    asked = {"product": "INSTANT", "amount": {"amount": "4000.01", "currency": "KES"}}
    answer = post(client, f"{BASE}/loan-eligibilities/", person, **asked)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["is_eligible"], told["limit"]["amount"], told["reasons"]) == (False, "4000.00", ["ABOVE_LIMIT"])
    assert told["sentences"] == ["The amount is more than your limit."]
    assert get(client, f"{BASE}/loan-eligibilities/{told['id']}/", person).json()["id"] == told["id"]
    assert get(client, f"{BASE}/loan-eligibilities/{told['id']}/", make_customer()).status_code == 404
    for wrong in ({}, {"product": "x y"}, {**asked, "amount": {"amount": "0", "currency": "KES"}}):
        assert post(client, f"{BASE}/loan-eligibilities/", person, **wrong).status_code == 400


def test_history_is_ones_own(client, declined):
    rows = get(client, f"{BASE}/payment-history-analyses/", declined.user).json()["results"]
    assert [row["missed"] for row in rows] == [6]
    assert get(client, f"{BASE}/payment-history-analyses/{rows[0]['id']}/", make_customer()).status_code == 404


@pytest.mark.parametrize("path", ["decisions", "default-predictions", "early-warnings", "models", "model/drift"])
def test_what_is_for_staff_is_not_for_customers_or_tellers(client, path):
    for who in (make_customer(), make_staff("TELLER")):
        assert get(client, f"{BASE}/{path}/", who).status_code == 403
    assert client.get(f"{BASE}/{path}/").status_code == 401
    assert get(client, f"{BASE}/{path}/", make_staff("BRANCH_MANAGER")).status_code == 200


def test_analysts_see_figures_without_names(client, declined):
    analyst = make_staff("ANALYST")
    assert get(client, f"{BASE}/model/drift/", analyst).json()["champion"]["is_synthetic"] is True
    assert get(client, f"{BASE}/decisions/", analyst).status_code == 403
    assert get(client, f"{BASE}/scores/", analyst).json()["results"] == []


def test_decisions_with_their_inputs_are_reviewed_once(client, declined):
    officer, path = make_staff("LOAN_OFFICER"), f"{BASE}/decisions/{declined.public_id}/"
    listed = get(client, f"{BASE}/decisions/?status=REVIEW_OPEN", officer).json()["results"]
    assert [row["id"] for row in listed] == [str(declined.public_id)]
    assert "inputs" not in listed[0]
    assert get(client, path, officer).json()["inputs"]["measured"]["missed_payments"] == 6
    assert get(client, path, make_staff("AUDITOR")).status_code == 200
    assert post(client, f"{path}review/", officer, uphold=False).status_code == 400
    assert post(client, f"{path}review/", make_staff("AUDITOR"), uphold=True, note="x").status_code == 403
    told = post(client, f"{path}review/", officer, uphold=False, note="Paid at the counter").json()
    assert (told["status"], told["final_outcome"]) == ("OVERTURNED", "REFERRED")
    assert post(client, f"{path}review/", officer, uphold=True, note="No").status_code == 409


def test_an_override_and_another_champion_are_asked_for(client, declined):
    path = f"{BASE}/decisions/{declined.public_id}/override/"
    answer = post(client, path, make_staff("LOAN_OFFICER"), outcome="APPROVED", reason="Guaranteed")
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    row = ModelVersion.objects.get()
    path = f"{BASE}/models/{row.pk}/promote/"
    assert post(client, path, make_staff("ADMIN"), to="CHAMPION", reason="x").status_code == 409
    assert post(client, path, make_staff("ANALYST"), to="CHAMPION", reason="x").status_code == 403
    assert Approval.objects.count() == 1
    assert Decision.objects.get().final_outcome == "REJECTED"


def test_a_warning_is_taken_by_api(client):
    person = make_customer()
    row = operations.raise_warning(
        user=person, loan_reference="l/1", signal="DAYS_LATE", severity="NOTICE", facts={"days_late": 1}, at=AT
    )
    path, officer = f"{BASE}/early-warnings/{row.pk}/take/", make_staff("LOAN_OFFICER")
    assert post(client, path, officer).json()["status"] == "ACKNOWLEDGED"
    assert post(client, path, officer).status_code == 409


@pytest.mark.parametrize(("path", "queries"), [("scores", 6), ("decisions", 6)])
def test_lists_ask_the_same_however_long(client, django_assert_max_num_queries, path, queries):
    officer = make_staff("LOAN_OFFICER")
    for _ in range(3):
        person = make_customer()
        operations.decide(user=person, product="INSTANT", amount=kes("1"), active_loans=0, at=AT, by=person)
    headers = bearer(officer)
    with django_assert_max_num_queries(queries):
        assert len(client.get(f"{BASE}/{path}/", headers=headers).json()["results"]) == 3
