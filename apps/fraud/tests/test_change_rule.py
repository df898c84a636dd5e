"""A rule is tried on the past, asked by one and allowed by another, once; what is too broad needs a word."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from apps.accounts.testing import kes, make_account
from apps.fraud import operations
from apps.fraud.errors import BadRule, RuleMovedOn, RuleTooBroad
from apps.fraud.models import BackTest, FraudCheck, FraudRule
from apps.fraud.queries import Proposed
from apps.fraud.tests.test_screen import screened
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval, OutboxEvent
from apps.kernel.testing import at_once, refusals
from apps.users.testing import bearer, make_staff

EARLIER = Proposed("LARGE_AMOUNT", "amount >= KES 400000", Decimal("0.5"))
JSON = "application/json"


@pytest.fixture
def officer(db):
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def past(db):
    """Forty checks, one of which the earlier rule would hold; one from before facts were kept."""
    account = make_account()
    for nth in range(40):
        screened(account, "450000" if nth == 7 else "100", reference=f"payments/{nth}", at=now() - timedelta(days=nth))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fraud_fraudcheck (reference, user_id, amount_minor, currency, transaction_type, new_recipient,"
            " unusual_amount, risk_score, action, reasons, model_version, rule_versions, facts, checked_at)"
            " VALUES ('old', %s, 1, 'KES', 'P2P_TRANSFER', false, false, 0, 'ALLOW', '[]', 'rules/1', '{}', '{}', %s)",
            [account.owner_id, now() - timedelta(days=1)],
        )
    return account


def ask(by, proposed=EARLIER, **changes):
    words = {"sentence_en": "Large: {amount}", "sentence_sw": "Kubwa: {amount}", "customer_may_answer": True}
    return operations.ask_rule_change(proposed=proposed, by=by, at=now(), **words | {"reason": "Losses"} | changes)


def test_says_what_it_would_have_done(past, officer, django_assert_num_queries):
    with django_assert_num_queries(7):  # rights, rules twice, the checks of the period
        tried = operations.back_test(proposed=EARLIER, by=officer, at=now())
    assert (tried.checks, tried.without_facts, tried.hits, tried.changed) == (40, 1, 1, 1)
    assert (tried.today, tried.would) == ({"ALLOW": 40}, {"ALLOW": 39, "REVIEW": 1})
    assert tried.warnings == ["FEW_CHECKS"]
    (sample,) = tried.samples
    assert (sample["reference"], sample["amount"], sample["reasons"]) == (
        "payments/7",
        "KES 450,000.00",
        ["LARGE_AMOUNT"],
    )
    assert not BackTest.objects.exists()


def test_looks_ninety_days_back_and_no_further(past, officer):
    tried = operations.back_test(proposed=EARLIER, by=officer, at=now() + timedelta(days=70, hours=1))
    assert tried.checks == 20


def test_counts_once_a_second_person_has_allowed_it(past, officer):
    asked = ask(officer)
    kept = BackTest.objects.get(pk=asked.payload["back_test"])
    assert (kept.checks, kept.would, kept.made_by) == (40, {"ALLOW": 39, "REVIEW": 1}, officer)
    assert screened(past, "450000").action == "ALLOW"
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=officer, at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=make_staff("BRANCH_MANAGER"), at=now())
    second = make_staff("COMPLIANCE_OFFICER")
    approvals.approve(approval=asked, by=second, at=now())
    row = FraudRule.objects.get(code="LARGE_AMOUNT", version=2)
    assert (row.asked_by, row.allowed_by, row.back_test) == (officer, second, kept)
    assert screened(past, "450000").action == "REVIEW"
    assert FraudCheck.objects.latest("pk").rule_versions["LARGE_AMOUNT"] == 2
    assert FraudRule.objects.get(code="LARGE_AMOUNT", version=1).expression == "amount >= KES 500000"
    assert OutboxEvent.objects.filter(name="fraud.rule.changed").count() == 1


def test_a_new_rule_begins_and_is_ended_by_a_version_that_is_not_active(past, officer):
    second = make_staff("COMPLIANCE_OFFICER")
    new = Proposed("ROUND", "amount = KES 777", Decimal("0.6"))
    approvals.approve(approval=ask(officer, new), by=second, at=now())
    assert screened(past, "777").reasons == ("ROUND",)
    ended = Proposed("ROUND", "amount = KES 777", Decimal("0.6"), is_active=False)
    request = ask(officer, ended)
    assert "LETS_GO" in BackTest.objects.get(pk=request.payload["back_test"]).warnings
    approvals.approve(approval=request, by=second, at=now())
    assert screened(past, "777").reasons == ()


@pytest.mark.parametrize(
    ("expression", "weight", "warning"),
    [
        ("amount > KES 0", "0.9", "STOPS_EVERYONE"),
        ("amount > KES 0", "0.1", "HOLDS_FOR_EVERYONE"),
        ("amount <= KES 100", "0.5", "STOPS_MANY"),
    ],
)
def test_what_is_too_broad_is_refused_without_a_word(past, officer, expression, weight, warning):
    broad = Proposed("BROAD", expression, Decimal(weight))
    with pytest.raises(RuleTooBroad) as no:
        ask(officer, broad)
    assert warning in no.value.facts["warnings"]
    assert not Approval.objects.exists()
    assert not BackTest.objects.exists()
    with pytest.raises(RuleTooBroad):
        ask(officer, broad, despite="yes")
    assert warning in BackTest.objects.get(pk=ask(officer, broad, despite="BROAD").payload["back_test"]).warnings


def test_a_rule_that_stops_everyone_is_known_without_any_history(officer):
    with pytest.raises(RuleTooBroad) as no:
        ask(officer, Proposed("BROAD", "amount > KES 0", Decimal(1)))
    assert no.value.facts["warnings"] == ["STOPS_EVERYONE", "FEW_CHECKS"]


@pytest.mark.parametrize(
    ("proposed", "changes"),
    [
        (Proposed("lower", "amount > KES 1", Decimal("0.1")), {}),
        (Proposed("A", "amount > 1", Decimal("0.1")), {}),
        (Proposed("A", "while amount > KES 1", Decimal("0.1")), {}),
        (Proposed("A", "amount > KES 1", Decimal("1.1")), {}),
        (EARLIER, {"sentence_sw": "{siri}"}),
        (EARLIER, {"sentence_en": " "}),
    ],
)
def test_what_is_no_rule_is_refused(past, officer, proposed, changes):
    with pytest.raises(BadRule):
        ask(officer, proposed, **changes)
    assert not Approval.objects.exists()


def test_nobody_asks_without_the_right(past):
    for role in ("BRANCH_MANAGER", "TELLER", "AUDITOR"):
        with pytest.raises(NotAllowed):
            ask(make_staff(role))
    assert not Approval.objects.exists()


def test_of_two_requests_the_second_has_to_be_tried_again(past, officer):
    one, other, second = ask(officer), ask(officer), make_staff("COMPLIANCE_OFFICER")
    approvals.approve(approval=one, by=second, at=now())
    with pytest.raises(RuleMovedOn):
        approvals.approve(approval=other, by=second, at=now())
    assert FraudRule.objects.filter(code="LARGE_AMOUNT").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_allowed_at_once_make_one_version():
    officer, second, third = (make_staff("COMPLIANCE_OFFICER") for _nth in range(3))
    one, other = ask(officer), ask(officer)
    tried = at_once(
        lambda: approvals.approve(approval=one, by=second, at=now()),
        lambda: approvals.approve(approval=other, by=third, at=now()),
    )
    assert [type(no) for no in refusals(tried)] == [RuleMovedOn]
    assert FraudRule.objects.filter(code="LARGE_AMOUNT").count() == 2


def test_versions_are_written_once(db):
    for change in ("UPDATE fraud_fraudrule SET weight = 0", "DELETE FROM fraud_fraudrule"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_staff_try_and_ask_by_api(client, past, officer):
    sent = {"content_type": JSON, "headers": bearer(officer)}
    body = {"code": "LARGE_AMOUNT", "expression": "amount >= KES 400000", "weight": "0.500"}
    tried = client.post("/api/v1/fraud/rules/back-test/", body, **sent).json()
    assert (tried["checks"], tried["would"]["REVIEW"], tried["warnings"]) == (40, 1, ["FEW_CHECKS"])
    words = {"sentence_en": "Large: {amount}", "sentence_sw": "Kubwa: {amount}", "reason": "Losses"}
    asked = client.post("/api/v1/fraud/rules/", body | words, **sent)
    assert (asked.status_code, asked.json()["status"]) == (202, "PENDING")
    assert client.post("/api/v1/fraud/rules/", body | words | {"weight": "7"}, **sent).status_code == 400
    bad = client.post("/api/v1/fraud/rules/", body | words | {"expression": "open(1)"}, **sent)
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_rule")
    listed = client.get("/api/v1/fraud/rules/?code=MULE", headers=bearer(officer)).json()["results"]
    assert [row["version"] for row in listed] == [1]
    named = {fact["name"] for fact in client.get("/api/v1/fraud/rules/facts/", headers=bearer(officer)).json()}
    assert {"amount", "device_age_hours"} <= named
    for path in ("/api/v1/fraud/rules/", "/api/v1/fraud/rules/facts/"):
        assert client.get(path, headers=bearer(make_staff("TELLER"))).status_code == 403
        assert client.get(path, headers=bearer(past.owner)).status_code == 403


def test_the_screen_is_asked_without_a_payment(client, past, officer):
    before = FraudCheck.objects.count()
    body = {"account": past.number, "amount": {"amount": "600000.00", "currency": "KES"}}
    sent = {"content_type": JSON, "headers": bearer(officer)}
    said = client.post("/api/v1/ai/fraud-check/", body, **sent)
    assert (said.json()["action"], said.json()["reasons"]) == ("REVIEW", ["LARGE_AMOUNT", "LARGE_TO_NEW"])
    assert said.json()["facts"]["amount"] == kes("600000").minor
    assert FraudCheck.objects.count() == before
    refused = client.post("/api/v1/ai/fraud-check/", body, content_type=JSON, headers=bearer(past.owner))
    assert refused.status_code == 403


def test_one_rule_is_read_replaced_changed_in_part_and_switched_off_by_api(client, past, officer):
    sent, second = {"content_type": JSON, "headers": bearer(officer)}, make_staff("COMPLIANCE_OFFICER")
    address = "/api/v1/fraud/rules/LARGE_AMOUNT/"
    held = client.get(address, **sent).json()

    def allowed(answer):
        assert answer.status_code == 202, answer.json()
        approvals.approve(approval=Approval.objects.get(pk=answer.json()["approval"]), by=second, at=now())
        return client.get(address, **sent).json()

    part = allowed(client.patch(address, {"weight": "0.250", "reason": "Losses"}, **sent))
    assert (part["version"], part["weight"], part["expression"]) == (held["version"] + 1, "0.250", held["expression"])
    assert part["sentence_sw"] == held["sentence_sw"]
    whole = {"expression": "amount >= KES 400000", "weight": "0.500", "sentence_en": "L", "sentence_sw": "K"}
    assert client.put(address, {"weight": "0.5", "reason": "x"}, **sent).status_code == 400
    assert allowed(client.put(address, whole | {"reason": "Losses"}, **sent))["expression"] == whole["expression"]
    assert client.delete(address, **sent).status_code == 400
    assert allowed(client.delete(f"{address}?reason=Never+right", **sent))["is_active"] is False
    assert client.get("/api/v1/fraud/rules/GOSSIP/", **sent).status_code == 404
    other = {"content_type": JSON, "headers": bearer(make_staff("TELLER"))}
    assert client.patch(address, {"weight": "0.250", "reason": "x"}, **other).status_code == 403
