"""Paying on the pages: the name before the proof, one payment however often pressed, refusals that move nothing."""

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse
from django.utils import translation

from apps.accounts import operations as accounts
from apps.accounts.models import FeeBand, FeeRule, Transaction
from apps.accounts.testing import balance_of, give, kes, make_account, spend
from apps.fx.testing import set_rates
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.payments.models import Payment
from apps.payments.testing import begin_payment, confirmed, make_shop
from apps.portals.customer import receipts
from apps.portals.testing import faults_of, sign_in
from apps.users.models import StepUpChallenge
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


class Two:
    """Somebody who pays, somebody who is paid, and the payer's browser."""

    def __init__(self, balance="5000"):
        self.payer = make_account(make_customer(full_name="Achieng Otieno"), balance=balance)
        self.payee = make_account(make_customer(full_name="Baraka Mwangi Ouma"))
        self.browser = sign_in(self.payer.owner)

    def send(self, **fields):
        page = self.browser.get("/pay/send").content.decode()
        key = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]
        asked = {
            "idempotency_key": key,
            "to": str(self.payee.owner.phone),
            "amount": "1.29k",
            "from_account": self.payer.pk,
            "note": "",
            **fields,
        }
        return self.browser.post("/pay/send", asked)

    def prove(self, address):
        return self.browser.post(address, {"code": code_sent_to(str(self.payer.owner.phone))})

    def nothing_moved(self):
        assert Transaction.objects.filter(txn_type__in=["P2P_TRANSFER", "QR_PAYMENT", "INTERNAL_TRANSFER"]).count() == 0
        assert balance_of(self.payee) == "0.00"

        assert_books_balance()


def test_a_name_read_from_the_right_leaves_the_phone_beside_it_as_it_is():
    two = Two()
    two.payee = make_account(make_customer(full_name="محمد علي", phone="+254722000114"))
    confirm = two.send().url
    two.browser.post(f"{confirm}/code", {"way": "SMS"})
    page = two.browser.get(two.prove(confirm).url).content.decode()
    assert "to \u2068محمد ع.\u2069, 0722\u00a0•••\u00a0114" in page


@pytest.fixture
def two():
    return Two()


def said(answer):
    """The summary above the form."""
    page = answer.content.decode()
    assert faults_of(page) == []
    assert "<title>Error:" in page
    return re.sub(r"<[^>]+>", " ", re.search(r'id="errors".*?</div></div>', page, re.S)[0])


def test_shows_the_name_first_then_pays_once(two):
    begun = two.send(note="Groceries")
    assert begun.status_code == 303
    page = two.browser.get(begun.headers["Location"]).content.decode()
    assert "Baraka M. O." in page
    assert "Mwangi" not in page
    assert "3,710.00" in page
    assert "Pay KES\u00a01,290.00" in page
    done = two.prove(begun.headers["Location"])
    again = two.browser.post(begun.headers["Location"], {"code": "000000"})
    assert done.headers["Location"] == again.headers["Location"]
    assert "Groceries" in two.browser.get(done.headers["Location"]).content.decode()
    assert (balance_of(two.payer), balance_of(two.payee)) == ("3710.00", "1290.00")
    assert_books_balance()


def test_the_same_form_twice_is_one_payment(two):
    first = two.send(idempotency_key="a" * 32)
    second = two.send(idempotency_key="a" * 32)
    assert first.headers["Location"] == second.headers["Location"]
    assert Payment.objects.count() == 1


def test_the_same_form_with_other_figures_is_a_conflict(two):
    two.send(idempotency_key="b" * 32)
    answer = two.send(idempotency_key="b" * 32, amount="2000")
    assert answer.status_code == 409
    assert "No money moved" in said(answer)
    two.nothing_moved()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"to": "0799 999 999"}, "Nobody at KitBank has that phone"),
        ({"to": ""}, "Write the phone or account number"),
        ({"to": "not a phone"}, "Nobody at KitBank"),
        ({"amount": "1,2,3"}, "Write an amount like"),
        ({"amount": "0"}, "more than zero"),
        ({"amount": ""}, "Write the amount"),
        ({"from_account": "999999"}, "Choose one of your accounts"),
        ({"to": "000201 nonsense"}, "cannot be paid"),
    ],
)
def test_refuses_with_words_at_the_field(two, fields, words):
    answer = two.send(**fields)
    assert answer.status_code == 422
    assert words in said(answer)
    assert answer.content.decode().count(words) >= 2
    two.nothing_moved()


def test_refuses_paying_oneself(two):
    answer = two.send(to=str(two.payer.owner.phone))
    assert answer.status_code == 422
    assert "your own account" in said(answer)
    two.nothing_moved()


def test_refuses_another_persons_account_as_the_source(two):
    answer = two.send(from_account=two.payee.pk)
    assert answer.status_code == 422
    two.nothing_moved()


def test_says_what_is_missing_when_the_money_is_short(two):
    begun = two.send(amount="4,500")
    spend(two.payer, "1000")
    answer = two.prove(begun.headers["Location"])
    assert answer.status_code == 422
    words = said(answer)
    assert "4,000.00" in words
    assert "4,500.00" in words
    assert Payment.objects.get().failed_because
    two.nothing_moved()


def test_asks_for_no_code_while_the_money_is_short(two):
    address = two.send(amount="9,000").headers["Location"]
    page = two.browser.get(address).content.decode()
    assert "This is more than the account has" in page
    assert 'name="code"' not in page
    assert not StepUpChallenge.objects.exists()
    assert "Your balance is KES\u00a05,000.00" in said(two.browser.post(f"{address}/code", {"way": "SMS"}))
    assert not StepUpChallenge.objects.exists()
    give(two.payer, "9000")
    assert "Send me a code by SMS" in two.browser.get(address).content.decode()
    two.browser.post(f"{address}/code", {"way": "SMS"})
    assert 'name="code"' in two.browser.get(address).content.decode()
    two.nothing_moved()


@pytest.mark.parametrize(("balance", "sent"), [("900000", "60k"), ("100", "60k"), ("100", "999999")])
def test_says_that_a_limit_forbids_it_before_anybody_proves_it_or_adds_money_for_it(balance, sent):
    two = Two(balance=balance)
    page = two.browser.get(two.send(amount=sent).headers["Location"]).content.decode()
    assert faults_of(page) == []
    assert "One payment can be at most KES 50,000.00 on your tier." in page.replace("\xa0", " ")
    assert page.count("See your limits and what is left today") == 1
    assert 'name="code"' not in page
    assert "add money, then look here again" not in page
    two.nothing_moved()


def test_what_is_left_of_the_day_is_said_before_the_proof(two):
    give(two.payer, "200000")
    for nth in range(2):
        address = two.send(amount="45k").headers["Location"]
        assert (two.prove(address).status_code, nth) == (303, nth)
    page = two.browser.get(two.send(amount="20k").headers["Location"]).content.decode().replace("\xa0", " ")
    assert "have KES 10,000.00 left today" in page
    assert 'name="code"' not in page


def test_one_full_stop_after_a_shortened_name(two):
    begun = two.send().headers["Location"]
    two.browser.post(f"{begun}/cancel")
    page = re.sub(r"<[^>]+>", "", two.browser.get(begun).content.decode())
    assert "to Baraka M. O. No money moved." in page


def test_says_the_limit_what_is_left_and_how_to_raise_it():
    two = Two(balance="900000")
    page = two.browser.get(two.send(amount="400k").headers["Location"]).content.decode()
    assert "One payment can be at most KES 50,000.00 on your tier. No money moved." in page
    assert "Bring your ID to a branch" in page
    assert reverse("customer:limits") in page
    assert "Prove that it is you" not in page
    assert not StepUpChallenge.objects.exists()
    two.nothing_moved()


def test_counts_wrong_codes_and_then_wants_a_new_one(two):
    address = two.send().headers["Location"]
    for left in ("2 more times", "1 more time", "0 more times"):
        answer = two.browser.post(address, {"code": "000000"})
        assert answer.status_code == 422
        assert left in said(answer)
    assert "Three tries are used up" in said(two.browser.post(address, {"code": "000000"}))
    two.nothing_moved()


def test_a_frozen_account_sends_nothing(two):
    address = two.send().headers["Location"]
    accounts.freeze(account=two.payer, by=two.payer.owner, at=now())
    answer = two.prove(address)
    assert answer.status_code == 422
    assert "frozen" in said(answer)
    two.nothing_moved()


def test_a_stopped_payment_stays_stopped(two):
    address = two.send().headers["Location"]
    two.browser.post(f"{address}/cancel")
    assert "Nothing was sent" in two.browser.get(address).content.decode()
    assert two.prove(address).status_code == 409
    two.nothing_moved()


def test_time_runs_out(two):
    address = two.send().headers["Location"]
    Payment.objects.update(expires_at=now())
    assert "waited too long" in two.browser.get(address).content.decode()
    assert two.prove(address).status_code == 409
    two.nothing_moved()


def test_pays_someone_again_without_showing_their_number(two):
    two.prove(two.send().headers["Location"])
    payment = Payment.objects.get()
    page = two.browser.get(f"/pay/send?again={payment.public_id}").content.decode()
    assert two.payee.number not in page
    begun = two.send(to="", again=str(payment.public_id), amount="10")
    two.prove(begun.headers["Location"])
    assert balance_of(two.payee) == "1300.00"


def test_pays_by_the_text_of_a_code(two):
    theirs = sign_in(two.payee.owner)
    page = theirs.get("/pay/qr?amount=350").content.decode()
    text = re.search(r'id="code-text">([^<]+)<', page)[1]
    asked = {"idempotency_key": "c" * 32, "to": text, "amount": "", "from_account": two.payer.pk}
    begun = two.browser.post("/pay/scan", asked)
    two.prove(begun.headers["Location"])
    assert balance_of(two.payee) == "350.00"
    altered = two.browser.post("/pay/scan", asked | {"idempotency_key": "d" * 32, "to": text.replace("350", "351")})
    assert altered.status_code == 422
    assert balance_of(two.payee) == "350.00"
    assert_books_balance()


def test_moves_between_own_accounts_once(two):
    savings = make_account(two.payer.owner, product="SAVINGS")
    asked = {"idempotency_key": "e" * 32, "from_account": two.payer.pk, "to_account": savings.pk, "amount": "1,000"}
    first, second = two.browser.post("/pay/move", asked), two.browser.post("/pay/move", asked)
    assert first.headers["Location"] == second.headers["Location"]
    assert (balance_of(two.payer), balance_of(savings)) == ("4000.00", "1000.00")
    same = two.browser.post("/pay/move", asked | {"idempotency_key": "f" * 32, "to_account": two.payer.pk})
    assert same.status_code == 422
    short = two.browser.post("/pay/move", asked | {"idempotency_key": "0" * 32, "amount": "90k"})
    assert short.status_code == 422
    assert (balance_of(two.payer), balance_of(savings)) == ("4000.00", "1000.00")
    assert_books_balance()


def test_an_amount_is_in_the_currency_of_the_account_it_leaves(two):
    set_rates()  # the tier's limits are in shillings
    dollars = make_account(two.payer.owner, product="USD_CURRENT", balance="100")
    theirs = make_account(two.payee.owner, product="USD_CURRENT")
    page = two.browser.get("/pay/send").content.decode()
    assert 'class="pre"' not in page, "no currency stands before the amount while the accounts differ"
    begun = two.send(to=theirs.number, from_account=dollars.pk, amount="25.50")
    assert "USD\u00a025.50" in two.browser.get(begun.headers["Location"]).content.decode()
    two.prove(begun.headers["Location"])
    assert (balance_of(dollars), balance_of(theirs)) == ("74.50", "25.50")
    mixed = two.send(from_account=dollars.pk)
    assert mixed.status_code == 422
    assert_books_balance()


def test_the_receipt_tells_the_cost_and_what_is_left_after_it(two):
    rule = FeeRule.objects.create(charged_for="P2P_TRANSFER", currency="KES", valid_from=date(2026, 1, 1))
    FeeBand.objects.create(rule=rule, flat_minor=2000)
    address = two.send(amount="100").headers["Location"]
    assert "123.00" in two.browser.get(address).content.decode()
    page = two.browser.get(two.prove(address).headers["Location"]).content.decode()
    for words in ("100.00", "20.00", "3.00", "123.00", "4,877.00"):
        assert words in page
    assert balance_of(two.payer) == "4877.00"
    assert_books_balance()


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_receipt_says_what_of_it_went_back_to_whoever_is_shown_it(language):
    payer, shop = make_account(balance="5000"), make_shop(make_account())
    paid = confirmed(begin_payment(payer, shop.till, "1000"))
    browser = sign_in(payer.owner, kitbank_language=language)
    back = {"en": "Sent back", "sw": "Yamerudishwa"}[language]
    assert back not in browser.get(f"/pay/done/{paid.public_id}").content.decode()
    for nth, (amount, so_far) in enumerate((("400", "400.00"), ("600", "1,000.00"))):
        refund = {"payment": paid, "amount": kes(amount), "reason": "Returned", "key": str(nth)}
        operations.refund_by_merchant(**refund, by=shop.owner, at=now())
        page = browser.get(f"/pay/done/{paid.public_id}").content.decode()
        assert back in page
        share = unescape(re.search(r'data-share="([^"]+)"', page)[1]).replace("\u00a0", " ")
        assert f"{so_far} " + {"en": "was sent back", "sw": "imerudishwa"}[language] in share
        assert "/pay/scheduled/new" not in page, "a shop is not paid by itself"
        assert faults_of(page) == []
        with translation.override(language):
            paper = receipts.page_of(Payment.objects.get(pk=paid.pk)).replace("\u00a0", " ")
        assert f"KES {so_far}" in paper[paper.index(back) :][:80]
    assert_books_balance()
