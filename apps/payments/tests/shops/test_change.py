"""A shop hears of what it wants to hear of; the bank changes its state and its account by two people."""

from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.money import CurrencyMismatch
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import operations, queries
from apps.payments.errors import BadMerchant, MerchantClosed
from apps.payments.models import Merchant, SaleAlertFloor
from apps.payments.testing import begin_payment, confirmed, make_shop, raise_tier
from apps.users import operations as people
from apps.users.errors import Connected
from apps.users.testing import bearer, make_business, make_customer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer():
    account = make_account(balance="50000")
    raise_tier(account.owner)
    return account


@pytest.fixture
def shop():
    return make_shop(make_account())


@pytest.fixture
def manager():
    return make_staff("BRANCH_MANAGER")


def ask(shop, by, **change):
    return operations.ask_merchant_change(merchant=shop, reason="Asked at the branch", by=by, at=now(), **change)


def approve(approval, by=None):
    return approvals.approve(approval=approval, by=by or make_staff("BRANCH_MANAGER"), at=now())


def heard(shop):
    deliver_events()
    rows = messages_to(str(shop.settlement_account.owner.phone))
    return [str(row.body) for row in rows if row.code == "payments.sale_paid"]


def pay_out_now():
    return operations.pay_out_merchants(day=local_date(now()), at=now() + timedelta(days=1))


class TestAlerts:
    def test_hears_of_large_sales_alone_until_it_chooses(self, payer, shop):
        confirmed(begin_payment(payer, shop.till, "499"))
        assert heard(shop) == []
        confirmed(begin_payment(payer, shop.till, "500"))
        (told,) = heard(shop)
        assert "KES 500.00" in told
        assert "Duka la Achieng" in told

    @pytest.mark.parametrize(("alerts", "count"), [("EVERY", 2), ("NONE", 0)])
    def test_hears_as_it_chose(self, payer, shop, alerts, count):
        operations.choose_sale_alerts(merchant=shop, alerts=alerts, by=shop.owner, at=now())
        for amount in ("5", "5000"):
            confirmed(begin_payment(payer, shop.till, amount))
        assert len(heard(shop)) == count

    def test_the_newest_row_that_has_come_says_what_is_large(self, payer, shop):
        today = local_date(now())
        SaleAlertFloor.objects.create(currency="KES", amount_minor=10_00, valid_from=today)
        SaleAlertFloor.objects.create(currency="KES", amount_minor=1_00, valid_from=today + timedelta(days=1))
        assert queries.large_sale("KES", now()).minor == 10_00
        confirmed(begin_payment(payer, shop.till, "9"))
        confirmed(begin_payment(payer, shop.till, "10"))
        assert len(heard(shop)) == 1

    def test_nobody_else_chooses_and_by_api_too(self, shop, client):
        with pytest.raises(NotFound):
            operations.choose_sale_alerts(merchant=shop, alerts="NONE", by=make_customer(), at=now())
        with pytest.raises(BadMerchant):
            operations.choose_sale_alerts(merchant=shop, alerts="SOME", by=shop.owner, at=now())
        path, headers = f"/api/v1/merchants/{shop.public_id}/alerts/", bearer(shop.owner)
        answer = client.put(path, {"alerts": "EVERY"}, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["alerts"]) == (200, "EVERY")
        assert Merchant.objects.get().alerts == "EVERY"


class TestChange:
    def test_money_of_a_closed_account_waits_is_shown_and_goes_to_the_new_one(self, payer, shop, manager, client):
        confirmed(begin_payment(payer, shop.till, "1000"))
        accounts.close(account=shop.settlement_account, by=shop.owner, at=now())
        pay_out_now()
        (held,) = queries.held_takings()
        assert (held.merchant, f"{held.amount.amount:f}") == (shop, "1000.00")
        shown = client.get("/api/v1/admin/merchants/held/", headers=bearer(manager)).json()
        assert [row["till"] for row in shown] == [shop.till]
        new = make_account(shop.owner)
        approve(ask(shop, manager, account=new))
        pay_out_now()
        assert balance_of(new) == "988.00"
        assert queries.held_takings() == []
        assert_books_balance()

    def test_stops_and_reopens_a_shop(self, payer, shop, manager):
        approve(ask(shop, manager, status="SUSPENDED"))
        with pytest.raises(MerchantClosed):
            begin_payment(payer, shop.till, "5")
        shop.refresh_from_db()
        approve(ask(shop, manager, status="ACTIVE"))
        confirmed(begin_payment(payer, shop.till, "5"))
        shop.refresh_from_db()
        approve(ask(shop, manager, status="CLOSED"))
        shop.refresh_from_db()
        assert shop.closed_at
        with pytest.raises(BadMerchant):
            ask(shop, manager, status="ACTIVE")

    def test_refuses_what_is_not_the_owners_and_who_may_not(self, shop, manager):
        with pytest.raises(BadMerchant):
            ask(shop, manager, account=make_account())
        with pytest.raises(BadMerchant):
            ask(shop, manager)
        with pytest.raises(CurrencyMismatch):
            ask(shop, manager, account=make_account(shop.owner, product="EUR_CURRENT"))
        with pytest.raises(NotAllowed):
            ask(shop, make_customer(), status="SUSPENDED")
        with pytest.raises(NotAllowed):
            approvals.approve(approval=ask(shop, manager, status="SUSPENDED"), by=manager, at=now())
        Merchant.objects.update(owner=manager)
        with pytest.raises(NotAllowed):
            approve(ask(shop, manager, status="SUSPENDED"))
        shop.refresh_from_db()
        assert shop.status == "ACTIVE"

    def test_who_is_connected_with_its_owner_does_not_change_it(self, shop, manager):
        cousin = make_staff("BRANCH_MANAGER")
        people.declare_connection(staff=cousin, customer=shop.owner, kind="FAMILY", by=cousin, at=now())
        with pytest.raises(Connected):
            approve(ask(shop, manager, status="SUSPENDED"), by=cousin)
        shop.refresh_from_db()
        assert shop.status == "ACTIVE"

    def test_no_shop_is_paid_into_a_deposit(self, shop, manager):
        saver, at = make_account(shop.owner, balance="30000"), now()
        terms = {"owner": shop.owner, "from_account": saver, "amount": kes("20000"), "months": 1, "key": "d", "at": at}
        deposit = accounts.open_deposit(**terms).account
        with pytest.raises(BadMerchant):
            make_shop(deposit)
        with pytest.raises(BadMerchant):
            ask(shop, manager, account=deposit)

    def test_a_business_is_paid_into_an_owners_account(self, manager):
        account = make_account()
        business = make_business(account.owner)
        shop = make_shop(account, business=business)
        with pytest.raises(BadMerchant):
            ask(shop, manager, account=make_account())
        other = make_account(account.owner)
        approve(ask(shop, manager, account=other))
        shop.refresh_from_db()
        assert shop.settlement_account == other

    def test_by_api_it_waits_for_a_second_person(self, shop, manager, client):
        path = f"/api/v1/admin/merchants/{shop.public_id}/change/"
        body = {"status": "SUSPENDED", "reason": "Complaints"}
        answer = client.post(path, body, content_type="application/json", headers=bearer(manager))
        assert (answer.status_code, Merchant.objects.get().status) == (202, "ACTIVE")
        refused = client.post(path, body, content_type="application/json", headers=bearer(shop.owner))
        assert refused.status_code == 403
