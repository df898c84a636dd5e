"""Reporting a line and following what becomes of it, on the pages."""

import pytest

from apps.accounts.models import Transaction
from apps.accounts.testing import business_account, make_account
from apps.fraud.models import Dispute
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_business, make_customer, make_member, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account(make_customer(full_name="Achieng Otieno"), balance="500")


@pytest.mark.parametrize("language", ["en", "sw"])
def test_from_the_receipt_to_the_answer(account, language):
    line = Transaction.objects.get(account=account)
    browser, desk = sign_in(account.owner, kitbank_language=language), enter(make_staff("COMPLIANCE_OFFICER"))
    form = f"/money/transactions/{line.pk}/report"
    assert form in browser.get(f"/money/transactions/{line.pk}").content.decode()
    assert faults_of(browser.get(form).content.decode()) == []
    assert browser.post(form, {"reason": "NOT_EXPECTED", "text": ""}).status_code == 422
    here = browser.post(form, {"reason": "NOT_EXPECTED", "text": "Twice on Monday"}).headers["Location"]
    assert browser.get(form).headers["Location"] == here
    page = browser.get(here).content.decode()
    assert "Twice on Monday" in page
    assert faults_of(page) == []
    assert browser.post(here, {"body": "At the same shop"}).status_code == 303
    row = Dispute.objects.get()
    at_desk = f"/workbench/queues/disputes/{row.public_id}/"
    assert at_desk in desk.get("/workbench/queues/disputes/").content.decode()
    assert "At the same shop" in desk.get(at_desk).content.decode()
    assert desk.post(at_desk, {"decision": "look"}).status_code == 303
    assert desk.post(at_desk, {"decision": "upheld", "answer": ""}).status_code == 422
    assert desk.post(at_desk, {"decision": "upheld", "answer": "Sent back today"}).status_code == 303
    assert desk.post(at_desk, {"decision": "declined", "answer": "No"}).status_code == 409
    for page in (desk.get(at_desk).content.decode(), desk.get("/workbench/queues/disputes/").content.decode()):
        assert faults_of(page) == []
    assert "Sent back today" in browser.get(here).content.decode()


def test_is_nobody_elses(account):
    line = Transaction.objects.get(account=account)
    sign_in(account.owner).post(f"/money/transactions/{line.pk}/report", {"reason": "OTHER", "text": "?"})
    row, stranger = Dispute.objects.get(), sign_in(make_customer())
    assert stranger.get(f"/money/transactions/{line.pk}/report").status_code == 404
    assert stranger.get(f"/help/disputes/{row.public_id}").status_code == 404
    assert stranger.post(f"/help/disputes/{row.public_id}/withdraw").status_code == 404
    assert sign_in(account.owner).post(f"/help/disputes/{row.public_id}/withdraw").status_code == 303
    assert enter(make_staff("TELLER")).get("/workbench/queues/disputes/").status_code in {403, 404}


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_signatory_reports_a_line_of_the_business_and_a_viewer_is_not_offered_to(language):
    firm = make_business(make_customer(full_name="Wanjiru Kamau"))
    clerk = make_member(firm, "SIGNATORY")
    line = Transaction.objects.get(account=business_account(firm, balance="500"))
    browser, viewer = sign_in(clerk, kitbank_language=language), sign_in(make_member(firm, "VIEWER"))
    receipt, form = f"/money/transactions/{line.pk}", f"/money/transactions/{line.pk}/report"
    assert form not in viewer.get(receipt).content.decode()
    assert viewer.get(form).status_code == 404
    assert form in browser.get(receipt).content.decode()
    here = browser.post(form, {"reason": "NOT_EXPECTED", "text": "Twice on Monday"}).headers["Location"]
    assert browser.post(here, {"body": "At the same shop"}).status_code == 303
    shown = sign_in(firm.created_by, kitbank_language=language).get(here).content.decode()
    assert firm.party.full_name in shown
    assert clerk.full_name in shown, "the others read who told the bank"
    assert "At the same shop" in shown
    assert faults_of(shown) == []
    assert viewer.get(here).status_code == 404
    row = Dispute.objects.get()
    desk = enter(make_staff("COMPLIANCE_OFFICER"))
    at_desk = desk.get(f"/workbench/queues/disputes/{row.public_id}/").content.decode()
    assert clerk.full_name in at_desk
    assert "letter mine" not in at_desk, "what the business wrote stands on the customer's side"
    inbox = browser.get(f"/inbox/{row.thread.public_id}").content.decode()
    assert "At the same shop" in inbox
    assert sign_in(clerk).post(f"{here}/withdraw").status_code == 303
