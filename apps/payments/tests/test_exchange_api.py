"""Exchange by API: quoted, used once, told in full, refused with a code, and shown in the list for the same cost."""

from datetime import timedelta

import pytest

from apps.accounts.models import Account
from apps.accounts.testing import balance_of, make_account
from apps.fx.models import Quote
from apps.fx.testing import make_quote, set_rates
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.ledger.testing import assert_books_balance
from apps.payments.models import Payment
from apps.users.testing import bearer

pytestmark = pytest.mark.django_db
EXCHANGE = "/api/v1/transactions/exchange"


@pytest.fixture
def shillings():
    set_rates()
    return make_account(balance="5000")


@pytest.fixture
def dollars(shillings):
    return make_account(shillings.owner, balance="300", product="USD_CURRENT")


@pytest.fixture
def ask(client, shillings):
    headers = bearer(shillings.owner)

    def post(path, body, key=""):
        more = {"Idempotency-Key": key} if key else {}
        return client.post(path, body, content_type="application/json", headers=headers | more)

    return post


def body_for(quote, dollars, shillings):
    return {"quote": str(quote), "from_account": dollars.pk, "to_account": shillings.pk}


def test_quoted_then_exchanged_once_by_the_same_key(ask, shillings, dollars):
    quote = ask("/api/v1/currency/quotes", {"give": {"amount": "100", "currency": "USD"}, "to": "KES"}).json()
    body = body_for(quote["id"], dollars, shillings)
    answers = [ask(EXCHANGE, body, key="x-1") for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    told = answers[0].json()
    assert answers[1].json() == told
    assert (told["kind"], told["status"], told["to_account"]) == ("EXCHANGE", "COMPLETED", shillings.pk)
    assert told["exchange"] == {
        "quote": quote["id"], "got": {"amount": "12805.00", "currency": "KES"}, "rate": "128.05", "mid_rate": "130",
        "spread_rate": "0.01500", "cost": {"amount": "195.00", "currency": "KES"},
    }  # fmt: skip
    assert (balance_of(dollars), balance_of(shillings)) == ("200.00", "17805.00")
    assert_books_balance()


def test_without_a_key_the_quote_itself_is_the_key(ask, shillings, dollars):
    quote = make_quote(shillings.owner, Money.of("100", "USD"), "KES")
    first, again = (ask(EXCHANGE, body_for(quote.public_id, dollars, shillings)) for _time in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert balance_of(dollars) == "200.00"


def test_a_second_key_for_a_used_quote_is_409(ask, shillings, dollars):
    quote = make_quote(shillings.owner, Money.of("100", "USD"), "KES")
    body = body_for(quote.public_id, dollars, shillings)
    assert ask(EXCHANGE, body, key="one").status_code == 201
    again = ask(EXCHANGE, body, key="two")
    assert (again.status_code, again.json()["code"]) == (409, "quote_used")
    assert balance_of(dollars) == "200.00"


def test_an_expired_quote_is_422_and_moves_nothing(ask, shillings, dollars):
    set_rates(now() - timedelta(minutes=5))
    old = make_quote(shillings.owner, Money.of("100", "USD"), "KES", at=now() - timedelta(seconds=61))
    answer = ask(EXCHANGE, body_for(old.public_id, dollars, shillings))
    assert (answer.status_code, answer.json()["code"]) == (422, "quote_expired")
    assert "No money moved" in answer.json()["detail"]
    assert (balance_of(dollars), balance_of(shillings)) == ("300.00", "5000.00")
    assert not Payment.objects.exists()
    old.refresh_from_db()
    assert old.used_at is None


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"quote": "00000000-0000-4000-8000-000000000000"}, 404, "not_found"),
        ({"quote": "theirs"}, 404, "not_found"),
        ({"quote": "no"}, 400, "invalid"),
        ({"from_account": "theirs"}, 404, "not_found"),
        ({"to_account": "theirs"}, 404, "not_found"),
        ({"to_account": "same"}, 422, "payment_to_self"),
        ({"from_account": "turned"}, 422, "currency_mismatch"),
        ({"amount": "5"}, 400, "invalid"),
    ],
)
def test_refusals_have_their_codes_and_move_nothing(ask, shillings, dollars, change, status, code):
    stranger = make_account(balance="1")
    quote = make_quote(shillings.owner, Money.of("100", "USD"), "KES")
    body = body_for(quote.public_id, dollars, shillings) | change
    if body["quote"] == "theirs":
        body["quote"] = str(make_quote(stranger.owner, Money.of("100", "USD"), "KES").public_id)
    for side in ("from_account", "to_account"):
        body[side] = {"theirs": stranger.pk, "same": dollars.pk}.get(body[side], body[side])
    if body["from_account"] == "turned":
        body |= {"from_account": shillings.pk, "to_account": dollars.pk}
    answer = ask(EXCHANGE, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert (balance_of(dollars), balance_of(shillings)) == ("300.00", "5000.00")
    assert not Quote.objects.exclude(used_at=None).exists()


def test_the_list_costs_the_same_for_one_exchange_and_for_three(
    client, ask, shillings, dollars, django_assert_num_queries
):
    for nth in range(3):
        quote = make_quote(shillings.owner, Money.of("10", "USD"), "KES")
        assert ask(EXCHANGE, body_for(quote.public_id, dollars, shillings), key=f"k{nth}").status_code == 201
    headers = bearer(shillings.owner)
    with django_assert_num_queries(3):  # rate counter, session with its person, payments with their quotes
        listed = client.get("/api/v1/payments/", headers=headers).json()["results"]
    assert [row["exchange"]["got"]["amount"] for row in listed] == ["1280.50"] * 3


def test_an_account_in_euros_is_opened_by_api_and_summed_up_in_shillings(client, ask, shillings, dollars):
    opened = ask("/api/v1/accounts/", {"product": "EUR_CURRENT"})
    assert (opened.status_code, opened.json()["currency"]) == (201, "EUR")
    headers = bearer(shillings.owner)
    told = client.get("/api/v1/currency/summary", headers=headers).json()
    assert told["total"] == {"amount": "44000.00", "currency": "KES"}  # 5,000 and 300 dollars at 130
    assert {row["account"]: row["worth"]["amount"] for row in told["worths"]}[dollars.pk] == "39000.00"
    assert told["is_stale"] is False
    assert Account.objects.filter(currency="EUR").count() == 1


def test_a_summary_at_rates_past_a_day_is_503_only_where_it_needs_them(client, shillings):
    headers = bearer(shillings.owner)
    assert client.get("/api/v1/currency/summary", headers=headers).json()["rates_at"] is None


def test_a_summary_of_dollars_without_rates_is_503(client, db):
    account = make_account(balance="5", product="USD_CURRENT")
    answer = client.get("/api/v1/currency/summary", headers=bearer(account.owner))
    assert (answer.status_code, answer.json()["code"]) == (503, "rates_stale")
