"""Offices are opened by those who manage staff, once, and on record."""

import pytest

from apps.audit_trail.models import AuditLog
from apps.users.models import Branch
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
PATH = "/api/v1/branches/"
BODY = {"code": "017", "name": "Kisumu Oginga Street", "town": "Kisumu"}


def post(client, who, body):
    return client.post(PATH, body, content_type="application/json", headers=bearer(who))


def test_opens_once_and_is_written_down(client):
    boss = make_staff("SUPER_ADMIN")
    assert post(client, boss, BODY).json()["code"] == "017"
    again = post(client, boss, {**BODY, "name": "Another"})
    assert (again.status_code, again.json()["code"]) == (409, "branch_exists")
    assert Branch.objects.get(code="017").name == "Kisumu Oginga Street"
    assert AuditLog.objects.get(action="users.branch.opened").actor == boss


@pytest.mark.parametrize("role", ["ADMIN", "TELLER", None])
def test_is_not_for_others(client, role):
    assert post(client, make_staff(role) if role else make_customer(), BODY).status_code == 403
    assert not Branch.objects.filter(code="017").exists()


@pytest.mark.parametrize("change", [{"code": "17"}, {"code": "ABC"}, {"code": "٠١٧"}, {"name": ""}, {"town": "x" * 61}])
def test_what_is_no_office_is_said_so(client, change):
    assert post(client, make_staff("SUPER_ADMIN"), {**BODY, **change}).status_code == 400
