"""Machines that are silent pass nothing, and papers grow old."""

from datetime import timedelta

import pytest

from apps.kernel.clock import day_in_words, local_date
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once
from apps.kyc import ports
from apps.kyc.errors import NotReady, PaperExpired
from apps.kyc.models import (
    DocumentFile,
    KycDocument,
    WorkflowCheck,
)
from apps.kyc.operations import papers
from apps.kyc.testing import approved, bring, handed_in, identity, passport, picture
from apps.kyc.tests.deciding import AT, results, say_yes, state, taken, zone
from apps.notifications.models import Message
from apps.users.testing import make_customer, make_staff
from simulators.providers.iprs import KEY
from simulators.testing import client_of, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make_staff("KYC_OFFICER")


@pytest.fixture
def person():
    return make_customer(full_name="Achieng Otieno")


def test_an_officer_reads_the_zone_and_its_check_digits_speak(person, officer):
    workflow = taken(person, officer)
    papers.read_by_person(workflow=workflow, text=zone(person), by=officer, at=AT)
    assert {kind: results(workflow)[kind] for kind in ("READING", "NUMBER", "NAME")} == dict.fromkeys(
        ("READING", "NUMBER", "NAME"), "PASS"
    )
    wrong = zone(person).replace("9003", "9004", 1)
    read = papers.read_by_person(workflow=workflow, text=wrong, by=officer, at=AT)
    assert "born" in read.failed
    assert results(workflow)["READING"] == "FAIL"
    with pytest.raises(NotReady) as no:
        say_yes(workflow, officer, reason="")
    assert {"READING", "NUMBER"} <= set(no.value.facts["checks"])


def test_a_machine_reads_the_zone_where_there_is_one(person, monkeypatch):
    class Machine:
        name = "machine"

        def read(self, picture):
            return f"JAMHURI YA KENYA\n\n{zone(person)}\n"

    monkeypatch.setattr(ports, "_readers", [Machine()])
    workflow = handed_in(person, AT)
    assert results(workflow)["READING"] == results(workflow)["NAME"] == "PASS"
    assert "ACHIENG" in workflow.documents.get(side="FRONT", kind="NATIONAL_ID").reading


@pytest.fixture
def registry(tmp_path, settings):
    """The registry's stand-in beside the bank, and its control."""
    with running(tmp_path / "simulators") as server, client_of(server) as web:
        settings.IPRS_URL, settings.IPRS_KEY = f"{server.address}/iprs", KEY

        def tell(**plan):
            assert web.post("/control/iprs/", json=plan).status_code == 200

        yield tell


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("plan", "result"),
    [
        ({"full_name": "Otieno Achieng", "date_of_birth": "1990-03-09"}, "PASS"),
        ({"full_name": "Otieno Achieng", "date_of_birth": "1991-03-09"}, "FAIL"),
        ({"full_name": "Peter Kamau", "date_of_birth": "1990-03-09"}, "FAIL"),
        ({}, "FAIL"),
        ({"fault": "HTML"}, "PERSON"),
        ({"fault": "HTTP_500"}, "PERSON"),
        ({"fault": "NO_NAME", "full_name": "Otieno Achieng", "date_of_birth": "1990-03-09"}, "PERSON"),
        ({"fault": "TIMEOUT"}, "PERSON"),
    ],
)
def test_a_registry_that_fails_passes_nobody(person, registry, plan, result):
    registry(document_number=str(person.id_number), **plan)
    workflow = handed_in(person, AT)
    assert results(workflow)["REGISTRY"] == result
    assert workflow.status == "IN_REVIEW"


@pytest.mark.django_db(transaction=True)
def test_checks_once_a_round_however_often_at_once(person):
    workflow = papers.start_verification(user=person, target_tier="TIER_2", at=AT)
    for paper in identity(person):
        bring(workflow, paper, AT)
    papers.hand_in(workflow=workflow, by=person, at=AT)
    written = at_once(*[lambda: papers.check_papers(workflow_id=workflow.pk, at=AT)] * 3)
    assert sorted(written) == [False, False, True]
    assert len(results(workflow)) == WorkflowCheck.objects.count() == 9
    assert papers.check_due(at=AT) == 0


def test_reminds_30_and_7_days_before_and_then_the_tier_falls_once(person, officer):
    approved(person, officer, AT, given=passport(person, AT, days=40))
    ends = local_date(AT) + timedelta(days=40)

    def on(days):
        at = AT + timedelta(days=days)
        papers.remind(at=at)
        return Message.objects.filter(key__contains="/expiring/").count(), papers.expire(at=at)

    assert [on(days) for days in (5, 10, 11, 33, 34, 40)] == [(0, 0), (1, 0), (1, 0), (2, 0), (2, 0), (2, 0)]
    assert state(person) == ("TIER_2", "VERIFIED")
    assert on(41) == (2, 1)
    assert on(41) == (2, 0)
    assert state(person) == ("TIER_1", "EXPIRED")
    assert OutboxEvent.objects.filter(name="kyc.tier.changed").count() == 2
    assert day_in_words(ends, "en") in str(Message.objects.get(key__contains="/expired").body)


def test_a_paper_that_expires_in_the_queue_is_not_approved(person, officer):
    workflow = taken(person, officer, given=passport(person, AT, days=1))
    with pytest.raises(PaperExpired):
        papers.approve(workflow=workflow, by=officer, at=AT + timedelta(days=3), compared=True, reason="x")
    assert state(person)[0] == "TIER_1"


def test_deletes_pictures_that_are_not_needed_and_keeps_those_that_are(person, officer):
    workflow = papers.start_verification(user=person, target_tier="TIER_2", at=AT)
    bring(workflow, identity(person)[2], AT, raw=picture("blurred"))
    approved(person, officer, AT)
    assert papers.purge(at=AT + timedelta(days=89)) == 0
    assert papers.purge(at=AT + timedelta(days=91)) == 1
    assert DocumentFile.objects.count() == 4
    assert KycDocument.objects.count() == 5
