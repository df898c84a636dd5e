"""Machines that are silent pass nothing, and papers grow old."""

from datetime import timedelta

import pytest

from apps.kernel import approvals
from apps.kernel.clock import day_in_words, local_date
from apps.kernel.errors import Conflict
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once
from apps.kyc import brs, iprs, ports
from apps.kyc.errors import NotReady, PaperExpired
from apps.kyc.models import (
    CheckKind,
    CheckResult,
    DocumentFile,
    KycDocument,
    WorkflowCheck,
)
from apps.kyc.operations import papers
from apps.kyc.operations.papers import Paper, checks
from apps.kyc.operations.papers.found import Found
from apps.kyc.testing import approved, bring, handed_in, identity, passport, picture
from apps.kyc.tests.deciding import AT, results, say_yes, state, taken, zone
from apps.notifications.models import Message
from apps.users.testing import make_customer, make_staff
from simulators.providers.iprs import KEY
from simulators.testing import client_of, running

pytestmark = pytest.mark.django_db
REGISTRY = Found(CheckKind.REGISTRY, CheckResult.PERSON, "x")


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


@pytest.mark.parametrize("odd", ['"a\\u0000"', '"\\ud800"', "[" * 5000])
def test_an_answer_that_no_book_can_keep_is_none(odd):
    person = '"first_name": "A", "other_names": "", "surname": "B", "date_of_birth": "1990-03-09"'
    with pytest.raises(ports.BadAnswer):
        iprs.read(f'{{"found": true, {person}, "reference": {odd}}}')
    with pytest.raises(ports.BadAnswer):
        brs.read(f'{{"found": false, "reference": {odd}}}')


def test_papers_whose_checks_break_keep_nobody_elses_waiting(person, monkeypatch):
    rows = []
    for user in (person, make_customer()):
        workflow = papers.start_verification(user=user, target_tier="TIER_2", at=AT)
        said = identity(user)[:3] if user == person else passport(user, AT)[:2]
        for paper in [*said, Paper("TAX_PIN", "PAGE", f"A00441633{len(rows)}M")]:
            bring(workflow, paper, AT)
        rows.append(papers.hand_in(workflow=workflow, by=user, at=AT))
    broken = str(person.id_number)
    monkeypatch.setattr(checks, "_registry", lambda first, user: 1 / 0 if str(first.number) == broken else REGISTRY)
    assert papers.check_due(at=AT) == 1
    for row in rows:
        row.refresh_from_db()
    assert [row.checked_at for row in rows] == [None, AT]


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


def test_a_paper_that_was_renewed_in_time_keeps_the_tier(person, officer):
    approved(person, officer, AT, given=passport(person, AT, days=40))
    newer = [*passport(person, AT, number="AK7654321", days=3000)[:2], Paper("PROOF_OF_ADDRESS", "PAGE")]
    workflow = papers.claim(workflow=handed_in(person, AT, given=newer, tier="TIER_3"), by=officer, at=AT)
    approvals.approve(approval=say_yes(workflow, officer), by=make_staff("BRANCH_MANAGER"), at=AT)
    assert papers.expire(at=AT + timedelta(days=41)) == 1
    assert state(person) == ("TIER_3", "VERIFIED")
    assert papers.expire(at=AT + timedelta(days=3001)) == 1
    assert state(person) == ("TIER_1", "EXPIRED")


def test_who_is_reminded_can_send_the_new_paper_before_the_old_one_ends(person, officer):
    approved(person, officer, AT, given=passport(person, AT, days=40))
    person.refresh_from_db()
    with pytest.raises(Conflict):
        papers.start_verification(user=person, target_tier="TIER_2", at=AT)
    soon = AT + timedelta(days=15)
    renewal = papers.start_verification(user=person, target_tier="TIER_2", at=soon)
    with pytest.raises(NotReady) as no:
        papers.hand_in(workflow=renewal, by=person, at=soon)
    assert no.value.facts["missing"] == ["IDENTITY"]
    new = passport(person, AT, number="AK7654321", days=3000)[:1]
    workflow = papers.claim(workflow=handed_in(person, soon, given=new), by=officer, at=soon)
    say_yes(workflow, officer)
    assert (papers.remind(at=AT + timedelta(days=34)), papers.expire(at=AT + timedelta(days=41))) == (0, 1)
    assert state(person) == ("TIER_2", "VERIFIED")
    assert not Message.objects.filter(key__contains="/expired").exists()
    with pytest.raises(Conflict):
        papers.start_verification(user=person, target_tier="TIER_2", at=AT + timedelta(days=35))


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
