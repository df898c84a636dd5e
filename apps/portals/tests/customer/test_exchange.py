"""Exchanging on the pages: the price and its cost before anything moves, one exchange however often pressed."""

import re
from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Transaction
from apps.accounts.testing import balance_of, make_account
from apps.fx.models import Quote
from apps.fx.testing import make_quote, set_rates
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.ledger.testing import assert_books_balance
from apps.payments.models import Payment
from apps.portals.testing import faults_of, sign_in

pytestmark = pytest.mark.django_db


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


class Traveller:
    """Somebody with shillings and dollars, and their browser."""

    def __init__(self):
        set_rates()
        self.shillings = make_account(balance="50000")
        self.dollars = make_account(self.shillings.owner, balance="300", product="USD_CURRENT")
        self.browser = sign_in(self.shillings.owner)

    def ask(self, amount="100", *, fixed="GIVE", source=None, target=None):
        asked = {"from_account": (source or self.dollars).pk, "to_account": (target or self.shillings).pk}
        return self.browser.post("/pay/exchange", {**asked, "fixed": fixed, "amount": amount})

    def press(self, address):
        page = self.browser.get(address).content.decode()
        key = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]
        return self.browser.post(address, {"idempotency_key": key})

    def nothing_moved(self):
        assert (balance_of(self.dollars), balance_of(self.shillings)) == ("300.00", "50000.00")
        assert not Payment.objects.exists()
        assert_books_balance()


@pytest.fixture
def traveller():
    return Traveller()


def test_shows_the_price_and_what_it_costs_in_words_then_exchanges_once(traveller):
    asked = traveller.ask()
    assert asked.status_code == 303
    price = text_of(traveller.browser.get(asked.headers["Location"]))
    assert "You give USD 100.00" in price
    assert "You get KES 12,805.00" in price
    assert "1 USD = 128.0500 KES" in price
    assert "1 USD = 130.0000 KES" in price
    assert "The rate you get is 1.5% below the middle rate. That difference, KES 195.00 here, is all" in price
    traveller.nothing_moved()
    done = traveller.press(asked.headers["Location"])
    again = traveller.browser.post(asked.headers["Location"], {"idempotency_key": "0" * 32})
    assert done.headers["Location"] == again.headers["Location"]
    receipt = text_of(traveller.browser.get(done.headers["Location"]))
    assert "Exchanged" in receipt
    assert "KES 12,805.00" in receipt
    assert "1 USD = 128.0500 KES" in receipt
    assert "Balance after USD 200.00" in receipt
    assert (balance_of(traveller.dollars), balance_of(traveller.shillings)) == ("200.00", "62805.00")
    assert_books_balance()


def test_the_amount_may_be_what_one_wants_to_get(traveller):
    asked = traveller.ask("50", fixed="GET", source=traveller.shillings, target=traveller.dollars)
    quote = Quote.objects.get()
    assert (str(quote.give), str(quote.get)) == ("KES 6,598.98", "USD 50.00")
    traveller.press(asked.headers["Location"])
    assert balance_of(traveller.dollars) == "350.00"


def test_lines_and_the_paper_receipt_tell_the_rate(traveller):
    done = traveller.press(traveller.ask().headers["Location"])
    line = Transaction.objects.get(account=traveller.shillings, txn_type="EXCHANGE")
    shown = text_of(traveller.browser.get(f"/money/transactions/{line.pk}"))
    assert "From USD 100.00 at 1 USD = 128.0500 KES" in shown
    paper = traveller.browser.get(f"{done.headers['Location']}.pdf")
    assert paper.headers["Content-Type"] == "application/pdf"
    listed = text_of(traveller.browser.get("/money/transactions?kind=EXCHANGE"))
    assert "Exchange" in listed


def test_a_rate_that_ran_out_moves_nothing_and_leads_to_the_rate_of_now(traveller):
    set_rates(now() - timedelta(minutes=10))
    old = make_quote(traveller.shillings.owner, Money.of("100", "USD"), "KES", at=now() - timedelta(minutes=2))
    address = f"/pay/exchange/{old.public_id}?from={traveller.dollars.pk}&to={traveller.shillings.pk}"
    assert "has run out. No money moved." in text_of(traveller.browser.get(address))
    pressed = traveller.browser.post(address, {"idempotency_key": "0" * 32})
    assert pressed.status_code == 422
    assert "That rate was good for one minute. No money moved." in text_of(pressed)
    traveller.nothing_moved()
    page = traveller.browser.get(address).content.decode()
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    again.pop("csrfmiddlewaretoken", None)
    asked = traveller.browser.post("/pay/exchange", again)
    assert asked.status_code == 303
    assert Quote.objects.latest("pk").give == Money.of("100", "USD")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"amount": "0"}, "more than zero"),
        ({"amount": "abc"}, "Write an amount like"),
        ({"amount": ""}, "Write the amount"),
        ({"amount": "10.001"}, "USD has 2 decimals"),
        ({"amount": "0.01", "turned": True}, "too little to exchange"),
        ({"same": True}, "Choose two different currencies"),
        ({"fixed": "BOTH"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_quoted_is_said_at_its_field_and_keeps_what_was_typed(traveller, asked, words):
    pair = {"source": traveller.shillings, "target": traveller.dollars} if asked.pop("turned", False) else {}
    if asked.pop("same", False):
        pair = {"source": traveller.dollars, "target": traveller.dollars}
    answer = traveller.ask(**{"amount": "100", **asked}, **pair)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Quote.objects.exists()
    traveller.nothing_moved()


def test_too_little_money_and_a_frozen_account_are_refused_in_words(traveller):
    short = traveller.ask("300.01").headers["Location"]
    refused = traveller.press(short)
    assert refused.status_code == 422
    assert "No money" in text_of(refused)
    address = traveller.ask("100").headers["Location"]
    accounts.freeze(account=traveller.dollars, by=traveller.dollars.owner, at=now())
    assert "frozen" in text_of(traveller.press(address))
    traveller.nothing_moved()


def test_another_persons_quote_or_account_is_not_there(traveller):
    stranger = make_account(balance="5")
    theirs = make_quote(stranger.owner, Money.of("100", "USD"), "KES")
    pair = f"?from={traveller.dollars.pk}&to={traveller.shillings.pk}"
    assert traveller.browser.get(f"/pay/exchange/{theirs.public_id}{pair}").status_code == 404
    mine = make_quote(traveller.shillings.owner, Money.of("100", "USD"), "KES")
    for pair in (f"?from={stranger.pk}&to={traveller.shillings.pk}", "", "?from=x&to=9999999999999999999999"):
        assert traveller.browser.get(f"/pay/exchange/{mine.public_id}{pair}").status_code == 404


def test_old_rates_are_told_with_their_age_and_those_past_a_day_stop_exchange():
    account = make_account(balance="5000")
    make_account(account.owner, balance="10", product="USD_CURRENT")
    browser = sign_in(account.owner)
    assert "too old to use now" in text_of(browser.get("/pay/exchange"))
    set_rates(now() - timedelta(hours=3))
    assert "These are 3 hours old." in text_of(browser.get("/pay/exchange"))
    assert "Together KES 6,300.00" in text_of(browser.get("/money"))


def test_somebody_with_shillings_only_is_led_to_open_an_account_in_dollars():
    account = make_account(balance="5000")
    browser = sign_in(account.owner)
    assert "You need accounts in two currencies" in text_of(browser.get("/pay/exchange"))
    opened = browser.post("/money/open", {"product": "GBP_CURRENT", "nickname": "Holiday"})
    assert opened.status_code == 303
    assert Account.objects.get(owner=account.owner, currency="GBP").nickname == "Holiday"
    assert "See the rate" in text_of(browser.get("/pay/exchange"))


def test_the_way_stands_in_the_pay_hub_and_counts_no_payee(traveller):
    traveller.press(traveller.ask().headers["Location"])
    hub = traveller.browser.get("/pay").content.decode()
    assert 'href="/pay/exchange"' in hub
    assert "People you pay appear here" in hub


def test_in_kiswahili_too(traveller):
    browser = sign_in(traveller.shillings.owner, kitbank_language="sw")
    page = text_of(browser.get("/pay/exchange"))
    assert "Badilisha sarafu" in page
    assert "Ona kiwango" in page


def test_the_form_costs_the_same_whatever_the_accounts(traveller, django_assert_max_num_queries):
    make_account(traveller.shillings.owner, product="EUR_CURRENT")
    with django_assert_max_num_queries(14):
        traveller.browser.get("/pay/exchange")
