"""Paying outside the bank on the pages: what it costs before it is confirmed, one payment a form, then the truth."""

import re
from datetime import timedelta

import pytest

from apps.accounts.models import Transaction
from apps.accounts.queries import holding
from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments import operations, rails
from apps.payments.models import Payment
from apps.portals.testing import faults_of, sign_in
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db

WHERE = {
    "withdraw": {},
    "mobile": {"phone": "0722 345 908"},
    "bill": {"paybill": "888880", "account": "12345"},
    "till": {"till": "300584"},
}


@pytest.fixture(autouse=True)
def _no_names(settings):
    settings.DARAJA_NAMES = False


class Payer:
    """Somebody with money, and their browser."""

    def __init__(self, balance="5000"):
        self.account = make_account(make_customer(full_name="Achieng Otieno"), balance=balance)
        self.browser = sign_in(self.account.owner)

    def begin(self, way, **fields):
        page = self.browser.get(f"/pay/{way}").content.decode()
        key = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]
        asked = {"idempotency_key": key, "amount": "1,500", "from_account": self.account.pk, "note": "", **WHERE[way]}
        return self.browser.post(f"/pay/{way}", asked | fields)

    def prove(self, address):
        return self.browser.post(address, {"code": code_sent_to(str(self.account.owner.phone))})

    def pay(self, way="mobile", **fields):
        self.prove(self.begin(way, **fields).headers["Location"])
        return Payment.objects.latest("pk")

    def seen(self):
        held = holding(self.account)
        return f"{held.posted.amount:f}", f"{held.available.amount:f}"

    def nothing_moved(self):
        assert not Transaction.objects.exclude(txn_type="DEPOSIT").exists()
        assert self.seen()[0] == self.seen()[1]
        assert_books_balance()


@pytest.fixture
def payer():
    return Payer()


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(
    ("way", "to", "left"),
    [
        ("withdraw", "M-Pesa", "3,491.95"),
        ("mobile", "0722 345 908", "3,491.95"),
        ("bill", "888880, 12345", "3,488.50"),
        ("till", "Till 300584", "3,500.00"),
    ],
)
def test_shows_who_and_what_it_costs_then_sets_it_aside(payer, way, to, left):
    begun = payer.begin(way)
    assert begun.status_code == 303, text_of(begun)
    words = text_of(payer.browser.get(begun.headers["Location"]))
    assert to in words
    assert left in words.replace("KES ", "").replace("\u00a0", "")
    assert "Mostly within a minute" in words
    assert "neither you nor we can call it back" in words
    payer.nothing_moved()
    done = payer.prove(begun.headers["Location"])
    again = payer.browser.post(begun.headers["Location"], {"code": "000000"})
    assert done.headers["Location"] == again.headers["Location"]
    words = text_of(payer.browser.get(done.headers["Location"]))
    assert "on its way" in words
    assert payer.seen() == ("5000.00", left.replace(",", ""))
    assert_books_balance()


def test_withdraws_to_the_persons_own_phone_only(payer):
    payment = payer.pay("withdraw", phone="0722345908")
    assert payment.destination == {"phone": str(payer.account.owner.phone)}


@pytest.mark.parametrize("way", WHERE)
def test_the_same_form_twice_is_one_payment(payer, way):
    first, second = payer.begin(way, idempotency_key="a" * 32), payer.begin(way, idempotency_key="a" * 32)
    assert first.headers["Location"] == second.headers["Location"]
    assert Payment.objects.count() == 1
    other = payer.begin(way, idempotency_key="a" * 32, amount="1600")
    assert other.status_code == 409
    payer.nothing_moved()


@pytest.mark.parametrize(
    ("way", "fields", "words"),
    [
        ("mobile", {"amount": "0"}, "more than zero"),
        ("mobile", {"amount": "100.50"}, "whole shillings"),
        ("mobile", {"amount": "٥٠٠"}, "Write an amount like"),
        ("mobile", {"amount": "250,001"}, "250,000"),
        ("mobile", {"amount": "9"}, "KES 10"),
        ("mobile", {"amount": ""}, "Write the amount"),
        ("mobile", {"phone": ""}, "Write the phone to send to"),
        ("mobile", {"phone": "12345"}, "0712 345 908"),
        ("mobile", {"phone": "+1 212 555 0100"}, "0712 345 908"),
        ("mobile", {"phone": "٠٧٢٢٣٤٥٩٠٨"}, "digits 0 to 9"),
        ("withdraw", {"amount": "0.5"}, "whole shillings"),
        ("bill", {"paybill": "12"}, "5 to 7 digits"),
        ("bill", {"paybill": "٨٨٨٨٨٠"}, "5 to 7 digits"),
        ("bill", {"account": ""}, "account number at the biller"),
        ("bill", {"account": "x" * 14}, "1 to 13"),
        ("till", {"till": "abc"}, "5 to 7 digits"),
        ("till", {"from_account": "999999"}, "Choose one of your accounts"),
    ],
)
def test_refuses_in_words_and_moves_nothing(payer, way, fields, words):
    answer = payer.begin(way, **fields)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "<title>Error:" in answer.content.decode()
    assert not Payment.objects.exists()
    payer.nothing_moved()


def test_accounts_in_other_currencies_do_not_pay(payer):
    dollars = make_account(payer.account.owner, product="USD_CURRENT", balance="100")
    answer = payer.begin("till", from_account=dollars.pk)
    assert answer.status_code == 422
    assert not Payment.objects.exists()


@pytest.mark.parametrize("way", WHERE)
def test_without_the_rail_it_says_so(payer, way, monkeypatch):
    monkeypatch.delitem(rails._rails, "mpesa")
    assert "not connected yet" in text_of(payer.browser.get(f"/pay/{way}"))
    assert payer.browser.post(f"/pay/{way}", WHERE[way]).status_code == 200
    assert f"/pay/{way}" not in payer.browser.get("/pay").content.decode()
    assert not Payment.objects.exists()


def test_a_frozen_account_is_no_source(payer):
    payer.account.status = "FROZEN"
    payer.account.save(update_fields=["status"])
    assert "No account can send now" in text_of(payer.browser.get("/pay/mobile"))


class TestCost:
    """The fragment under the amount."""

    def ask(self, payer, **fields):
        asked = {"kind": "MOBILE_MONEY", "amount": "1,500", "from_account": payer.account.pk} | fields
        return payer.browser.get("/pay/cost", asked, headers={"HX-Request": "true"})

    def test_tells_fee_duty_and_total(self, payer, django_assert_max_num_queries):
        with django_assert_max_num_queries(8):
            page = self.ask(payer).content.decode()
        assert [figure in page for figure in ("7.00", "1.05", "1,508.05")] == [True] * 3

    def test_is_empty_while_nothing_readable_is_typed(self, payer):
        assert "<dl" not in self.ask(payer, amount="").content.decode()
        assert "<dl" not in self.ask(payer, amount="0").content.decode()
        assert "Write an amount like" in self.ask(payer, amount="x").content.decode()

    def test_says_what_is_not_offered(self, payer):
        assert "more than can be sent this way" in self.ask(payer, amount="250,001").content.decode()

    def test_quotes_from_own_accounts_only(self, payer):
        theirs = make_account(balance="100")
        for account in (theirs.pk, "x", "9" * 30, "٣"):
            assert "<dl" not in self.ask(payer, from_account=account).content.decode()

    def test_as_a_page_it_is_the_tariff(self, payer):
        assert payer.browser.get("/pay/cost").headers["Location"] == "/tariffs"
        asked = {"HX-Request": "true"}
        assert self.ask(payer, kind="SALARY").headers["HX-Redirect"] == "/tariffs"
        assert payer.browser.get("/pay/cost", headers=asked).status_code == 204


class TestUnderWay:
    """The page that waits."""

    def look(self, payer, payment, was=""):
        asked = {"HX-Request": "true", "HX-Trigger": "live"}
        return payer.browser.get(f"/pay/done/{payment.public_id}", {"was": was}, headers=asked)

    def test_is_sent_only_news(self, payer):
        payment = payer.pay()
        page = payer.browser.get(f"/pay/done/{payment.public_id}").content.decode()
        was = re.search(r"\?was=([A-Z0-9-]+)", page)[1]
        assert "every 3s" in page
        assert 'http-equiv="refresh" content="3;url=?look=1"' in page
        assert "Refresh" not in payer.browser.get(f"/pay/done/{payment.public_id}").headers
        assert self.look(payer, payment, was).status_code == 204
        operations.doubt(payment=payment, at=now())
        changed = self.look(payer, payment, was).content.decode()
        assert "<title>We are checking" in changed
        assert "<html" not in changed
        operations.settle(payment=payment, provider_reference="SKL7H2M0QX", at=now())
        over = self.look(payer, payment, was)
        assert over.headers["HX-Redirect"] == f"/pay/done/{payment.public_id}"
        words = text_of(payer.browser.get(over.headers["HX-Redirect"]))
        assert "SKL7H2M0QX" in words
        assert_books_balance()

    def test_looks_less_often_after_a_minute(self, payer):
        payment = payer.pay()
        Payment.objects.update(confirmed_at=now() - timedelta(minutes=2))
        assert "every 30s" in payer.browser.get(f"/pay/done/{payment.public_id}").content.decode()

    def test_a_page_that_waits_is_no_sign_of_life(self, payer):
        payment = payer.pay()
        session = payer.browser.session
        session["seen"] = long_ago = int(now().timestamp()) - 800
        session.save()
        self.look(payer, payment)
        payer.browser.get(f"/pay/done/{payment.public_id}?look=1")
        assert payer.browser.session["seen"] == long_ago
        payer.browser.get("/pay")
        assert payer.browser.session["seen"] > long_ago

    def test_tells_why_it_failed_and_that_all_is_back(self, payer):
        payment = payer.pay()
        operations.fail(payment=payment, because="That number is not registered with M-Pesa.", at=now())
        over = self.look(payer, payment, "PENDING-3")
        assert over.headers["HX-Redirect"] == f"/pay/confirm/{payment.public_id}"
        answer = payer.browser.get(over.headers["HX-Redirect"])
        words = text_of(answer)
        assert "is back in your account" in words
        assert "That number is not registered with M-Pesa." in words
        assert payment.reference in words
        assert f"/pay/mobile?again={payment.public_id}" in answer.content.decode()
        assert payer.seen() == ("5000.00", "5000.00")

    def test_a_first_large_payment_is_counted_down_and_taken_back(self):
        payer = Payer("90000")
        payment = payer.pay(amount="20,000")
        page = payer.browser.get(f"/pay/done/{payment.public_id}").content.decode()
        assert 1 <= int(re.search(r'data-left="(\d+)"', page)[1]) <= 10
        assert "Take it back" in page
        payer.browser.post(f"/pay/confirm/{payment.public_id}/cancel")
        assert payer.seen() == ("90000.00", "90000.00")
        payer.nothing_moved()


def settled(payer, way="mobile", **fields):
    payment = payer.pay(way, **fields)
    return operations.settle(payment=payment, provider_reference="SKL7H2M0QX", at=now())


def test_the_lines_of_one_payment_lead_to_each_other(payer):
    payment = settled(payer)
    lines = {line.txn_type: line for line in Transaction.objects.filter(transfer_id=payment.transfer_id)}
    page = payer.browser.get(f"/money/transactions/{lines['MOBILE_MONEY'].pk}")
    words = text_of(page)
    assert "SKL7H2M0QX" in words
    assert f"/pay/done/{payment.public_id}.pdf" in page.content.decode()
    for kind in ("FEE", "EXCISE_DUTY"):
        assert f"/money/transactions/{lines[kind].pk}" in page.content.decode()
        back = payer.browser.get(f"/money/transactions/{lines[kind].pk}").content.decode()
        assert f"/money/transactions/{lines['MOBILE_MONEY'].pk}" in back
        assert "Belongs to" in back


def test_the_receipt_as_pdf_is_the_payers_alone(payer):
    payment = settled(payer)
    address = f"/pay/done/{payment.public_id}.pdf"
    answer = payer.browser.get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert payment.reference in answer["Content-Disposition"]
    assert address in payer.browser.get(f"/pay/done/{payment.public_id}").content.decode()
    assert sign_in(make_customer()).get(address).status_code == 404
    waiting = payer.pay("till")
    assert payer.browser.get(f"/pay/done/{waiting.public_id}.pdf").status_code == 404


def test_whoever_was_paid_lately_is_one_tap_away(payer, django_assert_max_num_queries):
    for way in WHERE:
        settled(payer, way, amount="100")
    settled(payer, "bill", amount="200")
    with django_assert_max_num_queries(9):
        page = payer.browser.get("/pay").content.decode()
    assert page.count('class="payee"') == 3, "one's own phone is nobody, and each biller stands once"
    for way in ("mobile", "bill", "till"):
        again = re.search(rf"/pay/{way}\?again=[0-9a-f-]+", page)[0]
        form = payer.browser.get(again).content.decode()
        for value in WHERE[way].values():
            assert value.replace("0722 345 908", "+254722345908") in form or "0722 345 908" in form
    theirs = sign_in(make_customer())
    assert "888880" not in theirs.get(re.search(r"/pay/bill\?again=[0-9a-f-]+", page)[0]).content.decode()
    assert 'class="payee"' not in payer.browser.get("/pay/send").content.decode(), "these are not people at this bank"


def test_sending_again_to_oneself_is_a_withdrawal(payer):
    payment = settled(payer, "withdraw", amount="100")
    page = payer.browser.get(f"/pay/done/{payment.public_id}").content.decode()
    assert f"/pay/withdraw?again={payment.public_id}" in page
    assert balance_of(payer.account) == "4900.00"
    assert kes("0") == payment.fee


def test_a_payment_on_its_way_is_found_again_from_home_until_it_is_done(payer):
    payment = payer.pay()
    page = payer.browser.get("/").content.decode()
    assert faults_of(page) == []
    assert f'href="/pay/done/{payment.public_id}"' in page
    assert "Payments on their way" in page
    stranger = sign_in(make_account(balance="10").owner)
    assert "Payments on their way" not in stranger.get("/").content.decode()
    Payment.objects.update(status="FAILED")
    assert "Payments on their way" not in payer.browser.get("/").content.decode()
