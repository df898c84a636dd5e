"""Who gets into the workbench, for how long, and which page opens for which role."""

import re
from datetime import timedelta

import pytest

from apps.kernel.clock import now
from apps.notifications.testing import code_sent_to
from apps.payments.operations import banks
from apps.payments.tests.banks.test_going_back import waiting
from apps.portals.testing import sign_in
from apps.portals.tests.banker.desk import Desk, enter, look
from apps.users import idle
from apps.users.roles import ROLES
from apps.users.testing import PASSWORD, make_customer, make_staff

pytestmark = pytest.mark.django_db

PEOPLE = {"customer"}
CASH = {"teller", "slip", "till", "receipt"}
WORDS = {"words"}
ALWAYS = {"home", "find", "nothing", "approvals", "lists", "limits"}
BACK = {"reversals", "reversal"}
REVIEW, PRICES, RATES, CREDIT = {"flagged", "flag"}, {"tariffs", "tariff", "large-payments"}, {"exchange"}, {"credit"}
OPEN: dict[str, set[str]] = {
    "SUPER_ADMIN": ALWAYS
    | WORDS
    | PEOPLE
    | CASH
    | REVIEW
    | PRICES
    | RATES
    | CREDIT
    | BACK
    | {"holidays", "periods", "freeze", "approval", "stuck", "unpaid", "other-banks"},
    "ADMIN": ALWAYS
    | WORDS
    | PEOPLE
    | CASH
    | REVIEW
    | PRICES
    | RATES
    | CREDIT
    | BACK
    | {"holidays", "periods", "freeze", "approval", "stuck", "unpaid", "other-banks"},
    "KYC_OFFICER": ALWAYS | PEOPLE,
    "COMPLIANCE_OFFICER": ALWAYS | PEOPLE | REVIEW | CREDIT | {"freeze", "approval", "stuck", "unpaid"},
    "SUPPORT_AGENT": ALWAYS | PEOPLE | {"stuck", "unpaid"},
    "ANALYST": ALWAYS | CREDIT,
    "LOAN_OFFICER": ALWAYS | PEOPLE | CASH | CREDIT | {"stuck", "unpaid"},
    "BRANCH_MANAGER": ALWAYS
    | PEOPLE
    | CASH
    | RATES
    | CREDIT
    | BACK
    | {"periods", "freeze", "approval", "stuck", "unpaid", "other-banks"},
    "TELLER": ALWAYS | PEOPLE | CASH | {"stuck", "unpaid"},
    "AUDITOR": ALWAYS | PEOPLE | RATES | CREDIT | {"periods", "approval", "stuck", "unpaid"},
}
MAY_SUSPEND = {"SUPER_ADMIN", "ADMIN", "KYC_OFFICER"}
MAY_SET_TIER = {"SUPER_ADMIN", "ADMIN", "KYC_OFFICER", "BRANCH_MANAGER"}
MISSING = {"approval": 404}  # what one may not decide is not there; the rest is forbidden


def status_for(role, name):
    """What a page answers to a role."""
    if name == "suspend":
        return 200 if role in MAY_SUSPEND else 403
    if name == "tier":
        return 200 if role in MAY_SET_TIER else 403
    return 200 if name in OPEN[role] else MISSING.get(name, 403)


def test_the_table_names_every_role():
    assert set(OPEN) == set(ROLES)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_role_opens_what_it_may(role):
    desk, user = Desk(), make_staff(role)
    if user.has_perm("users.view_users"):
        look(user, desk.customer)
    client = enter(user)
    got = {name: client.get(address).status_code for name, address in desk.pages().items()}
    assert got == {name: status_for(role, name) for name in desk.pages()}


def test_nobody_is_sent_to_sign_in(client):
    for name, address in Desk().pages().items():
        answer = client.get(address, follow=True)
        first, last = answer.redirect_chain
        assert first[0].startswith("/workbench/login/?next=/workbench/"), name
        assert last[0].startswith("/login?next=%2Fworkbench%2F"), name
        assert answer.status_code == 200


def test_customers_are_told_that_it_is_not_for_them():
    desk = Desk()
    client = sign_in(desk.customer)
    for name, address in desk.pages().items():
        answer = client.get(address, follow=True)
        assert answer.status_code == 403, name
        assert desk.account.number not in answer.content.decode().replace(address, "")


def test_staff_come_in_with_a_second_factor_only(client):
    teller = make_staff("TELLER")
    answer = client.post("/login", {"login": str(teller.phone), "password": PASSWORD, "next": "/workbench/"})
    assert answer.headers["Location"] == "/login/code"
    assert client.get("/workbench/").status_code == 302
    assert client.post("/login/code", {"code": "000000"}).status_code == 422
    assert client.get("/workbench/").status_code == 302
    assert enter(make_staff("TELLER")).get("/workbench/").status_code == 200


def test_fifteen_idle_minutes_end_the_stay(monkeypatch):
    client = enter(make_staff("TELLER"))
    later = now() + timedelta(minutes=15, seconds=2)
    monkeypatch.setattr(idle, "now", lambda: later)
    assert client.get("/workbench/").status_code == 302
    monkeypatch.undo()
    assert client.get("/workbench/").status_code == 302, "and stays ended"


def test_a_suspended_member_of_staff_is_out_at_once():
    user = make_staff("TELLER")
    client = enter(user)
    user.status = "SUSPENDED"
    user.save(update_fields=["status"])
    assert client.get("/workbench/").status_code == 302


def test_a_sign_in_leads_nowhere_else(client):
    answer = client.get("/workbench/login/?next=https://elsewhere.example/")
    user = make_staff("TELLER")
    client.post(answer.headers["Location"], {"login": str(user.phone), "password": PASSWORD})
    answer = client.post("/login/code", {"code": code_sent_to(str(user.phone))})
    assert answer.headers["Location"] == "/workbench/"


def test_home_shows_what_waits_and_what_is_in_the_till(django_assert_max_num_queries):
    desk = Desk()
    manager = make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00)
    client = enter(manager)
    with django_assert_max_num_queries(20):
        page = client.get("/workbench/").content.decode()
    assert "1 approval waits for you" in page
    assert "150,000.00" in page
    assert "in your till" not in page
    client = enter(desk.teller)
    with django_assert_max_num_queries(20):
        page = client.get("/workbench/").content.decode()
    assert "500,500.00" in page
    assert "0 approvals wait for you" in page
    assert "Nothing waits for you" in page


def test_home_without_work_says_so():
    page = enter(make_staff("ANALYST")).get("/workbench/").content.decode()
    assert "Nothing waits for you" in page
    assert "joined today" not in page
    assert "frozen accounts" not in page
    assert make_customer().full_name not in page


@pytest.mark.parametrize("page", ["/workbench/", "/workbench/queues/disputes/", "/workbench/queues/apps/"])
def test_every_page_says_who_is_in_and_how_much_waits(page):
    who, other = make_staff("ADMIN", full_name="Naomi Wambui"), make_staff("BRANCH_MANAGER")
    row = waiting()
    banks.ask_to_return(row=row, reason="AC01", why="Nobody's", by=other, at=now())
    found = enter(who).get(page).content.decode()
    assert "Naomi Wambui" in found
    assert re.search(r'badge-n only-l">1</span>', found)
