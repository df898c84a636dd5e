"""My shop on the pages: opened, asked, seen paid, given back, paid out; nobody else sees it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import local_date, now
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments import operations, rails
from apps.payments.models import Merchant, Payment, PosSale, Settlement
from apps.payments.rules import ke_qr
from apps.payments.testing import begin_payment, confirmed, make_sale, make_shop
from apps.portals.testing import faults_of, sign_in
from apps.users.testing import make_business, make_customer

pytestmark = pytest.mark.django_db


def text(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


class Two:
    """A shopkeeper and a customer of theirs, each with a browser."""

    def __init__(self):
        self.mine = make_account(make_customer(full_name="Achieng Otieno"))
        self.theirs = make_account(make_customer(full_name="Baraka Mwangi"), balance="5000")
        self.browser, self.other = sign_in(self.mine.owner), sign_in(self.theirs.owner)

    def post(self, address, browser=None, **fields):
        browser = browser or self.browser
        key = re.search(r'name="idempotency_key" value="([^"]+)"', browser.get(address).content.decode())
        return browser.post(address, ({"idempotency_key": key[1]} if key else {}) | fields)


@pytest.fixture
def two():
    return Two()


def test_a_shop_asks_is_paid_gives_back_and_is_paid_out(two):
    asked = {"trading_name": "Duka la Achieng", "trade": "5411", "town": "Kisumu", "account": str(two.mine.pk)}
    opened = two.post("/shop", **asked)
    shop = Merchant.objects.get()
    assert opened.headers["Location"] == f"/shop/{shop.public_id}"
    assert "Nobody has paid yet today" in text(two.browser.get(f"/shop/{shop.public_id}"))
    begun = two.post(f"/shop/{shop.public_id}", amount="350", note="Sukari")
    page = begun.headers["Location"]
    code = operations.code_of_sale(PosSale.objects.get())
    waiting = two.browser.get(page)
    assert code in text(waiting)
    state = re.search(r"was=([^\"]+)", waiting.content.decode())[1]
    look = {"HX-Request": "true", "HX-Trigger": "live"}
    assert two.browser.get(f"{page}?was={state}", headers=look).status_code == 204
    paying = two.post("/pay/scan", two.other, to=code, from_account=str(two.theirs.pk))
    assert "Duka la Achieng" in text(two.other.get(paying.headers["Location"]))
    two.other.post(paying.headers["Location"], {"code": code_sent_to(str(two.theirs.owner.phone))})
    paid = two.browser.get(f"{page}?was={state}", headers=look)
    assert (paid.status_code, "Baraka M." in paid.content.decode()) == (200, True)
    assert "hx-trigger" not in paid.content.decode()
    assert "Duka la Achieng" in text(two.other.get(f"/pay/done/{Payment.objects.get().public_id}"))
    taking = f"/shop/{shop.public_id}/sales/{Payment.objects.get().public_id}"
    assert two.post(taking, amount="50", reason="Broken").status_code == 303
    over = two.post(taking, amount="300.01", reason="Broken")
    assert (over.status_code, "At most" in text(over)) == (422, True)
    operations.pay_out_merchants(day=local_date(now()), at=now())
    assert "296.40" in text(two.browser.get(f"/shop/{shop.public_id}/paid-out"))
    row = Settlement.objects.get()
    for kind, start in (("pdf", b"%PDF-"), ("csv", b"\xef\xbb\xbf")):
        file = two.browser.get(f"/shop/{shop.public_id}/paid-out/{row.reference}.{kind}")
        assert (file.status_code, file.content[: len(start)]) == (200, start)
    assert two.browser.get(f"/shop/{shop.public_id}/code.pdf").content[:5] == b"%PDF-"
    assert (balance_of(two.mine), balance_of(two.theirs)) == ("296.40", "4700.00")
    assert_books_balance()


def test_a_sale_is_taken_back_and_its_code_says_so(two):
    shop = make_shop(two.mine)
    sale = make_sale(shop, "20")
    assert two.browser.post(f"/shop/sales/{sale.public_id}/void").status_code == 303
    assert "Nobody can pay it any more" in text(two.browser.get(f"/shop/sales/{sale.public_id}"))
    refused = two.post("/pay/scan", two.other, to=operations.code_of_sale(sale), from_account=str(two.theirs.pk))
    assert (refused.status_code, "Ask for a new code" in text(refused)) == (409, True)
    assert not Payment.objects.exists()


def test_a_shop_is_paid_by_its_number_on_the_page_for_tills(two, monkeypatch):
    monkeypatch.setitem(rails._rails, "mpesa", rails._rails.get("mpesa", object()))
    shop = make_shop(two.mine)
    begun = two.post("/pay/till", two.other, till=shop.till, amount="20", from_account=str(two.theirs.pk))
    payment = Payment.objects.get()
    assert (begun.status_code, payment.kind, payment.merchant_id) == (303, "MERCHANT_PAYMENT", shop.pk)


class Rail:
    """M-Pesa as a test sees it."""

    code, settlement = "mpesa", "mpesa:settlement"

    def destination(self, *, kind, asked, amount, at):
        return rails.Destination("MAMA MBOGA", f"Till {asked['till']}", "mpesa/300584", dict(asked))

    def arrives(self, kind):
        return "In a minute"


def test_a_code_of_m_pesa_leads_to_the_right_way_of_paying(two, monkeypatch):
    monkeypatch.setitem(rails._rails, "mpesa", Rail())
    payee = ke_qr.Payee(ke_qr.Kind.TILL, "300584")
    code = ke_qr.write(ke_qr.Ask(payee=payee, currency="KES", name="MAMA MBOGA"))
    begun = two.post("/pay/scan", two.other, to=code, amount="70", from_account=str(two.theirs.pk))
    assert "MAMA MBOGA" in text(two.other.get(begun.headers["Location"]))
    assert Payment.objects.get().kind == "MERCHANT_PAYMENT"
    none = two.post("/pay/scan", two.other, to=code, from_account=str(two.theirs.pk))
    assert (none.status_code, Payment.objects.count()) == (422, 1)


def test_nobody_else_sees_or_runs_the_shop(two):
    shop = make_shop(two.mine)
    sale = make_sale(shop)
    payment = confirmed(begin_payment(two.theirs, shop.till, "100"))
    own, taking = f"/shop/{shop.public_id}", f"/shop/{shop.public_id}/sales/{payment.public_id}"
    for page in (own, f"{own}/code.pdf", f"{own}/paid-out", taking, f"/shop/sales/{sale.public_id}"):
        assert two.other.get(page).status_code == 404
    for page in (f"/shop/sales/{sale.public_id}/void", f"{own}/close", f"{own}/counter", taking):
        assert two.other.post(page, {"label": "x", "code": "X", "amount": "1", "reason": "x"}).status_code == 404
    shop.refresh_from_db()
    assert (shop.status, payment.refunds.count(), PosSale.objects.get().status) == ("ACTIVE", 0, "OPEN")


def test_counters_are_added_and_the_shop_is_closed(two):
    make_business(two.mine.owner)
    assert "Business" in text(two.browser.get("/shop"))
    own = f"/shop/{make_shop(two.mine).public_id}"
    assert two.browser.post(f"{own}/counter", {"label": "Mlangoni", "code": "a1"}).status_code == 303
    assert two.browser.post(f"{own}/counter", {"label": "Another", "code": "A1"}).status_code == 422
    assert "Mlangoni" in text(two.browser.get(own))
    assert two.browser.post(f"{own}/close").status_code == 303
    assert "Ask for an amount" not in text(two.browser.get(own))


def test_the_shop_speaks_kiswahili(two):
    own = f"/shop/{make_shop(two.mine).public_id}"
    page = text(sign_in(two.mine.owner, kitbank_language="sw").get(own))
    assert "Omba kiasi" in page
    assert "Ask for an amount" not in page


def test_a_busy_shop_costs_as_many_queries_as_a_quiet_one(two):
    shop = make_shop(two.mine)

    def queries():
        with CaptureQueriesContext(connection) as made:
            assert two.browser.get(f"/shop/{shop.public_id}").status_code == 200
        return len(made)

    confirmed(begin_payment(two.theirs, shop.till, "10"))
    few = queries()
    for _nth in range(4):
        payer = make_account(balance="100")
        payment = confirmed(begin_payment(payer, operations.code_of_sale(make_sale(shop, "10"))))
        operations.refund_by_merchant(
            payment=payment, amount=kes("1"), reason="x", key=str(payment.pk), by=shop.owner, at=now()
        )
    assert queries() == few
