"""The compliance console: a case worked on by its forms; for everybody else there is nothing, anywhere."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.compliance import operations
from apps.compliance.models import Case, SuspiciousTransactionReport
from apps.compliance.testing import make_case, make_mlro
from apps.kernel.clock import now
from apps.kyc.models import ListedParty, ListVersion, ScreeningHit, WatchList
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import enter
from apps.users import idle
from apps.users.models import CustomerView
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def case():
    return make_case()


@pytest.fixture
def hit(case, officer):
    held = WatchList.objects.first()
    version = ListVersion.objects.create(
        watch_list=held, number=1, published_on=now().date(), sha256="0" * 64, parties=1, added=1, changed=0, removed=0,
        loaded_by=officer, loaded_at=now(),
    )  # fmt: skip
    party = ListedParty.objects.create(
        watch_list=held, uid="7", kind="PERSON", name="Yuri Orlov", births=[{"year": 1970, "on": None}], print="p",
        whole_print="w", since=version,
    )  # fmt: skip
    return ScreeningHit.objects.create(
        user=case.subject, watch_list=held, uid="7", party=party, listed_name="Yuri Orlov", score="0.91",
        birth="UNKNOWN", pairs=[["yuri", "yuri", 1.0]], user_print="u", party_print="p", found_at=now(),
    )  # fmt: skip


def pages(case, hit=None):
    alert = case.alerts.first()
    return {
        "queue": "/compliance/",
        "alerts": "/compliance/alerts",
        "close": f"/compliance/alerts/{alert.pk}/close",
        "case": f"/compliance/cases/{case.reference}",
        "csv": f"/compliance/cases/{case.reference}?export=csv",
        "report": f"/compliance/cases/{case.reference}/report",
        "customer": f"/compliance/customers/{case.subject_id}",
        "screening": "/compliance/screening",
        "rules": "/compliance/rules",
        "rule": "/compliance/rules/RAPID_IN_OUT",
        "reports": "/compliance/reports",
        "quality": "/compliance/quality",
        "audit": "/compliance/audit",
        "search": "/compliance/audit?action=compliance.",
        "go": "/compliance/go?q=a",
        **({"hit": f"/compliance/screening/{hit.pk}"} if hit else {}),
    }


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_is_strict_in_both_languages(case, hit, officer, language):
    client = enter(officer)
    client.cookies["kitbank_language"] = language
    for name, address in pages(case, hit).items():
        answer = client.get(address)
        assert answer.status_code == 200, name
        if name != "csv":
            assert faults_of(answer.content.decode()) == [], name
    assert not CustomerView.objects.filter(customer=case.subject).exists()


@pytest.mark.parametrize("address", ["/compliance/", "/compliance/privacy"])
def test_fifteen_idle_minutes_end_the_stay_and_ask_to_sign_in_again(officer, monkeypatch, address):
    client = enter(officer)
    assert client.get(address).status_code == 200
    later = now() + timedelta(minutes=15, seconds=2)
    monkeypatch.setattr(idle, "now", lambda: later)
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/login")
    monkeypatch.undo()
    assert client.get(address).status_code == 302, "and stays ended"


@pytest.mark.parametrize(
    "role", ["AUDITOR", "TELLER", "BRANCH_MANAGER", "SUPPORT_AGENT", "KYC_OFFICER", "ANALYST", "LOAN_OFFICER", ""]
)
def test_for_other_readers_there_is_nothing(case, hit, role):
    client = enter(make_staff(role)) if role else sign_in(make_customer())
    for name, address in pages(case, hit).items():
        assert client.get(address).status_code == 404, name
    for act in ("claim", "note", "decide", "attach", "assign", "reopen"):
        assert client.post(f"/compliance/cases/{case.reference}/{act}", {"text": "x"}).status_code == 404
    assert client.post(f"/compliance/cases/{case.reference}/report", {"act": "approve"}).status_code == 404
    assert Case.objects.get().status == "OPEN"


def test_who_is_not_signed_in_is_asked_to(client, case):
    for address in pages(case).values():
        assert client.get(address).headers["Location"].startswith("/login?next=")


def test_auditors_find_no_trace_in_the_workbench_nor_by_api(case, client):
    auditor = make_staff("AUDITOR")
    desk = enter(auditor)
    for name in ("audit_trail_auditlog", "kernel_outboxevent", "kernel_delivery", "kernel_approval"):
        text = desk.get(reverse(f"admin:{name}_changelist")).content.decode()
        assert "compliance" not in text, name
    text = desk.get("/workbench/go/", {"q": case.reference}).content.decode()
    assert "/compliance/" not in text
    found = client.get("/api/v1/audit/audit-logs/", {"action": "compliance."}, headers=bearer(auditor)).json()
    assert found["results"] == []
    whole = client.get(f"/workbench/customer/{case.subject_id}/", headers=bearer(auditor))
    assert case.reference not in whole.content.decode()


def test_the_subject_finds_no_trace(case):
    own = sign_in(case.subject)
    for address in ("/", "/inbox", "/money", "/money/transactions", "/settings"):
        text = own.get(address).content.decode()
        assert case.reference not in text
        assert "/compliance" not in text


def test_officers_do_not_see_their_own_case(officer):
    from apps.accounts.testing import make_account

    case = make_case(make_account(officer))
    client = enter(officer)
    for address in ("case", "csv", "report", "close", "customer"):
        assert client.get(pages(case)[address]).status_code == 404
    assert case.reference not in client.get("/compliance/").content.decode()
    assert case.reference not in client.get("/compliance/go", {"q": case.reference}).content.decode().split("<main")[
        1
    ].replace(f"“{case.reference}”", "")


def test_works_on_a_case_from_queue_to_receipt(case, officer):
    client, mlro = enter(officer), make_mlro()
    base = f"/compliance/cases/{case.reference}"
    assert case.reference in client.get("/compliance/").content.decode()
    assert client.post(f"{base}/claim").status_code == 303
    assert client.post(f"{base}/note", {"text": " "}).status_code == 422
    assert client.post(f"{base}/note", {"text": "Senders share one device"}).status_code == 303
    assert client.post(f"{base}/decide", {"decision": "report", "reason": ""}).status_code == 422
    assert client.post(f"{base}/decide", {"decision": "report", "reason": "Too fast"}).status_code == 303
    words = client.get(base).content.decode()
    for said in ("99.7% of new money left within 2 hours", "RAPID_IN_OUT", "Senders share one device", "J. Mutiso"):
        assert said in words, said
    lines = [line for alert in case.alerts.all() for line in alert.lines]
    empty = client.post(f"{base}/report", {"act": "draft", "narrative": "x"})
    assert empty.status_code == 422
    assert client.post(f"{base}/report", {"act": "draft", "narrative": "In & out", "line": lines}).status_code == 303
    assert client.post(f"{base}/report", {"act": "approve"}).status_code in {403, 422}
    chief = enter(mlro)
    assert chief.get(f"{base}/report.xml").status_code == 404
    assert chief.post(f"{base}/report", {"act": "approve"}).status_code == 303
    assert b"<report_code>STR" in chief.get(f"{base}/report.xml").content
    assert client.post(f"{base}/report", {"act": "file"}).status_code == 303
    assert client.post(f"{base}/report", {"act": "receive", "text": "FRC-1"}).status_code == 303
    assert "FRC-1" in client.get(f"{base}/report").content.decode()
    assert SuspiciousTransactionReport.objects.get().status == "RECEIVED"


def test_tries_a_rule_before_it_is_asked_for(case, officer):
    client = enter(officer)
    rule = operations.in_force()["RAPID_IN_OUT"]
    given = {**rule.parameters, "severity": "HIGH", "is_active": "on", "share": "0.9"}
    tried = client.post("/compliance/rules/RAPID_IN_OUT", given).content.decode()
    assert "On the last 90 days" in tried
    assert client.post("/compliance/rules/RAPID_IN_OUT", given | {"ask": "1"}).status_code == 422
    assert (
        client.post("/compliance/rules/RAPID_IN_OUT", given | {"ask": "1", "reason": "Less noise"}).status_code == 303
    )
    assert client.post("/compliance/rules/RAPID_IN_OUT", given | {"share": "7"}).status_code == 422


def test_decides_on_a_match(case, hit, officer):
    client = enter(officer)
    address = f"/compliance/screening/{hit.pk}"
    assert client.post(address, {"decision": "clear", "reason": ""}).status_code == 422
    assert client.post(address, {"decision": "clear", "reason": "Born in another year"}).status_code == 303
    hit.refresh_from_db()
    assert hit.status in {"CLEARED", "OPEN"}


def test_the_queue_asks_as_often_for_many_as_for_one(officer, django_assert_max_num_queries):
    make_case()
    client = enter(officer)
    client.get("/compliance/")
    for _nth in range(2):
        operations.raise_alert(source="SCREENING", subject_id=make_customer().pk, key="k",
                               facts={"listed": "x", "list": "y"}, at=now())  # fmt: skip
    with django_assert_max_num_queries(14):
        assert client.get("/compliance/").status_code == 200
