"""Knowing a business: its papers, its people, two officers, and what makes it begin anew."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import deliver_events
from apps.kyc.errors import NotReady, PaperNotUsable, PaperRefused, PersonRefused, ScreeningOpen, TooYoung
from apps.kyc.models import BusinessPerson, HeldNumber, KycDocument, ScreeningHit, VerificationWorkflow, WatchList
from apps.kyc.operations import business as operations
from apps.kyc.operations import papers, screening
from apps.kyc.operations.business import Person
from apps.kyc.operations.papers import Paper
from apps.kyc.queries import missing_parts
from apps.kyc.testing import BUSINESS_PIN, bring_for, business_handed_in, known_business, member_of, name_members
from apps.kyc.tests.lists import own
from apps.users import operations as people
from apps.users.errors import Connected
from apps.users.models import Party, User
from apps.users.testing import make_business, make_customer, make_member, make_staff

pytestmark = pytest.mark.django_db
STRANGER = {"full_name": "Baraka Mwangi", "born_on": date(1980, 5, 1), "id_kind": "PASSPORT", "id_number": "AK7654321"}


@pytest.fixture
def firm():
    return make_business()


@pytest.fixture
def officers():
    return make_staff("KYC_OFFICER"), make_staff("KYC_OFFICER")


def load(name, born=""):
    rows = [f"x1,PERSON,{name},{born}"]
    by, watch_list = make_staff("COMPLIANCE_OFFICER"), WatchList.objects.get(code="OWN")
    return screening.load_list(watch_list=watch_list, raw=own(*rows), by=by, at=now())


def party_of(firm):
    return User.objects.get(pk=firm.party_id)


def name(firm, **said):
    return operations.name_person(business=firm, person=Person(**said), by=firm.created_by, at=now())


def test_knows_a_company_after_two_officers_looked(firm, officers):
    workflow = known_business(firm, *officers, now())
    assert workflow.status == "APPROVED"
    assert (party_of(firm).kyc_tier, party_of(firm).kyc_status) == ("TIER_3", "VERIFIED")


def test_waits_for_the_second_officer_and_lets_the_first_not_be_both(firm, officers):
    workflow = papers.claim(workflow=business_handed_in(firm, now()), by=officers[0], at=now())
    asked = papers.approve(workflow=workflow, by=officers[0], at=now(), compared=True, reason="Seen at the registrar")
    assert party_of(firm).kyc_status == "PENDING"
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=officers[0], at=now())
    assert party_of(firm).kyc_tier == "TIER_1"


def test_knows_a_sole_trader_by_two_papers_and_gives_less(officers):
    trader = people.register_business(
        name="Duka la Achieng", registration_number="BN-2021/457", kind="SOLE", by=make_customer(), at=now()
    )
    pin = KycDocument._meta.get_field("number_print").digest(BUSINESS_PIN)
    HeldNumber.objects.create(kind="TAX_PIN", number_print=pin, user=trader.created_by, since=now())  # the same PIN
    known_business(trader, *officers, now())
    assert party_of(trader).kyc_tier == "TIER_2"
    assert KycDocument.objects.filter(user=trader.party_id).count() == 2


def test_asks_a_stranger_for_their_paper_and_a_customer_for_their_own_tier(firm):
    operations.start(business=firm, by=firm.created_by, at=now())
    owner = name(firm, is_director=True, member=member_of(firm, firm.created_by))
    stranger = name(firm, is_owner=True, share_bp=10_000, **STRANGER)
    missing = missing_parts(operations.live_of(firm))
    assert ("OWN_TIER", "", str(owner.pk)) in missing
    assert ("PASSPORT", "PAGE", str(stranger.pk)) in missing
    later = local_date(now()) + timedelta(days=400)
    with pytest.raises(PaperNotUsable):
        bring_for(firm, Paper("PASSPORT", "PAGE", "AK1111111", STRANGER["born_on"], later), now(), person=stranger)
    bring_for(firm, Paper("PASSPORT", "PAGE", "AK7654321", STRANGER["born_on"], later), now(), person=stranger)
    User.objects.filter(pk=firm.created_by_id).update(kyc_tier="TIER_2")
    left = {part[0] for part in missing_parts(operations.live_of(firm))}
    assert left == {"BUSINESS_REGISTRATION", "TAX_PIN", "CR12", "PROOF_OF_ADDRESS"}


def test_keeps_what_a_stranger_is_named_by_sealed_and_opens_no_door_for_them(firm):
    row = name(firm, is_director=True, **STRANGER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM kyc_businessperson WHERE id = %s", [row.pk])
        assert "AK7654321" not in str(cursor.fetchone()[0])
    assert row.who.kind == Party.NAMED
    assert not row.who.has_usable_password()
    assert not User.objects.customers().filter(pk=row.who_id).exists()


@pytest.mark.parametrize(
    "said",
    [
        {"is_director": False, **STRANGER},
        {"is_owner": True, "share_bp": 0, **STRANGER},
        {"is_owner": True, "share_bp": 10_001, **STRANGER},
        {"is_director": True, **STRANGER, "id_number": "x"},
        {"is_director": True, **STRANGER, "born_on": None},
        {"is_director": True, "nationality": "Kenya", **STRANGER},
        {"is_director": True, "member": 999_999},
    ],
)
def test_refuses_to_name_somebody_it_cannot_know(firm, said):
    with pytest.raises(PersonRefused):
        name(firm, **said)
    assert not BusinessPerson.objects.exists()


def test_refuses_a_child_a_second_naming_and_more_than_all(firm):
    with pytest.raises(TooYoung):
        name(firm, is_director=True, **STRANGER | {"born_on": local_date(now()) - timedelta(days=365 * 17)})
    name(firm, is_owner=True, share_bp=6_000, **STRANGER)
    with pytest.raises(Conflict):
        name(firm, is_director=True, **STRANGER)
    with pytest.raises(PersonRefused):
        name(firm, is_owner=True, share_bp=4_001, **STRANGER | {"id_number": "AK0000001"})
    assert BusinessPerson.objects.count() == 1


def test_lets_the_database_refuse_more_than_all_as_well(firm):
    row = name(firm, is_owner=True, share_bp=6_000, **STRANGER)
    said = {"is_owner": True, "share_bp": 4_001, "nationality": "KE", "added_by": row.added_by, "added_at": now()}
    BusinessPerson.objects.create(business=firm, who=make_customer(), **said)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="shares_are_at_most_all"):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_hands_in_only_when_everybody_who_must_be_is_named(firm):
    operations.start(business=firm, by=firm.created_by, at=now())
    with pytest.raises(NotReady) as no:
        operations.hand_in(business=firm, says_complete=False, by=firm.created_by, at=now())
    assert no.value.facts["lacking"] == ["directors", "owners", "rest"]
    name_members(firm, now())
    with pytest.raises(NotReady) as no:
        operations.hand_in(business=firm, says_complete=False, by=firm.created_by, at=now())
    assert "CR12/PAGE" in no.value.facts["missing"]
    assert operations.live_of(firm).status == "STARTED"


def test_takes_only_the_papers_its_kind_needs_and_its_own_number(firm):
    operations.start(business=firm, by=firm.created_by, at=now())
    with pytest.raises(PaperRefused):
        bring_for(firm, Paper("PARTNERSHIP_DEED", "PAGE"), now())
    with pytest.raises(PaperRefused):
        bring_for(firm, Paper("NATIONAL_ID", "FRONT", "12345678", date(1990, 1, 1)), now())
    with pytest.raises(PaperNotUsable):
        bring_for(firm, Paper("BUSINESS_REGISTRATION", "PAGE", "PVT-OTHER01"), now())
    assert not KycDocument.objects.exists()


def test_is_begun_by_owners_only_and_is_not_there_for_others(firm):
    with pytest.raises(NotAllowed):
        operations.start(business=firm, by=make_member(firm, "SIGNATORY"), at=now())
    with pytest.raises(NotFound):
        operations.start(business=firm, by=make_customer(), at=now())
    assert not VerificationWorkflow.objects.exists()


def test_keeps_officers_away_from_a_business_of_theirs_or_that_names_them(firm, officers):
    workflow = business_handed_in(firm, now())
    User.objects.filter(pk=make_member(firm, "VIEWER").pk).update(is_staff=True)
    member = firm.members.get(role="VIEWER").user
    member.groups.set(officers[0].groups.all())
    with pytest.raises(Connected):
        papers.claim(workflow=workflow, by=member, at=now())
    BusinessPerson.objects.filter(business=firm).update(who=officers[0])
    with pytest.raises(NotAllowed):
        papers.claim(workflow=workflow, by=officers[0], at=now())
    assert papers.claim_next(by=officers[0], at=now()) is None
    assert papers.claim_next(by=officers[1], at=now()) == workflow


def test_asks_again_for_one_part_and_takes_it(firm, officers):
    workflow = papers.claim(workflow=business_handed_in(firm, now()), by=officers[0], at=now())
    part = workflow.documents.get(kind="CR12")
    papers.ask_again(workflow=workflow, document=part, because="BLURRED", by=officers[0], at=now())
    assert missing_parts(operations.live_of(firm)) == [("CR12", "PAGE")]
    bring_for(firm, Paper("CR12", "PAGE"), now())
    again = operations.hand_in(business=firm, says_complete=True, by=firm.created_by, at=now())
    assert (again.status, again.round) == ("IN_REVIEW", 2)


def test_screens_its_name_and_everybody_it_names(firm, officers):
    load("Baraka Mwangi", "1980-05-01")
    stranger = name(firm, is_owner=True, share_bp=2_000, **STRANGER)
    assert ScreeningHit.objects.filter(user=stranger.who, status="OPEN").exists()
    bad = people.register_business(
        name="Baraka Mwangi", registration_number="PVT-AAAAAA", kind="COMPANY", by=make_customer(), at=now()
    )
    deliver_events()
    assert ScreeningHit.objects.filter(user=bad.party_id, status="OPEN").exists()


def test_approves_nothing_while_a_match_of_somebody_it_names_is_open(firm, officers):
    workflow = papers.claim(workflow=business_handed_in(firm, now()), by=officers[0], at=now())
    load(firm.created_by.full_name)
    screening.screen_people([firm.created_by_id], at=now())
    with pytest.raises(ScreeningOpen):
        papers.approve(workflow=workflow, by=officers[0], at=now(), compared=True, reason="Seen")
    assert party_of(firm).kyc_tier == "TIER_1"


def test_begins_anew_when_its_name_changes_and_keeps_its_limits_meanwhile(firm, officers):
    known_business(firm, *officers, now())
    people.change_business(business=firm, name="Welders and Sons Ltd", by=firm.created_by, at=now())
    deliver_events()
    live = operations.live_of(firm)
    assert (live.is_reopened, party_of(firm).kyc_status, party_of(firm).kyc_tier) == (True, "PENDING", "TIER_3")
    assert missing_parts(live) == [("BUSINESS_REGISTRATION", "PAGE")]
    firm.refresh_from_db()
    again = known_business(firm, *officers, now())
    assert (again.pk, party_of(firm).kyc_status) == (live.pk, "VERIFIED")


def test_begins_anew_when_an_owner_changes_and_asks_for_the_list_of_them(firm, officers):
    known_business(firm, *officers, now())
    row = BusinessPerson.objects.get(business=firm)
    person = Person(is_director=True, is_owner=True, share_bp=5_000)
    operations.change_person(row=row, person=person, by=firm.created_by, at=now())
    assert missing_parts(operations.live_of(firm)) == [("CR12", "PAGE")]
    assert party_of(firm).kyc_tier == "TIER_3"


def test_loses_its_limits_at_once_when_a_new_owner_is_on_a_list(firm, officers):
    known_business(firm, *officers, now())
    BusinessPerson.objects.update(share_bp=8_000)
    load("Baraka Mwangi", "1980-05-01")
    name(firm, is_owner=True, share_bp=2_000, **STRANGER)
    assert (party_of(firm).kyc_tier, party_of(firm).kyc_status) == ("TIER_1", "PENDING")


def test_goes_back_to_the_business_when_it_changes_under_the_officers_eyes(firm, officers):
    workflow = papers.claim(workflow=business_handed_in(firm, now()), by=officers[0], at=now())
    asked = papers.approve(workflow=workflow, by=officers[0], at=now(), compared=True, reason="Seen at the registrar")
    BusinessPerson.objects.update(share_bp=8_000)
    name(firm, is_owner=True, share_bp=2_000, **STRANGER)
    with pytest.raises(IllegalMove):
        approvals.approve(approval=asked, by=officers[1], at=now())
    assert operations.live_of(firm).status == "STARTED"
    assert party_of(firm).kyc_tier == "TIER_1"


def test_takes_two_to_say_no_to_a_business_that_was_known_and_then_its_limits_fall(firm, officers):
    known_business(firm, *officers, now())
    people.change_business(business=firm, name="Welders and Sons Ltd", by=firm.created_by, at=now())
    deliver_events()
    firm.refresh_from_db()
    workflow = papers.claim(workflow=business_handed_in(firm, now()), by=officers[0], at=now())
    asked = papers.reject(workflow=workflow, by=officers[0], at=now(), reason="The certificate is not genuine")
    assert party_of(firm).kyc_tier == "TIER_3"
    approvals.approve(approval=asked, by=officers[1], at=now())
    assert (party_of(firm).kyc_tier, party_of(firm).kyc_status) == ("TIER_1", "REJECTED")


def test_ends_with_its_certificate(firm, officers):
    known_business(firm, *officers, now())
    yesterday = local_date(now()) - timedelta(days=1)
    KycDocument.objects.filter(kind="BUSINESS_REGISTRATION").update(expires_on=yesterday)
    papers.expire(at=now())
    assert (party_of(firm).kyc_tier, party_of(firm).kyc_status) == ("TIER_1", "EXPIRED")
    assert papers.expire(at=now()) == 0


def test_the_paper_of_somebody_named_ends_in_the_order_in_which_deciding_locks(firm, officers):
    known_business(firm, *officers, now())
    theirs = BusinessPerson.objects.filter(business=firm).first()
    paper = KycDocument.objects.filter(kind="PROOF_OF_ADDRESS")
    assert paper.update(person=theirs, expires_on=local_date(now()) - timedelta(days=1))
    with CaptureQueriesContext(connection) as asked:
        assert papers.expire(at=now()) == 1
    locks = [one["sql"] for one in asked if "FOR UPDATE" in one["sql"]]
    assert "kyc_verificationworkflow" in locks[0]
    assert operations.live_of(firm).is_reopened
