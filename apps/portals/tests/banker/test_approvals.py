"""Maker and checker: the list, what changes, one decision by another person, within their limit, once."""

import pytest

from apps.accounts.models import CashMovement
from apps.accounts.testing import balance_of, fill_vault
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.portals.tests.banker.desk import Desk, enter
from apps.users import operations
from apps.users.testing import bearer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def manager():
    return make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00)


def address(approval):
    return f"/workbench/approvals/{approval.pk}/"


def test_lists_what_waits_what_i_asked_and_what_i_decided(desk, manager):
    link = address(desk.request)
    checker, maker = enter(manager), enter(desk.teller)
    assert checker.get("/workbench/approvals/").content.decode().count(link) == 1
    assert maker.get("/workbench/approvals/").content.decode().count(link) == 1
    checker.post(link, {"decision": "approve"})
    page = checker.get("/workbench/approvals/").content.decode()
    assert "Nothing waits for you" in page
    assert page.count(link) == 1


def test_shows_what_changes_first(manager):
    asker = make_staff("SUPER_ADMIN")
    asked = operations.set_role(
        member=make_staff("TELLER").staff, role="AUDITOR", reason="Moves to audit", by=asker, at=asker.created_at
    )
    page = enter(make_staff("SUPER_ADMIN")).get(address(asked)).content.decode()
    for words in ("Moves to audit", "TELLER", "AUDITOR", "changed", asker.full_name):
        assert words in page


def test_approves_and_the_money_moves_once(desk, manager):
    client = enter(manager)
    answer = client.post(address(desk.request), {"decision": "approve", "note": "Counted"})
    assert answer.status_code == 303
    assert balance_of(desk.account) == "170500.00"
    again = client.post(address(desk.request), {"decision": "approve"})
    assert again.status_code == 409
    assert "already been decided" in again.content.decode()
    assert "Counted" in again.content.decode()
    assert balance_of(desk.account) == "170500.00"
    late = client.post(address(desk.request), {"decision": "return", "note": "too late"})
    assert late.status_code == 409
    page = client.get(address(desk.request)).content.decode()
    assert "Counted" in page
    assert 'name="decision"' not in page
    assert AuditLog.objects.filter(action="kernel.approval.approved").count() == 1
    assert_books_balance()


def test_returns_with_a_reason_only(desk, manager):
    client = enter(manager)
    for note in ("", "  ", "x" * 401):
        assert client.post(address(desk.request), {"decision": "return", "note": note}).status_code == 422
        assert Approval.objects.get().status == "PENDING"
    assert client.post(address(desk.request), {"decision": "return", "note": "No slip"}).status_code == 303
    assert Approval.objects.get().status == "RETURNED"
    assert CashMovement.objects.get(pk=desk.waiting.pk).status == "RETURNED"
    assert balance_of(desk.account) == "20500.00"
    assert "no money moved" in enter(desk.teller).get(
        f"/workbench/teller/receipt/{desk.waiting.receipt}/"
    ).content.decode()  # fmt: skip
    assert_books_balance()


@pytest.mark.parametrize("decision", ["", "maybe", "\0"])
def test_a_decision_that_is_none_changes_nothing(desk, manager, decision):
    assert enter(manager).post(address(desk.request), {"decision": decision}).status_code == 422
    assert Approval.objects.get().status == "PENDING"


def test_nobody_decides_on_their_own_request(desk):
    desk.teller.groups.set(make_staff("BRANCH_MANAGER").groups.all())
    desk.teller.staff.approval_limit_minor = 1_000_000_00
    desk.teller.staff.save()
    client = enter(desk.teller)
    assert 'value="approve"' not in client.get(address(desk.request)).content.decode()
    answer = client.post(address(desk.request), {"decision": "approve"})
    assert answer.status_code == 422
    assert "Another member of staff must decide" in answer.content.decode()
    assert Approval.objects.get().status == "PENDING"
    assert balance_of(desk.account) == "20500.00"


def test_nobody_decides_over_their_limit(desk):
    client = enter(make_staff("BRANCH_MANAGER", limit_minor=149_999_99))
    answer = client.post(address(desk.request), {"decision": "approve"})
    assert answer.status_code == 422
    assert "over your own approval limit" in answer.content.decode()
    assert Approval.objects.get().status == "PENDING"
    assert balance_of(desk.account) == "20500.00"


@pytest.mark.parametrize("role", ["SUPPORT_AGENT", "TELLER", "ANALYST", "KYC_OFFICER"])
def test_those_without_the_right_find_nothing(desk, role):
    client = enter(make_staff(role))
    for answer in (client.get(address(desk.request)), client.post(address(desk.request), {"decision": "approve"})):
        assert answer.status_code == 404
        assert "150,000.00" not in answer.content.decode()
    assert Approval.objects.get().status == "PENDING"


def test_an_auditor_reads_and_cannot_decide(desk):
    client = enter(make_staff("AUDITOR"))
    page = client.get(address(desk.request))
    assert page.status_code == 200
    assert 'name="decision"' not in page.content.decode()
    assert client.post(address(desk.request), {"decision": "approve"}).status_code == 422
    assert Approval.objects.get().status == "PENDING"


def test_an_approval_that_the_vault_cannot_pay_stays_open(desk, manager):
    enter(desk.teller).post("/workbench/teller/till/", {"amount": "400000", "reason": "Market day"})
    asked = Approval.objects.latest("pk")
    client = enter(manager)
    refused = client.post(address(asked), {"decision": "approve"})
    assert refused.status_code == 422
    asked.refresh_from_db()
    assert asked.status == "PENDING"
    assert refused.context["row"].status == "PENDING"
    assert 'value="approve"' in refused.content.decode()
    assert "short of funds" in refused.content.decode()
    fill_vault("500000")
    assert client.post(address(asked), {"decision": "approve"}).status_code == 303
    assert_books_balance()


def test_asks_the_database_no_more_with_more_requests(desk, manager, django_assert_max_num_queries):
    for nth in range(12):
        desk.slip("150000", f"more-{nth}")
    client = enter(manager)
    with django_assert_max_num_queries(14):
        page = client.get("/workbench/approvals/").content.decode()
    assert page.count("/workbench/approvals/") >= 13
    with django_assert_max_num_queries(12):
        client.get(address(desk.request))


def test_its_maker_takes_it_back_and_nobody_can_decide_it_then(desk, manager):
    link = address(desk.request)
    maker, checker = enter(desk.teller), enter(manager)
    assert "Take it back" in maker.get(link).content.decode()
    assert checker.post(link, {"decision": "withdraw"}).status_code == 422
    assert maker.post(link, {"decision": "withdraw"}).status_code == 303
    assert Approval.objects.get(pk=desk.request.pk).status == "WITHDRAWN"
    assert "Nothing waits for you" in checker.get("/workbench/approvals/").content.decode()
    assert checker.post(link, {"decision": "approve"}).status_code == 409
    assert AuditLog.objects.filter(action="kernel.approval.withdrawn").count() == 1
    assert not CashMovement.objects.filter(status="DONE", approval=desk.request).exists()
    assert_books_balance()


def test_what_is_kept_from_a_reader_is_not_there_by_its_number_either(client, desk):
    asked = {
        "kind": "compliance.change_rule",
        "subject": "aml-rule/RAPID_IN_OUT",
        "reason": "Too many alerts",
        "payload": {},
    }
    kept = Approval.objects.create(**asked, maker=make_staff("COMPLIANCE_OFFICER"), created_at=now())
    auditor, officer = make_staff("AUDITOR"), make_staff("COMPLIANCE_OFFICER")
    reader = enter(auditor)
    assert [reader.get(address(one)).status_code for one in (kept, desk.request)] == [404, 200]
    assert enter(officer).get(address(kept)).status_code == 200
    api = f"/api/v1/admin/approvals/{kept.pk}/"
    assert [client.get(api, headers=bearer(who)).status_code for who in (auditor, officer)] == [404, 200]


def test_a_request_of_a_kind_that_is_not_declared_any_more_is_shown(manager):
    old = Approval.objects.create(
        kind="old.kind", subject="x/1", reason="Before", maker=manager, payload={}, created_at=now()
    )
    client = enter(manager)
    assert "old.kind" in client.get(address(old)).content.decode()
    assert client.get("/workbench/approvals/").status_code == 200
