"""Breaches with their clock, the register of processing, and both doors of data protection by API."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.compliance.errors import ReasonNeeded, ReportIncomplete
from apps.compliance.models import Breach, DataRequest, LegalHold, ProcessingActivity
from apps.compliance.operations import privacy
from apps.compliance.testing import allow, download_proof, proof
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.notifications.models import Message
from apps.users import operations as users
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
OWN, DESK = "/api/v1/privacy/", "/api/v1/admin/compliance/privacy/"


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def second():
    return make_staff("COMPLIANCE_OFFICER", full_name="Rehema Mwangi")


def found(**facts) -> privacy.Found:
    known = {"title": "A lost laptop", "what": "Left in a matatu.", "categories": "Names", "people": 40,
             "is_risky": True, "aware_at": now() - timedelta(hours=1)}  # fmt: skip
    return privacy.Found(**known | facts)


class TestBreach:
    def test_has_72_hours_from_when_the_bank_knew(self, officer):
        first = privacy.open_breach(found=found(), by=officer, at=now())
        other = privacy.open_breach(found=found(), by=officer, at=now())
        assert first.report_due_at == first.aware_at + timedelta(hours=72)
        assert [first.reference[-3:], other.reference[-3:]] == ["001", "002"]
        assert not first.is_overdue(now())
        assert first.is_overdue(first.report_due_at + timedelta(seconds=1))

    @pytest.mark.parametrize(
        "facts",
        [{"title": " "}, {"aware_at": now() + timedelta(days=1)}, {"is_risky": False},
         {"processor_knew_at": now() + timedelta(hours=1)}],
    )  # fmt: skip
    def test_refuses_what_cannot_be_and_writes_nothing(self, officer, facts):
        with pytest.raises(ReportIncomplete):
            privacy.open_breach(found=found(**facts), by=officer, at=now())
        assert not Breach.objects.exists()

    def test_knows_a_processor_that_was_late(self, officer):
        told = found(processor="Print Ltd", processor_knew_at=now() - timedelta(hours=50))
        assert privacy.open_breach(found=told, by=officer, at=now()).processor_was_late

    def test_is_reported_late_only_with_a_reason_and_closed_only_after_it(self, officer):
        row = privacy.open_breach(found=found(aware_at=now() - timedelta(hours=80)), by=officer, at=now())
        with pytest.raises(IllegalMove):
            privacy.close_breach(breach=row, reason="Done", by=officer, at=now())
        with pytest.raises(ReasonNeeded):
            privacy.report_breach(breach=row, reference="ODPC/1", by=officer, at=now())
        row.refresh_from_db()
        assert row.status == "OPEN"
        privacy.report_breach(breach=row, reference="ODPC/1", late_because="A holiday", by=officer, at=now())
        privacy.close_breach(breach=row, reason="Disks are sealed now.", by=officer, at=now())
        assert list(row.entries.order_by("pk").values_list("kind", flat=True)) == ["OPENED", "REPORTED", "CLOSED"]
        with pytest.raises(IntegrityError, match="late_report"), transaction.atomic():
            Breach.objects.update(late_because="")

    def test_tells_who_is_touched_once_two_agree_and_once_each(self, officer, second):
        row, person = privacy.open_breach(found=found(), by=officer, at=now()), make_customer()
        with pytest.raises(IllegalMove):
            privacy.ask_tell(breach=row, reason="Tell", by=officer, at=now())
        named = [str(person.phone), str(person.id_number), "0799999999"]
        assert privacy.name_people(breach=row, phones=named, by=officer, at=now()) == (1, ["0799999999"])
        asked = privacy.ask_tell(breach=row, reason="Tell them", by=officer, at=now())
        with pytest.raises(NotAllowed):
            allow(asked, officer)
        assert not Message.objects.filter(code="privacy.breach").exists()
        allow(asked, second)
        assert Message.objects.filter(code="privacy.breach", user=person).count() == 1
        with pytest.raises(IllegalMove):
            privacy.ask_tell(breach=row, reason="Again", by=officer, at=now())

    def test_is_not_for_readers(self, second):
        auditor = make_staff("AUDITOR")
        with pytest.raises(NotAllowed):
            privacy.open_breach(found=found(), by=auditor, at=now())
        assert not Breach.objects.exists()


def test_an_activity_has_versions_that_stay(officer):
    before = {row.code: row.version for row in privacy.activities()}
    held = ProcessingActivity.objects.get(code="messages")
    said = {name: getattr(held, name) for name in privacy.Activity.__dataclass_fields__}
    privacy.write_activity(code="messages", said=privacy.Activity(**said | {"abroad": "Kenya"}), by=officer, at=now())
    assert {row.code: row.version for row in privacy.activities()} == before | {"messages": 2}
    with pytest.raises(ReportIncomplete):
        privacy.write_activity(code="x", said=privacy.Activity(**said | {"dpia": ""}), by=officer, at=now())
    assert ProcessingActivity.objects.filter(code="messages").count() == 2


class TestOwnDoor:
    def test_consents_copies_requests_and_looks(self, client, officer):
        person, teller = make_customer(), make_staff("TELLER")
        users.look_at(customer=person, by=teller, reason="A complaint or a dispute", at=now())
        headers = bearer(person)
        rows = client.post(f"{OWN}consents/marketing/", {"is_given": True}, "application/json", headers=headers).json()
        assert {row["purpose"] for row in rows if row["is_given"] and row["can_change"]} == {"MARKETING"}
        refused = client.post(f"{OWN}consents/identity/", {"is_given": False}, "application/json", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_matter_of_consent")
        made = client.post(f"{OWN}exports/", headers=headers)
        assert made.status_code == 201
        assert client.post(f"{OWN}exports/", headers=headers).status_code == 409
        privacy.make_exports(at=now())
        row = DataRequest.objects.get()
        place = f"{OWN}exports/{row.public_id}/file/"
        assert client.get(place, headers=headers).json()["code"] == "step_up_required"
        assert client.get(place, headers=bearer(make_customer())).status_code == 404
        file = client.get(place, headers=headers | {"Step-Up-Challenge": str(download_proof(row))})
        assert (file.status_code, file["Content-Type"], file.content[:2]) == (200, "application/zip", b"PK")
        listed = client.get(f"{OWN}requests/", headers=headers).json()["results"]
        assert [(one["kind"], one["status"]) for one in listed] == [("EXPORT", "READY")]
        looks = client.get(f"{OWN}looks/", headers=headers).json()
        assert [(look["role"], look["reason"]) for look in looks] == [("Teller", "A complaint or a dispute")]

    def test_erasure_says_what_the_law_keeps_and_wants_a_proof(self, client):
        person = make_customer()
        headers = bearer(person)
        told = client.get(f"{OWN}erasure/", headers=headers).json()
        assert (told["is_free"], told["accounts"]) == (True, [])
        refused = client.post(f"{OWN}erasure/", {}, "application/json", headers=headers)
        assert refused.json()["code"] == "step_up_required"
        asked = client.post(f"{OWN}proofs/", {"operation": "ERASE"}, "application/json", headers=headers)
        assert asked.status_code == 201
        given = proof(make_customer(), "privacy.erase", "x")
        theirs = client.post(
            f"{OWN}erasure/", {}, "application/json", headers=headers | {"Step-Up-Challenge": str(given)}
        )
        assert theirs.json()["code"] == "step_up_required"
        assert not DataRequest.objects.exists()


class TestStaffDoor:
    @pytest.mark.parametrize("role", ["TELLER", "KYC_OFFICER", "SUPPORT_AGENT", "BRANCH_MANAGER", ""])
    def test_is_not_there_for_others(self, client, role):
        headers = bearer(make_staff(role) if role else make_customer())
        for noun in ("requests", "holds", "breaches", "activities", "retention"):
            assert client.get(f"{DESK}{noun}/", headers=headers).status_code == 404, noun

    def test_auditors_read_and_do_not_act(self, client):
        headers = bearer(make_staff("AUDITOR"))
        for noun in ("requests", "holds", "breaches", "activities", "retention"):
            assert client.get(f"{DESK}{noun}/", headers=headers).status_code == 200, noun
        asked = {"user": make_customer().pk, "reason": "x", "law": "y"}
        assert client.post(f"{DESK}holds/", asked, "application/json", headers=headers).status_code == 403
        assert not LegalHold.objects.exists()

    def test_officers_answer_hold_and_write_down(self, client, officer, second, django_assert_max_num_queries):
        person, headers = make_customer(), bearer(officer)
        for _nth in range(3):
            other = make_customer()
            privacy.ask_correction(user=other, field="other", wanted="Kisumu", reason="x", at=now())
        with django_assert_max_num_queries(9):
            rows = client.get(f"{DESK}requests/?kind=RECTIFY", headers=headers).json()["results"]
        one = f"{DESK}requests/{rows[0]['id']}/"
        assert client.get(one, headers=headers).json()["wanted"] == "Kisumu"
        said = {"accept": True, "answer": "Changed."}
        done = client.post(f"{one}decide/", said, "application/json", headers=headers)
        assert (done.status_code, done.json()["status"]) == (200, "DONE")
        assert client.post(f"{one}decide/", said, "application/json", headers=headers).status_code == 409
        held = {"user": person.pk, "reason": "Sued", "law": "HCCC 12"}
        hold = client.post(f"{DESK}holds/", held, "application/json", headers=headers).json()
        lift = client.post(f"{DESK}holds/{hold['id']}/lift/", {"reason": "Over"}, "application/json", headers=headers)
        assert lift.status_code == 202
        allow(Approval.objects.get(pk=lift.json()["approval"]), second)
        assert LegalHold.objects.get().lifted_at
        new = {"title": "Lost", "what": "x", "categories": "Names", "people": 1, "is_risky": True,
               "aware_at": now().isoformat()}  # fmt: skip
        breach = client.post(f"{DESK}breaches/", new, "application/json", headers=headers)
        assert breach.status_code == 201
        act = f"{DESK}breaches/{breach.json()['reference']}/"
        wiped = client.post(act, {"act": "MEASURE", "text": "Wiped"}, "application/json", headers=headers)
        assert wiped.json()["entries"][-1]["text"] == "Wiped"
        length = {"keep_days": 10, "law": "s. 39", "reason": "x"}
        assert client.put(f"{DESK}retention/ALERTS/", length, "application/json", headers=headers).status_code == 202
