"""Shops at the desk: money that waits, a shop found, a change asked for."""

import pytest

from apps.accounts import operations as accounts
from apps.accounts.testing import make_account
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.payments.models import Merchant
from apps.payments.testing import begin_payment, confirmed, make_shop
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
HOME = "/workbench/shops/"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_shows_money_that_waits_and_asks_for_another_account(language):
    shop = make_shop(make_account())
    confirmed(begin_payment(make_account(balance="500"), shop.till, "100"))
    accounts.close(account=shop.settlement_account, by=shop.owner, at=now())
    new = make_account(shop.owner)
    client = enter(make_staff("BRANCH_MANAGER"), kitbank_language=language)
    page = client.get(HOME, {"shop": shop.till}).content.decode()
    assert faults_of(page) == []
    assert page.count(shop.till) >= 2
    one = f"{HOME}{shop.public_id}/"
    assert faults_of(client.get(one).content.decode()) == []
    for wrong in ({"account": "1"}, {"account": make_account().number}, {"state": "ACTIVE"}, {}):
        refused = client.post(one, {"reason": "Closed", **wrong})
        assert (refused.status_code, faults_of(refused.content.decode())) == (422, []), wrong
    answer = client.post(one, {"reason": "Closed", "account": new.number})
    assert answer.headers["Location"] == f"/workbench/approvals/{Approval.objects.get().pk}/"
    assert enter(make_staff("TELLER")).get(HOME).status_code == 403


def test_the_shop_chooses_of_which_sales_it_hears():
    shop = make_shop(make_account())
    browser = sign_in(shop.owner)
    page = browser.get(f"/shop/{shop.public_id}").content.decode()
    assert faults_of(page) == []
    assert 'name="alerts"' in page
    browser.post(f"/shop/{shop.public_id}/alerts", {"alerts": "NONE"})
    assert Merchant.objects.get().alerts == "NONE"
    other = sign_in(make_account().owner)
    assert other.post(f"/shop/{shop.public_id}/alerts", {"alerts": "EVERY"}).status_code == 404
    assert Merchant.objects.get().alerts == "NONE"
