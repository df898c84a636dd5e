"""Rates, figures and quotes by API: text and never floats, ages told, refusals with their codes."""

from datetime import timedelta

import pytest

from apps.fx.models import Quote
from apps.fx.testing import set_rates
from apps.kernel.clock import now
from apps.users.testing import bearer, make_customer

pytestmark = pytest.mark.django_db
RATES, CONVERT, QUOTES = "/api/v1/currency/rates", "/api/v1/currency/convert", "/api/v1/currency/quotes"


def usd(amount="100.00"):
    return {"amount": amount, "currency": "USD"}


@pytest.fixture
def me(client):
    person = make_customer()
    headers = bearer(person)

    class Me:
        user = person

        def get(self, path):
            return client.get(path, headers=headers)

        def post(self, path, body, key=None):
            more = {"Idempotency-Key": key} if key else {}
            return client.post(path, body, content_type="application/json", headers={**headers, **more})

    return Me()


def test_rates_for_any_base_with_their_age_and_by_the_other_path(me):
    set_rates(now() - timedelta(minutes=5))
    told = me.get(RATES).json()
    by_code = {row["currency"]: row for row in told["rates"]}
    assert (told["base"], told["provider"], told["is_stale"]) == ("KES", "test", False)
    assert (by_code["USD"]["rate"], by_code["USD"]["name"]) == ("0.007692307692", "US dollar")
    assert 300 <= told["age_seconds"] < 360
    dollars = me.get(f"{RATES}/?base=usd").json()
    assert {row["currency"]: row["rate"] for row in dollars["rates"]}["KES"] == "130"
    assert "USD" not in {row["currency"] for row in dollars["rates"]}
    assert me.get("/api/v1/transactions/fx-rates?base=EUR").json()["base"] == "EUR"


def test_needs_a_token(client):
    assert client.get(RATES).status_code == 401


def test_stale_rates_say_so_and_those_past_a_day_are_not_told(me):
    set_rates(now() - timedelta(hours=3))
    assert me.get(RATES).json()["is_stale"] is True
    assert me.post(CONVERT, {"amount": usd(), "to": "KES"}).json()["is_stale"] is True


@pytest.mark.parametrize("path", [RATES, CONVERT, QUOTES])
def test_past_a_day_everything_answers_503(me, path):
    set_rates(now() - timedelta(hours=25))
    body = {"amount": usd(), "to": "KES"} if path == CONVERT else {"give": usd(), "to": "KES"}
    answer = me.get(path) if path == RATES else me.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (503, "rates_stale")


def test_a_figure_at_mid_and_what_an_exchange_would_give(me):
    set_rates()
    told = me.post(CONVERT, {"amount": usd(), "to": "KES"}).json()
    assert told["converted"] == {"amount": "13000.00", "currency": "KES"}
    assert told["for_you"] == {"amount": "12805.00", "currency": "KES"}
    assert (told["rate"], told["customer_rate"], told["spread_rate"]) == ("130", "128.05", "0.01500")
    assert not Quote.objects.exists()
    same = me.post(CONVERT, {"amount": usd(), "to": "USD"}).json()
    assert (same["converted"], same["for_you"], same["rate"]) == (usd(), usd(), "1")
    tiny = me.post(CONVERT, {"amount": {"amount": "0.01", "currency": "KES"}, "to": "USD"}).json()
    assert (tiny["converted"]["amount"], tiny["for_you"]) == ("0.00", None)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (CONVERT, {"amount": usd(), "to": "XXX"}, "unknown_currency"),
        (CONVERT, {"amount": usd(), "to": "BTC"}, "unknown_currency"),
        (CONVERT, {"amount": {"amount": "5", "currency": "XXX"}, "to": "KES"}, "invalid"),
        (CONVERT, {"amount": usd("0"), "to": "KES"}, "invalid"),
        (CONVERT, {"amount": usd("-1"), "to": "KES"}, "invalid"),
        (CONVERT, {"amount": usd("1e5"), "to": "KES"}, "invalid"),
        (CONVERT, {"amount": 100.5, "to": "KES"}, "invalid"),
        (CONVERT, {"amount": usd()}, "invalid"),
        (QUOTES, {"give": usd(), "to": "XXX"}, "unknown_currency"),
        (QUOTES, {"give": usd("0.00"), "to": "KES"}, "invalid"),
        (QUOTES, {"give": usd(), "to": "USD"}, "same_currency"),
        (QUOTES, {"give": usd(), "get": usd(), "to": "KES"}, "invalid"),
        (QUOTES, {"get": usd(), "to": "KES"}, "invalid"),
        (QUOTES, {"give": usd(), "to": "KES", "give_in": "KES"}, "invalid"),
        (QUOTES, {}, "invalid"),
        (QUOTES, {"give": usd(), "to": "KES", "rate": "1"}, "invalid"),
    ],
)
def test_bad_input_is_400_and_quotes_nothing(me, path, body, code):
    set_rates()
    answer = me.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content
    assert not Quote.objects.exists()


def test_an_unknown_base_is_400(me):
    set_rates()
    answer = me.get(f"{RATES}?base=ABC")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_currency")


def test_a_quote_is_given_read_back_and_nobody_elses(me, client):
    set_rates()
    made = me.post(QUOTES, {"get": usd(), "give_in": "KES"}, key="q-1")
    assert made.status_code == 201
    quote = made.json()
    assert (quote["give"]["amount"], quote["get"], quote["fixed"]) == ("13197.97", usd(), "GET")
    assert me.post(QUOTES, {"get": usd(), "give_in": "KES"}, key="q-1").json() == quote
    assert me.get(f"{QUOTES}/{quote['id']}").json() == quote
    other = client.get(f"{QUOTES}/{quote['id']}", headers=bearer(make_customer()))
    assert other.status_code == 404
    assert Quote.objects.count() == 1


def test_the_rates_cost_the_same_whatever_the_currencies(me, django_assert_num_queries):
    set_rates()
    with django_assert_num_queries(4):  # rate counter, session with its person, rates, currencies
        me.get(RATES)
