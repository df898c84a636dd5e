"""Paying many from one file on the pages: read, agreed to, proven, approved by another, followed."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts import operations as accounts
from apps.accounts.models import Product
from apps.accounts.testing import balance_of, give, make_account, make_deposit
from apps.fraud.models import FlaggedTransaction
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments import tasks
from apps.payments.models import BulkPayment
from apps.payments.testing import csv_file, raise_tier
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import enter
from apps.users.models import StepUpChallenge
from apps.users.queries import system_user
from apps.users.testing import make_business, make_customer, make_member, make_staff

pytestmark = pytest.mark.django_db


class Firm:
    """A company, its account, and who signs for it."""

    def __init__(self):
        self.owner = raise_tier(make_customer(full_name="Collins Were"))
        self.account = make_account(self.owner, balance="100000")
        self.business = make_business(self.owner)
        self.signatory = make_member(self.business, "SIGNATORY")
        self.payees = [make_account() for _nth in range(2)]
        self.rows = [(one.owner.phone, one.owner.full_name, "1000", "") for one in self.payees]

    def bring(self, browser, rows=None, **fields):
        page = browser.get("/pay/bulk").content.decode()
        key = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]
        asked = {
            "idempotency_key": key,
            "name": "July salaries",
            "kind": "SALARY",
            "payer": f"{self.business.pk}/{self.account.pk}",
            "file": SimpleUploadedFile("july.csv", csv_file(self.rows if rows is None else rows)),
        }
        return browser.post("/pay/bulk", asked | fields)


@pytest.fixture
def firm():
    return Firm()


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def prove(browser, address, who):
    assert browser.post(f"{address}/code", {"way": "SMS"}).status_code == 303
    return browser.post(address, {"code": code_sent_to(str(who.phone))})


def test_the_whole_way_by_two_people(firm):
    owner, second = sign_in(firm.owner), sign_in(firm.signatory)
    begun = firm.bring(owner)
    assert begun.status_code == 303
    address = begun.headers["Location"]
    shown = text_of(owner.get(address))
    assert "Achieng O." in shown
    assert "KES 2,000.00" in shown
    assert prove(owner, address, firm.owner).status_code == 303
    assert "waits for another person" in text_of(owner.get(address))
    assert balance_of(firm.account) == "100000.00"
    assert "Approve KES 2,000.00" in text_of_after_code(second, address)
    done = second.post(address, {"code": code_sent_to(str(firm.signatory.phone))})
    assert done.status_code == 303
    assert 'http-equiv="refresh"' in owner.get(address).content.decode()
    tasks.sweep_bulk()
    shown = owner.get(address)
    assert "Paid" in text_of(shown)
    assert 'http-equiv="refresh"' not in shown.content.decode()
    assert [balance_of(one) for one in firm.payees] == ["1000.00"] * 2
    assert "July salaries" in text_of(owner.get("/pay/bulk"))
    assert owner.get(f"{address}/report?as=xlsx").headers["Content-Type"].endswith("sheet")
    assert_books_balance()


def text_of_after_code(browser, address):
    browser.post(f"{address}/code", {"way": "SMS"})
    return text_of(browser.get(address))


def test_bad_rows_must_be_left_out_by_a_tick_before_any_proof(firm):
    owner = sign_in(firm.owner)
    address = firm.bring(owner, [*firm.rows, ("nonsense", "", "1e5", "")]).headers["Location"]
    shown = text_of(owner.get(address))
    assert "neither a phone nor an account number" in shown
    assert "Prove" not in shown
    assert b"phone or account" in owner.get(f"{address}/report?only=bad").content
    assert owner.post(f"{address}/agree", {"leave_out": "on"}).status_code == 303
    assert prove(owner, address, firm.owner).status_code == 303
    assert BulkPayment.objects.get().status == "WAITING"


def test_a_refused_file_is_said_on_the_form_and_kept_nowhere(firm):
    owner = sign_in(firm.owner)
    refused = firm.bring(owner, file=SimpleUploadedFile("x.xlsx", b"a,b\n1,2\n"))
    assert refused.status_code == 422
    assert "The first row must name the columns" in text_of(refused)
    assert firm.bring(owner, payer="0/1").status_code == 422
    assert not BulkPayment.objects.exists()


def test_does_not_tell_members_what_an_owner_calls_their_accounts_nor_offers_their_pots(firm):
    firm.account.nickname = "For my divorce"
    firm.account.save()
    deposit = make_deposit(firm.account)
    page = sign_in(firm.signatory).get("/pay/bulk").content.decode()
    assert f"{firm.business.name}: Collins Were, Current account {firm.account.masked_number}" in page
    assert "divorce" not in page
    assert deposit.masked_number not in page
    assert "For my divorce" in sign_in(firm.owner).get("/pay/bulk").content.decode()


def test_others_find_nothing_and_viewers_may_only_look(firm):
    address = firm.bring(sign_in(firm.owner)).headers["Location"]
    viewer, stranger = sign_in(make_member(firm.business, "VIEWER")), sign_in(make_customer())
    assert "Drop this file" not in text_of(viewer.get(address))
    assert viewer.post(f"{address}/cancel").status_code == 403
    for path in ("", "/report"):
        assert stranger.get(f"{address}{path}").status_code == 404
    for path in ("/cancel", "/reject", "/agree", "/code"):
        assert stranger.post(f"{address}{path}").status_code == 404
    assert BulkPayment.objects.get().status == "CHECKED"


def test_the_second_person_can_send_it_back_with_a_reason(firm):
    owner, second = sign_in(firm.owner), sign_in(firm.signatory)
    address = firm.bring(owner).headers["Location"]
    prove(owner, address, firm.owner)
    assert "Why not?" in text_of(second.post(f"{address}/reject", {"reason": ""}))
    assert second.post(f"{address}/reject", {"reason": "Wrong month"}).status_code == 303
    assert "Wrong month" in text_of(owner.get(address))


def test_in_kiswahili(firm):
    owner = sign_in(firm.owner)
    owner.cookies["kitbank_language"] = "sw"
    firm.owner.language = "sw"
    firm.owner.save()
    shown = text_of(owner.get(firm.bring(owner).headers["Location"]))
    assert "Inalipwa na" in shown


def test_the_desk_makes_the_banks_own_and_finds_every_batch(firm):
    product = Product.objects.get(code="HOUSE")
    house = accounts.open_house_account(name="Payouts", product=product, by=system_user(), at=now())
    give(house, "5000")
    maker = make_staff("BRANCH_MANAGER")
    desk, other = enter(maker), enter(make_staff("TELLER"))
    firm.bring(sign_in(firm.owner))
    assert other.get("/workbench/bulk/").status_code == 403
    shown = desk.get("/workbench/bulk/?q=july")
    assert "Welders Ltd" in text_of(shown)
    key = re.search(r'name="idempotency_key" value="([^"]+)"', shown.content.decode())[1]
    asked = {
        "idempotency_key": key, "name": "Refunds", "kind": "PAYOUT", "payer": f"0/{house.pk}",
        "file": SimpleUploadedFile("x.csv", csv_file(firm.rows)),
    }  # fmt: skip
    made = desk.post("/workbench/bulk/", asked)
    assert made.status_code == 303, made.content.decode()[:500]
    address = made.headers["Location"]
    StepUpChallenge.objects.all().delete()  # the code of the door was asked a moment ago
    assert desk.post(f"{address}code/", {"way": "SMS"}).status_code == 303
    assert desk.post(address, {"code": code_sent_to(str(maker.phone))}).status_code == 303
    assert Approval.objects.get(kind="payments.bulk_payment").maker == maker
    assert "The request for approval" in text_of(desk.get(address))


def test_a_batch_the_screen_holds_is_shown_to_who_decides(firm):
    give(firm.account, "2000000")
    owner, second = sign_in(firm.owner), sign_in(firm.signatory)
    rows = [(one.owner.phone, "", "98000", "") for one in [*firm.payees, *(make_account() for _nth in range(5))]]
    address = firm.bring(owner, rows).headers["Location"]
    prove(owner, address, firm.owner)
    assert prove(second, address, firm.signatory).status_code == 303
    assert "Looked at by the bank" in text_of(owner.get(address))
    flag = FlaggedTransaction.objects.get()
    officer = enter(make_staff("COMPLIANCE_OFFICER"))
    assert "A large amount" in text_of(officer.get(f"/workbench/queues/flagged/{flag.pk}/"))
