"""Rules at the desk: seen, tried on the past, asked for; and blocks, made and lifted."""

import re

import pytest

from apps.accounts.testing import make_account
from apps.fraud import operations
from apps.fraud.models import BlockedItem, FlaggedTransaction, FraudRule
from apps.fraud.tests.test_screen import screened
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
EARLIER = {
    "code": "LARGE_AMOUNT", "expression": "amount >= KES 400000", "weight": "0.5", "sentence_en": "Large: {amount}",
    "sentence_sw": "Kubwa: {amount}", "is_active": "on", "reason": "Losses in May",
}  # fmt: skip


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


def words_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def seal_of(answer):
    return re.search(r'name="seen" value="(\w+)"', answer.content.decode())[1]


@pytest.mark.parametrize(("language", "said"), [("en", "A large amount"), ("sw", "Kiasi kikubwa")])
def test_every_rule_stands_there_in_words(officer, language, said, django_assert_max_num_queries):
    client = enter(officer, kitbank_language=language) if language == "sw" else enter(officer)
    with django_assert_max_num_queries(16):
        page = client.get("/workbench/rules/")
    assert said in words_of(page)
    assert "amount &gt;= KES 500000" in page.content.decode()
    assert "MULE" in words_of(client.get("/workbench/rules/MULE/"))


def test_a_change_is_seen_before_it_is_asked(officer):
    account = make_account()
    for nth in range(30):
        screened(account, "450000" if nth == 3 else "100", reference=f"payments/{nth}")
    client = enter(officer)
    seen = client.post("/workbench/rules/LARGE_AMOUNT/", EARLIER)
    words = words_of(seen)
    assert "Tried on 30 payments; the rule holds for 1, and 1 would go another way." in words
    assert "KES 450,000.00" in words
    assert not Approval.objects.exists()
    other = client.post("/workbench/rules/LARGE_AMOUNT/", EARLIER | {"weight": "0.6", "seen": seal_of(seen)})
    assert not Approval.objects.exists(), "another figure is seen first"
    asked = client.post("/workbench/rules/LARGE_AMOUNT/", EARLIER | {"weight": "0.6", "seen": seal_of(other)})
    row = Approval.objects.get()
    assert asked.headers["Location"] == f"/workbench/approvals/{row.pk}/"
    assert "amount &gt;= KES 400000" in client.get(asked.headers["Location"]).content.decode()
    second = enter(make_staff("COMPLIANCE_OFFICER"))
    assert "Losses in May" in words_of(second.get("/workbench/rules/"))
    second.post(asked.headers["Location"], {"decision": "approve", "note": ""})
    assert FraudRule.objects.filter(code="LARGE_AMOUNT", version=2, weight="0.6").exists()


def test_what_is_no_rule_and_what_is_too_broad_are_refused_in_words(officer):
    client = enter(officer)
    bad = client.post("/workbench/rules/new/", EARLIER | {"code": "NEW", "expression": "open('x')"})
    assert bad.status_code == 422
    assert "This is not a rule" in words_of(bad)
    broad = EARLIER | {"code": "NEW", "expression": "amount > KES 0", "weight": "1"}
    seen = client.post("/workbench/rules/new/", broad)
    assert "It would hold or stop everyone" in words_of(seen)
    refused = client.post("/workbench/rules/new/", broad | {"seen": seal_of(seen)})
    assert refused.status_code == 422
    assert not Approval.objects.exists()
    meant = client.post("/workbench/rules/new/", broad | {"seen": seal_of(seen), "despite": "NEW"})
    assert meant.status_code == 303
    assert Approval.objects.count() == 1


def test_something_is_blocked_and_lifted(officer):
    client = enter(officer)
    wrong = client.post("/workbench/blocked/", {"kind": "IP", "value": "here", "why": "x"})
    assert (wrong.status_code, BlockedItem.objects.count()) == (422, 0)
    assert (
        client.post(
            "/workbench/blocked/", {"kind": "IP", "value": "203.0.113.7", "why": "Three", "days": "7"}
        ).status_code
        == 303
    )
    item = BlockedItem.objects.get()
    assert item.until is not None
    assert "203.0.113.7" in words_of(client.get("/workbench/blocked/"))
    assert client.post(f"/workbench/blocked/{item.public_id}/lift/", {"why": ""}).status_code == 400
    assert client.post(f"/workbench/blocked/{item.public_id}/lift/", {"why": "An office"}).status_code == 303
    assert BlockedItem.objects.get().lifted_at is None
    asked = Approval.objects.get(kind="fraud.lift_block")
    approvals.approve(approval=asked, by=make_staff("COMPLIANCE_OFFICER"), at=now())
    assert "An office" in words_of(client.get("/workbench/blocked/"))


def test_nobody_opens_them_without_the_right():
    for role in ("TELLER", "BRANCH_MANAGER", "AUDITOR"):
        client = enter(make_staff(role))
        for path in ("/workbench/rules/", "/workbench/rules/new/", "/workbench/blocked/"):
            assert client.get(path).status_code == 403, (role, path)
    assert not Approval.objects.exists()


def test_many_payments_are_tried_by_themselves_and_the_page_says_how_far_it_is(officer, monkeypatch):
    monkeypatch.setattr("apps.fraud.operations.back_tests.FEW", 3)
    for nth in range(5):
        screened(make_account(), "100", reference=f"payments/{nth}")
    client = enter(officer)
    assert "0 of 5" in words_of(client.post("/workbench/rules/LARGE_AMOUNT/", EARLIER))
    operations.run_waiting(at=now())
    assert "Tried on 5 payments" in words_of(client.post("/workbench/rules/LARGE_AMOUNT/", EARLIER))


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_model_is_asked_for_by_one_and_switched_off_by_one(officer, language):
    made = operations.train_model(dataset="synthetic", rows=700, seed=3, by=officer, at=now())
    client, address = enter(officer, kitbank_language=language), "/workbench/rules/model/"
    assert made.name in words_of(client.get(address))
    refused = client.post(address, {"model": made.pk, "act": "use", "why": " "})
    assert refused.status_code == 422
    asked = client.post(address, {"model": made.pk, "act": "use", "why": "Try it"})
    enter(make_staff("COMPLIANCE_OFFICER")).post(asked.headers["Location"], {"decision": "approve", "note": ""})
    made.refresh_from_db()
    assert made.status == "IN_USE"
    client.post(address, {"model": made.pk, "act": "off", "why": "Market days are odd to it"})
    made.refresh_from_db()
    assert (made.status, "Market days" in words_of(client.get(address))) == ("RETIRED", True)
    assert enter(make_staff("TELLER")).get(address).status_code == 403


def test_a_rule_says_how_much_of_what_it_held_was_nothing(officer):
    screened(make_account(), "600000", is_new=True)
    operations.clear(flag=FlaggedTransaction.objects.get(), note="Knows the payee", by=officer, at=now())
    words = words_of(enter(officer).get("/workbench/rules/"))
    assert "Held in 90 days: 1. Decided: 1, of which nothing: 1 (100 %)" in words


def test_staff_judge_a_payee_whose_payer_said_no(officer):
    payer = make_account()
    screened(payer, "600000", is_new=True)
    FlaggedTransaction.objects.update(asks_customer=True)
    flag = FlaggedTransaction.objects.get()
    operations.answer(flag=flag, was_me=False, by=payer.owner, at=now())
    client, address = enter(officer), f"/workbench/queues/flagged/{flag.pk}/"
    assert "a doubt about the payee" in words_of(client.get(address))
    client.post(address, {"decision": "payee_good", "note": "An honest shop"})
    flag.refresh_from_db()
    assert flag.payee_is_fraud is False
    assert "The payee is honest" in words_of(client.get(address))
