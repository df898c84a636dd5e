"""Every page, in both languages: strict enough for the policy, whole for a screen reader, small enough for 3G."""

import copy
import gzip
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.testing import lasting
from apps.portals.templatetags import kit
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.customer.house import OF_PEOPLE, House
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
FOR_ANYONE = ["welcome", "login", "recover", "help", "tariffs", "offline"]


@pytest.fixture(scope="module", autouse=True)
def first_house(django_db_setup, django_db_blocker):
    with lasting(House, django_db_blocker) as made:
        yield made


@pytest.fixture
def house(first_house):
    return copy.deepcopy(first_house)


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_is_strict_and_whole(house, language):
    client = sign_in(house.user, kitbank_language=language)
    seen = 0
    for address in dict.fromkeys(house.pages()):
        answer = client.get(address)
        if answer.status_code == 303:  # signed in already
            continue
        page = answer.content.decode()
        assert answer.status_code == 200, address
        assert faults_of(page) == [], address
        assert f'<html lang="{language}-KE"' in page
        assert len(gzip.compress(page.encode())) < 25_000, address
        seen += 1
    assert seen >= 66


@pytest.mark.parametrize("name", FOR_ANYONE)
def test_pages_for_anyone_are_strict(client, name):
    answer = client.get(reverse(f"customer:{name}"))
    assert answer.status_code == 200
    assert faults_of(answer.content.decode()) == []


def test_pages_of_one_are_not_pages_of_another(house):
    stranger = sign_in(make_customer())
    for name in (
        "account",
        "account-close",
        "transaction",
        "confirm",
        "done",
        "exchange-quote",
        "topup-status",
        "thread",
        *("business-kyc", "business-money", "business-payment", "business-order"),
        *OF_PEOPLE,
    ):
        answer = stranger.get(reverse(f"customer:{name}", args=house.arguments(name)))
        assert answer.status_code == 404, name
        assert house.account.number not in answer.content.decode()


def test_nobody_comes_in_without_signing_in(client, house):
    for address in house.pages():
        answer = client.get(address)
        if answer.status_code == 200:
            assert house.user.full_name not in answer.content.decode(), address
        else:
            assert answer.headers["Location"].startswith(("/login", "/welcome", "/join")), address


def test_policy_is_sent_with_every_page(client):
    policy = client.get("/welcome").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_asks_the_database_no_more_with_more_lines(house, django_assert_max_num_queries):
    client = sign_in(house.user)
    for _nth in range(12):
        house.pay(Account.objects.exclude(owner=house.user).first(), prove=True)
    for address, most in {
        "/": 13,
        "/money": 10,  # one asks for accounts at other banks
        "/money/transactions": 9,
        "/pay": 8,
        "/inbox": 9,
        "/pay/bill": 9,
        "/pay/payees": 6,
        "/pay/scheduled": 7,
        "/pay/requests": 9,
    }.items():
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_installs_and_keeps_nothing_personal_offline(client):
    worker = client.get("/service-worker.js")
    assert worker.headers["Content-Type"] == "text/javascript"
    kept = re.findall(r"FILES = \[(.*)\]", worker.content.decode())[0]
    assert "/offline" in kept
    assert "/money" not in kept
    assert client.get("/manifest.webmanifest").json()["start_url"] == "/"


def test_without_a_connection_nobody_is_told_that_a_payment_did_not_go(client):
    page = client.get("/offline").content.decode()
    assert "may have reached us" in page
    assert "Nothing was sent" not in page


def test_hidden_balances_are_not_sent(house):
    client = sign_in(house.user)
    assert "4,879.50" in client.get("/").content.decode()
    answer = client.post("/me/privacy", {"hide": "1", "next": "/"})
    assert answer.status_code == 303
    for address in ("/", "/money", reverse("customer:account", args=[house.account.pk])):
        page = client.get(address).content.decode()
        assert "4,879.50" not in page
        assert "120.50" not in page
    client.post("/me/privacy", {"hide": "0", "next": "/"})
    assert "4,879.50" in client.get("/").content.decode()


def test_language_is_kept_with_the_page_and_for_messages(house):
    client = sign_in(house.user)
    answer = client.post("/me/language", {"language": "sw", "next": "/money"})
    assert answer.headers["Location"] == "/money"
    assert "Akaunti" in client.get("/money").content.decode()
    house.user.refresh_from_db()
    assert house.user.language == "sw"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_nobody_is_led_away(client, house, elsewhere):
    answer = client.post("/me/language", {"language": "sw", "next": elsewhere})
    assert answer.headers["Location"] == "/"
    signed = sign_in(house.user).get("/login", {"next": elsewhere})
    assert signed.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 minutes"), (60, "1 minute"), (7_199, "119 minutes"), (7_200, "2 hours"), (172_800, "2 days")],
)
def test_lengths_of_time_are_told_in_one_unit(seconds, words):
    at = now()
    assert kit.length_of(at - timedelta(seconds=seconds), at) == kit.length_of(at, at - timedelta(seconds=seconds))
    assert kit.length_of(at, at + timedelta(seconds=seconds)) == words


def test_theme_is_kept_on_the_server(client):
    client.post("/me/theme", {"theme": "dark", "next": "/welcome"})
    assert 'data-theme="dark"' in client.get("/welcome").content.decode()
    client.post("/me/theme", {"theme": "", "next": "/welcome"})
    assert "data-theme" not in client.get("/welcome").content.decode()


def test_components_are_for_builders_only(client):
    assert client.get("/components/").status_code == 404


def test_a_form_only_address_opened_by_a_link_says_so(client, db):
    answer = client.get("/money/accounts/1/freeze")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "only takes a form" in answer.content.decode()
