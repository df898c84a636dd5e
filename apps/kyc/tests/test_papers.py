"""Papers come in clean and sealed, once, and are seen only by those who may, each look written down."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, transaction

from apps.audit_trail.models import AuditLog
from apps.kernel import cipher
from apps.kernel.clock import local_date, now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed, NotFound
from apps.kernel.idempotency import KeyReused
from apps.kernel.rotation import rotate_all
from apps.kernel.testing import at_once, refusals
from apps.kyc.errors import NotReady, PaperExpired, PaperNotUsable, PaperRefused, TooYoung
from apps.kyc.models import DocumentFile, KycDocument, VerificationWorkflow
from apps.kyc.operations import papers
from apps.kyc.operations.papers import Paper, files
from apps.kyc.testing import BORN, bring, handed_in, identity, passport, picture
from apps.kyc.tests.papers import PDF
from apps.notifications.models import Message
from apps.users.testing import make_customer, make_staff

AT = now()
TODAY = local_date(AT)
pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_customer()


@pytest.fixture
def workflow(person):
    return papers.start_verification(user=person, target_tier="TIER_2", at=AT)


def front(person, **other):
    return replace(identity(person)[0], **other)


def test_keeps_a_sealed_copy_that_opens_only_where_it_belongs(person, workflow):
    document = bring(workflow, front(person), AT)
    row = DocumentFile.objects.get(document=document)
    assert b"\xff\xd8\xff" not in bytes(row.sealed)
    assert files.opened(document).startswith(b"\xff\xd8\xff")
    assert document.number == person.id_number
    other = bring(workflow, Paper("NATIONAL_ID", "BACK"), AT)
    with pytest.raises(InvalidTag):
        cipher.unseal(bytes(row.sealed), f"{files.NAME}:{other.public_id}")
    assert AuditLog.objects.filter(action="kyc.document.uploaded", customer_id=person.pk).count() == 2


def test_sees_that_stored_bytes_were_changed(person, workflow):
    document = bring(workflow, front(person), AT)
    sealed = bytearray(DocumentFile.objects.get(document=document).sealed)
    sealed[-1] ^= 1
    DocumentFile.objects.update(sealed=bytes(sealed))
    with pytest.raises(files.Damaged):
        files.opened(document)


def test_seals_again_with_a_newer_key(person, workflow, settings):
    document = bring(workflow, front(person), AT)
    before = DocumentFile.objects.get()
    settings.FIELD_KEYS = ["newer:" + "QUFB" * 10 + "QUE=", *settings.FIELD_KEYS]
    assert dict(rotate_all())["kyc_documentfile.sealed"] == 1
    after = DocumentFile.objects.get()
    assert (before.key_id, after.key_id) != (after.key_id, before.key_id)
    assert after.key_id == "newer"
    assert files.opened(document).startswith(b"\xff\xd8\xff")
    assert papers.rotate_files() == 0


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"number": "31999888"}, PaperNotUsable),
        ({"number": "12"}, PaperRefused),
        ({"born_on": None}, PaperRefused),
        ({"born_on": TODAY + timedelta(days=1)}, PaperRefused),
        ({"born_on": TODAY - timedelta(days=365 * 17)}, TooYoung),
        ({"expires_on": TODAY - timedelta(days=1)}, PaperExpired),
        ({"kind": "PASSPORT", "side": "PAGE", "number": "AK1234567"}, PaperRefused),
        ({"kind": "PASSPORT", "side": "BACK"}, PaperRefused),
        ({"kind": "SELFIE", "side": "PAGE"}, PaperRefused),
        ({"kind": "WHAT"}, PaperRefused),
    ],
)
def test_refuses_what_cannot_be_and_keeps_nothing(person, workflow, other, refusal):
    with pytest.raises(refusal) as no:
        papers.bring_paper(workflow=workflow, paper=front(person, **other), raw=picture(), name="a.jpg", key="1", at=AT)
    assert str(no.value).endswith(".")
    assert not KycDocument.objects.exists()
    assert not DocumentFile.objects.exists()


@pytest.mark.parametrize("raw", [b"", PDF, b"<svg onload=alert(1)>", bytes(11 * 1024 * 1024), picture()[:900]])
def test_refuses_a_bad_file_and_keeps_nothing(person, workflow, raw):
    with pytest.raises(PaperRefused):
        papers.bring_paper(workflow=workflow, paper=front(person), raw=raw, name="id.jpg", key="1", at=AT)
    assert not KycDocument.objects.exists()


def test_answers_a_number_of_another_as_any_wrong_number(person, workflow):
    other = make_customer()
    sentences = set()
    for number in (str(other.id_number), "31999888"):
        with pytest.raises(PaperNotUsable) as no:
            bring(workflow, front(person, number=number), AT)
        sentences.add(str(no.value))
    assert len(sentences) == 1


def test_keeps_one_upload_a_key(person, workflow):
    raw = picture()
    first = bring(workflow, front(person), AT, raw=raw, key="same")
    assert bring(workflow, front(person), AT, raw=raw, key="same") == first
    with pytest.raises(KeyReused):
        bring(workflow, front(person), AT, raw=picture("other"), key="same")
    assert KycDocument.objects.count() == DocumentFile.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_keeps_one_upload_when_it_comes_many_times_at_once(person, workflow):
    raw = picture()
    made = at_once(*[lambda: bring(workflow, front(person), AT, raw=raw, key="same").pk] * 4)
    assert len(set(made)) == 1
    assert KycDocument.objects.count() == DocumentFile.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_begins_once_however_often_at_once(person):
    made = at_once(*[lambda: papers.start_verification(user=person, target_tier="TIER_2", at=AT).pk] * 4)
    assert not refusals(made)
    assert VerificationWorkflow.objects.count() == 1


def test_a_newer_picture_takes_the_place_of_the_first(person, workflow):
    first = bring(workflow, front(person), AT)
    second = bring(workflow, front(person), AT, raw=picture("sharper"))
    assert list(KycDocument.objects.current()) == [second]
    first.refresh_from_db()
    assert first.replaced_at == AT
    bring(workflow, passport(person, AT)[0], AT)
    assert [row.kind for row in KycDocument.objects.current()] == ["PASSPORT"]


def test_takes_papers_in_only_when_all_are_there(person, workflow):
    bring(workflow, front(person), AT)
    with pytest.raises(NotReady) as no:
        papers.hand_in(workflow=workflow, by=person, at=AT)
    assert no.value.facts["missing"] == ["NATIONAL_ID/BACK", "SELFIE/PAGE", "TAX_PIN/PAGE"]
    for paper in identity(person)[1:]:
        bring(workflow, paper, AT)
    row = papers.hand_in(workflow=workflow, by=person, at=AT)
    person.refresh_from_db()
    assert (row.status, row.round, row.answer_by, person.kyc_status) == (
        "IN_REVIEW",
        1,
        AT + timedelta(hours=24),
        "PENDING",
    )
    assert Message.objects.filter(key__startswith=f"kyc/{row.pk}/1/received").count() == 1
    with pytest.raises(IllegalMove):
        papers.hand_in(workflow=workflow, by=person, at=AT)
    with pytest.raises(Conflict):
        bring(workflow, front(person), AT)


def test_is_for_customers_and_for_tiers_above_theirs(person):
    with pytest.raises(NotAllowed):
        papers.start_verification(user=make_staff("KYC_OFFICER"), target_tier="TIER_2", at=AT)
    for tier in ("TIER_1", "TIER_9"):
        with pytest.raises(Conflict):
            papers.start_verification(user=person, target_tier=tier, at=AT)
    assert not VerificationWorkflow.objects.exists()


def test_shows_a_paper_to_its_owner_and_to_officers_with_a_reason(person):
    officer, workflow = make_staff("KYC_OFFICER"), handed_in(person, AT)
    document = workflow.documents.get(kind="SELFIE")

    def look(by, reason=""):
        return papers.look_at_paper(document=document, by=by, at=AT, reason=reason)

    assert look(person).startswith(b"\xff\xd8\xff")
    for stranger in (make_customer(), make_staff("TELLER")):
        with pytest.raises(NotFound):
            look(stranger)
    with pytest.raises(NotAllowed):
        look(officer)
    assert look(officer, "The customer is at the counter")
    papers.claim(workflow=workflow, by=officer, at=AT)
    document.refresh_from_db()
    document = KycDocument.objects.get(pk=document.pk)
    assert look(officer)
    seen = AuditLog.objects.filter(action="kyc.document.viewed").order_by("pk")
    assert [row.reason for row in seen] == [
        "Own paper",
        "The customer is at the counter",
        f"Queue: verification {workflow.pk}",
    ]
    assert {row.customer_id for row in seen} == {person.pk}


def test_the_database_keeps_no_face_without_consent(person, workflow):
    document = bring(workflow, Paper("SELFIE", "PAGE"), AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        KycDocument.objects.filter(pk=document.pk).update(consent_at=None)


def test_strikes_numbers_from_the_record(person, workflow):
    bring(workflow, front(person), AT)
    for row in AuditLog.objects.filter(customer_id=person.pk):
        assert str(person.id_number) not in f"{row.before}{row.after}{row.reason}"
    assert BORN.isoformat() not in str(list(AuditLog.objects.values("after")))
