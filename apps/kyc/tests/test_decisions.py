"""Officers take papers one at a time and decide them once."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, print_keys, refusals
from apps.kyc import operations
from apps.kyc.errors import NotReady, PaperNotUsable, ScreeningOpen
from apps.kyc.models import (
    HeldNumber,
    KycDocument,
    ScreeningHit,
    VerificationWorkflow,
    WatchList,
)
from apps.kyc.operations import papers, screening
from apps.kyc.testing import BORN, approved, bring, handed_in, identity, passport
from apps.kyc.tests.deciding import AT, results, say_yes, state, taken
from apps.kyc.tests.lists import own
from apps.notifications.models import Message
from apps.users.models import User
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make_staff("KYC_OFFICER")


@pytest.fixture
def person():
    return make_customer(full_name="Achieng Otieno")


def listed(person, kind_code="OWN", compliance=None):
    raw = own(f"1,PERSON,{person.full_name},1990-03-09")
    watch_list = WatchList.objects.get(code=kind_code)
    screening.load_list(watch_list=watch_list, raw=raw, by=compliance or make_staff("COMPLIANCE_OFFICER"), at=AT)
    screening.screen_people([person.pk], at=AT)
    return ScreeningHit.objects.select_related("watch_list", "user").get(watch_list=watch_list)


def test_approves_to_tier_2_once(person, officer):
    workflow = taken(person, officer)
    assert say_yes(workflow, officer) is None
    assert state(person) == ("TIER_2", "VERIFIED")
    assert person.date_of_birth == BORN.isoformat()
    assert {row.status for row in KycDocument.objects.all()} == {"VERIFIED"}
    assert OutboxEvent.objects.filter(name="kyc.tier.changed").count() == 1
    assert Message.objects.filter(key__startswith=f"kyc/{workflow.pk}/approved").count() == 1
    with pytest.raises(IllegalMove):
        say_yes(workflow, officer)
    with pytest.raises(IllegalMove):
        papers.reject(workflow=workflow, by=officer, at=AT, reason="No")
    assert AuditLog.objects.filter(action="kyc.verification.approved").count() == 1


def test_wants_the_papers_compared_and_a_reason_where_a_check_does_not_agree(person, officer):
    workflow = taken(person, officer)
    with pytest.raises(NotReady):
        say_yes(workflow, officer, compared=False)
    with pytest.raises(NotReady) as no:
        say_yes(workflow, officer, reason=" ")
    assert no.value.facts["checks"] == ["REGISTRY"]  # it was not asked: that is no agreement
    assert state(person) == ("TIER_1", "PENDING")


@pytest.mark.parametrize("role", ["TELLER", "AUDITOR", "COMPLIANCE_OFFICER"])
def test_is_decided_by_those_who_may(person, role):
    workflow = handed_in(person, AT)
    with pytest.raises(NotAllowed):
        papers.claim(workflow=workflow, by=make_staff(role), at=AT)


def test_nobody_decides_on_themselves(person, officer):
    workflow = handed_in(person, AT)
    User.objects.filter(pk=officer.pk).update(is_staff=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        VerificationWorkflow.objects.filter(pk=workflow.pk).update(assigned_to=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        VerificationWorkflow.objects.filter(pk=workflow.pk).update(status="APPROVED", decided_by=person, decided_at=AT)
    officer_too = make_staff("KYC_OFFICER")
    VerificationWorkflow.objects.filter(pk=workflow.pk).update(user=officer_too)
    with pytest.raises(NotAllowed):
        papers.claim(workflow=workflow.__class__.objects.get(pk=workflow.pk), by=officer_too, at=AT)


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_has_it_and_decides_once(person, officer):
    other, workflow = make_staff("KYC_OFFICER"), handed_in(person, AT)
    tried = at_once(
        *[lambda who=who: papers.claim(workflow=VerificationWorkflow.objects.get(pk=workflow.pk), by=who, at=AT)
          for who in (officer, other)]
    )  # fmt: skip
    assert [type(no) for no in refusals(tried)] == [Conflict]
    workflow.refresh_from_db()
    decided = at_once(*[lambda: say_yes(workflow, workflow.assigned_to)] * 3)
    assert len(refusals(decided)) == 2
    assert OutboxEvent.objects.filter(name="kyc.tier.changed").count() == 1
    assert papers.claim_next(by=officer, at=AT) is None


def test_takes_the_next_and_gives_it_back(officer):
    first, second = (handed_in(make_customer(), AT + timedelta(minutes=n)) for n in range(2))
    assert papers.claim_next(by=officer, at=AT) == first
    assert papers.claim_next(by=officer, at=AT) == second
    assert papers.claim_next(by=officer, at=AT) is None
    with pytest.raises(NotAllowed):
        papers.release(workflow=first, by=officer, at=AT, reason=" ")
    papers.release(workflow=first, by=officer, at=AT, reason="I know her")
    with pytest.raises(Conflict):
        say_yes(first, officer)
    assert papers.claim_next(by=make_staff("KYC_OFFICER"), at=AT) == first


def test_asks_for_one_part_again_in_the_customers_language(officer):
    person = make_customer(language="sw")
    workflow = taken(person, officer)
    document = workflow.documents.get(kind="SELFIE")
    papers.ask_again(workflow=workflow, document=document, because="BLURRED", by=officer, at=AT)
    workflow.refresh_from_db()
    assert (workflow.status, workflow.assigned_to) == ("WAITING_FOR_CUSTOMER", None)
    message = Message.objects.get(key__startswith=f"kyc/document/{document.pk}/again")
    assert "tafadhali" in str(message.body)
    assert "blurred" not in str(message.body)
    with pytest.raises(NotReady):
        papers.hand_in(workflow=workflow, by=person, at=AT)
    with pytest.raises(Conflict):
        bring(workflow, identity(person)[0], AT)  # nobody asked for this part
    bring(workflow, identity(person)[2], AT)
    again = papers.hand_in(workflow=workflow, by=person, at=AT)
    assert again.round == 2
    papers.check_papers(workflow_id=workflow.pk, at=AT)
    say_yes(papers.claim(workflow=again, by=officer, at=AT), officer)
    assert state(person) == ("TIER_2", "VERIFIED")


def test_rejects_with_a_reason_and_leaves_the_tier(person, officer):
    workflow = taken(person, officer)
    with pytest.raises(NotAllowed):
        papers.reject(workflow=workflow, by=officer, at=AT, reason="")
    papers.reject(workflow=workflow, by=officer, at=AT, reason="The ID is a copy.")
    assert state(person) == ("TIER_1", "REJECTED")
    assert "The ID is a copy." in str(Message.objects.get(key__startswith=f"kyc/{workflow.pk}/rejected").body)
    assert papers.start_verification(user=person, target_tier="TIER_2", at=AT).pk != workflow.pk


def test_nobody_is_approved_while_compliance_looks(person, officer):
    workflow = taken(person, officer)
    hit = listed(person)
    with pytest.raises(ScreeningOpen):
        say_yes(workflow, officer)
    assert state(person) == ("TIER_1", "PENDING")
    ScreeningHit.objects.filter(pk=hit.pk).update(
        status="CLEARED", decided_by=officer, decided_at=AT, reason="Another person"
    )
    say_yes(workflow, officer)
    assert state(person)[0] == "TIER_2"


def test_a_branch_raises_no_tier_either_while_compliance_looks(person, officer):
    listed(person)
    with pytest.raises(ScreeningOpen):
        operations.ask_tier(person=person, tier="TIER_2", reason="ID seen", by=officer, at=AT)
    assert state(person)[0] == "TIER_1"


def test_the_exposed_are_decided_by_two(person, officer):
    workflow, second = taken(person, officer), make_staff("KYC_OFFICER")
    hit = listed(person, "PEP")
    screening.confirm(hit=hit, reason="The senator", by=make_staff("COMPLIANCE_OFFICER"), at=AT)
    asked = papers.reject(workflow=workflow, by=officer, at=AT, reason="No source of wealth")
    assert state(person) == ("TIER_1", "PENDING")
    with pytest.raises(IllegalMove):
        say_yes(workflow, officer)  # it waits for the second person
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=officer, at=AT)
    approvals.send_back(approval=asked, by=second, at=AT, reason="Ask her first")
    asked = papers.reject(workflow=workflow, by=officer, at=AT, reason="No source of wealth")
    approvals.approve(approval=asked, by=second, at=AT)
    workflow.refresh_from_db()
    assert (workflow.status, workflow.decided_by, state(person)) == ("REJECTED", second, ("TIER_1", "REJECTED"))


def test_tier_3_takes_two_and_counts_what_was_checked_before(person, officer):
    approved(person, officer, AT)
    person.refresh_from_db()
    workflow = taken(person, officer, tier="TIER_3", given=[papers.Paper("PROOF_OF_ADDRESS", "PAGE")])
    asked = say_yes(workflow, officer)
    assert state(person)[0] == "TIER_2"
    approvals.approve(approval=asked, by=make_staff("KYC_OFFICER"), at=AT)
    assert state(person) == ("TIER_3", "VERIFIED")


def test_a_number_has_one_holder(officer):
    one, twin = make_customer(), make_customer()
    approved(one, officer, AT, given=passport(one, AT))
    workflow = taken(twin, officer, given=passport(twin, AT))
    assert results(workflow)["HOLDER"] == "FAIL"
    with pytest.raises(PaperNotUsable):
        say_yes(workflow, officer)
    assert state(twin) == ("TIER_1", "PENDING")
    assert set(HeldNumber.objects.values_list("user_id", flat=True)) == {one.pk}


def test_a_number_has_one_holder_while_the_key_of_prints_is_changed(officer, settings):
    one, twin, third = make_customer(), make_customer(), make_customer()
    approved(one, officer, AT, given=passport(one, AT))
    print_keys(settings, "new", "old")
    with pytest.raises(PaperNotUsable):
        say_yes(taken(twin, officer, given=passport(twin, AT)), officer)
    assert set(HeldNumber.objects.values_list("user_id", flat=True)) == {one.pk}
    call_command("rotate_blind_indexes")
    print_keys(settings, "new")
    workflow = taken(third, officer, given=passport(third, AT))
    assert results(workflow)["HOLDER"] == "FAIL"
    with pytest.raises(PaperNotUsable):
        say_yes(workflow, officer)
    assert set(HeldNumber.objects.values_list("user_id", flat=True)) == {one.pk}


def test_one_part_may_be_found_in_order_first(person, officer):
    workflow = taken(person, officer)
    document = workflow.documents.get(kind="TAX_PIN")
    papers.verify_document(document=document, by=officer, at=AT)
    assert HeldNumber.objects.get().kind == "TAX_PIN"
    with pytest.raises(IllegalMove):
        papers.verify_document(document=document, by=officer, at=AT)
    say_yes(workflow, officer)
    assert state(person)[0] == "TIER_2"


def test_takes_only_parts_of_these_papers(person, officer):
    workflow, other = taken(person, officer), handed_in(make_customer(), AT)
    with pytest.raises(NotAllowed):
        papers.ask_again(workflow=workflow, document=other.documents.first(), because="BLURRED", by=officer, at=AT)
