"""Exchange at the desk: rates with their age, positions with what they gained, and two people for every change."""

import re
from datetime import timedelta

import pytest

from apps.accounts.testing import make_account
from apps.fx import operations as fx
from apps.fx import ports, queries
from apps.fx.testing import TABLE, Told, make_quote, set_rates
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.payments import operations as payments
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
PAGE = "/workbench/exchange/"


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def sold_dollars():
    shillings = make_account(balance="1000")
    dollars = make_account(shillings.owner, balance="500", product="USD_CURRENT")
    quote = make_quote(shillings.owner, Money.of("100", "USD"), "KES")
    payments.exchange(owner=shillings.owner, from_account=dollars, to_account=shillings, quote=quote, key="k", at=now())


def test_shows_rates_with_source_and_age_and_each_position_with_todays_gain():
    set_rates(now() - timedelta(minutes=50))
    sold_dollars()
    set_rates(now(), USD="131.25")
    page = text_of(enter(make_staff("ADMIN")).get(PAGE))
    assert "USD US dollar 131.2500 USD 100.00 KES 13,000.00 KES 13,125.00 + KES 125.00" in page
    assert re.search(r"All positions \+ ?KES 125.00", page)
    assert "test · " in page
    assert "1.5%" in page


def test_a_loss_has_its_sign():
    set_rates(now() - timedelta(minutes=50))
    sold_dollars()
    set_rates(now(), USD="129")
    assert re.search(r"All positions minus − ?KES 100.00", text_of(enter(make_staff("AUDITOR")).get(PAGE)))


def test_my_work_tells_the_age_of_the_rates_and_what_was_not_believed(monkeypatch):
    browser = enter(make_staff("ADMIN"))
    assert "No exchange rates yet" in text_of(browser.get("/workbench/"))
    set_rates(now() - timedelta(hours=3))
    monkeypatch.setattr(ports, "_providers", [Told({"USD": "1"})])
    assert fx.refresh_rates(at=now()) is None
    page = text_of(browser.get("/workbench/"))
    assert "Exchange rates 3 hours old 1 feed not believed in a day" in page
    assert "Exchange rates" not in text_of(enter(make_staff("TELLER")).get("/workbench/"))


@pytest.mark.parametrize("role", ["TELLER", "SUPPORT_AGENT", "LOAN_OFFICER"])
def test_is_not_for_everyone(role):
    assert enter(make_staff(role)).get(PAGE).status_code == 403


def test_says_when_rates_are_old_or_missing():
    browser = enter(make_staff("AUDITOR"))
    assert "There are no rates yet" in text_of(browser.get(PAGE))
    set_rates(now() - timedelta(hours=26))
    assert "so nothing is quoted any more" in text_of(browser.get(PAGE))
    set_rates(now() - timedelta(hours=2))
    page = text_of(browser.get(PAGE))
    assert "The rates are 2 hours old. They are still quoted" in page
    assert "Change the spread" not in page


def test_the_spread_is_asked_here_and_allowed_by_another():
    set_rates()
    browser, checker = enter(make_staff("ADMIN")), make_staff("SUPER_ADMIN")
    tomorrow = local_date(now()) + timedelta(days=1)
    answer = browser.post(PAGE, {"percent": "2.25", "valid_from": tomorrow.isoformat(), "reason": "Costs went up"})
    approval = Approval.objects.get()
    assert answer.headers["Location"] == f"/workbench/approvals/{approval.pk}/"
    assert "Waiting for a second person" in text_of(browser.get(PAGE))
    approvals.approve(approval=approval, by=checker, at=now())
    assert str(queries.spread_on(tomorrow)) == "0.02250"
    assert "2.25%" in text_of(browser.get(PAGE))


@pytest.mark.parametrize(
    "asked", [{"percent": "11"}, {"percent": "-1"}, {"percent": "x"}, {"valid_from": "today"}, {"reason": ""}]
)
def test_a_spread_that_makes_no_sense_is_refused_on_the_page(asked):
    set_rates()
    today = local_date(now())
    kept = {"percent": "2", "valid_from": (today + timedelta(days=1)).isoformat(), "reason": "Costs", **asked}
    kept["valid_from"] = today.isoformat() if kept["valid_from"] == "today" else kept["valid_from"]
    answer = enter(make_staff("ADMIN")).post(PAGE, kept)
    assert answer.status_code == 422
    text_of(answer)
    assert not Approval.objects.exists()


def test_a_jump_that_is_true_is_believed_by_two(monkeypatch):
    set_rates(now() - timedelta(hours=2))
    figures = {"USD": "1", "KES": "170", "EUR": "0.9", "GBP": "0.78", "UGX": "3700", "TZS": "2600", "RWF": "1400"}
    monkeypatch.setattr(ports, "_providers", [Told(figures | {"ZAR": "18"})])
    assert fx.refresh_rates(at=now()) is None
    browser, checker = enter(make_staff("ADMIN")), make_staff("SUPER_ADMIN")
    page = browser.get(PAGE).content.decode()
    assert "A rate moved too far at once" in page
    address = re.search(r'action="(/workbench/exchange/\d+/believe/)"', page)[1]
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "It floats now"}).status_code == 303
    assert queries.rates(now()).table["USD"] == TABLE["USD"]
    approvals.approve(approval=Approval.objects.get(), by=checker, at=now())
    assert str(queries.rates(now()).table["USD"]) == "170.0000000000"
    again = browser.post(address, {"reason": "Once more"})
    assert again.status_code == 409


def test_the_page_costs_the_same_however_long_the_history(django_assert_num_queries):
    for hours in range(30):
        set_rates(now() - timedelta(hours=hours))
    browser = enter(make_staff("ADMIN"))
    browser.get(PAGE)
    with django_assert_num_queries(19):
        browser.get(PAGE)
