"""Customer 360: nothing before a reason, every act with a reason, and refusals that change nothing."""

from datetime import timedelta

import pytest

from apps.accounts.mandates import in_force
from apps.accounts.models import Account
from apps.accounts.operations import propose_mandate
from apps.accounts.signing import Band
from apps.accounts.testing import give, make_account, make_mandate, sign_mandate
from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.portals.tests.banker.desk import Desk, enter, look
from apps.users.models import CustomerNote, CustomerView, User
from apps.users.operations import remove_member
from apps.users.testing import make_business, make_customer, make_member, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


def at(person, act=""):
    return f"/workbench/customer/{person.pk}/{act}{'/' if act else ''}"


def state(desk):
    """What an act could change."""
    person = User.objects.get(pk=desk.customer.pk)
    account = Account.objects.get(pk=desk.account.pk)
    return person.status, person.kyc_tier, account.status, CustomerNote.objects.count()


def allow(kind):
    """By a second person."""
    waiting = Approval.objects.get(kind=kind, status="PENDING")
    approvals.approve(approval=waiting, by=make_staff("BRANCH_MANAGER" if "users" not in kind else "ADMIN"), at=now())


def test_shows_nothing_before_a_reason_and_records_the_look_first(desk):
    client = enter(make_staff("SUPPORT_AGENT"))
    for answer in (
        client.get(at(desk.customer)),
        client.post(at(desk.customer), {}),
        client.post(at(desk.customer), {"reason": "curious"}),
    ):
        page = answer.content.decode()
        assert answer.status_code in {200, 422}
        for hidden in (desk.account.number, "20,500.00", "0712 345 908", desk.customer.id_number):
            assert hidden not in page
    assert not CustomerView.objects.exists()
    answer = client.post(at(desk.customer), {"reason": "call"})
    assert answer.status_code == 303
    view = CustomerView.objects.get()
    assert view.reason == "The customer is on the phone"
    assert AuditLog.objects.filter(action="users.customer.viewed").count() == 1
    page = client.get(at(desk.customer)).content.decode()
    for shown in (
        "20,500.00",
        "0712 345 908",
        "Cash paid in",
        "Why is the balance low?",
        "The customer is on the phone",
    ):
        assert shown in page


def test_a_look_lasts_a_quarter_of_an_hour(desk):
    user = make_staff("SUPPORT_AGENT")
    client = enter(user)
    CustomerView.objects.create(viewer=user, customer=desk.customer, reason="x", at=now() - timedelta(minutes=16))
    assert "20,500.00" not in client.get(at(desk.customer)).content.decode()


def test_one_persons_look_opens_nothing_for_another(desk):
    look(make_staff("SUPPORT_AGENT"), desk.customer)
    assert "20,500.00" not in enter(make_staff("SUPPORT_AGENT")).get(at(desk.customer)).content.decode()


@pytest.mark.parametrize("act", ["note", "suspend", "restore", "tier"])
def test_no_act_without_a_look(desk, act):
    client, before = enter(make_staff("ADMIN")), state(desk)
    for answer in (
        client.get(at(desk.customer, act)),
        client.post(at(desk.customer, act), {"text": "", "reason": "x", "tier": "TIER_3"}),
        client.post(f"/workbench/account/{desk.account.pk}/freeze/", {"reason": "x"}),
    ):
        assert answer.status_code == 303
        assert answer.headers["Location"] == at(desk.customer)
    assert state(desk) == before


def test_roles_without_money_see_no_figures(desk):
    user = make_staff("KYC_OFFICER")
    client = enter(user)
    look(user, desk.customer)
    page = client.get(at(desk.customer)).content.decode()
    assert "Your role does not show accounts and lines." in page
    assert "20,500.00" not in page
    assert desk.account.number not in page


def test_staff_have_no_customer_page(desk):
    client = enter(make_staff("ADMIN"))
    for person in (desk.teller, make_staff("AUDITOR")):
        assert client.get(at(person)).status_code == 404
    assert client.get("/workbench/customer/99999999/").status_code == 404
    assert client.get(at(desk.customer, "delete")).status_code in {303, 404}


def test_nobody_acts_on_their_own_profile_or_account(desk):
    admin = make_staff("ADMIN")
    own = make_account(admin, balance="100")
    client = enter(admin)
    for act in ("note", "suspend", "tier"):
        answer = client.post(at(admin, act), {"text": "x", "reason": "x", "tier": "TIER_3"})
        assert answer.status_code == 404
    assert client.post(f"/workbench/account/{own.pk}/freeze/", {"reason": "x"}).status_code == 404
    own.refresh_from_db()
    admin.refresh_from_db()
    assert (own.status, admin.status, CustomerNote.objects.count()) == ("ACTIVE", "ACTIVE", 0)


def test_keeps_a_note_and_refuses_an_empty_one(desk):
    user = make_staff("SUPPORT_AGENT")
    client = enter(user)
    look(user, desk.customer)
    refused = client.post(at(desk.customer, "note"), {"text": "  "})
    assert refused.status_code == 422
    assert client.post(at(desk.customer, "note"), {"text": "x" * 4001}).status_code == 422
    assert CustomerNote.objects.count() == 0
    assert client.post(at(desk.customer, "note"), {"text": "Lost <b>ID</b>, asks for help"}).status_code == 303
    page = client.get(at(desk.customer)).content.decode()
    assert "Lost &lt;b&gt;ID&lt;/b&gt;" in page
    assert "The note is kept." in page
    assert AuditLog.objects.filter(action="users.customer.noted").count() == 1


@pytest.mark.parametrize(("act", "facts"), [("suspend", {}), ("restore", {}), ("tier", {"tier": "TIER_2"})])
def test_each_act_needs_a_reason_and_the_right(desk, act, facts):
    for role in ("SUPPORT_AGENT", "AUDITOR", "TELLER"):
        user = make_staff(role)
        client, before = enter(user), state(desk)
        look(user, desk.customer)
        assert client.post(at(desk.customer, act), {"reason": "x", **facts}).status_code == 403
        assert state(desk) == before
    admin = make_staff("ADMIN")
    client, before = enter(admin), state(desk)
    look(admin, desk.customer)
    for reason in ("", "   ", "x" * 201):
        assert client.post(at(desk.customer, act), {"reason": reason, **facts}).status_code == 422
        assert state(desk) == before


def test_suspends_restores_and_sets_the_tier(desk):
    admin = make_staff("ADMIN")
    client = enter(admin)
    look(admin, desk.customer)
    refused = client.post(at(desk.customer, "restore"), {"reason": "was never suspended"})
    assert refused.status_code == 409
    assert client.post(at(desk.customer, "suspend"), {"reason": "Fraud reported"}).status_code == 303
    assert state(desk)[0] == "SUSPENDED"
    assert client.post(at(desk.customer, "suspend"), {"reason": "again"}).status_code == 409
    assert client.post(at(desk.customer, "restore"), {"reason": "Cleared"}).status_code == 303
    assert state(desk)[0] == "SUSPENDED"
    allow("users.restore_customer")
    assert state(desk)[0] == "ACTIVE"
    assert client.post(at(desk.customer, "tier"), {"reason": "ID seen", "tier": "TIER_9"}).status_code == 422
    assert client.post(at(desk.customer, "tier"), {"reason": "ID seen", "tier": "TIER_2"}).status_code == 303
    assert state(desk)[:2] == ("ACTIVE", "TIER_2")
    assert AuditLog.objects.filter(reason="Fraud reported").count() == 1


def test_freezes_and_unfreezes_with_a_reason(desk):
    manager = make_staff("BRANCH_MANAGER")
    client, address = enter(manager), f"/workbench/account/{desk.account.pk}/"
    look(manager, desk.customer)
    assert client.post(f"{address}freeze/", {"reason": " "}).status_code == 422
    assert state(desk)[2] == "ACTIVE"
    assert client.post(f"{address}unfreeze/", {"reason": "x"}).status_code == 422
    assert client.post(f"{address}freeze/", {"reason": "Court order"}).status_code == 303
    assert state(desk)[2] == "FROZEN"
    assert "Court order" in client.get(at(desk.customer)).content.decode()
    assert client.post(f"{address}freeze/", {"reason": "again"}).status_code == 409
    assert client.post(f"{address}unfreeze/", {"reason": "Lifted"}).status_code == 303
    assert state(desk)[2] == "FROZEN"
    allow("accounts.unfreeze")
    assert state(desk)[2] == "ACTIVE"
    assert client.post(f"{address}destroy/", {"reason": "x"}).status_code == 404


def test_asks_the_database_no_more_with_more_of_everything(desk, django_assert_max_num_queries):
    user = make_staff("ADMIN")
    client = enter(user)
    look(user, desk.customer)
    for nth in range(15):
        give(desk.account, f"{nth + 1}")
        CustomerNote.objects.create(customer=desk.customer, author=make_staff("AUDITOR"), text="n", created_at=now())
        look(make_staff("AUDITOR"), desk.customer)
    for product in ("SAVINGS", "USD_CURRENT"):
        make_account(desk.customer, product=product)
    with django_assert_max_num_queries(24):
        assert client.get(at(desk.customer)).status_code == 200


def test_a_new_customer_has_empty_places_not_errors():
    person, user = make_customer(full_name="محمد بن عبد الله"), make_staff("TELLER")
    client = enter(user)
    look(user, person)
    page = client.get(at(person)).content.decode()
    for words in ("No accounts yet.", "No lines yet", "Nothing left in the last 30 days.", "محمد"):
        assert words in page


def test_two_officers_put_a_mandate_in_force_that_too_few_can_sign():
    firm, officer = make_business(), make_staff("KYC_OFFICER")
    second = make_member(firm, "SIGNATORY")
    make_mandate(firm, firm.created_by, second)
    remove_member(member=firm.members.get(user=second), by=second, at=now())
    asked = {"business": firm, "signatories": [firm.created_by_id], "bands": [Band(None, "ALL")]}
    sign_mandate(propose_mandate(**asked, by=firm.created_by, at=now()), firm.created_by)
    client = enter(officer)
    look(officer, firm.party)
    assert "Put the mandate in force" in client.get(at(firm.party)).content.decode()
    assert client.post(at(firm.party, "mandate"), {"reason": "Resolution of 3 March"}).status_code == 303
    allow("accounts.mandate")
    assert in_force(firm).named == [firm.created_by_id]
    assert client.post(at(firm.party, "mandate"), {"reason": "again"}).status_code == 409


def test_does_not_tell_bankers_that_who_works_cases_looked(desk):
    officer, agent = make_staff("COMPLIANCE_OFFICER", full_name="Halima Abdi"), make_staff("SUPPORT_AGENT")
    for who in (officer, agent):
        look(who, desk.customer)
    page = enter(agent).get(at(desk.customer)).content.decode()
    assert "Support Agent Wanjiku" in page
    assert "Halima Abdi" not in page
    assert "Halima Abdi" in enter(officer).get(at(desk.customer)).content.decode()
