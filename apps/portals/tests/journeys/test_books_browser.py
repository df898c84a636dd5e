"""Who keeps the books, in Chromium: a period declared, closed and reopened by two without script; pages fit a phone."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.accounts import operations as accounts
from apps.accounts.testing import make_account
from apps.kernel.clock import local_date, month_bounds, now
from apps.ledger import queries
from apps.ledger.testing import make_period
from apps.portals.tests.journeys.fits import too_wide
from apps.users.testing import make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("SHOTS", "")


def test_a_period_is_declared_closed_and_reopened_by_two_without_script(at_work, live_server):
    maker, second = make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    today, desk = local_date(now()), at_work(maker, java_script_enabled=False)
    desk.click("nav >> text=Accounting periods")
    desk.fill("#id_name", "Last week")
    desk.fill("#id_first_on", (today - timedelta(days=9)).isoformat())
    desk.fill("#id_last_on", (today - timedelta(days=2)).isoformat())
    desk.click("main button:has-text('Declare it')")
    desk.wait_for_url("**/periods/*/")
    desk.click("main button:has-text('Close this period')")
    expect(desk.locator("main")).to_contain_text("Reopen it")
    assert [one.is_closed for one in queries.periods(now())] == [True]
    desk.fill("#id_reason", "Late invoice")
    desk.click("main button:has-text('Ask a second person')")
    desk.wait_for_url("**/approvals/*/")
    boss = at_work(second, java_script_enabled=False)
    boss.goto(desk.url)
    expect(boss.locator("main")).to_contain_text("Late invoice")
    boss.click("main button:has-text('Approve')")
    boss.wait_for_url("**/approvals/")
    assert [one.is_closed for one in queries.periods(now())] == [False]
    assert desk.wrong + boss.wrong == []


def test_the_pages_fit_a_phone_in_both_themes_and_languages(at_work, live_server):
    today = local_date(now())
    last = month_bounds(month_bounds(today)[0] - timedelta(days=1))[1]
    account = make_account(balance="100000", product="SAVINGS", at=now() - timedelta(days=70))
    accounts.accrue(day=last, at=now())
    accounts.pay_month(day=last, at=now())
    make_period("A name of forty letters, the most of all", today - timedelta(days=90), today - timedelta(days=60))
    closed = make_period("Old", today - timedelta(days=40), today - timedelta(days=20), status="CLOSED")
    running = make_period("Now", today - timedelta(days=5), today)
    back = f"queues/reversals/{account.interest_payments.get().transfer_id}/interest/"
    for language in ("en", "sw"):
        desk = at_work(make_staff("SUPER_ADMIN", language=language, limit_minor=1_000_000_00))
        desk.set_viewport_size({"width": 390, "height": 844})
        for address in ("periods/", f"periods/{closed.pk}/", f"periods/{running.pk}/", "large-payments/", back):
            for theme in ("light", "dark"):
                desk.emulate_media(color_scheme=theme)
                assert desk.goto(f"{live_server.url}/workbench/{address}").status == 200
                if SHOTS:
                    name = f"{address.strip('/').replace('/', '-')}-{language}-{theme}.png"
                    desk.screenshot(path=Path(SHOTS) / name, full_page=True)
                assert too_wide(desk) == [], address
        assert desk.wrong == []
