"""Posts change by two and stop by one; nobody is judged by those they are connected with; broken glass is reviewed."""

from copy import copy
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.kernel.testing import at_once, refusals
from apps.notifications.models import Message
from apps.users import operations
from apps.users.errors import Connected, GlassWaits, TwoMustAllow
from apps.users.models import BreakGlass, CustomerView, StaffConnection, StaffMember, User
from apps.users.operations.posts import MLRO, post_of
from apps.users.testing import bearer, make_business, make_customer, make_staff

WHY = "She is at the hospital and cannot say her PIN"


@pytest.fixture
def boss(db):
    return make_staff("SUPER_ADMIN")


@pytest.fixture
def other_boss(db):
    return make_staff("SUPER_ADMIN")


@pytest.fixture
def teller(db):
    return make_staff("TELLER")


@pytest.fixture
def customer(db):
    return make_customer()


def again(user):
    return User.objects.get(pk=user.pk)


def ask(boss, teller, **post):
    return operations.change_post(member=teller.staff, reason="She is good", by=boss, at=now(), **post)


def test_a_post_changes_when_a_second_person_allows_it(boss, other_boss, teller):
    request = ask(boss, teller, role="BRANCH_MANAGER", approval_limit=Money.of("5000", "KES"))
    assert request.before == {"role": "TELLER", "approval_limit_minor": 0}
    assert not again(teller).has_perm("payments.refund_transactions")
    approvals.approve(approval=request, by=other_boss, at=now())
    teller.staff.refresh_from_db()
    assert (teller.staff.role, teller.staff.approval_limit_minor) == ("BRANCH_MANAGER", 500_000)
    assert again(teller).has_perm("payments.refund_transactions")


def test_neither_who_asked_nor_whom_it_is_about_allows_it(boss, other_boss):
    request = ask(boss, other_boss, role="TELLER")
    for judge in (boss, other_boss):
        with pytest.raises(NotAllowed):
            approvals.approve(approval=request, by=judge, at=now())
    assert other_boss.staff.role == "SUPER_ADMIN"


def test_nobody_asks_for_their_own_post(boss):
    with pytest.raises(NotAllowed):
        ask(boss, boss, role="ADMIN")
    assert not Approval.objects.exists()


@pytest.mark.parametrize("post", [{"role": "TELLER"}, {}])
def test_what_would_change_nothing_is_not_asked_for(boss, teller, post):
    with pytest.raises(Conflict):
        ask(boss, teller, **post)


def test_one_change_of_a_post_waits_at_a_time(boss, other_boss, teller):
    ask(boss, teller, role="AUDITOR")
    with pytest.raises(Conflict):
        ask(other_boss, teller, role="ADMIN")
    assert Approval.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_one_post_at_once_one_asks_and_of_two_who_allow_one_does():
    bosses, teller = [make_staff("SUPER_ADMIN") for _nth in range(3)], make_staff("TELLER")
    roles = ["AUDITOR", "SUPPORT_AGENT", "BRANCH_MANAGER"]
    tried = at_once(*[partial(ask, boss, teller, role=role) for boss, role in zip(bosses, roles, strict=True)])
    assert [type(no) for no in refusals(tried)] == [Conflict, Conflict]
    request = Approval.objects.get()
    judges = [boss for boss in bosses if boss.pk != request.maker_id]
    tried = at_once(*[partial(approvals.approve, approval=copy(request), by=boss, at=now()) for boss in judges])
    assert [type(no) for no in refusals(tried)] == [IllegalMove]
    assert StaffMember.objects.get(user=teller).role == request.after["role"]
    assert [group.name for group in again(teller).groups.all()] == [request.after["role"]]
    assert AuditLog.objects.filter(action="users.staff.role_changed").count() == 1


def test_the_mlros_right_comes_by_two_and_goes_with_the_role(boss, other_boss):
    officer = make_staff("COMPLIANCE_OFFICER")
    approvals.approve(approval=ask(boss, officer, is_mlro=True), by=other_boss, at=now())
    assert again(officer).user_permissions.filter(codename=MLRO).exists()
    approvals.approve(approval=ask(boss, officer, role="TELLER"), by=other_boss, at=now())
    assert not again(officer).user_permissions.exists()
    assert post_of(again(officer).staff)["is_mlro"] is False


def test_a_teller_is_no_mlro(boss, teller):
    with pytest.raises(NotAllowed):
        ask(boss, teller, is_mlro=True)


def test_a_changed_post_ends_every_stay_at_once(client, boss, other_boss, teller):
    headers = bearer(teller)
    assert client.get("/api/v1/users/me/", headers=headers).status_code == 200
    approvals.approve(approval=ask(boss, teller, role="AUDITOR"), by=other_boss, at=now())
    assert client.get("/api/v1/users/me/", headers=headers).status_code == 401


def test_a_customer_is_suspended_by_one_and_comes_back_by_two(client, boss, other_boss):
    person = make_customer()
    operations.set_status(person=person, status="SUSPENDED", reason="Fraud reported", by=boss, at=now())
    with pytest.raises(TwoMustAllow):
        operations.set_status(person=again(person), status="ACTIVE", reason="Cleared", by=boss, at=now())
    answer = client.put(
        f"/api/v1/admin/users/{person.pk}/status/", {"status": "ACTIVE", "reason": "Cleared"},
        content_type="application/json", headers=bearer(boss),
    )  # fmt: skip
    assert (answer.status_code, again(person).status) == (202, "SUSPENDED")
    request = Approval.objects.get(pk=answer.json()["approval"])
    with pytest.raises(NotAllowed):
        approvals.approve(approval=request, by=boss, at=now())
    assert again(person).status == "SUSPENDED"
    approvals.approve(approval=request, by=other_boss, at=now())
    assert again(person).status == "ACTIVE"


def test_one_person_suspends_and_two_let_in_again(client, boss, other_boss, teller):
    headers = bearer(teller)
    operations.suspend_staff(member=teller.staff, reason="Cash is missing", by=boss, at=now())
    assert client.get("/api/v1/users/me/", headers=headers).status_code == 401
    with pytest.raises(TwoMustAllow):
        operations.set_status(person=again(teller), status="ACTIVE", reason="Found", by=boss, at=now())
    request = operations.ask_restore(member=teller.staff, reason="It was found", by=boss, at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=request, by=boss, at=now())
    assert again(teller).status == "SUSPENDED"
    approvals.approve(approval=request, by=other_boss, at=now())
    assert again(teller).status == "ACTIVE"


def test_the_database_lets_nobody_stand_above_the_roles(teller):
    with pytest.raises(IntegrityError, match="nobody_stands_above_the_roles"), transaction.atomic():
        User.objects.filter(pk=teller.pk).update(is_superuser=True)


def test_auditors_read_and_write_nothing_to_customers(client, customer):
    headers = bearer(make_staff("AUDITOR"))
    notes = f"/api/v1/admin/users/{customer.pk}/notes/"
    assert client.get(notes, headers=headers).status_code == 200
    assert CustomerView.objects.filter(customer=customer, reason="API: notes").count() == 1
    answer = client.post(notes, {"text": "Seen"}, content_type="application/json", headers=headers)
    assert answer.status_code == 403
    assert AuditLog.objects.filter(action="kernel.door.refused", target_id=notes).count() == 1


def test_who_is_connected_decides_nothing_on_them(teller, customer):
    officer = make_staff("KYC_OFFICER")
    operations.declare_connection(staff=officer, customer=customer, kind="FAMILY", by=officer, at=now())
    with pytest.raises(Connected):
        operations.set_status(person=customer, status="SUSPENDED", reason="A quarrel", by=officer, at=now())
    assert again(customer).status == "ACTIVE"


def test_business_partners_are_connected_without_being_asked(customer):
    officer = make_staff("KYC_OFFICER")
    business = make_business(customer)
    invitation = operations.invite_member(
        business=business, phone=str(officer.phone), role="VIEWER", by=customer, at=now()
    )
    operations.accept_invitation(invitation=invitation, by=officer, at=now())
    with pytest.raises(Connected):
        operations.set_status(person=customer, status="SUSPENDED", reason="A quarrel", by=officer, at=now())


def test_a_connection_is_ended_by_another_person(boss, teller, customer):
    row = operations.declare_connection(staff=teller, customer=customer, kind="SELF", by=teller, at=now())
    with pytest.raises(NotAllowed):
        operations.end_connection(connection=row, reason="Over", by=teller, at=now())
    operations.end_connection(connection=row, reason="A mistake", by=boss, at=now())
    assert not StaffConnection.objects.filter(ended_at=None).exists()


def test_broken_glass_opens_for_half_an_hour_and_the_clock_ends_it(teller, customer):
    at = now()
    glass = operations.break_glass(customer=customer, reason=WHY, by=teller, at=at)
    assert operations.sees_whole(teller, customer, at + timedelta(minutes=29, seconds=59))
    assert not operations.sees_whole(teller, customer, at + timedelta(minutes=30))
    assert not operations.sees_whole(teller, make_customer(), at)
    record = AuditLog.objects.get(action="users.customer.glass_broken")
    assert (record.customer_id, record.reason, glass.expires_at - glass.opened_at) == (
        customer.pk, WHY, timedelta(minutes=30)
    )  # fmt: skip


def test_reviewers_hear_of_it_at_once(boss, teller, customer):
    officer = make_staff("COMPLIANCE_OFFICER")
    operations.break_glass(customer=customer, reason=WHY, by=teller, at=now())
    told = set(Message.objects.filter(code="users.glass_broken").values_list("user_id", flat=True))
    assert {boss.pk, officer.pk} <= told
    assert teller.pk not in told


@pytest.mark.parametrize("reason", ["", "urgent"])
def test_broken_glass_needs_a_sentence(teller, customer, reason):
    with pytest.raises(NotAllowed):
        operations.break_glass(customer=customer, reason=reason, by=teller, at=now())
    assert not BreakGlass.objects.exists()


def test_glass_is_not_broken_on_family(teller, customer):
    operations.declare_connection(staff=teller, customer=customer, kind="FAMILY", by=teller, at=now())
    with pytest.raises(Connected):
        operations.break_glass(customer=customer, reason=WHY, by=teller, at=now())
    assert not BreakGlass.objects.exists()


def test_another_person_reviews_it_once(boss, customer):
    at = now()
    glass = operations.break_glass(customer=customer, reason=WHY, by=boss, at=at)
    said = {"verdict": "JUSTIFIED", "note": "Called the ward", "at": at}
    with pytest.raises(NotAllowed):
        operations.review_glass(glass=glass, by=boss, **said)
    officer = make_staff("COMPLIANCE_OFFICER")
    operations.review_glass(glass=glass, by=officer, **said)
    assert not operations.sees_whole(boss, customer, at + timedelta(seconds=1)), "a review ends it"
    with pytest.raises(Conflict):
        operations.review_glass(glass=glass, by=officer, **said)


def test_a_second_break_waits_for_the_review_of_the_first(teller, customer):
    at = now()
    operations.break_glass(customer=customer, reason=WHY, by=teller, at=at)
    with pytest.raises(GlassWaits):
        operations.break_glass(customer=customer, reason=WHY, by=teller, at=at + timedelta(days=1))


def test_the_database_refuses_a_review_by_who_broke_it(teller, customer):
    operations.break_glass(customer=customer, reason=WHY, by=teller, at=now())
    sql = "UPDATE users_breakglass SET reviewed_by_id=viewer_id, reviewed_at=now(), verdict='JUSTIFIED', note='fine'"
    with (
        pytest.raises(IntegrityError, match="another_person_reviews_broken_glass"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_review_at_once_one_does():
    teller, customer = make_staff("TELLER"), make_customer()
    judges = [make_staff("COMPLIANCE_OFFICER"), make_staff("SUPER_ADMIN")]
    glass = operations.break_glass(customer=customer, reason=WHY, by=teller, at=now())

    def review(judge):
        return lambda: operations.review_glass(
            glass=BreakGlass.objects.get(pk=glass.pk), verdict="JUSTIFIED", note="Called", by=judge, at=now()
        )

    assert len(refusals(at_once(*map(review, judges)))) == 1
    assert AuditLog.objects.filter(action="users.glass.reviewed").count() == 1


def post(client, address, body, user):
    return client.post(address, body, content_type="application/json", headers=bearer(user))


def test_the_api_breaks_and_reviews_the_glass(client, teller, customer):
    answer = post(client, f"/api/v1/admin/users/{customer.pk}/break-glass/", {"reason": WHY}, teller)
    assert answer.status_code == 201
    officer = make_staff("COMPLIANCE_OFFICER")
    listed = client.get("/api/v1/admin/break-glass/", headers=bearer(officer)).json()["results"]
    assert [row["customer"] for row in listed] == [customer.pk]
    address = f"/api/v1/admin/break-glass/{answer.json()['id']}/review/"
    said = {"verdict": "NOT_JUSTIFIED", "note": "No such ward"}
    assert post(client, address, said, officer).json()["verdict"] == "NOT_JUSTIFIED"
    assert post(client, address, said, officer).status_code == 409


def test_broken_glass_lets_a_kyc_officer_see_the_lines_by_api(client, customer):
    officer = make_staff("KYC_OFFICER")
    address = f"/api/v1/admin/users/{customer.pk}/statement/"
    assert client.get(address, headers=bearer(officer)).status_code == 403
    operations.break_glass(customer=customer, reason=WHY, by=officer, at=now())
    assert client.get(address, headers=bearer(officer)).status_code == 200


def test_the_api_says_who_saw_a_customer_with_role_and_reason(client, teller, customer):
    operations.look_at(customer=customer, by=teller, reason="At the counter", at=now())
    answer = client.get(f"/api/v1/admin/users/{customer.pk}/looks/", headers=bearer(make_staff("AUDITOR"))).json()
    looks = [(row["name"], row["role"], row["reason"]) for row in answer]
    assert (teller.full_name, "Teller", "At the counter") in looks


def test_the_api_changes_a_post_by_two(client, boss, other_boss, teller):
    body = {"role": "AUDITOR", "reason": "She changes"}
    address = f"/api/v1/admin/staff/{teller.staff.pk}/post/"
    answer = client.put(address, body, content_type="application/json", headers=bearer(boss))
    assert answer.status_code == 202
    decide = f"/api/v1/admin/approvals/{answer.json()['approval']}/approve/"
    assert post(client, decide, {}, boss).status_code == 403
    assert post(client, decide, {}, other_boss).status_code == 200
    assert again(teller).staff.role == "AUDITOR"
