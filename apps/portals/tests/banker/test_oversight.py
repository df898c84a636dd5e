"""Staff, roles, audit and broken glass at the workbench."""

import pytest

from apps.accounts.testing import make_account
from apps.audit_trail.models import AuditLog, IntegrityCheck
from apps.audit_trail.queries import looks_at
from apps.compliance.models import StaffAlert
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users import operations
from apps.users.models import BreakGlass, StaffConnection, User
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
WHY = "She is at the hospital and cannot say her PIN"


@pytest.fixture
def boss():
    return make_staff("SUPER_ADMIN", full_name="Naomi Wambui")


def shown(client, address, status=200):
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == status, page[:500]
    assert faults_of(page) == []
    return page


def test_the_list_of_staff_says_role_branch_and_what_waits(boss, django_assert_max_num_queries):
    tellers = [make_staff("TELLER") for _ in range(5)]
    operations.change_post(member=tellers[0].staff, role="AUDITOR", reason="She moves", by=boss, at=now())
    client = enter(boss)
    with django_assert_max_num_queries(16):
        page = shown(client, "/workbench/staff/")
    assert ("A change waits" in page, page.count("Teller Wanjiku")) == (True, 5)


def test_a_post_is_asked_for_and_changes_by_two_on_the_next_request(boss):
    teller, second = make_staff("TELLER"), make_staff("SUPER_ADMIN")
    theirs = enter(teller)
    assert theirs.get("/workbench/teller/").status_code == 200
    address = f"/workbench/staff/{teller.staff.pk}/"
    client = enter(boss)
    asked = {"role": "AUDITOR", "branch": "001", "approval_limit": "0", "reason": "She moves"}
    assert client.post(address, asked).status_code == 303
    assert "She moves" in shown(client, address)
    assert theirs.get("/workbench/teller/").status_code == 200, "nothing has changed yet"
    approvals.approve(approval=Approval.objects.get(kind="users.role_change"), by=second, at=now())
    assert theirs.get("/workbench/teller/").status_code == 302, "signed out at once"
    assert not User.objects.get(pk=teller.pk).has_perm("accounts.take_cash")


def test_a_role_taken_away_closes_the_door_of_an_open_stay():
    teller = make_staff("TELLER")
    client = enter(teller)
    teller.groups.clear()
    assert client.get("/workbench/teller/").status_code == 403


def test_suspension_closes_the_door_of_an_open_stay(boss):
    teller = make_staff("TELLER")
    theirs, client = enter(teller), enter(boss)
    assert client.post(f"/workbench/staff/{teller.staff.pk}/suspend/", {"reason": "Cash is missing"}).status_code == 303
    assert theirs.get("/workbench/").status_code == 302
    assert "Ask to let them in again" in shown(client, f"/workbench/staff/{teller.staff.pk}/")
    assert client.post(f"/workbench/staff/{teller.staff.pk}/restore/", {"reason": "Found"}).status_code == 303
    assert User.objects.get(pk=teller.pk).status == "SUSPENDED"


def test_roles_are_said_in_words(boss):
    page = shown(enter(boss), "/workbench/staff/roles/")
    assert "Can look at customers" in page
    assert "Naomi Wambui" in page


@pytest.mark.parametrize("role", ["TELLER", "KYC_OFFICER", "ANALYST"])
def test_staff_pages_are_for_who_manages_and_who_audits(role):
    assert enter(make_staff(role)).get("/workbench/staff/").status_code == 403


def test_auditors_see_staff_and_change_nothing():
    auditor, teller = make_staff("AUDITOR"), make_staff("TELLER")
    client = enter(auditor)
    address = f"/workbench/staff/{teller.staff.pk}/"
    assert "Ask for another post" not in shown(client, address)
    assert client.post(address, {"role": "ADMIN"}).status_code == 403


def test_staff_write_down_whom_they_keep_away_from():
    officer, cousin = make_staff("KYC_OFFICER"), make_customer(full_name="Baraka Otieno")
    client = enter(officer)
    asked = {"who": str(cousin.phone), "kind": "FAMILY"}
    assert client.post("/workbench/staff/me/", asked).status_code == 303
    assert "Baraka Otieno" in shown(client, "/workbench/staff/me/")
    unknown = client.post("/workbench/staff/me/", {"who": "0799 000 999", "kind": "FAMILY"}, follow=True)
    assert (unknown.status_code, StaffConnection.objects.count()) == (200, 1)


def test_the_trail_is_searched_a_page_at_a_time_and_taken_out():
    auditor, teller = make_staff("AUDITOR"), make_staff("TELLER")
    for _ in range(52):
        operations.look_at(customer=make_customer(), by=teller, reason="At the counter", at=now())
    client = enter(auditor)
    page = shown(client, f"/workbench/audit/?actor_id={teller.pk}&action=users.customer.viewed")
    assert (page.count("At the counter"), "Older" in page) == (50, True)
    taken = client.get(f"/workbench/audit/?actor_id={teller.pk}&action=users.customer.viewed&as=csv")
    assert len(b"".join(taken.streaming_content).splitlines()) == 53
    assert AuditLog.objects.filter(action="audit_trail.records.exported", actor=auditor).count() == 1


def test_the_trail_is_verified_from_the_page():
    client = enter(make_staff("AUDITOR"))
    assert client.post("/workbench/audit/").status_code == 303
    assert IntegrityCheck.objects.count() == 1
    assert "Intact" in shown(client, "/workbench/audit/")


def test_a_range_too_wide_is_said_at_the_form():
    answer = enter(make_staff("AUDITOR")).get("/workbench/audit/?first_day=2020-01-01")
    assert (answer.status_code, b"31 days" in answer.content) == (422, True)


@pytest.mark.parametrize("how", ["customer_id={pk}", "customer_id={pk}&before=4611686018427387904", "actor_id={pk}"])
def test_who_asks_the_trail_about_a_customer_stands_among_those_who_saw_them(how):
    person, auditor = make_customer(), make_staff("AUDITOR")
    shown(enter(auditor), f"/workbench/audit/?{how.format(pk=person.pk)}")
    assert [row.actor for row in looks_at(person)] == [auditor]


def test_an_auditor_sees_who_saw_a_customer():
    teller, person = make_staff("TELLER"), make_customer()
    operations.look_at(customer=person, by=teller, reason="A complaint", at=now())
    page = shown(enter(make_staff("AUDITOR")), f"/workbench/audit/customers/{person.pk}/")
    assert (teller.full_name in page, "A complaint" in page, "Teller" in page) == (True, True, True)


def test_a_row_of_a_standard_list_is_a_look():
    person, auditor = make_customer(), make_staff("AUDITOR")
    assert enter(auditor).get(f"/workbench/users/user/{person.pk}/change/").status_code == 200
    assert AuditLog.objects.filter(action="kernel.row.viewed", customer=person, actor=auditor).count() == 1


def test_a_line_and_a_search_that_finds_one_customer_are_looks_at_them():
    account, other = make_account(balance="100"), make_account(balance="100")
    auditor = make_staff("AUDITOR")
    client, looks = enter(auditor), AuditLog.objects.filter(action="kernel.row.viewed", actor=auditor)
    lines = "/workbench/accounts/transaction/"
    client.get(f"{lines}{account.lines.first().pk}/change/")
    assert looks.filter(customer=account.owner).count() == 1
    assert client.get(lines).status_code == 200
    assert looks.count() == 1, "a list of everybody is a look at nobody"
    assert client.get(f"{lines}?q={other.number}").status_code == 200
    assert looks.filter(customer=other.owner).count() == 1
    assert client.get(f"{lines}?q=nothing").status_code == 200
    assert looks.count() == 2


def test_broken_glass_shows_the_money_for_half_an_hour_and_is_reviewed():
    officer, customer = make_staff("KYC_OFFICER"), make_customer()
    account = make_account(customer, balance="777")
    operations.look_at(customer=customer, by=officer, reason="A check", at=now())
    client, address = enter(officer), f"/workbench/customer/{customer.pk}/"
    assert account.number[-3:] not in shown(client, address) or "777.00" not in shown(client, address)
    assert client.post(f"{address}glass/", {"reason": "urgent"}).status_code == 422
    assert client.post(f"{address}glass/", {"reason": WHY}).status_code == 303
    assert "777.00" in shown(client, address)
    glass = BreakGlass.objects.get()
    judge = enter(make_staff("COMPLIANCE_OFFICER"))
    assert WHY in shown(judge, "/workbench/glass/")
    review = {"verdict": "JUSTIFIED", "note": "Called the ward"}
    assert client.post(f"/workbench/glass/{glass.pk}/", review).status_code == 403
    assert judge.post(f"/workbench/glass/{glass.pk}/", review).status_code == 303
    assert "777.00" not in shown(client, address)


def test_the_console_shows_what_stands_out_and_closes_it():
    teller, officer = make_staff("TELLER"), make_staff("COMPLIANCE_OFFICER")
    day = local_date(now())
    alert = StaffAlert.objects.create(rule="REFUSALS", staff=teller, day=day, count=12, threshold=10, raised_at=now())
    client = enter(officer)
    assert teller.full_name in shown(client, "/compliance/staff")
    assert client.post(f"/compliance/staff/{alert.pk}/close", {"note": ""}).status_code == 422
    assert client.post(f"/compliance/staff/{alert.pk}/close", {"note": "A wrong bookmark"}).status_code == 303
    assert "A wrong bookmark" in shown(client, "/compliance/staff")
    assert enter(make_staff("AUDITOR")).get("/compliance/staff").status_code == 404


@pytest.mark.parametrize("address", ["staff/", "staff/roles/", "staff/me/", "audit/", "audit/?action=users.", "glass/"])
def test_pages_speak_kiswahili(address, boss):
    client = enter(boss, kitbank_language="sw")
    page = shown(client, f"/workbench/{address}")
    assert '<html lang="sw' in page
