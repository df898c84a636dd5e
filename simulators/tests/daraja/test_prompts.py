"""M-PESA Express: the prompt, its answers, the query."""

import base64
import re

import pytest

from simulators.tests.daraja.conftest import HEAD, OTHER, PAYBILL, PHONE, STAMP, TILL

MISSING = (
    *("Password", "Timestamp", "TransactionType", "Amount", "PartyA", "PartyB", "PhoneNumber", "CallBackURL"),
    *("BusinessShortCode", "AccountReference"),
)
FORCED = (
    *("1", "2", "3", "4", "8", "17", "26", "1001", "1019", "1025", "1031", "1032", "1036", "1037", "2001", "2028"),
    *("8006", "9999", "SFC_IC0003"),
)


def callback(mpesa):
    (body,) = mpesa.posted("stk")
    assert set(body) == {"Body"}
    return body["Body"]["stkCallback"]


def items(told):
    return {item["Name"]: item.get("Value") for item in told["CallbackMetadata"]["Item"]}


def test_a_paid_prompt_is_told_word_for_word(mpesa):
    sent = mpesa.push()
    assert sent.status_code == 200
    assert list(sent.json()) == [
        "MerchantRequestID",
        "CheckoutRequestID",
        "ResponseCode",
        "ResponseDescription",
        "CustomerMessage",
    ]
    assert all(isinstance(value, str) for value in sent.json().values())
    checkout = sent.json()["CheckoutRequestID"]
    assert re.fullmatch(r"ws_CO_\d{17}712345908", checkout)
    assert mpesa.answer(checkout, pin="1234").json()["result_code"] == "0"
    told = callback(mpesa)
    assert (told["ResultCode"], told["CheckoutRequestID"]) == (0, checkout)
    assert told["MerchantRequestID"] == sent.json()["MerchantRequestID"]
    found = items(told)
    assert re.fullmatch(r"[A-Z]{2}[1-9A-V][0-9A-Z]{7}", found["MpesaReceiptNumber"])
    assert {"Name": "Balance"} in told["CallbackMetadata"]["Item"]
    assert (found["Amount"], found["PhoneNumber"]) == (100, int(PHONE))
    assert len(str(found["TransactionDate"])) == 14
    assert mpesa.balance(PHONE) == 49_900_00
    assert mpesa.balance(PAYBILL, "Utility Account") == 5_000_100_00


def test_the_amount_keeps_its_places_on_the_wire(mpesa):
    mpesa.paid(Amount=1)
    mpesa.posted()
    entries = mpesa.web.get("/control/journal.json").json()["entries"]
    assert any('{"Name": "Amount", "Value": 1.00}' in entry["body"] for entry in entries)


def test_a_prompt_is_shown_on_the_phone_and_text_numbers_do(mpesa):
    body = {name: str(value) for name, value in mpesa.push_body(Amount=1500).items()}
    mpesa.post("/mpesa/stkpush/v1/processrequest", body)
    prompt = mpesa.web.get(f"/phone/{PHONE}.json").json()["mpesa"]["prompt"]
    assert prompt["text"] == "Do you want to pay Ksh1500.00 to KitBank Account no. ACC-1?"


def test_a_query_is_pending_then_final_and_never_has_a_receipt(mpesa):
    checkout = mpesa.push().json()["CheckoutRequestID"]
    pending = mpesa.query(checkout)
    assert (pending.status_code, pending.json()["errorCode"]) == (500, "500.001.1001")
    assert pending.json()["errorMessage"] == "The transaction is being processed"
    mpesa.control("switches", pending_code="4999")
    newer = mpesa.query(checkout)
    assert (newer.status_code, newer.json()["ResultCode"]) == (200, "4999")
    mpesa.answer(checkout, cancel=True)
    final = mpesa.query(checkout).json()
    assert list(final) == [
        "ResponseCode",
        "ResponseDescription",
        "MerchantRequestID",
        "CheckoutRequestID",
        "ResultCode",
        "ResultDesc",
    ]
    assert final["ResultCode"] == "1032"
    assert mpesa.query("ws_CO_nothing").json()["errorMessage"] == "Bad Request - Invalid CheckoutRequestID"


def test_only_one_prompt_at_a_time(mpesa):
    checkout = mpesa.push().json()["CheckoutRequestID"]
    second = mpesa.push(Amount=5)
    assert (second.status_code, second.json()["errorCode"]) == (500, "500.001.1001")
    assert second.json()["errorMessage"].startswith("Unable to lock subscriber")
    mpesa.answer(checkout, cancel=True)
    assert mpesa.push(Amount=5).status_code == 200


@pytest.mark.parametrize("name", MISSING)
def test_a_missing_field_is_named(mpesa, name):
    body = mpesa.push_body()
    del body[name]
    answer = mpesa.post("/mpesa/stkpush/v1/processrequest", body)
    assert (answer.status_code, answer.json()["errorMessage"]) == (400, f"Bad Request - Invalid {name}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Amount", 0),
        ("Amount", "1.5"),
        ("Amount", "NaN"),
        ("PhoneNumber", "0712345908"),
        ("PartyB", "12"),
        ("Timestamp", "2026"),
        ("AccountReference", "x" * 13),
        ("TransactionDesc", "x" * 14),
        ("TransactionType", "Pay"),
        ("Amount", "1_000"),
        ("CallBackURL", "ftp://x"),
        ("CallBackURL", "http://localhost:port/x"),
        ("CallBackURL", "http://localhost:99999/x"),
        ("CallBackURL", "http://[::1/x"),
        ("CallBackURL", "http://127.0.0.1:9/\u00fc"),
        ("PartyA", {"x": 1}),
    ],
)
def test_a_wrong_field_is_named(mpesa, name, value):
    body = mpesa.push_body(**{name: value})
    if name == "Timestamp":
        assert mpesa.post("/mpesa/stkpush/v1/processrequest", body).json()["errorMessage"].endswith(name)
        return
    answer = mpesa.post("/mpesa/stkpush/v1/processrequest", body)
    assert (answer.status_code, answer.json()["errorMessage"]) == (400, f"Bad Request - Invalid {name}")
    assert mpesa.truth()["pushes"] == []


def test_wrong_passwords_and_strange_merchants_are_refused(mpesa):
    assert mpesa.push(Password="x").json()["errorMessage"] == "Wrong credentials"
    assert mpesa.push(Timestamp="20260101000000").json()["errorMessage"] == "Wrong credentials"
    password = base64.b64encode(f"999999simulated-passkey{STAMP}".encode()).decode()
    answer = mpesa.push(BusinessShortCode=999999, Password=password)
    assert (answer.status_code, answer.json()["errorMessage"]) == (500, "Merchant does not exist")


class TestResults:
    """Every documented result, as it comes about by itself."""

    def end(self, mpesa, pin="1234", **fields):
        checkout = mpesa.push(**fields).json()["CheckoutRequestID"]
        return mpesa.answer(checkout, pin=pin).json()["result_code"]

    def test_1_balance_too_low(self, mpesa):
        mpesa.control("phones", phone=PHONE, balance="99.99")
        assert self.end(mpesa) == "1"
        assert mpesa.balance(PHONE) == 99_99
        assert "CallbackMetadata" not in callback(mpesa)

    def test_3_more_than_the_most(self, mpesa):
        mpesa.control("phones", phone=PHONE, balance="500000")
        assert self.end(mpesa, Amount=250_001) == "3"

    def test_4_more_than_a_day(self, mpesa):
        for number in range(2):
            mpesa.control("phones", phone=PHONE, balance="400000")
            assert self.end(mpesa, Amount=249_999 - number) == "0"
        assert self.end(mpesa, Amount=4) == "4"
        assert self.end(mpesa, Amount=3) == "0"
        mpesa.control("clock", forward=86_400)
        mpesa.sign_in()
        assert self.end(mpesa, Amount=5) == "0"

    def test_8_more_than_the_receiver_may_hold(self, mpesa):
        mpesa.control("organisations", shortcode=PAYBILL, most="7000050")
        assert self.end(mpesa) == "8"
        assert self.end(mpesa, Amount=50) == "0"

    def test_17_the_same_again_within_two_minutes(self, mpesa):
        assert self.end(mpesa) == "0"
        assert self.end(mpesa) == "17"
        assert self.end(mpesa, Amount=101) == "0"
        mpesa.control("clock", forward=121)
        assert self.end(mpesa) == "0"
        mpesa.control("switches", rule_17=False)
        assert self.end(mpesa) == "0"

    def test_1025_a_text_too_long_for_a_prompt(self, mpesa):
        mpesa.control("organisations", shortcode=PAYBILL, name="A name " * 25)
        mpesa.push()
        assert callback(mpesa)["ResultCode"] == 1025

    def test_1032_cancelled(self, mpesa):
        checkout = mpesa.push().json()["CheckoutRequestID"]
        assert mpesa.answer(checkout, cancel=True).json()["result_code"] == "1032"
        told = callback(mpesa)
        assert (told["ResultCode"], told["ResultDesc"]) == (1032, "Request cancelled by user")

    def test_1037_nobody_answers_in_time(self, mpesa):
        checkout = mpesa.push().json()["CheckoutRequestID"]
        mpesa.control("clock", forward=59)
        assert mpesa.posted("stk") == []
        mpesa.control("clock", forward=2)
        assert callback(mpesa)["ResultCode"] == 1037
        assert mpesa.answer(checkout, pin="1234").status_code == 404
        assert mpesa.balance(PHONE) == 50_000_00

    def test_1037_the_phone_is_off(self, mpesa):
        mpesa.control("phones", phone=PHONE, state="OFF")
        mpesa.push()
        assert callback(mpesa)["ResultCode"] == 1037

    def test_2001_then_8006_after_three_wrong_pins(self, mpesa):
        assert [self.end(mpesa, "0000") for _ in range(3)] == ["2001"] * 3
        assert self.end(mpesa) == "8006"
        mpesa.control("phones", phone=PHONE, unlock=True, pin="9876")
        assert self.end(mpesa, "9876") == "0"

    def test_2006_a_frozen_wallet(self, mpesa):
        mpesa.control("phones", phone=PHONE, state="FROZEN")
        assert self.end(mpesa) == "2006"

    def test_2028_types_and_parties_that_do_not_belong_together(self, mpesa):
        mpesa.push(TransactionType="CustomerBuyGoodsOnline")
        assert callback(mpesa)["ResultCode"] == 2028

    def test_sfc_ic0003_is_text(self, mpesa):
        mpesa.push(PartyB=999999)
        assert callback(mpesa)["ResultCode"] == "SFC_IC0003"

    @pytest.mark.parametrize("code", FORCED)
    def test_any_may_be_forced(self, mpesa, code):
        mpesa.control("plans", subject=PHONE, result_code=code)
        checkout = mpesa.push().json()["CheckoutRequestID"]
        assert mpesa.web.get(f"/phone/{PHONE}.json").json()["mpesa"]["prompt"] is None
        assert callback(mpesa)["ResultCode"] == (int(code) if code.isdigit() else code)
        assert mpesa.query(checkout).json()["ResultCode"] == code
        assert mpesa.balance(PHONE) == 50_000_00


def test_a_till_is_paid_through_its_head_office(mpesa):
    password = base64.b64encode(f"{HEAD}simulated-passkey{STAMP}".encode()).decode()
    checkout = mpesa.push(
        BusinessShortCode=HEAD, Password=password, PartyB=TILL, TransactionType="CustomerBuyGoodsOnline"
    ).json()["CheckoutRequestID"]
    assert mpesa.answer(checkout, pin="1234").json()["result_code"] == "0"
    assert mpesa.balance(TILL, "Merchant Account") == 100_100_00


@pytest.mark.parametrize(("answer", "code"), [("PIN", 0), ("WRONG_PIN", 2001), ("CANCEL", 1032)])
def test_a_phone_answers_by_itself(mpesa, answer, code):
    mpesa.control("plans", answer=answer, answer_after=5)
    mpesa.push(PartyA=OTHER, PhoneNumber=OTHER)
    assert mpesa.posted("stk") == []
    mpesa.control("clock", forward=6)
    assert callback(mpesa)["ResultCode"] == code


def test_somebody_else_may_be_asked_to_pay(mpesa):
    checkout = mpesa.push(PartyA=OTHER).json()["CheckoutRequestID"]
    assert mpesa.answer(checkout, pin="1234").json()["result_code"] == "0"
    assert (mpesa.balance(OTHER), mpesa.balance(PHONE)) == (49_900_00, 50_000_00)


@pytest.mark.parametrize("raw", [b'{"a":' * 50_000, rb'{"AccountReference": "\ud800"}', b"\xff", b"5"])
def test_what_is_no_proper_json_is_refused_in_the_error_body(mpesa, raw):
    answer = mpesa.http.post("/mpesa/stkpush/v1/processrequest", content=raw)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.002.05")


def test_nobody_pays_a_prompt_that_was_never_shown(mpesa):
    """A planned end, later: the phone shows nothing meanwhile, so no PIN can be given."""
    mpesa.control("plans", subject="stk", result_code="1032", answer_after=30)
    sent = mpesa.push().json()["CheckoutRequestID"]
    assert mpesa.answer(sent, pin="1234").status_code == 404
    mpesa.control("clock", forward=31)
    assert callback(mpesa)["ResultCode"] == 1032
    assert mpesa.balance(PHONE) == 50_000_00


def test_a_planned_success_still_asks_for_the_pin(mpesa):
    mpesa.control("plans", subject="stk", result_code="0")
    sent = mpesa.push().json()["CheckoutRequestID"]
    assert mpesa.web.get(f"/phone/{PHONE}.json").json()["mpesa"]["prompt"]["id"] == sent
    assert mpesa.answer(sent, pin="1234").json()["result_code"] == "0"
