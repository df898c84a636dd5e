"""New staff: asked for by one, allowed by another, never the profile somebody banks with."""

import pytest

from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval, OutboxEvent
from apps.notifications.testing import code_sent_to, messages_to
from apps.users import operations
from apps.users.models import StaffMember, User
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
PATH = "/api/v1/admin/staff/"
PHONE = "+254722000417"
BODY = {
    "full_name": "Brian Kiprotich",
    "phone": "0722 000 417",
    "email": "Brian@kitbank.example",
    "language": "sw",
    "role": "TELLER",
    "branch": "001",
    "approval_limit": {"amount": "50000.00", "currency": "KES"},
    "reason": "Begins on 1 December",
}


def post(client, path, who, body=None):
    return client.post(path, body, content_type="application/json", headers=bearer(who))


def test_begins_once_a_second_person_allows_it_and_signs_in_with_a_password_of_their_own(client):
    maker, checker = make_staff("SUPER_ADMIN"), make_staff("SUPER_ADMIN")
    asked = post(client, PATH, maker, BODY)
    assert asked.status_code == 202
    person = User.objects.with_phone(PHONE).get()
    assert (person.status, person.is_staff, person.groups.count()) == ("SUSPENDED", True, 0)
    assert not StaffMember.objects.filter(user=person).exists()
    path = f"/api/v1/admin/approvals/{asked.json()['approval']}/approve/"
    assert post(client, path, maker).status_code == 403
    assert post(client, path, checker).json()["status"] == "APPROVED"
    member = StaffMember.objects.get(user=person)
    assert (member.role, member.branch.code, member.approval_limit_minor) == ("TELLER", "001", 50_000_00)
    assert OutboxEvent.objects.get(name="users.staff.added").payload == {"user_id": person.pk, "role": "TELLER"}
    assert AuditLog.objects.filter(action="users.staff.added", actor=checker).count() == 1
    assert "Keshia" in messages_to(PHONE)[0].body
    _set_password_and_sign_in(client)


def _set_password_and_sign_in(client):
    challenge = client.post("/api/v1/auth/password/forgot/", {"login": PHONE}, content_type="application/json").json()
    body = {"challenge": challenge["challenge"], "code": code_sent_to(PHONE), "purpose": "RESET"}
    client.post("/api/v1/auth/otp/verify/", body, content_type="application/json")
    body = {"challenge": challenge["challenge"], "password": "nakuru-flamingo-2026"}
    assert client.post("/api/v1/auth/password/reset/", body, content_type="application/json").status_code == 204
    body = {"login": PHONE, "password": "nakuru-flamingo-2026"}
    assert client.post("/api/v1/auth/login/", body, content_type="application/json").json()["mfa_required"]


def test_the_request_holds_no_personal_data_but_the_name(client):
    post(client, PATH, make_staff("SUPER_ADMIN"), BODY)
    asked = Approval.objects.get()
    kept = str([asked.payload, asked.before, asked.after, asked.subject])
    assert "722000417" not in kept
    assert "@" not in kept


def test_sent_back_closes_the_profile_and_frees_the_phone(client):
    maker, checker = make_staff("SUPER_ADMIN"), make_staff("SUPER_ADMIN")
    asked = post(client, PATH, maker, BODY).json()["approval"]
    person = User.objects.with_phone(PHONE).get()
    path = f"/api/v1/admin/approvals/{asked}/reject/"
    assert post(client, path, checker, {"reason": "Not this year."}).json()["status"] == "RETURNED"
    person.refresh_from_db()
    assert (person.status, person.phone) == ("CLOSED", None)
    assert not StaffMember.objects.filter(user=person).exists()
    assert post(client, PATH, maker, BODY).status_code == 202


@pytest.mark.parametrize("field", ["phone", "email"])
def test_the_profile_of_a_customer_cannot_become_staff(client, field):
    customer = make_customer(phone=PHONE if field == "phone" else "+254733000111", email="brian@kitbank.example")
    body = BODY if field == "email" else {**BODY, "email": ""}
    answer = post(client, PATH, make_staff("SUPER_ADMIN"), body)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_registered")
    customer.refresh_from_db()
    assert not customer.is_staff
    assert not Approval.objects.exists()


@pytest.mark.parametrize("role", ["ADMIN", "BRANCH_MANAGER", "TELLER", "AUDITOR", None])
def test_only_those_who_manage_staff_may_ask(client, role):
    who = make_staff(role) if role else make_customer()
    assert post(client, PATH, who, BODY).status_code == 403
    with pytest.raises(NotAllowed):
        operations.add_staff(
            full_name="A B", phone=PHONE, role="TELLER", branch=None, approval_limit=None, reason="x", by=who, at=now()
        )
    assert not User.objects.with_phone(PHONE).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"role": "KING"},
        {"branch": "999"},
        {"phone": "hello"},
        {"full_name": "7"},
        {"email": "nobody"},
        {"approval_limit": {"amount": "-1.00", "currency": "KES"}},
        {"approval_limit": {"amount": "1.00", "currency": "USD"}},
        {"approval_limit": 5},
        {"approval_limit": {"amount": "999999999999999999", "currency": "KES"}},
        {"reason": ""},
        {"is_superuser": True},
    ],
)
def test_what_cannot_be_is_said_so(client, change):
    answer = post(client, PATH, make_staff("SUPER_ADMIN"), {**BODY, **change})
    assert answer.status_code == 400
    assert not Approval.objects.exists()
    assert not User.objects.with_phone(PHONE).exists()


def test_a_profile_closed_meanwhile_stays_closed():
    maker, checker = make_staff("SUPER_ADMIN"), make_staff("SUPER_ADMIN")
    branch = maker.staff.branch
    limit = approvals.Money.of("0", "KES")
    asked = operations.add_staff(
        full_name="Brian Kiprotich",
        phone=PHONE,
        role="TELLER",
        branch=branch,
        approval_limit=limit,
        reason="Begins",
        by=maker,
        at=now(),
    )
    person = User.objects.with_phone(PHONE).get()
    operations.set_status(person=person, status="CLOSED", reason="Never came", by=checker, at=now())
    with pytest.raises(Exception, match="already been decided"):
        approvals.approve(approval=asked, by=checker, at=now())
    asked.refresh_from_db()
    assert asked.status == "PENDING"
