"""Papers by API: brought by customers, worked on by officers, shown to nobody else."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.kernel.clock import now
from apps.kyc.models import KycDocument, VerificationWorkflow
from apps.kyc.operations.papers import Paper
from apps.kyc.testing import BORN, PIN, handed_in, picture
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
OWN, DESK = "/api/v1/kyc/", "/api/v1/admin/kyc/"


@pytest.fixture
def person():
    return make_customer()


def file(raw=None, name="id.jpg"):
    return SimpleUploadedFile(name, picture() if raw is None else raw)


def client(user):
    return Client(headers=bearer(user))


def send(web, key=None, **fields):
    headers = {"Idempotency-Key": key} if key else {}
    return web.post(f"{OWN}kycdocuments/", {"file": file(), **fields}, headers=headers)


def test_a_customer_brings_papers_and_hands_them_in(person):
    web = client(person)
    assert send(web, kind="TAX_PIN", side="PAGE", number=PIN).status_code == 409  # nothing was begun
    begun = web.post(f"{OWN}verificationworkflows/", {"target_tier": "TIER_2"}, content_type="application/json")
    assert begun.status_code == 201
    assert begun.json()["missing"] == ["IDENTITY", "SELFIE/PAGE", "TAX_PIN/PAGE"]
    front = {"kind": "NATIONAL_ID", "side": "FRONT", "number": person.id_number, "born_on": BORN.isoformat()}
    assert send(web, **front).status_code == 201
    assert send(web, kind="NATIONAL_ID", side="BACK").status_code == 201
    assert send(web, kind="TAX_PIN", side="PAGE", number=PIN).status_code == 201
    face = web.post(f"{OWN}biometricdata/", {"file": file(), "consent": "false"})
    assert (face.status_code, face.json()["code"]) == (400, "paper_refused")
    face = web.post(f"{OWN}biometricdata/", {"file": file(), "consent": "true"})
    assert (face.status_code, face.json()["match_score"]) == (201, None)
    where = f"{OWN}verificationworkflows/{begun.json()['id']}/"
    assert web.get(where).json()["missing"] == []
    assert web.post(f"{where}hand-in/").json()["status"] == "IN_REVIEW"
    assert web.post(f"{where}hand-in/").status_code == 409
    assert len(web.get(f"{OWN}kycdocuments/").json()["results"]) == 4
    assert len(web.get(f"{OWN}biometricdata/").json()["results"]) == 1
    assert person.id_number not in web.get(f"{OWN}kycdocuments/").content.decode()


@pytest.mark.parametrize(
    ("raw", "name"),
    [(b"", "id.jpg"), (b"%PDF-1.4", "id.jpg"), (b"PK\x03\x04" + bytes(99), "id.jpg"), (b"<svg/>", "id.svg")],
)
def test_says_why_a_file_is_refused(person, raw, name):
    web = client(person)
    web.post(f"{OWN}verificationworkflows/", {"target_tier": "TIER_2"}, content_type="application/json")
    answer = send(web, kind="NATIONAL_ID", side="BACK", file=file(raw, name))
    assert (answer.status_code, answer.json()["code"]) == (400, "paper_refused")
    assert not KycDocument.objects.exists()


def test_refuses_forty_megabytes_before_reading_them(person):
    web = client(person)
    answer = web.generic(
        "POST",
        f"{OWN}kycdocuments/",
        b"",
        content_type="multipart/form-data; boundary=x",
        headers={"Content-Length": str(40 * 1024 * 1024)},
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_the_same_key_and_file_are_one_paper(person):
    web, key, raw = client(person), str(uuid4()), picture()
    web.post(f"{OWN}verificationworkflows/", {"target_tier": "TIER_2"}, content_type="application/json")
    first = send(web, key, kind="NATIONAL_ID", side="BACK", file=file(raw))
    assert send(web, key, kind="NATIONAL_ID", side="BACK", file=file(raw)).json() == first.json()
    other = send(web, key, kind="NATIONAL_ID", side="BACK", file=file(picture("x")))
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert KycDocument.objects.count() == 1


def test_shows_a_picture_so_that_nothing_keeps_it_or_runs_in_it(person):
    workflow = handed_in(person, now())
    row = workflow.documents.get(kind="SELFIE")
    where = f"{OWN}kycdocuments/{row.public_id}/file/"
    seen = client(person).get(where)
    assert (seen.status_code, seen["Content-Type"], seen["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert "sandbox" in seen["Content-Security-Policy"]
    assert seen["X-Content-Type-Options"] == "nosniff"
    assert Client().get(where).status_code == 401
    assert client(make_customer()).get(where).status_code == 404
    assert client(make_staff("TELLER")).get(where).status_code == 404
    officer = client(make_staff("KYC_OFFICER"))
    assert officer.get(where).status_code == 403
    assert officer.get(f"{where}?reason=At+the+counter").status_code == 200
    assert client(make_customer()).get(f"{OWN}kycdocuments/{row.public_id}/").status_code == 404


def test_an_officer_works_the_queue(person):
    workflow, officer = handed_in(person, now()), make_staff("KYC_OFFICER")
    desk, where = client(officer), f"{OWN}verificationworkflows/{workflow.public_id}/"
    waiting = desk.get(f"{DESK}queue/").json()["results"]
    assert [row["id"] for row in waiting] == [str(workflow.public_id)]
    taken = desk.post(f"{DESK}queue/next/").json()
    assert (taken["assigned_to"], taken["customer"], len(taken["checks"])) == (officer.pk, person.pk, 9)
    assert desk.post(f"{DESK}queue/next/").status_code == 204
    assert client(make_staff("KYC_OFFICER")).post(f"{DESK}{workflow.public_id}/claim/").status_code == 409
    again = {"document": str(workflow.documents.get(kind="SELFIE").public_id), "because": "BLURRED"}
    assert desk.post(f"{where}ask-again/", again, content_type="application/json").json()["status"] == (
        "WAITING_FOR_CUSTOMER"
    )
    no = desk.post(f"{where}approve/", {"compared": True}, content_type="application/json")
    assert no.status_code == 409


def test_staff_decide_a_customers_papers_in_one_call(person):
    officer = client(make_staff("KYC_OFFICER"))
    where = f"/api/v1/admin/users/{person.pk}/kyc/"
    yes = {"decision": "APPROVE", "compared": True, "reason": "Seen"}
    assert officer.put(where, yes, content_type="application/json").status_code == 404
    handed_in(person, now())
    assert client(make_staff("TELLER")).put(where, yes, content_type="application/json").status_code == 403
    assert officer.put(where, yes, content_type="application/json").json()["status"] == "APPROVED"
    person.refresh_from_db()
    assert person.kyc_tier == "TIER_2"
    three = handed_in(person, now(), tier="TIER_3", given=[Paper("PROOF_OF_ADDRESS", "PAGE")])
    assert officer.put(where, yes, content_type="application/json").status_code == 202
    three.refresh_from_db()
    assert three.waits_for_second


def test_lists_ask_as_often_for_many_as_for_few(django_assert_max_num_queries):
    for _nth in range(3):
        handed_in(make_customer(), now())
    desk = client(make_staff("KYC_OFFICER"))
    with django_assert_max_num_queries(12):
        assert len(desk.get(f"{DESK}queue/").json()["results"]) == VerificationWorkflow.objects.count() == 3
