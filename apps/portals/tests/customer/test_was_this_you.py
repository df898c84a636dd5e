"""A held payment asks its payer on the page: yes with proof lets it go, no stops it."""

import re
from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, make_account
from apps.fraud.models import FlaggedTransaction
from apps.fraud.testing import switch_rule
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.payments.models import Payment
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import pay
from apps.users.models import StepUpChallenge
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """A payment of 1,000 that the screen holds, and that asks."""
    account = make_account(make_customer(full_name="Achieng Otieno"), balance="5000")
    switch_rule("LARGE_AMOUNT", "amount >= KES 500", "0.6")
    return pay(account, make_account(), "1000")


@pytest.mark.parametrize("language", ["en", "sw"])
def test_yes_needs_proof_and_lets_it_go(held, language):
    browser, path = sign_in(held.payer, kitbank_language=language), f"/pay/was-this-you/{held.public_id}"
    assert path in browser.get(f"/pay/done/{held.public_id}").content.decode()
    page = browser.get(path).content.decode()
    assert faults_of(page) == []
    assert ("Je, ni wewe?" if language == "sw" else "Was this you?") in page
    browser.post(path, {"code": "000000"})
    assert FlaggedTransaction.objects.get().status == "OPEN"
    assert browser.post(path, {"way": "SMS"}).status_code == 303
    browser.post(path, {"code": "000000"})
    assert FlaggedTransaction.objects.get().status == "OPEN", "a wrong code proves nothing"
    StepUpChallenge.objects.filter(operation="fraud.was_this_you").update(answered_at=now())
    assert browser.post(path, {}).status_code == 303
    deliver_events()
    held.refresh_from_db()
    assert (held.status, FlaggedTransaction.objects.get().customer_said) == ("COMPLETED", "YES")
    assert browser.get(path).status_code == 303
    assert_books_balance()


@pytest.mark.parametrize("language", ["en", "sw"])
def test_what_takes_longer_than_promised_says_so_and_whom_to_write_to(held, language):
    browser, path = sign_in(held.payer, kitbank_language=language), f"/pay/done/{held.public_id}"
    promise = {"en": "We answer within four hours", "sw": "Tunajibu ndani ya saa nne"}[language]
    page = browser.get(path).content.decode()
    assert promise in page
    assert f"/inbox/write?about={held.reference}" not in page
    seen = re.search(r"was=([\w-]+)", page)[1]
    asks = {"HTTP_HX_REQUEST": "true"}
    Payment.objects.filter(pk=held.pk).update(confirmed_at=now() - timedelta(hours=4))
    late = browser.get(path).content.decode()
    assert promise not in late
    assert {"en": "longer than the four hours", "sw": "kuliko saa nne"}[language] in late
    assert f"/inbox/write?about={held.reference}" in late
    assert faults_of(late) == []
    assert browser.get(f"{path}?was={seen}", **asks).status_code == 200, "an open page learns of it, too"
    Payment.objects.filter(pk=held.pk).update(status="CHECKING", sent_at=now() - timedelta(days=1))
    assert f"/inbox/write?about={held.reference}" in browser.get(path).content.decode()
    Payment.objects.filter(pk=held.pk).update(sent_at=now())
    assert f"/inbox/write?about={held.reference}" not in browser.get(path).content.decode()


def test_no_stops_it_and_gives_the_money_back(held):
    browser = sign_in(held.payer)
    assert browser.post(f"/pay/was-this-you/{held.public_id}", {"no": "1"}).status_code == 303
    deliver_events()
    held.refresh_from_db()
    assert (held.status, balance_of(held.from_account)) == ("FAILED", "5000.00")
    assert_books_balance()


def test_is_not_there_for_another_nor_where_nothing_is_asked(held):
    path = f"/pay/was-this-you/{held.public_id}"
    assert sign_in(make_customer()).post(path, {"no": "1"}).status_code == 404
    FlaggedTransaction.objects.update(asks_customer=False)
    browser = sign_in(held.payer)
    assert browser.post(path, {"no": "1"}).status_code == 404
    assert path not in browser.get(f"/pay/done/{held.public_id}").content.decode()
    assert FlaggedTransaction.objects.get().status == "OPEN"
