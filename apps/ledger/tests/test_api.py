"""The books by API: who sees them, what they see, and reversals with four eyes."""

import pytest
from django.contrib import admin
from django.test import Client

from apps.kernel import approvals
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.ledger import eod
from apps.ledger import operations as ledger
from apps.ledger.errors import AlreadyReversed
from apps.ledger.models import Period, Transfer
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay, posted_in
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return bearer(make_staff("AUDITOR"))


def get(path, headers, **query):
    return Client().get(f"/api/v1/ledger/{path}", query, headers=headers)


@pytest.mark.parametrize(
    "path", ["accounts/", "accounts/4041010/", "entries/", "entries/1/", "trial-balance/", "periods/"]
)
def test_is_for_staff_who_may_view_the_books(path):
    assert get(path, {}).status_code == 401
    for user in (make_customer(), make_staff("TELLER")):
        assert get(path, bearer(user)).status_code == 403


@pytest.mark.parametrize("path", ["accounts/", "entries/", "trial-balance/"])
def test_takes_no_writes(path, auditor):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)(f"/api/v1/ledger/{path}", headers=auditor).status_code == 405


def test_lists_accounts_with_balances(auditor, django_assert_max_num_queries):
    wallets = [open_wallet(nth) for nth in range(1, 4)]
    ledger.hold(reference="h", account=wallets[2], amount=kes(1), at=NOON)
    with django_assert_max_num_queries(9):
        answer = get("accounts/", auditor, search="wallet/", ordering="id", page_size=50).json()
    assert answer["count"] == 3
    assert answer["results"][2] | {"opened_at": ""} == {
        "id": wallets[2].id,
        "code": wallets[2].code,
        "name": "Wallet of a test",
        "kind": "LIABILITY",
        "currency": "KES",
        "role": "POSTING",
        "mode": "LOCKED",
        "parent_code": "2010-KES",
        "owner_reference": "",
        "posted": {"amount": "3.00", "currency": "KES"},
        "held": {"amount": "1.00", "currency": "KES"},
        "available": {"amount": "2.00", "currency": "KES"},
        "is_blocked": False,
        "is_closed": False,
        "opened_at": "",
    }


def test_narrows_accounts(auditor):
    open_wallet(code="w/1")
    assert get("accounts/", auditor, kind="INCOME", currency="KES", page_size=100).json()["count"] == 21
    assert get("accounts/", auditor, mode="LOCKED", currency="USD").json()["count"] == 1
    assert get("accounts/", auditor, kind="NONE").status_code == 400
    assert get("accounts/", auditor, page="0").status_code == 404
    assert get("accounts/4041000/", auditor).json()["parent_code"] is None
    assert get("accounts/9999999999/", auditor).status_code == 404
    assert get("accounts/99999999999999999999999/", auditor).status_code in {400, 404}


def test_lists_entries_newest_first_by_cursor(auditor, django_assert_max_num_queries):
    payer, payee = open_wallet(100), open_wallet()
    for nth in range(1, 6):
        pay(payer, payee, kes(nth), reference=f"p/{nth}")
    with django_assert_max_num_queries(7):
        first = get("entries/", auditor, account=payer.id, page_size=2).json()
    assert [row["reference"] for row in first["results"]] == ["p/5", "p/4"]
    row = first["results"][0]
    assert (row["amount"], row["balance_after"], row["seq"]) == (
        {"amount": "5.00", "currency": "KES"},
        {"amount": "85.00", "currency": "KES"},
        6,
    )
    second = Client().get(first["next"], headers=auditor).json()
    assert [row["reference"] for row in second["results"]] == ["p/3", "p/2"]
    assert len(get("entries/", auditor, reference="p/3").json()["results"]) == 2
    assert len(get("entries/", auditor, account_code="1040-KES").json()["results"]) == 1
    assert get("entries/", auditor, booked_to="2026-03-01").json()["results"] == []
    assert get("entries/", auditor, booked_from="yesterday").status_code == 400
    assert get("entries/", auditor, account="1e99").status_code == 400
    assert get(f"entries/{row['id']}/", auditor).json() == row
    assert get("entries/1/", auditor).status_code == 404


def test_answers_with_and_without_the_last_slash(auditor):
    for path in ("accounts", "accounts/4041010", "entries", "trial-balance"):
        assert get(path, auditor).status_code == get(f"{path}/", auditor).status_code == 200


def test_shows_the_trial_balance(auditor):
    wallet = open_wallet(100)
    pay(wallet, "fees:transfer", kes(3))
    found = get("trial-balance/", auditor, on="2026-03-02").json()
    assert found["debits"] == found["credits"] == {"amount": "100.00", "currency": "KES"}
    assert [(line["code"], line["credit"]["amount"]) for line in found["lines"]] == [
        ("1040-KES", "0.00"),
        ("2010-KES", "97.00"),
        ("4040-KES", "3.00"),
    ]
    assert get("trial-balance/", auditor, on="2026-03-01").json()["lines"] == []
    assert get("trial-balance/", auditor, on="32").status_code == 400
    assert get("trial-balance/", auditor, currency="XXX").status_code == 400


def ask(entry_id, user, reason="Sent twice", **headers):
    return Client().post(
        f"/api/v1/ledger/entries/{entry_id}/reverse/",
        {"reason": reason},
        content_type="application/json",
        headers={**bearer(user), **headers},
    )


def test_reverses_with_four_eyes():
    payer, payee = open_wallet(100), open_wallet()
    posted = pay(payer, payee, kes(60))
    maker, checker = make_staff("ADMIN"), make_staff("ADMIN", limit_minor=1_000_000_00)
    answer = ask(posted.transfer_id * 1000 + 2, maker)
    assert answer.status_code == 202
    approval = Approval.objects.get(pk=answer.json()["approval_id"])
    assert answer.json() == {
        "approval_id": approval.pk,
        "status": "PENDING",
        "subject": f"ledger/transfers/{posted.transfer_id}",
    }
    assert (approval.amount_minor, approval.after) == (6000, {payer.code: "CR KES 60.00", payee.code: "DR KES 60.00"})
    assert posted_in(payee) == kes(60)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=maker, at=NOON)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=make_staff("AUDITOR"), at=NOON)
    approvals.approve(approval=approval, by=checker, at=NOON)
    assert (posted_in(payer), posted_in(payee)) == (kes(100), kes(0))
    assert approval.outcome == {"transfer": Transfer.objects.get(reverses=posted.transfer_id).pk}
    assert ask(posted.transfer_id * 1000 + 1, maker).status_code == 409
    assert_books_balance()


def test_asks_with_the_right_and_a_reason_only():
    posted = pay(open_wallet(10), open_wallet(), kes(1))
    entry = posted.transfer_id * 1000 + 1
    assert ask(entry, make_customer()).status_code == 403
    assert ask(entry, make_staff("AUDITOR")).status_code == 403
    officer = make_staff("ADMIN")
    assert ask(entry, officer, reason="").status_code == 400
    assert ask(10**12, officer).status_code == 404
    assert not Approval.objects.exists()


def test_asks_once_per_key():
    posted = pay(open_wallet(10), open_wallet(), kes(1))
    officer = make_staff("ADMIN")
    first, again = (ask(posted.transfer_id * 1000 + 1, officer, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == again.json()
    assert Approval.objects.count() == 1


def test_a_reversal_is_not_approved_after_another_was():
    posted = pay(open_wallet(10), open_wallet(), kes(1))
    officer, checker = make_staff("ADMIN"), make_staff("ADMIN", limit_minor=1_000_000_00)
    asked = [ledger.ask_reversal(transfer_id=posted.transfer_id, reason="Twice", by=officer, at=NOON) for _ in range(2)]
    approvals.approve(approval=asked[0], by=checker, at=NOON)
    with pytest.raises(AlreadyReversed):
        ledger.ask_reversal(transfer_id=posted.transfer_id, reason="Twice", by=officer, at=NOON)
    approvals.approve(approval=asked[1], by=checker, at=NOON)  # the same reference: the same reversal again
    assert Transfer.objects.filter(reverses=posted.transfer_id).count() == 1
    assert_books_balance()


def test_the_workbench_is_a_window(rf):
    pay(open_wallet(10), open_wallet(), kes(1))
    eod.run(day=NOON.date(), at=NOON)
    windows = [window for model, window in admin.site._registry.items() if model._meta.app_label == "ledger"]
    assert len(windows) == 11
    for window in windows:
        request = rf.get("/", {"q": "1"} if window.search_fields else {})
        request.user = make_staff("AUDITOR")
        assert window.has_view_permission(request)
        assert not window.has_add_permission(request)
        assert not window.has_change_permission(request)
        assert not window.has_delete_permission(request)
        assert len(window.get_changelist_instance(request).result_list) <= 25
        request.user = make_staff("TELLER")
        assert not window.has_module_permission(request)


class TestPeriods:
    """Seen by whoever views the books; declared, closed and taken back by one, reopened by two."""

    def do(self, user, path, **body):
        sent = {"data": body, "content_type": "application/json", "headers": bearer(user)}
        return Client().post(f"/api/v1/ledger/periods/{path}", **sent)

    def test_declares_closes_and_asks_to_reopen(self, auditor, django_assert_max_num_queries):
        officer = make_staff("ADMIN")
        made = self.do(officer, "", name="2026-02", first_on="2026-02-01", last_on="2026-02-28")
        assert (made.status_code, made.json()["status"]) == (201, "OPEN")
        late = self.do(officer, "", name="2026-04", first_on="2026-04-01", last_on="2026-04-30")
        there = f"{made.json()['id']}/"
        assert self.do(officer, f"{there}close/").json()["status"] == "CLOSED"
        again = self.do(officer, f"{there}close/")
        assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
        asked = self.do(officer, f"{there}reopen/", reason="Late invoice")
        assert asked.status_code == 202
        assert self.do(officer, f"{late.json()['id']}/withdraw/", reason="Wrong").json()["status"] == "WITHDRAWN"
        self.do(officer, "", name="2026-05", first_on="2026-05-01", last_on="2026-05-31")
        with django_assert_max_num_queries(9):
            shown = get("periods/", auditor).json()
        assert [one["name"] for one in shown] == ["2026-05", "2026-02"]
        assert shown[1] == {
            "id": made.json()["id"],
            "name": "2026-02",
            "first_on": "2026-02-01",
            "last_on": "2026-02-28",
            "is_closed": True,
            "is_over": True,
            "asked": asked.json()["approval"],
            "gap": {"first_on": "2026-03-01", "last_on": "2026-04-30"},
        }

    def test_refusals_are_said_and_change_nothing(self):
        officer = make_staff("ADMIN")
        days = {"first_on": "2026-02-01", "last_on": "2026-02-28"}
        pk = self.do(officer, "", name="2026-02", **days).json()["id"]
        refused = {
            "period_taken": self.do(officer, "", name="Other", **days),
            "bad_period": self.do(officer, "", name="Other", first_on="2026-04-02", last_on="2026-04-01"),
            "period_open": self.do(officer, f"{pk}/reopen/", reason="Late"),
            "not_found": self.do(officer, f"{pk + 9}/close/"),
        }
        assert {code: answer.json()["code"] for code, answer in refused.items()} == {code: code for code in refused}
        for who in (make_staff("AUDITOR"), make_staff("TELLER"), make_customer()):
            for path in ("", f"{pk}/close/", f"{pk}/withdraw/", f"{pk}/reopen/"):
                assert self.do(who, path, reason="x", name="x", **days).status_code == 403
        assert list(Period.objects.values_list("pk", "status")) == [(pk, "OPEN")]
        assert not Approval.objects.exists()
