"""Data protection at the console: requests, breaches, registers, holds; nothing there for who has no right to it."""

from datetime import timedelta

import pytest

from apps.compliance.models import Breach, DataRequest, LegalHold
from apps.compliance.operations import privacy
from apps.compliance.testing import ask_erasure
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
HOME = "/compliance/privacy"


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def work(officer):
    """A correction and an erasure that wait, a hold, a breach that is overdue."""
    person = make_customer()
    correction = privacy.ask_correction(user=person, field="other", wanted="Kisumu", reason="Moved", at=now())
    erasure = ask_erasure(make_customer())
    privacy.set_hold(user=person, reason="Sued", law="HCCC 12", by=officer, at=now())
    found = privacy.Found(title="Lost", what="A laptop", categories="Names", people=3, is_risky=True,
                          aware_at=now() - timedelta(hours=80))  # fmt: skip
    breach = privacy.open_breach(found=found, by=officer, at=now())
    return correction, erasure, breach


def pages(work):
    correction, erasure, breach = work
    return [HOME, f"{HOME}/requests/{correction.public_id}", f"{HOME}/requests/{erasure.public_id}", f"{HOME}/holds",
            f"{HOME}/breaches", f"{HOME}/breaches/{breach.reference}", f"{HOME}/processing",
            f"{HOME}/retention"]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_is_strict_in_both_languages(work, officer, language):
    client = enter(officer)
    client.cookies["kitbank_language"] = language
    for address in pages(work):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert faults_of(answer.content.decode()) == [], address


@pytest.mark.parametrize("role", ["BRANCH_MANAGER", ""])
def test_for_others_there_is_nothing(work, role):
    client = enter(make_staff(role)) if role else sign_in(make_customer())
    for address in pages(work):
        assert client.get(address).status_code == 404, address
    assert client.post(f"{HOME}/requests/{work[0].public_id}", {"answer": "x", "decision": "refuse"}).status_code == 404
    assert DataRequest.objects.get(pk=work[0].pk).status == "OPEN"


def test_auditors_read_without_doors_to_cases_or_deeds(work):
    client = enter(make_staff("AUDITOR"))
    for address in pages(work):
        words = client.get(address).content.decode()
        assert "/compliance/alerts" not in words, address
        assert '<form method="post" class="card' not in words, address
    refused = client.post(f"{HOME}/requests/{work[0].public_id}", {"answer": "x", "decision": "refuse"})
    assert refused.status_code == 403
    assert DataRequest.objects.get(pk=work[0].pk).status == "OPEN"


def test_answers_holds_and_writes_down(work, officer):
    correction, erasure, breach = work
    client = enter(officer)
    said = client.post(f"{HOME}/requests/{correction.public_id}", {"answer": "Changed.", "decision": "accept"})
    assert (said.status_code, said["Location"]) == (303, HOME)
    client.post(f"{HOME}/requests/{erasure.public_id}", {"answer": "Papers seen.", "decision": "accept"})
    assert Approval.objects.get(kind="privacy.erase_person").status == "PENDING"
    person = make_customer()
    client.post(f"{HOME}/holds", {"person": str(person.phone), "reason": "Sued", "law": "HCCC 13"})
    assert client.post(f"{HOME}/holds", {"person": "0799", "reason": "x", "law": "y"}).status_code == 422
    hold = LegalHold.objects.get(user=person)
    assert client.post(f"{HOME}/holds", {"hold": hold.pk, "reason": "Over"}).status_code == 303
    place = f"{HOME}/breaches/{breach.reference}"
    assert client.post(place, {"act": "report", "text": "ODPC/7"}).status_code == 422
    assert client.post(place, {"act": "report", "text": "ODPC/7", "late_because": "A holiday"}).status_code == 303
    assert client.post(place, {"act": "people", "text": str(person.phone)}).status_code == 303
    assert client.post(place, {"act": "tell", "text": "They must know"}).status_code == 303
    new = {"title": "Sent to another", "what": "A statement", "categories": "Names", "people": "1",
           "aware_at": now().strftime("%Y-%m-%dT00:00"), "is_risky": "on"}  # fmt: skip
    assert client.post(f"{HOME}/breaches", new).status_code == 303
    assert Breach.objects.count() == 2
    asked = {"code": "ALERTS", "keep_days": "365", "law": "s. 39", "reason": "Shorter"}
    assert client.post(f"{HOME}/retention", asked).status_code == 303
    csv = client.get(f"{HOME}/processing?export=csv")
    assert csv.content.decode().count("\r\n") == 1 + len(privacy.activities())
    facts = {"people": "Customers", "categories": "Names", "recipients": "None", "retention": "Seven years"}
    new = {"code": "MAIL", "name": "=HYPERLINK(1)", "purpose": "Letters", "basis": "CONTRACT", "law": "s. 30"} | facts
    assert client.post(f"{HOME}/processing", new | {"abroad": "No", "dpia": "None"}).status_code == 303
    assert ",'=HYPERLINK(1)," in client.get(f"{HOME}/processing?export=csv").content.decode()


def test_lists_many_requests_with_as_few_questions(officer, django_assert_max_num_queries):
    client = enter(officer)
    for _nth in range(5):
        privacy.ask_correction(user=make_customer(), field="other", wanted="Kisumu", reason="Moved", at=now())
    with django_assert_max_num_queries(13):
        client.get(HOME)
