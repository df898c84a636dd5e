"""Accounts, lines and statements on the pages."""

import codecs
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts import operations
from apps.accounts.models import Account, Statement, Transaction
from apps.accounts.testing import balance_of, give, make_account
from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.portals.customer.queries import DayFlow
from apps.portals.customer.spending import spending
from apps.portals.testing import faults_of, sign_in
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
MORE = r'<a class="btn alt" href="(/money/transactions\?[^"]+)" hx-get'


@pytest.fixture
def account():
    return make_account(make_customer(full_name="Achieng Otieno"), balance="5000")


@pytest.fixture
def browser(account):
    return sign_in(account.owner)


def test_pages_through_every_line_once(account, browser):
    for nth in range(60):
        give(account, f"{nth + 1}", at=now() - timedelta(days=30 - nth // 2))
    address, seen = "/money/transactions", []
    while address:
        page = browser.get(address).content.decode()
        seen += [int(found) for found in re.findall(r'href="/money/transactions/(\d+)"', page)]
        more = re.findall(MORE, page)
        address = more[0].replace("&amp;", "&") if more else ""
    assert sorted(seen) == sorted(Transaction.objects.values_list("pk", flat=True))


def test_the_next_piece_does_not_repeat_the_day_above(account, browser):
    for _nth in range(30):
        give(account, "10")
    first = browser.get("/money/transactions").content.decode()
    address = re.findall(r'<a class="btn alt" href="(/money/transactions\?[^"]+)" hx-get', first)[0].replace(
        "&amp;", "&"
    )
    piece = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in piece
    assert "Today" not in piece
    whole = browser.get(address).content.decode()
    assert "Today" in whole
    assert "5,300.00" in whole, "the total is of the whole day, on whichever page it stands"


def test_narrows_by_days_and_gives_what_it_found_as_a_file(account, browser):
    stranger = make_account(balance="77")
    for ago, words in ((40, "old"), (20, "=rent"), (1, "new")):
        give(account, f"{ago}", at=now() - timedelta(days=ago), description=words)
    first, last = (local_date(now() - timedelta(days=ago)).isoformat() for ago in (30, 10))
    page = browser.get(f"/money/transactions?from_date={first}&to_date={last}").content.decode()
    assert len(re.findall(r'href="/money/transactions/(\d+)"', page)) == 1
    assert faults_of(page) == []
    links = {kind: link.replace("&amp;", "&") for link, kind in re.findall(r'href="([^"]+)" download>(\w+)<', page)}
    table = browser.get(links["CSV"])
    assert table["Content-Disposition"].startswith("attachment")
    assert table.content.startswith(codecs.BOM_UTF8), "a spreadsheet reads names with accents by it"
    rows = table.content.decode("utf-8-sig").splitlines()
    assert [rows[0].split(",")[:3], len(rows)] == [["Date", "Account", "Kind"], 2]
    assert ",Deposit," in rows[1]
    assert "'=rent" in rows[1], "no spreadsheet takes it for a formula"
    assert stranger.number not in browser.get("/money/transactions.csv").content.decode()
    assert browser.get(links["PDF"]).content.startswith(b"%PDF")


def test_a_file_of_a_wrong_filter_is_the_page_with_its_reason(browser):
    answer = browser.get("/money/transactions.csv?from_date=2026-03-02&to_date=2026-03-01")
    assert (answer.status_code, b"The last day is before the first" in answer.content) == (422, True)


def test_says_what_it_looked_for(account, browser):
    page = browser.get("/money/transactions?q=zebra&direction=out&least=1k").content.decode()
    for words in ("with “zebra”", "money out", "from KES\u00a01,000.00", "Nothing fits", "Clear"):
        assert words in page
    assert faults_of(page) == []


@pytest.mark.parametrize(
    "query",
    [
        "month=2026-13",
        "direction=up",
        "type=NO",
        "account=999999",
        "least=x",
        "before=abc",
        "before=²&day=2026-02-01",
        "before=9&day=2026-02-31",
        "before=9&day=x",
    ],
)
def test_a_strange_filter_is_no_crash(browser, query):
    assert browser.get(f"/money/transactions?{query}").status_code in {200, 422}


def test_narrows_by_direction_amount_and_account(account, browser):
    savings = make_account(account.owner, product="SAVINGS", balance="70")
    page = browser.get("/money/transactions?least=4000").content.decode()
    assert "5,000.00" in page
    assert "KES</span>70.00" not in page
    page = browser.get(f"/money/transactions?account={savings.pk}").content.decode()
    assert "70.00" in page


def test_names_freezes_and_closes(account, browser):
    address = reverse("customer:account", args=[account.pk])
    assert browser.post(f"{address}/name", {"nickname": "Karo ya shule"}).status_code == 303
    assert "Karo ya shule" in browser.get(address).content.decode()
    assert browser.post(f"{address}/freeze").status_code == 303
    assert "You froze this account" in browser.get(address).content.decode()
    assert browser.post(f"{address}/freeze").status_code == 409
    assert browser.post(f"{address}/freeze", {"unfreeze": "1"}).status_code == 303
    refused = browser.post(f"{address}/close")
    assert refused.status_code == 409
    assert "Move the money first" in refused.content.decode()
    assert balance_of(account) == "5000.00"
    empty = make_account(account.owner, product="SAVINGS")
    assert browser.post(f"/money/accounts/{empty.pk}/close").status_code == 303
    assert "This account is closed" in browser.get(f"/money/accounts/{empty.pk}").content.decode()


def test_what_the_bank_froze_stays_frozen(account, browser):
    Account.objects.filter(pk=account.pk).update(status="FROZEN", frozen_by_bank=True)
    answer = browser.post(f"/money/accounts/{account.pk}/freeze", {"unfreeze": "1"})
    assert answer.status_code == 409
    assert "The bank froze this account" in answer.content.decode()
    account.refresh_from_db()
    assert account.status == "FROZEN"


def test_opens_a_further_account(account, browser):
    assert browser.post("/money/open", {}).status_code == 422
    assert browser.post("/money/open", {"product": "NO"}).status_code == 422
    answer = browser.post("/money/open", {"product": "USD_CURRENT", "nickname": "Dollars"})
    assert answer.status_code == 303
    assert Account.objects.owned_by(account.owner).filter(currency="USD", nickname="Dollars").count() == 1


def test_statement_as_csv_with_a_check_anyone_can_make(account, browser, client):
    today = local_date(now())
    query = f"from_date={today - timedelta(days=5)}&to_date={today}&kind=csv"
    answer = browser.get(f"/money/accounts/{account.pk}/statement?{query}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"5000.00" in answer.content
    row = Statement.objects.get()
    page = client.get(f"/verify/{row.pk}").content.decode()
    assert "KitBank made this statement" in page
    assert row.seal in page
    for hidden in ("Achieng", "5,000.00", account.number):
        assert hidden not in page


@pytest.mark.parametrize(
    ("language", "head", "opening"),
    [
        ("en", "Date,Description,Reference,Amount,Balance,Currency", "Opening balance"),
        ("sw", "Tarehe,Maelezo,Rejea,Kiasi,Salio,Sarafu", "Salio la kuanzia"),
    ],
)
def test_statement_as_csv_speaks_the_readers_language(account, language, head, opening):
    browser, today = sign_in(account.owner, kitbank_language=language), local_date(now())
    answer = browser.get(f"/money/accounts/{account.pk}/statement?from_date={today}&to_date={today}&kind=csv")
    assert answer.content.startswith(codecs.BOM_UTF8), "a spreadsheet reads names with accents by it"
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert (rows[0], rows[1]) == (head, f"{today},{opening},,,0.00,KES")


@pytest.mark.pdf
def test_statement_as_pdf(account, browser):
    today = local_date(now())
    answer = browser.get(f"/money/accounts/{account.pk}/statement?from_date={today}&to_date={today}&kind=pdf")
    assert answer.content.startswith(b"%PDF")
    assert len(answer.content) > 10_000


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(0, -3, "before the first"), (0, 5, "has not come yet"), (None, 0, "Choose the first day")],
)
def test_refuses_a_period_that_is_none(account, browser, first, last, words):
    today = local_date(now())
    begin = "" if first is None else today + timedelta(days=first)
    end = today + timedelta(days=last)
    answer = browser.get(f"/money/accounts/{account.pk}/statement?from_date={begin}&to_date={end}&kind=pdf")
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Statement.objects.count() == 0


def test_an_unknown_statement_is_not_ours(client):
    answer = client.get("/verify/00000000-0000-0000-0000-000000000000")
    assert answer.status_code == 404
    assert "We did not make this statement" in answer.content.decode()


def test_a_receipt_names_both_sides_and_the_reference(account, browser):
    operations.rename(account=account, nickname="Nyumbani", by=account.owner, at=now())
    line = Transaction.objects.get(account=account)
    page = browser.get(f"/money/transactions/{line.pk}").content.decode()
    for words in ("Nyumbani", "5,000.00", "EAT", "Something wrong?", "Balance after"):
        assert words in page


def test_spending_is_drawn_against_last_month():
    today = local_date(now()).replace(day=10)
    before = (today.replace(day=1) - timedelta(days=1)).replace(day=5)
    flows = [
        DayFlow(before, Money(0, "KES"), Money(300_00, "KES")),
        DayFlow(today.replace(day=2), Money(900_00, "KES"), Money(100_00, "KES")),
    ]
    card = spending(flows, today)
    assert card.went == Money(100_00, "KES")
    assert card.came == Money(900_00, "KES")
    assert card.is_less
    assert card.less == Money(200_00, "KES")
    assert card.this.count(",") == 10
    assert spending([], today) is None
    assert card.compares
