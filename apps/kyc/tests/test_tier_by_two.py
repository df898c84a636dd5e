"""A higher tier takes two officers, and neither of them is connected with the customer."""

from copy import copy
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.kyc import operations
from apps.kyc.errors import TwoMustDecide
from apps.users.errors import Connected
from apps.users.models import StaffConnection
from apps.users.testing import bearer, make_business, make_customer, make_staff

pytestmark = pytest.mark.django_db
ASKED = {"tier": "TIER_3", "reason": "Company papers seen"}


@pytest.fixture
def person():
    return make_customer()


@pytest.fixture
def officer():
    return make_staff("KYC_OFFICER")


def tier_of(person):
    person.refresh_from_db()
    return person.kyc_tier


def asked(person, officer):
    return operations.ask_tier(person=person, by=officer, at=now(), **ASKED)


def test_the_second_tier_takes_a_second_officer_too_and_a_lower_one_does_not(person, officer):
    request = operations.ask_tier(person=person, tier="TIER_2", reason="ID seen", by=officer, at=now())
    assert tier_of(person) == "TIER_1"
    approvals.approve(approval=request, by=make_staff("BRANCH_MANAGER"), at=now())
    assert tier_of(person) == "TIER_2"
    assert operations.ask_tier(person=person, tier="TIER_1", reason="ID was lost", by=officer, at=now()) is None
    assert tier_of(person) == "TIER_1"


def test_a_business_gets_no_tier_by_word_of_officers(officer):
    with pytest.raises(NotAllowed):
        asked(make_business().party, officer)


def test_the_highest_tier_waits_for_a_second_officer(person, officer):
    request = asked(person, officer)
    assert (tier_of(person), request.before, request.after) == ("TIER_1", {"tier": "TIER_1"}, {"tier": "TIER_3"})
    approvals.approve(approval=request, by=make_staff("BRANCH_MANAGER"), at=now())
    assert tier_of(person) == "TIER_3"
    assert AuditLog.objects.filter(action="kyc.tier.changed", customer=person).count() == 1


def test_no_operation_raises_to_the_highest_tier_alone(person, officer):
    with pytest.raises(TwoMustDecide):
        operations.set_tier(person=person, by=officer, at=now(), **ASKED)
    assert tier_of(person) == "TIER_1"


def test_it_is_asked_once(person, officer):
    asked(person, officer)
    with pytest.raises(Conflict):
        asked(person, make_staff("BRANCH_MANAGER"))
    assert Approval.objects.filter(kind=operations.RAISE).count() == 1


def test_who_asked_does_not_allow_it(person, officer):
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked(person, officer), by=officer, at=now())
    assert tier_of(person) == "TIER_1"


def test_the_database_itself_refuses_that_one_person_decides_what_they_asked(person, officer):
    request = asked(person, officer)
    sql = "UPDATE kernel_approval SET status='APPROVED', checker_id=maker_id, decided_at=now() WHERE id=%s"
    with (
        pytest.raises(IntegrityError, match="no_one_approves_their_own"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [request.pk])


def connect(staff, person):
    StaffConnection.objects.create(staff=staff, customer=person, kind="FAMILY", declared_by=staff, declared_at=now())


def test_who_is_connected_neither_asks_nor_allows(person, officer):
    cousin = make_staff("BRANCH_MANAGER")
    connect(cousin, person)
    with pytest.raises(Connected, match="connected"):
        asked(person, cousin)
    request = asked(person, officer)
    with pytest.raises(Connected):
        approvals.approve(approval=request, by=cousin, at=now())
    request.refresh_from_db()
    assert (request.status, tier_of(person)) == ("PENDING", "TIER_1")


def test_a_request_dies_with_its_maker_becoming_connected(person, officer):
    request = asked(person, officer)
    connect(officer, person)
    with pytest.raises(Connected):
        approvals.approve(approval=request, by=make_staff("BRANCH_MANAGER"), at=now())
    assert tier_of(person) == "TIER_1"


def test_the_api_answers_that_it_waits(client, person, officer):
    answer = client.post(
        f"/api/v1/admin/users/{person.pk}/tier/", ASKED, content_type="application/json", headers=bearer(officer)
    )
    assert (answer.status_code, answer.json()["status"], tier_of(person)) == (202, "PENDING", "TIER_1")
    answer = client.post(
        f"/api/v1/admin/users/{person.pk}/tier/", ASKED | {"tier": "TIER_1"}, content_type="application/json",
        headers=bearer(officer),
    )  # fmt: skip
    assert answer.status_code == 409


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_at_once_one_waits_and_of_two_who_allow_one_does(person, officer):
    others = [officer, make_staff("BRANCH_MANAGER"), make_staff("KYC_OFFICER")]
    tried = at_once(*[partial(asked, person, one) for one in others])
    assert [type(no) for no in refusals(tried)] == [Conflict, Conflict]
    request = Approval.objects.get(kind=operations.RAISE)
    judges = [one for one in others if one.pk != request.maker_id]
    tried = at_once(*[partial(approvals.approve, approval=copy(request), by=one, at=now()) for one in judges])
    assert [type(no) for no in refusals(tried)] == [IllegalMove]
    assert tier_of(person) == "TIER_3"
    assert AuditLog.objects.filter(action="kyc.tier.changed", customer=person).count() == 1


def test_what_was_asked_before_the_tier_was_lowered_raises_nothing(person, officer):
    approvals.approve(
        approval=operations.ask_tier(person=person, tier="TIER_2", reason="ID seen", by=officer, at=now()),
        by=make_staff("BRANCH_MANAGER"), at=now(),
    )  # fmt: skip
    request = asked(person, officer)
    operations.ask_tier(person=person, tier="TIER_1", reason="The ID is false", by=make_staff("KYC_OFFICER"), at=now())
    with pytest.raises(IllegalMove):
        approvals.approve(approval=request, by=make_staff("BRANCH_MANAGER"), at=now())
    assert tier_of(person) == "TIER_1"
