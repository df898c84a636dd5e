"""Bills by the biller's name, airtime and the USSD PIN, on the pages."""

import re

import pytest
from django.utils import translation

from apps.accounts.testing import balance_of, make_account
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.payments.models import Payment
from apps.portals.testing import faults_of, sign_in
from apps.users.models import UssdPin
from apps.users.rules import shown_phone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_names(settings):
    settings.DARAJA_NAMES = False


@pytest.fixture
def account():
    return make_account(balance="5000")


@pytest.fixture
def browser(account):
    return sign_in(account.owner)


def form(browser, holder, address, **fields):
    page = browser.get(address)
    assert faults_of(page.content.decode()) == []
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page.content.decode())[1]
    asked = {"idempotency_key": key, "amount": "500", "from_account": holder.pk, "note": ""}
    return browser.post(address, asked | fields)


def confirm(browser, account, answer):
    assert answer.status_code == 303, answer.content.decode()[:3000]
    browser.post(answer.headers["Location"], {"code": code_sent_to(str(account.owner.phone))})
    return Payment.objects.get()


class TestBills:
    def test_finds_a_biller_by_its_name_without_script(self, browser):
        page = browser.get("/pay/bill?q=kplc").content.decode()
        assert faults_of(page) == []
        assert "?biller=kplc-prepaid" in page
        assert "?biller=" not in browser.get("/pay/bill?q=nothing").content.decode()
        assert "?biller=" not in browser.get("/pay/bill?category=WATER").content.decode()

    def test_asks_for_the_account_by_the_billers_own_name_for_it(self, browser, account):
        assert "Meter number" in browser.get("/pay/bill?biller=kplc-prepaid").content.decode()
        browser.cookies["kitbank_language"] = "sw"
        with translation.override("sw"):
            browser.post("/me/language", {"language": "sw", "next": "/pay"})
        assert "Namba ya mita" in browser.get("/pay/bill?biller=kplc-prepaid").content.decode()

    def test_pays_and_the_receipt_says_biller_account_and_mpesa_receipt(self, browser, account):
        address = "/pay/bill?biller=kplc-prepaid"
        answer = form(browser, account, address, biller="kplc-prepaid", account="1425 3647 586")
        payment = confirm(browser, account, answer)
        assert (payment.status, payment.destination["paybill"], payment.destination["account"]) == (
            "PENDING",
            "888880",
            "14253647586",
        )
        operations.settle(payment=payment, provider_reference="TKL7QWX9AB", at=now())
        page = browser.get(f"/pay/done/{payment.public_id}").content.decode()
        assert all(words in page for words in ("KPLC Prepaid", "14253647586", "TKL7QWX9AB", "Paid<", "Pay again"))
        assert "Send again" not in page
        again = browser.get(f"/pay/bill?again={payment.public_id}").content.decode()
        assert "Meter number" in again
        assert "14253647586" in again
        assert_books_balance()

    def test_says_at_the_field_that_it_is_no_account_of_theirs(self, browser, account):
        address = "/pay/bill?biller=kplc-prepaid"
        answer = form(browser, account, address, biller="kplc-prepaid", account="123")
        assert answer.status_code == 422
        assert 'id="id_account_error"' in answer.content.decode()
        assert not Payment.objects.exists()
        assert balance_of(account) == "5000.00"

    @pytest.mark.parametrize("amount", ["50", "36000"])
    def test_keeps_to_what_the_biller_takes(self, browser, account, amount):
        address = "/pay/bill?biller=kplc-prepaid"
        answer = form(browser, account, address, biller="kplc-prepaid", account="14253647586", amount=amount)
        assert answer.status_code == 422
        assert not Payment.objects.exists()

    def test_still_pays_any_paybill(self, browser, account):
        answer = form(browser, account, "/pay/bill", paybill="300584", account="A-1")
        assert confirm(browser, account, answer).destination == {"paybill": "300584", "account": "A-1"}


class TestAirtime:
    def test_offers_ones_own_phone_first_and_writes_it_as_people_do(self, browser, account):
        page = browser.get("/pay/airtime").content.decode()
        assert f'value="{shown_phone(str(account.owner.phone))}"' in page
        assert ">KES 1,000<" in page

    @pytest.mark.parametrize("how", [{"amount": "75"}, {"amount": "", "quick": "50"}])
    def test_is_bought_by_a_press_or_a_typed_amount(self, browser, account, how):
        payment = confirm(browser, account, form(browser, account, "/pay/airtime", phone="0733 000 114", **how))
        assert (payment.rail, payment.status, payment.fee_minor) == ("airtime", "PENDING", 0)
        assert payment.amount_minor == int(how.get("quick") or how["amount"]) * 100
        assert_books_balance()

    @pytest.mark.parametrize(
        "fields", [{"amount": "4"}, {"amount": "10001"}, {"amount": "5.50"}, {"phone": "0747123456"}]
    )
    def test_refuses_what_is_not_sold(self, browser, account, fields):
        answer = form(browser, account, "/pay/airtime", **{"phone": "0733000114"} | fields)
        assert answer.status_code == 422
        assert not Payment.objects.exists()

    def test_one_form_sent_twice_is_one_payment(self, browser, account):
        page = browser.get("/pay/airtime").content.decode()
        key = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]
        asked = {"idempotency_key": key, "amount": "50", "from_account": account.pk, "phone": "0733000114"}
        for _time in range(2):
            browser.post("/pay/airtime", asked)
        assert Payment.objects.count() == 1


class TestUssdPin:
    def prove(self, browser, account):
        browser.post("/settings/ussd", {"way": "SMS"})
        browser.post("/settings/ussd", {"code": code_sent_to(str(account.owner.phone))})

    def test_is_set_after_a_proof_and_never_shown(self, browser, account):
        assert faults_of(browser.get("/settings/ussd").content.decode()) == []
        self.prove(browser, account)
        assert faults_of(browser.get("/settings/ussd").content.decode()) == []
        answer = browser.post("/settings/ussd", {"pin": "4826", "again": "4826"}, follow=True)
        assert UssdPin.objects.filter(user=account.owner).exists()
        assert "4826" not in answer.content.decode()

    def test_is_not_set_without_a_proof(self, browser, account):
        browser.post("/settings/ussd", {"pin": "4826", "again": "4826"})
        assert not UssdPin.objects.exists()

    @pytest.mark.parametrize(("pin", "again"), [("1234", "1234"), ("1985", "1985"), ("4826", "4827"), ("48", "48")])
    def test_refuses_what_is_guessed_first(self, browser, account, pin, again):
        self.prove(browser, account)
        assert browser.post("/settings/ussd", {"pin": pin, "again": again}).status_code == 422
        assert not UssdPin.objects.exists()

    def test_can_be_turned_off_at_once(self, browser, account):
        self.prove(browser, account)
        browser.post("/settings/ussd", {"pin": "4826", "again": "4826"})
        browser.post("/settings/ussd", {"off": "1"})
        assert not UssdPin.objects.exists()


@pytest.mark.parametrize(("address", "most"), [("/pay/bill", 20), ("/pay/airtime", 20), ("/settings/ussd", 14)])
def test_pages_take_few_queries(browser, django_assert_max_num_queries, address, most):
    browser.get(address)
    with django_assert_max_num_queries(most):
        browser.get(address)
