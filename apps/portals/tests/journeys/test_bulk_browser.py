"""A file of payments in Chromium on a cheap phone: nothing is wider than the screen, large text included."""

import os

import pytest

from apps.accounts.testing import make_account
from apps.payments.testing import bring, raise_tier
from apps.portals.tests.journeys.fits import too_wide
from apps.portals.tests.journeys.test_customer_browser import sign_in
from apps.users.testing import make_business, make_customer, make_member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_fits_a_phone(chromium, live_server):
    owner = raise_tier(make_customer(full_name="Nyambura wa Kimathi-Odhiambo"))
    account = make_account(owner, balance="100000")
    business = make_business(owner)
    make_member(business, "SIGNATORY")
    payee = make_account(make_customer(full_name="Maximilian Christopher Oluoch Odhiambo"))
    rows = [(payee.owner.phone, "Somebody Else Entirely", "12,345.50", ""), ("nonsense" * 5, "", "1e5", "")]
    bulk = bring(account, rows, business=business)
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    wrong = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    sign_in(page, live_server.url, owner)
    for name, address in (("list", "/pay/bulk"), ("one", f"/pay/bulk/{bulk.public_id}")):
        assert page.goto(live_server.url + address).status == 200
        if folder := os.environ.get("KITBANK_PICTURES"):
            page.screenshot(path=f"{folder}/bulk-{name}.png", full_page=True)
        assert too_wide(page) == [], address
    context.close()
    assert wrong == []
