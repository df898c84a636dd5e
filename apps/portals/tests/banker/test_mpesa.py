"""M-Pesa and the books at the desk: a statement brought, differences settled, money placed, every side shown."""

import gzip
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.testing import balance_of, make_account
from apps.kernel import approvals as engine
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations, rules
from apps.mpesa.models import Callback, MpesaTransaction, PaymentReconciliation, ReconciliationBreak
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
HOME = "/workbench/recon/"
HEAD = "Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Reason Type,A/C No."


def csv(*rows):
    day = f"{local_date(now()):%d-%m-%Y}"
    lines = [f'{receipt},{day} 08:00:00,"{details}",Completed,{paid},{out},,X1' for receipt, paid, out, details in rows]
    return "\r\n".join([HEAD, *lines, ""])


class Office:
    """A manager at the desk; money in suspense, money on an account, and a payout that nobody here knows."""

    def __init__(self, **cookies):
        self.manager = make_staff("BRANCH_MANAGER")
        self.client = enter(self.manager, **cookies)
        self.account = make_account(make_customer(full_name="Achieng Otieno"), balance="100")
        self.booked = self.receive("SKL7H2M0QA", self.account.number)
        self.lost = self.receive("SKL7H2M0QB", "<b>ROSE</b>")

    def receive(self, receipt, reference):
        told = rules.Received(receipt, 700_00, reference, "174379", "Rose & Co", "2547 ***** 222")
        row = operations.confirm_c2b(told=told, at=now())
        Callback.objects.create(
            product="c2b", about=row, raw="SECRETRAW", received_at=now(), outcome="APPLIED", applied_at=now()
        )
        return row

    def bring(self, text="", **facts):
        return self.client.post(HOME, {"day": local_date(now()).isoformat(), "pasted": text, **facts})

    def page(self, address=HOME):
        answer = self.client.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    def differ(self):
        text = csv(("SKL7H2M0QA", '"700.00"', "", "Pay Bill"), ("SKL7H2M0QC", "", "-50.00", "=cmd|' /C calc'!A0"))
        assert self.bring(text).status_code == 303


@pytest.fixture
def office():
    return Office()


@pytest.mark.parametrize("how", ["paste", "utf-8-sig", "utf-16", "cp1252"])
def test_takes_a_statement_pasted_or_as_a_file(office, how):
    text = csv(("SKL7H2M0QA", "700.00", "", "Café"), ("SKL7H2M0QB", "700.00", "", "Pay Bill"))
    file = {} if how == "paste" else {"file": SimpleUploadedFile("day.csv", text.encode(how))}
    answer = office.bring(text if how == "paste" else "", **file)
    assert (answer.status_code, answer.headers["Location"]) == (303, HOME)
    made = PaymentReconciliation.objects.get()
    assert (made.status, made.matched, made.made_by) == ("MATCHED", 2, office.manager)
    assert "All agrees" in office.page()
    assert_books_balance()


@pytest.mark.parametrize(
    "text", ["", "hello", "\0", HEAD.replace("Paid In", "Paid"), csv(("SKL7H2M0QA", "x", "", "y"))]
)
def test_says_what_to_do_with_what_is_no_statement(office, text):
    answer = office.bring(text)
    assert answer.status_code == 422
    assert 'id="errors"' in answer.content.decode()
    assert office.bring(csv(), day="2999-01-01").status_code == 422
    assert office.bring(csv(), day="x").status_code == 422
    assert PaymentReconciliation.objects.count() == 0


def test_settles_a_difference_once_with_a_note(office):
    office.differ()
    page = office.page()
    found = {one.receipt: one for one in ReconciliationBreak.objects.all()}
    assert set(found) == {"SKL7H2M0QB", "SKL7H2M0QC"}
    for words in ("Missing with us", "Missing at M-Pesa", "SKL7H2M0QC", "Differences open", "open for 0 days"):
        assert words in page
    address = f"{HOME}break/{found['SKL7H2M0QC'].public_id}/"
    assert office.client.post(address, {"note": " "}).status_code == 422
    assert office.client.post(address, {"note": "Cash taken out by the bank"}).status_code == 303
    assert office.client.post(address, {"note": "Again"}).status_code == 409
    assert "Cash taken out by the bank" in office.page(address)
    assert "SKL7H2M0QC" not in office.page()


def test_places_money_with_one_form_and_a_reason(office):
    address = f"{HOME}{office.lost.public_id}/"
    page = office.page()
    assert address in page
    assert "&lt;b&gt;ROSE" in page
    for wrong in ({}, {"account": "1", "reason": "x"}, {"account": office.account.number, "reason": ""}):
        assert office.client.post(address, wrong).status_code == 422
    form = {"account": office.account.number, "reason": "She showed the SMS"}
    assert balance_of(office.account) == "800.00"
    assert office.client.post(address, form).status_code == 303
    assert office.client.post(address, form).status_code == 409
    assert balance_of(office.account) == "1500.00"
    assert "Nothing waits for its owner" in office.page()
    assert_books_balance()


def test_shows_every_side_of_one_transaction(office):
    office.differ()
    page = office.page(f"{HOME}{office.booked.public_id}/")
    for words in ("Our request", "Callbacks", "Applied", "Last status query", "Never asked", "M-Pesa's statement",
                  "The books", "mpesa/SKL7H2M0QA", "Completed"):  # fmt: skip
        assert words.replace("'", "&#x27;") in page or words in page, words
    assert "SECRETRAW" not in page
    lost = office.page(f"{HOME}{office.lost.public_id}/")
    assert "No statement tells of it" in lost
    assert "Place it on this account" in lost


@pytest.mark.parametrize("language", ["en", "sw"])
def test_its_pages_are_strict_whole_and_small(language):
    office = Office(kitbank_language=language)
    office.differ()
    found = ReconciliationBreak.objects.first()
    for address in (HOME, f"{HOME}{office.lost.public_id}/", f"{HOME}break/{found.public_id}/"):
        page = office.page(address)
        assert faults_of(page) == [], address
        assert f'<html lang="{language}-KE"' in page
        assert len(gzip.compress(page.encode())) < 25_000
        assert (">Place it<" in page) is (language == "en" and "break" not in address) or language == "sw"
    if language == "sw":
        for english in ("Open differences", "Bring a statement", "Days compared", "Compare"):
            assert english not in office.page()


def test_is_for_those_with_the_right(office):
    office.differ()
    found = ReconciliationBreak.objects.first()
    client = enter(make_staff("TELLER"))
    for address in (HOME, f"{HOME}{office.lost.public_id}/", f"{HOME}break/{found.public_id}/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"note": "x", "account": office.account.number, "reason": "x"}).status_code == 403
    assert "/workbench/recon/" not in client.get("/workbench/").content.decode()
    missing = "6f1c1f2e-3b57-4a0f-9d0a-2f9b8a1c7e55"
    assert office.client.get(f"{HOME}{missing}/").status_code == 404
    assert office.client.get(f"{HOME}break/{missing}/").status_code == 404


def test_asks_the_database_no_more_with_more_rows(office, django_assert_max_num_queries):
    office.differ()
    for n in range(15):
        office.receive(f"SKL7H2M1{n:02d}", "NOBODY")
    office.bring(csv(*[(f"SKL7H2M2{n:02d}", "", "-5", "Out") for n in range(15)]))
    assert MpesaTransaction.objects.count() == 17
    with django_assert_max_num_queries(22):
        office.page()
    with django_assert_max_num_queries(26):
        office.page(f"{HOME}{office.booked.public_id}/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_on_a_phone_without_scripts_nothing_is_cut_off(chromium, live_server):
    office = Office()
    office.differ()
    found = ReconciliationBreak.objects.first()
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    cookies = [{"name": n, "value": c.value, "url": live_server.url} for n, c in office.client.cookies.items()]
    context.add_cookies(cookies)
    window = context.new_page()
    for address in (HOME, f"{HOME}{office.lost.public_id}/", f"{HOME}break/{found.public_id}/"):
        window.goto(f"{live_server.url}{address}")
        assert window.evaluate("document.documentElement.scrollWidth") <= 390, address
    window.goto(f"{live_server.url}{HOME}")
    window.click("summary >> text=Place it")
    window.fill("details[open] input[name=account]", office.account.number)
    window.fill("details[open] input[name=reason]", "She showed the SMS")
    window.click("details[open] button")
    window.wait_for_url(f"**{HOME}")
    assert balance_of(office.account) == "1500.00"
    context.close()


def test_asks_a_second_person_for_a_larger_sum(office):
    told = rules.Received("SKL7H2M0QD", 10_000_01, "ROSE", "174379", "Rose & Co", "2547 ***** 222")
    row = operations.confirm_c2b(told=told, at=now())
    form = {"account": office.account.number, "reason": "She showed the SMS"}
    answer = office.client.post(f"{HOME}{row.public_id}/", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/workbench/approvals/")
    assert "When a second person allows it, the money is placed" in office.page("/workbench/approvals/")
    assert balance_of(office.account) == "800.00"
    engine.approve(approval=Approval.objects.get(), by=make_staff("ADMIN", limit_minor=10_000_01), at=now())
    assert balance_of(office.account) == "10800.01"


def test_asks_to_send_money_back_and_shows_that_it_goes(office):
    address = f"{HOME}{office.booked.public_id}/"
    assert "Ask to send it back" in office.page(address)
    assert office.client.post(address, {"do": "back", "why": ""}).status_code == 422
    assert office.client.post(address, {"do": "back", "why": "Paid to the wrong bank"}).status_code == 303
    asked = Approval.objects.get(kind="mpesa.send_back")
    engine.approve(approval=asked, by=make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00), at=now())
    page = office.page(address)
    assert "Sending it back: Begun" in page
    assert "Ask to send it back" not in page
    assert faults_of(page) == []
    back = MpesaTransaction.objects.get(kind="REVERSAL")
    assert "Decide what became of it" not in office.page(f"{HOME}{back.public_id}/")
    MpesaTransaction.objects.filter(pk=back.pk).update(sent_at=now() - timedelta(minutes=11))
    assert "Decide what became of it" in office.page(f"{HOME}{back.public_id}/")
    decide = {"do": "doubt", "went": "no", "receipt": "", "why": "The portal has none"}
    assert office.client.post(f"{HOME}{back.public_id}/", decide | {"went": "yes"}).status_code == 409
    assert office.client.post(f"{HOME}{back.public_id}/", decide).status_code == 303
    engine.approve(
        approval=Approval.objects.get(kind="mpesa.decide"),
        by=make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00),
        at=now(),
    )
    assert "Ask to send it back" in office.page(address)
    assert balance_of(office.account) == "800.00"
    assert_books_balance()
