"""Businesses: registered once, changed by owners, joined by consent, never without an owner."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory

from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed, NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, refusals
from apps.notifications.testing import messages_to
from apps.users import operations, policies
from apps.users.errors import AlreadyMember, BusinessRegistered, Invalid, LastOwner, TooManyInvitations
from apps.users.models import BusinessInvitation, BusinessMember, BusinessProfile
from apps.users.testing import bearer, make_business, make_customer, make_member, make_staff

pytestmark = pytest.mark.django_db
PATH = "/api/v1/businesses/"
BODY = {"name": "Jua  Kali Welders ", "registration_number": " shg/ksm/2021/457", "kind": "GROUP"}


def call(client, method, path, who, body=None):
    return getattr(client, method)(path, body, content_type="application/json", headers=bearer(who))


def settle_constraints():
    """Ask what would otherwise be asked at the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_registers_with_its_first_owner_and_is_written_down(client):
    owner = make_customer()
    answer = call(client, "post", PATH, owner, BODY)
    shown = answer.json()
    assert answer.status_code == 201
    assert (shown["name"], shown["registration_number"]) == ("Jua Kali Welders", "SHG/KSM/2021/457")
    assert (shown["my_role"], [member["is_me"] for member in shown["members"]]) == ("OWNER", [True])
    settle_constraints()
    assert AuditLog.objects.filter(action="users.business.registered", customer=owner).count() == 1
    assert OutboxEvent.objects.get(name="users.business.registered").payload["business_id"] == shown["id"]


def test_a_number_is_registered_once_and_again_after_the_profile_closed(client):
    first = make_business()
    body = {**BODY, "registration_number": first.registration_number, "kind": first.kind}
    answer = call(client, "post", PATH, make_customer(), body)
    assert (answer.status_code, answer.json()["code"]) == (409, "business_registered")
    assert BusinessProfile.objects.get() == first
    operations.close_business(business=first, by=first.created_by, at=now())
    assert call(client, "post", PATH, make_customer(), body).status_code == 201


@pytest.mark.parametrize(
    ("number", "kind", "good"),
    [
        ("BN-7QX4K2P", "SOLE", True),
        ("BN/2015/337410", "SOLE", True),
        ("PVT-2LU5DG9", "SOLE", False),
        ("LLP-2K7Q9XA", "PARTNERSHIP", True),
        ("BN-7QX4K2P", "PARTNERSHIP", True),
        ("CPR/2012/72345", "COMPANY", True),
        ("C.48123", "COMPANY", True),
        ("BN-7QX4K2P", "COMPANY", False),
        ("SHG/KSM/2021/457", "GROUP", True),
        ("CBO", "GROUP", False),
        ("12345", "GROUP", False),
        ("PVT-٢LU5DG9", "COMPANY", False),
        ("PVT-" + "A" * 30, "COMPANY", False),
    ],
)
def test_reads_the_number_as_its_kind_has_it(number, kind, good):
    ask = {"name": "Welders", "registration_number": number, "kind": kind, "by": make_customer(), "at": now()}
    if good:
        assert operations.register_business(**ask).registration_number == number
        return
    with pytest.raises(Invalid) as no:
        operations.register_business(**ask)
    assert set(no.value.facts["errors"]) == {"registration_number"}
    assert not BusinessProfile.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {**BODY, "kind": "CHURCH"},
        {**BODY, "name": "x" * 101},
        {**BODY, "name": "\u202e\u0007"},
        {**BODY, "name": "--"},
        {**BODY, "owner": 1},
        {**BODY, "registration_number": 457},
    ],
)
def test_what_is_no_business_is_said_so(client, body):
    assert call(client, "post", PATH, make_customer(), body).status_code == 400
    assert not BusinessProfile.objects.exists()


def test_another_persons_business_is_not_there(client):
    business, stranger = make_business(), make_customer()
    member = business.members.get()
    invitation = operations.invite_member(
        business=business, phone="0733000111", role="VIEWER", by=business.created_by, at=now()
    )
    one = f"{PATH}{business.pk}/"
    for method, path, body in [
        ("get", one, None),
        ("put", one, BODY),
        ("patch", one, {"name": "Mine"}),
        ("delete", one, None),
        ("get", f"{one}invitations/", None),
        ("post", f"{one}invitations/", {"phone": "0733000112", "role": "OWNER"}),
        ("delete", f"{one}invitations/{invitation.public_id}/", None),
        ("put", f"{one}members/{member.pk}/", {"role": "VIEWER"}),
        ("delete", f"{one}members/{member.pk}/", None),
        ("post", f"{PATH}invitations/{invitation.public_id}/accept/", None),
        ("post", f"{PATH}invitations/{invitation.public_id}/decline/", None),
    ]:
        assert call(client, method, path, stranger, body).status_code == 404, (method, path)
    assert call(client, "get", PATH, stranger).json()["count"] == 0
    business.refresh_from_db()
    assert business.closed_at is None
    assert BusinessInvitation.objects.get().status == "OPEN"


@pytest.mark.parametrize("role", ["VIEWER", "SIGNATORY"])
def test_only_owners_write(client, role):
    business = make_business()
    viewer = make_member(business, role)
    one, member = f"{PATH}{business.pk}/", business.members.get(role="OWNER")
    assert call(client, "get", one, viewer).json()["my_role"] == role
    for method, path, body in [
        ("put", one, BODY),
        ("patch", one, {"name": "Mine"}),
        ("delete", one, None),
        ("get", f"{one}invitations/", None),
        ("post", f"{one}invitations/", {"phone": "0733000112", "role": "OWNER"}),
        ("put", f"{one}members/{member.pk}/", {"role": "VIEWER"}),
        ("delete", f"{one}members/{member.pk}/", None),
    ]:
        assert call(client, method, path, viewer, body).status_code == 403, (method, path)
    assert policies.may_sign_for(viewer, business) is (role == "SIGNATORY")
    assert business.members.filter(left_at=None).count() == 2


def test_changes_what_is_sent_and_keeps_the_number_unique(client):
    business, other = make_business(), make_business()
    one = f"{PATH}{business.pk}/"
    assert call(client, "patch", one, business.created_by, {"name": "New name"}).json()["name"] == "New name"
    taken = {"registration_number": other.registration_number}
    assert call(client, "patch", one, business.created_by, taken).status_code == 409
    assert call(client, "patch", one, business.created_by, {"kind": "SOLE"}).status_code == 400
    assert call(client, "patch", one, business.created_by, {}).status_code == 200
    assert AuditLog.objects.filter(action="users.business.changed").count() == 1


def test_closing_hides_it_and_takes_its_invitations_back(client):
    business, friend = make_business(), make_customer()
    owner = business.created_by
    invitation = operations.invite_member(business=business, phone=str(friend.phone), role="VIEWER", by=owner, at=now())
    assert call(client, "delete", f"{PATH}{business.pk}/", owner).status_code == 204
    assert call(client, "get", f"{PATH}{business.pk}/", owner).status_code == 404
    assert call(client, "get", f"{PATH}invitations/", friend).json()["count"] == 0
    with pytest.raises((IllegalMove, NotFound)):
        operations.accept_invitation(invitation=invitation, by=friend, at=now())
    with pytest.raises(NotFound):
        operations.close_business(business=business, by=owner, at=now())
    settle_constraints()


def test_the_answer_to_an_invitation_does_not_tell_who_banks_here(client):
    business, known = make_business(), make_customer(phone="+254733000111")
    answers = [
        call(
            client, "post", f"{PATH}{business.pk}/invitations/", business.created_by, {"phone": phone, "role": "VIEWER"}
        )
        for phone in ("0733 000 111", "0733 000 112")
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    shown = [answer.json() for answer in answers]
    assert [sorted(each) for each in shown] == [sorted(shown[0])] * 2
    assert [each["status"] for each in shown] == ["OPEN", "OPEN"]
    texts = [[row.body for row in messages_to(phone)] for phone in ("+254733000111", "+254733000112")]
    assert texts[0] == texts[1]
    assert business.name not in texts[0][0]
    assert call(client, "get", f"{PATH}invitations/", known).json()["results"][0]["business"] == business.name


def test_joins_by_consent_and_not_before(client):
    business, friend = make_business(), make_customer()
    invitation = operations.invite_member(
        business=business, phone=str(friend.phone), role="SIGNATORY", by=business.created_by, at=now()
    )
    assert call(client, "get", f"{PATH}{business.pk}/", friend).status_code == 404
    path = f"{PATH}invitations/{invitation.public_id}/accept/"
    assert call(client, "post", path, friend).json()["role"] == "SIGNATORY"
    assert call(client, "get", f"{PATH}{business.pk}/", friend).json()["my_role"] == "SIGNATORY"
    assert call(client, "post", path, friend).status_code == 409
    assert OutboxEvent.objects.filter(name="users.business.member_joined").count() == 1


def test_declines_and_nothing_is_joined(client):
    business, friend = make_business(), make_customer()
    invitation = operations.invite_member(
        business=business, phone=str(friend.phone), role="OWNER", by=business.created_by, at=now()
    )
    path = f"{PATH}invitations/{invitation.public_id}/"
    assert call(client, "post", f"{path}decline/", friend).status_code == 204
    assert call(client, "post", f"{path}accept/", friend).status_code == 409
    assert business.members.count() == 1


def test_an_invitation_runs_out_and_makes_room(client):
    business, friend = make_business(), make_customer()
    ask = {"business": business, "phone": str(friend.phone), "role": "VIEWER", "by": business.created_by}
    invitation = operations.invite_member(**ask, at=now())
    later = now() + timedelta(days=15)
    with pytest.raises(Conflict):
        operations.accept_invitation(invitation=invitation, by=friend, at=later)
    with pytest.raises(AlreadyMember):
        operations.invite_member(**ask, at=now())
    assert operations.invite_member(**ask, at=later).status == "OPEN"


def test_withdraws_an_invitation_once(client):
    business = make_business()
    owner = business.created_by
    invitation = operations.invite_member(business=business, phone="0733000111", role="VIEWER", by=owner, at=now())
    path = f"{PATH}{business.pk}/invitations/{invitation.public_id}/"
    assert call(client, "delete", path, owner).status_code == 204
    assert call(client, "delete", path, owner).status_code == 409
    assert call(client, "get", f"{PATH}{business.pk}/invitations/", owner).json()["count"] == 0


def test_no_more_than_twenty_invitations_wait(client):
    business = make_business()
    ask = {"business": business, "role": "VIEWER", "by": business.created_by, "at": now()}
    for nth in range(20):
        operations.invite_member(phone=f"07330002{nth:02d}", **ask)
    with pytest.raises(TooManyInvitations):
        operations.invite_member(phone="0733000300", **ask)


@pytest.mark.parametrize(
    "body", [{"phone": "0733000111", "role": "KING"}, {"phone": "hello", "role": "OWNER"}, {"role": "OWNER"}, {}]
)
def test_what_is_no_invitation_is_said_so(client, body):
    business = make_business()
    path = f"{PATH}{business.pk}/invitations/"
    assert call(client, "post", path, business.created_by, body).status_code == 400
    assert not BusinessInvitation.objects.exists()


def test_the_last_owner_cannot_leave_nor_step_down(client):
    business = make_business()
    owner, signatory = business.created_by, make_member(business, "SIGNATORY")
    mine = business.members.get(user=owner)
    path = f"{PATH}{business.pk}/members/{mine.pk}/"
    assert call(client, "delete", path, owner).json()["code"] == "last_owner"
    assert call(client, "put", path, owner, {"role": "VIEWER"}).status_code == 409
    theirs = business.members.get(user=signatory)
    assert call(client, "put", f"{PATH}{business.pk}/members/{theirs.pk}/", owner, {"role": "OWNER"}).status_code == 200
    assert call(client, "delete", path, owner).status_code == 204
    assert call(client, "get", f"{PATH}{business.pk}/", owner).status_code == 404
    settle_constraints()


def test_a_member_may_leave_and_an_owner_may_take_one_off(client):
    business = make_business()
    leaver, removed = make_member(business, "VIEWER"), make_member(business, "SIGNATORY")
    for who, by in [(leaver, leaver), (removed, business.created_by)]:
        member = business.members.get(user=who)
        assert call(client, "delete", f"{PATH}{business.pk}/members/{member.pk}/", by).status_code == 204
        assert call(client, "get", f"{PATH}{business.pk}/", who).status_code == 404
    actions = AuditLog.objects.filter(action__startswith="users.business.member_").values_list("action", flat=True)
    assert {"users.business.member_left", "users.business.member_removed"} <= set(actions)


@pytest.mark.parametrize(
    "change", [{"role": "VIEWER"}, {"left_at": now()}], ids=["the role is lowered", "the last one leaves"]
)
def test_the_database_keeps_an_owner_too(change):
    business = make_business()
    BusinessMember.objects.filter(business=business).update(**change)
    with pytest.raises(IntegrityError, match="has no owner"), transaction.atomic():
        settle_constraints()
    BusinessMember.objects.filter(business=business).update(role="OWNER", left_at=None)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_do_not_both():
    business = make_business()
    other = make_member(business, "OWNER")
    members = [business.members.get(user=business.created_by), business.members.get(user=other)]
    results = at_once(*(lambda m=m: operations.remove_member(member=m, by=m.user, at=now()) for m in members))
    assert [type(no) for no in refusals(results)] == [LastOwner]
    assert business.members.filter(left_at=None, role="OWNER").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_number_registered_twice_at_once_gets_one_profile():
    people = [make_customer(), make_customer()]
    results = at_once(*(lambda by=by: operations.register_business(**BODY, by=by, at=now()) for by in people))
    assert [type(no) for no in refusals(results)] == [BusinessRegistered]
    assert BusinessProfile.objects.count() == 1


def test_lists_cost_the_same_whatever_their_length(client, django_assert_num_queries):
    owner = make_customer()
    headers = bearer(owner)
    for _nth in range(3):
        business = make_business(owner)
        make_member(business, "VIEWER")
    with django_assert_num_queries(5):  # token, rate, count, businesses, members with their names
        assert client.get(PATH, headers=headers).json()["count"] == 3


def test_staff_look_through_a_window_and_others_do_not():
    window = admin.site._registry[BusinessProfile]
    request = RequestFactory().get("/")
    for role, opens in [("AUDITOR", True), ("ANALYST", False)]:
        request.user = make_staff(role)
        assert window.has_view_permission(request) is opens
        assert not window.has_change_permission(request)
        assert not window.has_delete_permission(request)
    with pytest.raises((NotAllowed, NotFound)):
        operations.close_business(business=make_business(), by=request.user, at=now())
