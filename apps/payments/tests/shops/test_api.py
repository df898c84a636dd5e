"""Shops by API: the same operations and walls as on the pages."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import local_date, now
from apps.ledger.testing import assert_books_balance
from apps.payments import operations, rails
from apps.payments.models import Merchant, Payment, PosSale, Refund
from apps.payments.rules import ke_qr
from apps.payments.testing import begin_payment, confirmed, make_sale, make_shop
from apps.payments.tests.test_people_api import Door, money
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
SHOPS, SALES, PAY = "/api/v1/merchants/", "/api/v1/pos/sales/", "/api/v1/transactions/qr-payment/"


@pytest.fixture
def mine(client):
    return Door(client, make_account(balance="500"))


@pytest.fixture
def payer(client):
    return Door(client, make_account(balance="5000"))


def opened(door, **more):
    asked = {"trading_name": "Duka", "trade": "5411", "town": "Kisumu", "settlement_account": door.account.pk} | more
    return door.send("post", SHOPS, asked, key="shop")


def test_a_sale_from_the_shop_to_the_settlement(mine, payer):
    shop = opened(mine).json()
    assert opened(mine).json()["id"] == shop["id"]
    assert ke_qr.read(shop["code"]).payee.number == shop["till"]
    path = f"{SHOPS}{shop['id']}/"
    counter = mine.send("post", f"{path}terminals/", {"label": "Counter", "code": "t1"}).json()
    assert mine.send("get", f"{path}terminals/t1/").json() == counter
    for way in (counter["id"], f"{counter['id']}/"):
        assert mine.send("get", f"{path}terminals/{way}").json() == counter
    other = mine.send("post", f"{path}terminals/", {"label": "Door", "code": str(counter["id"] + 7)}).json()
    assert mine.send("get", f"{path}terminals/{other['code']}/").json() == other
    for way in ("t2", "0", "9" * 30):
        assert mine.send("get", f"{path}terminals/{way}/").status_code == 404
    asked = {"merchant": shop["id"], "terminal": counter["id"], "amount": money("350.00"), "note": "Sukari"}
    sale = mine.send("post", SALES, asked, key="s1")
    assert (sale.status_code, sale.json()["status"], sale.json()["payment"]) == (201, "OPEN", None)
    assert mine.send("post", SALES, asked, key="s1").json()["id"] == sale.json()["id"]
    begun = payer.send("post", PAY, {"qr": sale.json()["code"]}, key="p1")
    assert (begun.status_code, begun.json()["payee_name"], begun.json()["kind"]) == (201, "Duka", "QR_PAYMENT")
    assert payer.confirm("/api/v1/payments/", begun.json()).json()["status"] == "COMPLETED"
    paid = mine.get(f"{SALES}{sale.json()['id']}/").json()
    assert (paid["status"], paid["payment"]) == ("PAID", begun.json()["id"])
    again = payer.send("post", PAY, {"qr": sale.json()["code"]}, key="p2")
    assert (again.status_code, again.json()["code"]) == (409, "sale_over")
    back = {"payment": paid["payment"], "amount": money("50.00"), "reason": "Broken"}
    given = mine.send("post", f"{path}refunds/", back, key="r1")
    assert (given.status_code, given.json()["status"], given.json()["from_takings"]) == (201, "DONE", True)
    assert mine.send("post", f"{path}refunds/", back, key="r1").json()["reference"] == given.json()["reference"]
    over = mine.send("post", f"{path}refunds/", back | {"amount": money("300.01")}, key="r2")
    assert (over.status_code, over.json()["code"], Refund.objects.count()) == (422, "not_refundable", 1)
    [taking] = mine.get(f"{path}takings/").json()["results"]
    assert (taking["refunded"], taking["is_settled"]) == ("50.00", False)
    operations.pay_out_merchants(day=local_date(now()), at=now())
    [settled] = mine.get(f"{path}settlements/").json()["results"]
    assert [settled[name]["amount"] for name in ("sales", "refunds", "fee", "excise_duty", "net")] == [
        "350.00", "50.00", "3.00", "0.60", "296.40"
    ]  # fmt: skip
    assert balance_of(mine.account) == "796.40"
    report = mine.get(f"{path}settlements/{settled['reference']}/report/")
    rows = list(csv.reader(io.StringIO(report.content.decode("utf-8-sig"))))
    assert (rows[1][3:6], rows[-1][4]) == (["Sukari", "350.00", "50.00"], "296.40")
    paper = mine.get(f"{path}settlements/{settled['reference']}/report/?kind=pdf")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert_books_balance()


def test_a_sale_is_taken_back_and_then_not_paid(mine, payer):
    shop = make_shop(mine.account)
    sale = mine.send("post", SALES, {"merchant": str(shop.public_id), "amount": money("10.00")}).json()
    assert [mine.send("post", f"{SALES}{sale['id']}/void/").json()["status"] for _nth in range(2)] == ["VOIDED"] * 2
    assert payer.send("post", PAY, {"qr": sale["code"]}).status_code == 409
    assert not Payment.objects.exists()


def test_everybody_else_finds_nothing(mine, payer):
    shop = make_shop(mine.account)
    sale = make_sale(shop)
    path = f"{SHOPS}{shop.public_id}/"
    for place in (path, f"{path}takings/", f"{path}refunds/", f"{path}settlements/", f"{SALES}{sale.public_id}/"):
        assert payer.get(place).status_code == 404
    wrong = [
        (SALES, {"merchant": str(shop.public_id), "amount": money("1.00")}),
        (f"{SALES}{sale.public_id}/void/", {}),
        (f"{path}terminals/", {"label": "x", "code": "X"}),
        (f"{path}close/", {}),
    ]
    for place, body in wrong:
        assert payer.send("post", place, body).status_code == 404
    stolen = payer.send("post", SHOPS, {"trading_name": "Duka", "trade": "5411", "town": "Kisumu",
                                        "settlement_account": mine.account.pk})  # fmt: skip
    assert (stolen.status_code, Merchant.objects.count(), PosSale.objects.get().status) == (404, 1, "OPEN")


@pytest.mark.parametrize("wrong", [{"trade": "0000"}, {"trading_name": "Ñ"}, {"town": "x" * 16}, {"amount": "1"}])
def test_refuses_words_a_code_cannot_hold(mine, wrong):
    assert opened(mine, **wrong).status_code in {400, 422}
    assert not Merchant.objects.exists()


class Rail:
    """M-Pesa as a test sees it."""

    code, settlement = "mpesa", "mpesa:settlement"

    def __init__(self):
        self.asked = []

    def destination(self, *, kind, asked, amount, at):
        self.asked.append((kind, asked, str(amount.amount)))
        return rails.Destination("MAMA MBOGA", "Till 300584", "mpesa/300584", dict(asked))

    def arrives(self, kind):
        return "now"


@pytest.mark.parametrize(
    ("payee", "kind", "asked"),
    [
        (ke_qr.Payee(ke_qr.Kind.TILL, "300584"), "MERCHANT_PAYMENT", {"till": "300584"}),
        (ke_qr.Payee(ke_qr.Kind.PAYBILL, "888880", "W1"), "BILL_PAYMENT", {"paybill": "888880", "account": "W1"}),
        (ke_qr.Payee(ke_qr.Kind.PHONE, "254722000114"), "MOBILE_MONEY", {"phone": "+254722000114"}),
    ],
)  # fmt: skip
def test_a_code_of_m_pesa_is_paid_by_m_pesa(payer, monkeypatch, payee, kind, asked):
    rail = Rail()
    monkeypatch.setitem(rails._rails, "mpesa", rail)
    text = ke_qr.write(ke_qr.Ask(payee=payee, currency="KES", amount="350.00", name="MAMA MBOGA"))
    begun = payer.send("post", PAY, {"qr": text}, key="k")
    assert (begun.status_code, begun.json()["kind"], begun.json()["rail"]) == (201, kind, "mpesa")
    assert rail.asked == [(kind, asked, "350.00")]
    other = payer.send("post", PAY, {"qr": text, "amount": money("349.00")}, key="k2")
    assert (other.status_code, other.json()["code"], Payment.objects.count()) == (422, "qr_not_valid", 1)
    assert balance_of(payer.account) == "5000.00"


def test_a_code_of_a_bank_that_is_not_in_the_directory_says_so(payer):
    payee = ke_qr.Payee(ke_qr.Kind.BANK, "01100220033", participant="0000068")
    text = ke_qr.write(ke_qr.Ask(payee=payee, currency="KES", amount="350.00", name="Someone"))
    refused = payer.send("post", PAY, {"qr": text})
    assert (refused.status_code, refused.json()["code"]) == (404, "bank_not_found")
    damaged = payer.send("post", PAY, {"qr": text[:-4] + "0000"})
    assert (damaged.status_code, damaged.json()["code"], Payment.objects.count()) == (422, "qr_not_valid", 0)


def test_lists_cost_the_same_however_long(mine):
    shop = make_shop(mine.account)
    path = f"{SHOPS}{shop.public_id}/"

    def grow(count):
        for _nth in range(count):
            payment = confirmed(begin_payment(make_account(make_customer(), balance="100"), shop.till, "10"))
            operations.refund_by_merchant(
                payment=payment, amount=kes("1"), reason="x", key=f"{payment.pk}", by=shop.owner, at=now()
            )
            make_shop(mine.account)

    def queries():
        counts = []
        for place in (SHOPS, f"{path}takings/", f"{path}refunds/", f"{path}settlements/"):
            with CaptureQueriesContext(connection) as made:
                assert mine.get(place).status_code == 200
            counts.append(len(made))
        return counts

    grow(1)
    few = queries()
    grow(3)
    assert queries() == few
