"""From a customer's camera to an officer's decision, on the pages of both."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kyc.models import KycDocument, VerificationWorkflow
from apps.kyc.operations import papers
from apps.kyc.testing import BORN, PIN, approved, business_handed_in, handed_in, passport, picture
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import enter
from apps.users.models import CustomerView
from apps.users.testing import make_business, make_customer, make_staff

pytestmark = pytest.mark.django_db
KEY = "0" * 31


def send(browser, where, nth, raw=None, name="id.jpg", **fields):
    file = SimpleUploadedFile(name, picture() if raw is None else raw)
    return browser.post(f"/kyc/bring/{where}", {"idempotency_key": f"{KEY}{nth}", "file": file, **fields})


@pytest.mark.parametrize("language", ["en", "sw"])
def test_from_the_camera_to_the_decision(language):
    person, officer = make_customer(language=language), make_staff("KYC_OFFICER")
    browser, desk = sign_in(person, kitbank_language=language), enter(officer, kitbank_language=language)
    assert "/kyc" in browser.get("/settings/limits").content.decode()
    assert faults_of(browser.get("/kyc").content.decode()) == []
    assert browser.post("/kyc", {"tier": "TIER_2"}).status_code == 303
    for address in ("/kyc", "/kyc/bring/NATIONAL_ID/FRONT", "/kyc/bring/SELFIE/PAGE", "/kyc/bring/TAX_PIN/PAGE"):
        page = browser.get(address).content.decode()
        assert faults_of(page) == []
    front = {"number": person.id_number, "born_on": BORN.isoformat()}
    assert send(browser, "NATIONAL_ID/FRONT", 1, **front | {"number": "31999888"}).status_code == 409
    refused = send(browser, "NATIONAL_ID/FRONT", 2, raw=b"%PDF-1.4", **front)
    assert (refused.status_code, faults_of(refused.content.decode())) == (422, [])
    assert send(browser, "SELFIE/PAGE", 3).status_code == 422  # without consent
    assert not KycDocument.objects.exists()
    assert send(browser, "NATIONAL_ID/FRONT", 4, **front).status_code == 303
    assert send(browser, "NATIONAL_ID/BACK", 5).status_code == 303
    assert send(browser, "SELFIE/PAGE", 6, consent="on").status_code == 303
    assert send(browser, "TAX_PIN/PAGE", 7, number=PIN).status_code == 303
    page = browser.get("/kyc").content.decode()
    assert "/kyc/hand-in" in page
    assert browser.post("/kyc/hand-in").status_code == 303
    row = VerificationWorkflow.objects.get()
    papers.check_due(at=now())
    here = f"/workbench/kyc/{row.public_id}/"
    queue = desk.get("/workbench/queues/kyc/").content.decode()
    assert here in queue
    assert faults_of(queue) == []
    before = desk.get(here).content.decode()
    assert person.id_number not in before  # nothing of it before it is taken
    assert faults_of(before) == []
    assert desk.post("/workbench/queues/kyc/").headers["Location"] == here
    page = desk.get(here).content.decode()
    assert faults_of(page) == []
    assert person.id_number in page
    image = f"/workbench/kyc/papers/{row.documents.get(kind='SELFIE').public_id}/"
    assert image in page
    seen = desk.get(image)
    assert seen.status_code == 200
    assert "no-store" in seen["Cache-Control"]
    assert "sandbox" in seen["Content-Security-Policy"]
    assert desk.post(here, {"act": "approve", "reason": "Seen"}).status_code == 422
    assert desk.post(here, {"act": "read", "zone": "nonsense"}).status_code == 422
    again = {"act": "again", "part": str(row.documents.get(kind="SELFIE").public_id), "because": "FACE_HIDDEN"}
    assert desk.post(here, again).status_code == 303
    assert faults_of(browser.get("/kyc").content.decode()) == []
    assert send(browser, "SELFIE/PAGE", 8, consent="on").status_code == 303
    assert browser.post("/kyc/hand-in").status_code == 303
    papers.check_due(at=now())
    assert desk.post(here, {"act": "claim"}).status_code == 303
    assert desk.post(here, {"act": "approve", "compared": "on", "reason": "Seen"}).status_code == 303
    person.refresh_from_db()
    assert person.kyc_tier == "TIER_2"
    for address in ("/kyc", "/kyc/papers/" + str(row.documents.filter(kind="TAX_PIN").get().public_id)):
        assert browser.get(address).status_code == 200
    assert faults_of(desk.get(here).content.decode()) == []
    assert CustomerView.objects.filter(viewer=officer, customer=person).exists()
    assert AuditLog.objects.filter(action="kyc.document.viewed", actor_id=officer.pk).count() == 1


def test_shows_nobody_elses_papers():
    person = make_customer()
    row = handed_in(person, now()).documents.first()
    stranger = sign_in(make_customer())
    assert stranger.get(f"/kyc/papers/{row.public_id}").status_code == 404
    assert stranger.get(f"/workbench/kyc/papers/{row.public_id}/").status_code in (302, 403)
    teller, officer = enter(make_staff("TELLER")), enter(make_staff("KYC_OFFICER"))
    assert teller.get("/workbench/queues/kyc/").status_code == 403
    assert teller.get(f"/workbench/kyc/papers/{row.public_id}/").status_code == 403
    assert officer.get(f"/workbench/kyc/papers/{row.public_id}/").status_code == 403  # not taken, no reason
    assert not AuditLog.objects.filter(action="kyc.document.viewed").exists()


def test_asks_as_often_for_many_as_for_few(django_assert_max_num_queries):
    officer = enter(make_staff("KYC_OFFICER"))
    for _nth in range(3):
        handed_in(make_customer(), now())
    with django_assert_max_num_queries(20):
        assert officer.get("/workbench/queues/kyc/").status_code == 200


def test_releases_rejects_and_says_when_a_colleague_has_it():
    person = make_customer()
    row = handed_in(person, now())
    one, other = enter(make_staff("KYC_OFFICER")), enter(make_staff("KYC_OFFICER"))
    here = f"/workbench/kyc/{row.public_id}/"
    assert one.post(here, {"act": "claim"}).status_code == 303
    assert other.post(here, {"act": "claim"}).status_code == 409
    assert one.post(here, {"act": "release", "reason": "I know him"}).status_code == 303
    assert other.post(here, {"act": "claim"}).status_code == 303
    assert other.post(here, {"act": "reject", "reason": ""}).status_code == 422
    assert other.post(here, {"act": "reject", "reason": "A copy."}).status_code == 303
    browser = sign_in(person)
    assert "A copy." in browser.get("/kyc").content.decode()


def test_a_business_is_looked_at_beside_whom_it_names_and_decided_by_two():
    firm, officer = make_business(), make_staff("KYC_OFFICER")
    row, desk = business_handed_in(firm, now()), enter(officer)
    here = f"/workbench/kyc/{row.public_id}/"
    assert firm.name in desk.get("/workbench/queues/kyc/").content.decode()
    assert desk.post(here, {"act": "claim"}).status_code == 303
    page = desk.get(here).content.decode()
    assert faults_of(page) == []
    for words in (firm.registration_number, firm.created_by.full_name, "100 %", "banks here"):
        assert words in page
    assert desk.post(here, {"act": "approve", "compared": "on", "reason": "Seen"}).status_code == 303
    row.refresh_from_db()
    assert row.waits_for_second
    assert firm.name in desk.get(f"/workbench/customer/{firm.party_id}/").content.decode()


@pytest.mark.parametrize(("language", "days"), [("en", 20), ("sw", 20), ("en", 60)])
def test_who_keeps_a_tier_by_a_paper_near_its_end_sends_the_new_one(language, days):
    person = make_customer(language=language)
    approved(person, make_staff("KYC_OFFICER"), now(), given=passport(person, now(), days=days))
    browser = sign_in(person, kitbank_language=language)
    page = browser.get("/kyc").content.decode()
    assert faults_of(page) == []
    is_near = days == 20
    assert ('name="tier" value="TIER_2"' in page) == is_near
    assert browser.post("/kyc", {"tier": "TIER_2"}).status_code == (303 if is_near else 409)
    page = browser.get("/kyc").content.decode()
    assert faults_of(page) == []
    assert ("/kyc/bring/PASSPORT/PAGE" in page) == is_near
