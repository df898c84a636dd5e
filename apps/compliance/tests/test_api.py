"""Compliance by API: the catalogue's paths, and nothing for who does not work cases."""

import pytest

from apps.accounts.testing import make_account
from apps.compliance import operations
from apps.compliance.models import Case, ComplianceReport
from apps.compliance.testing import make_case, make_mlro
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
AT = "/api/v1/admin/compliance/"


@pytest.fixture
def case():
    return make_case()


def door(client, user):
    headers = bearer(user)

    def call(method, path, body=None):
        send = getattr(client, method)
        return send(f"{AT}{path}", body or {}, content_type="application/json", headers=headers)

    return call


def test_goes_from_alert_to_approved_report(client, case):
    officer, mlro = door(client, make_staff("COMPLIANCE_OFFICER")), door(client, make_mlro())
    found = officer("get", "aml-alerts/").json()["results"]
    assert {row["case"] for row in found} == {case.reference}
    assert officer("get", f"aml-alerts/{found[0]['id']}/").json()["says"]
    assert officer("post", f"aml-alerts/{found[0]['id']}/close/", {"reason": "x"}).status_code == 409
    asked = {"case": case.reference, "narrative": "In and out", "transactions": found[0]["lines"]}
    assert officer("post", "sar/", asked).status_code == 409
    decided = officer("post", f"cases/{case.reference}/decide/", {"decision": "REPORT", "reason": "Too fast"})
    assert decided.json()["report_due_at"] is not None
    assert officer("post", "sar/", asked | {"narrative": ""}).status_code == 422
    assert officer("post", "sar/", asked | {"transactions": []}).status_code == 422
    report = officer("post", "sar/", asked).json()
    assert officer("post", f"sar/{report['id']}/approve/").status_code == 403
    assert mlro("post", f"sar/{report['id']}/approve/").json()["status"] == "APPROVED"
    assert len(officer("get", f"sar/{report['id']}/").json()["sha256"]) == 64
    assert [row["kind"] for row in officer("get", "reports/").json()["results"]] == ["STR"]


@pytest.mark.parametrize("kind", ["CASH", "ANNUAL"])
def test_no_report_is_made_of_days_before_there_were_books(client, kind):
    made = door(client, make_staff("COMPLIANCE_OFFICER"))("post", "reports/", {"kind": kind, "day": "0001-01-01"})
    assert (made.status_code, made.json()["code"]) == (409, "conflict")
    assert not ComplianceReport.objects.exists()


@pytest.mark.parametrize("at", ["0001-01-01", "0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_at_the_rim_of_the_calendar_is_refused_in_words(client, at):
    breach = {"title": "Lost", "what": "x", "categories": "Names", "people": 1, "is_risky": True, "aware_at": at}
    opened = door(client, make_staff("COMPLIANCE_OFFICER"))("post", "privacy/breaches/", breach)
    assert (opened.status_code, list(opened.json()["errors"])) == (400, ["aware_at"])


def test_tries_and_asks_for_a_rule(client):
    officer = door(client, make_staff("COMPLIANCE_OFFICER"))
    assert len(officer("get", "rules/").json()) == 12
    given = {"parameters": {"count": "20", "times_usual": "5"}}
    assert officer("post", "rules/VELOCITY/back-test/", given).json()["alerts"] == 0
    assert officer("post", "rules/VELOCITY/back-test/", {"parameters": {"count": "x"}}).status_code == 422
    asked = officer("put", "rules/VELOCITY/", given | {"severity": "LOW", "reason": "Less noise"})
    assert asked.status_code == 202
    assert officer("get", "rules/VELOCITY/").json()["version"] == 1
    assert officer("get", "rules/NOTHING/").status_code == 404


@pytest.mark.parametrize("role", ["AUDITOR", "TELLER", "BRANCH_MANAGER", "SUPPORT_AGENT", ""])
def test_for_other_readers_there_is_nothing(client, case, role):
    user = make_staff(role) if role else make_customer()
    call, alert = door(client, user), case.alerts.first().pk
    for path in ("aml-alerts/", f"aml-alerts/{alert}/", "cases/", f"cases/{case.reference}/", "rules/", "reports/",
                 "rules/VELOCITY/", "sar/1/"):  # fmt: skip
        assert call("get", path).status_code == 404, path
    for path in ("sar/", "sar/1/approve/", f"cases/{case.reference}/decide/", f"aml-alerts/{alert}/close/", "reports/"):
        assert call("post", path).status_code == 404, path
    for path in ("compliance-reports/", "suspicious-activity-alerts/"):
        assert client.get(f"/api/v1/audit/{path}", headers=bearer(user)).status_code == 404
    assert Case.objects.get().status == "OPEN"


def test_the_aliases_answer_alike(client, case):
    officer = make_staff("COMPLIANCE_OFFICER")
    for alias, path in (("compliance-reports/", "reports/"), ("suspicious-activity-alerts/", "aml-alerts/")):
        first = client.get(f"/api/v1/audit/{alias}", headers=bearer(officer)).json()
        assert first["results"] == client.get(f"{AT}{path}", headers=bearer(officer)).json()["results"]


def test_officers_find_nothing_about_themselves(client):
    officer = make_staff("COMPLIANCE_OFFICER")
    case, call = make_case(make_account(officer)), door(client, officer)
    assert call("get", "aml-alerts/").json()["results"] == []
    assert call("get", f"cases/{case.reference}/").status_code == 404
    assert call("post", "cases/", {"alerts": [case.alerts.first().pk]}).status_code == 404


def test_asks_for_a_rule_by_name_in_part_or_for_its_end(client):
    officer, second = door(client, make_staff("COMPLIANCE_OFFICER")), make_staff("COMPLIANCE_OFFICER")
    held = operations.in_force()["VELOCITY"]
    given = {"parameters": {"count": "20", "times_usual": "5"}, "severity": "LOW", "reason": "Less noise"}
    assert officer("post", "rules/", given | {"code": "VELOCITY"}).status_code == 202
    assert officer("post", "rules/", given | {"code": "GOSSIP"}).status_code == 400
    part = officer("patch", "rules/VELOCITY/", {"parameters": {"count": "30"}, "reason": "Less noise"})
    approvals.approve(approval=Approval.objects.get(pk=part.json()["approval"]), by=second, at=now())
    now_held = operations.in_force()["VELOCITY"]
    assert now_held.parameters == held.parameters | {"count": 30}
    assert (now_held.version, now_held.severity) == (2, held.severity)
    assert officer("delete", "rules/VELOCITY/").status_code == 400
    off = officer("delete", "rules/VELOCITY/?reason=Never+right")
    approvals.approve(approval=Approval.objects.get(pk=off.json()["approval"]), by=second, at=now())
    assert not operations.in_force()["VELOCITY"].is_active
    assert officer("patch", "rules/GOSSIP/", {"reason": "x"}).status_code == 404
    assert officer("delete", "rules/GOSSIP/?reason=x").status_code == 404
