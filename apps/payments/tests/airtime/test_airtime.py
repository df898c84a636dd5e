"""Airtime against Africa's Talking's stand-in: once, told twice, late, otherwise, or not at all."""

import json

import pytest

from apps.accounts.testing import balance_of, kes
from apps.kernel.clock import now
from apps.kernel.testing import at_once
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.errors import TransferTied
from apps.ledger.testing import assert_books_balance
from apps.payments import africastalking, operations, tasks, wake
from apps.payments.airtime import AirtimeRail
from apps.payments.errors import BadAirtimeAmount, BadAirtimePhone
from apps.payments.models import AirtimeCallback, AirtimeOrder
from apps.payments.tests.airtime.gateway import OTHER, TOKEN, begin, buy, stands, status
from apps.payments.tests.people import pay
from apps.users.testing import make_staff


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["\0", "\ud800"])
def test_signs_that_nobody_can_keep_stop_no_other_status(sign):
    words = {"requestId": f"ATQid_{sign}", "phoneNumber": f"+2547{sign}", "value": "KES 1", "description": sign}
    for nth in range(2):
        raw = json.dumps(words | {"status": "Success", "nth": nth})
        operations.receive_airtime_status(raw=raw, at=now())
    tasks.sweep_airtime()
    assert list(AirtimeCallback.objects.values_list("outcome", flat=True)) == ["WAITING", "WAITING"]
    assert not operations.may_load(raw=json.dumps({"phoneNumber": f"+2547{sign}", "amount": "KES 1"}))


def test_loads_a_phone_and_books_what_it_leaves_the_bank(gateway, account):
    payment = buy(account)
    assert (stands(payment), balance_of(account)) == ("PENDING", "5000.00")
    gateway.tell()
    assert (stands(payment), balance_of(account)) == ("COMPLETED", "4900.00")
    order = AirtimeOrder.objects.get(payment=payment)
    assert (order.status, order.network, order.discount_minor) == ("DELIVERED", "Airtel", 400)
    assert payment.provider_reference == order.request_id
    assert payment.fee_minor == 0
    assert_books_balance()


def test_its_commission_is_not_taken_back_in_the_books_alone(gateway, account):
    payment = buy(account)
    gateway.tell()
    (earned,) = books.lines(ledger.gl("fees:commission", "KES").id)
    assert earned.reference == f"airtime/{payment.public_id}/commission"
    with pytest.raises(TransferTied, match="commission on airtime"):
        ledger.ask_reversal(transfer_id=earned.transfer_id, reason="Wrong", by=make_staff("ADMIN"), at=now())


def test_the_audit_finds_airtime_that_was_loaded_and_not_posted(gateway, account):
    payment = buy(account)
    gateway.tell()
    assert_books_balance()
    AirtimeOrder.objects.update(discount_minor=399)
    with pytest.raises(AssertionError, match="airtime"):
        assert_books_balance()
    AirtimeOrder.objects.update(discount_minor=400, status="FAILED")
    with pytest.raises(AssertionError, match=payment.reference):
        assert_books_balance()


def test_sends_one_order_however_often_it_is_handed_over(gateway, account):
    payment = pay(begin(account))
    outcomes = at_once(*[lambda: operations.hand_over(payment_id=payment.pk, at=now())] * 4)
    assert sorted(map(str, outcomes)) == ["False", "False", "False", "True"]
    operations.send_airtime(payment=payment, at=now())
    assert len(gateway.orders()) == 1
    gateway.tell()
    assert stands(payment) == "COMPLETED"
    assert_books_balance()


@pytest.mark.parametrize("code", [401, 404, 405, 500])
def test_gives_the_money_back_when_they_refuse_the_phone(gateway, account, code):
    gateway.plan(OTHER, status_code=code)
    payment = buy(account)
    assert (stands(payment), balance_of(account)) == ("FAILED", "5000.00")
    assert AirtimeOrder.objects.get().error != ""
    assert gateway.orders() == []
    assert_books_balance()


def test_gives_the_money_back_when_the_network_does_not_load_it(gateway, account):
    gateway.plan(OTHER, final="Failed")
    payment = buy(account)
    gateway.tell()
    assert (stands(payment), balance_of(account)) == ("FAILED", "5000.00")
    assert_books_balance()


def test_gives_it_back_when_nothing_could_be_sent(gateway, account, settings):
    settings.AFRICASTALKING_URL = "http://127.0.0.1:9"
    payment = buy(account)
    assert (stands(payment), balance_of(account)) == ("FAILED", "5000.00")


@pytest.mark.parametrize("fate", [{"http_status": 502}, {"malformed": True}])
def test_keeps_the_money_aside_while_nobody_knows_and_never_sends_again(gateway, account, fate):
    gateway.plan(OTHER, callbacks="NONE", **fate)
    payment = buy(account)
    assert stands(payment) == "CHECKING"
    sent = len(gateway.orders())
    AirtimeRail().ask(payment=payment, at=now())
    gateway.tell()
    assert (stands(payment), len(gateway.orders())) == ("CHECKING", sent)
    assert_books_balance()


def test_takes_a_status_for_the_only_order_whose_answer_was_lost(gateway, account):
    gateway.plan(OTHER, hang_up=True)
    payment = buy(account)
    assert stands(payment) == "CHECKING"
    assert AirtimeOrder.objects.get().request_id is None
    gateway.tell()
    assert stands(payment) == "COMPLETED"
    assert AirtimeOrder.objects.get().request_id == gateway.orders()[0]["request_id"]
    assert_books_balance()


def test_takes_it_for_none_when_two_could_be_meant(gateway, account):
    gateway.plan(OTHER, hang_up=True)
    first, second = buy(account), buy(account, key="form-2")
    gateway.tell()
    assert (stands(first), stands(second)) == ("CHECKING", "CHECKING")
    assert set(AirtimeCallback.objects.values_list("outcome", flat=True)) == {"WAITING"}
    assert_books_balance()


def test_hears_a_status_before_the_answer(gateway, account, monkeypatch):
    gateway.plan(OTHER, callbacks="OUT_OF_ORDER")
    read = []

    def at_once_read(callback_id):
        read.append(operations.apply_airtime_callback(callback_id=callback_id, at=now()).outcome)

    monkeypatch.setattr(wake, "apply_airtime", at_once_read)
    payment = buy(account)
    assert read == ["WAITING"]
    assert stands(payment) == "COMPLETED"
    assert AirtimeCallback.objects.get().outcome == "APPLIED"
    assert_books_balance()


def test_hears_the_same_status_twice(gateway, account):
    gateway.plan(OTHER, callbacks="DUPLICATE")
    payment = buy(account)
    gateway.tell()
    assert AirtimeCallback.objects.count() == 1
    assert status(payment, description="again, in other words").outcome == "NOTHING_NEW"
    assert (stands(payment), balance_of(account)) == ("COMPLETED", "4900.00")
    assert_books_balance()


def test_does_not_take_back_what_was_loaded(gateway, account):
    payment = buy(account)
    gateway.tell()
    assert status(payment, status="Failed").outcome == "DISPUTED"
    assert (stands(payment), balance_of(account)) == ("COMPLETED", "4900.00")
    assert_books_balance()


def test_does_not_post_what_was_given_back(gateway, account):
    gateway.plan(OTHER, final="Failed")
    payment = buy(account)
    gateway.tell()
    assert status(payment).outcome == "DISPUTED"
    assert (stands(payment), balance_of(account)) == ("FAILED", "5000.00")
    assert_books_balance()


def test_books_nothing_on_another_amount(gateway, account):
    gateway.plan(OTHER, value=70)
    payment = buy(account)
    gateway.tell()
    assert (stands(payment), balance_of(account)) == ("CHECKING", "5000.00")
    assert AirtimeCallback.objects.get().outcome == "DISPUTED"
    assert_books_balance()


def test_asks_when_nobody_told(gateway, account):
    gateway.plan(OTHER, callbacks="NONE")
    payment = buy(account)
    gateway.tell()
    assert stands(payment) == "PENDING"
    AirtimeRail().ask(payment=payment, at=now())
    assert (stands(payment), balance_of(account)) == ("COMPLETED", "4900.00")
    assert_books_balance()


def test_settles_once_when_status_and_answer_race(gateway, account):
    gateway.plan(OTHER, callbacks="NONE")
    payment = buy(account)
    gateway.tell()
    at_once(lambda: AirtimeRail().ask(payment=payment, at=now()), lambda: status(payment))
    assert (stands(payment), balance_of(account)) == ("COMPLETED", "4900.00")
    assert_books_balance()


def test_lets_load_only_what_was_ordered(gateway, account, client):
    buy(account)

    def asks(phone, amount, token=TOKEN):
        body = {"transactionId": "x", "phoneNumber": phone, "currencyCode": "KES", "amount": amount}
        url = f"/webhooks/africastalking/airtime/validation?token={token}"
        return client.post(url, json.dumps(body), content_type="application/json")

    assert asks("+254733000114", 100.0).json() == {"status": "Validated"}
    assert asks("254733000114", 100.0).json() == {"status": "Validated"}, "without a plus, as they may write it"
    assert asks("+254733000114", 101.0).json() == {"status": "Failed"}
    assert asks("+254733000115", 100.0).json() == {"status": "Failed"}
    assert asks("+254733000114", 100.0, token="wrong").status_code == 403
    gateway.tell()
    assert asks("+254733000114", 100.0).json() == {"status": "Failed"}


@pytest.mark.parametrize("raw", ["", "{", "[]", "null", '{"requestId": 3}', "status=Success", "[" * 9000, '"x"'])
def test_keeps_what_it_cannot_read(db, raw):
    kept = operations.receive_airtime_status(raw=raw, at=now())
    assert operations.apply_airtime_callback(callback_id=kept.pk, at=now()).outcome in {"UNREADABLE", "WAITING"}


def test_a_stranger_tells_nothing(db, client):
    answer = client.post("/webhooks/africastalking/airtime/status?token=x", "{}", content_type="application/json")
    assert answer.status_code == 403
    assert not AirtimeCallback.objects.exists()


@pytest.mark.parametrize("phone", ["0747123456", "0202345678", "+256712345908", "", "12", "٠٧١٢٣٤٥٩٠٨"])
def test_sells_to_no_other_network(phone):
    with pytest.raises(BadAirtimePhone):
        AirtimeRail().destination(kind="AIRTIME", asked={"phone": phone}, amount=kes("50"), at=now())


@pytest.mark.parametrize("amount", ["4", "10001", "50.50"])
def test_sells_whole_shillings_between_5_and_10000(amount):
    with pytest.raises(BadAirtimeAmount):
        AirtimeRail().destination(kind="AIRTIME", asked={"phone": OTHER}, amount=kes(amount), at=now())


@pytest.mark.parametrize(
    ("phone", "network"),
    [("0712345908", "Safaricom"), ("0110123456", "Safaricom"), ("0100123456", "Airtel"), ("+254771234567", "Telkom")],
)
def test_knows_networks_by_their_prefix(phone, network):
    found = AirtimeRail().destination(kind="AIRTIME", asked={"phone": phone}, amount=kes("50"), at=now())
    assert found.data["network"] == network


@pytest.mark.parametrize(
    ("text", "minor"), [("KES 0.6000", 60), ("KES 4", 400), ("0", 0), ("None", None), ("USD 3", None), (None, None)]
)
def test_reads_prices(text, minor):
    assert getattr(africastalking.price(text), "minor", None) == minor
