"""C2B: registering, paying, being asked before and told after; pull."""

import hashlib

import pytest

from simulators.tests.daraja.conftest import OTHER, PAYBILL, PHONE, TILL, Bank

KEYS = [
    "TransactionType",
    "TransID",
    "TransTime",
    "TransAmount",
    "BusinessShortCode",
    "BillRefNumber",
    "InvoiceNumber",
    "OrgAccountBalance",
    "ThirdPartyTransID",
    "MSISDN",
    "FirstName",
    "MiddleName",
    "LastName",
]


def test_registers_with_the_wires_own_spelling(mpesa):
    answer = mpesa.register().json()
    assert list(answer) == ["OriginatorCoversationID", "ResponseCode", "ResponseDescription"]
    assert (answer["ResponseCode"], answer["ResponseDescription"]) == ("0", "Success")
    assert mpesa.register(kind="completed").json()["errorMessage"] == "Bad Request - Invalid ResponseType"
    assert mpesa.register().status_code == 200
    mpesa.control("switches", c2b_reregister=False)
    again = mpesa.register()
    assert (again.status_code, again.json()["errorCode"]) == (500, "500.003.1001")
    mpesa.control("organisations", shortcode=PAYBILL, forget_addresses=True)
    assert mpesa.register().status_code == 200


def test_a_payment_is_confirmed_in_text_with_a_masked_number(mpesa):
    mpesa.register("v2")
    assert mpesa.simulate().json()["ResponseCode"] == "0"
    (told,) = mpesa.posted()
    assert list(told) == KEYS
    assert all(isinstance(value, str) for value in told.values())
    assert (told["TransactionType"], told["TransAmount"], told["BillRefNumber"]) == ("Pay Bill", "5.00", "A-9")
    assert told["MSISDN"] == "2547 ***** 908"
    assert told["OrgAccountBalance"] == "5000005.00"


def test_the_first_version_hashes_the_number(mpesa):
    mpesa.register("v1")
    mpesa.simulate("v1")
    (told,) = mpesa.posted("confirm")
    assert told["MSISDN"] == hashlib.sha256(PHONE.encode()).hexdigest()


def test_a_till_needs_no_account(mpesa):
    mpesa.register(shortcode=TILL)
    mpesa.simulate(ShortCode=TILL, CommandID="CustomerBuyGoodsOnline", BillRefNumber=None)
    (told,) = mpesa.posted("confirm")
    assert (told["TransactionType"], told["BillRefNumber"]) == ("Buy Goods", "")
    assert mpesa.simulate(ShortCode=TILL).json()["errorMessage"] == "Bad Request - Invalid ShortCode"
    assert mpesa.simulate(BillRefNumber="").json()["errorMessage"] == "Bad Request - Invalid BillRefNumber"


def test_a_prompt_that_was_paid_is_confirmed_too_with_the_same_receipt(mpesa):
    mpesa.register()
    receipt = mpesa.paid()
    (told,) = mpesa.posted("confirm")
    assert told["TransID"] == receipt
    mpesa.control("switches", stk_confirmation=False)
    mpesa.paid(Amount=3)
    assert len(mpesa.posted("confirm")) == 1


class TestValidation:
    """The business is asked first."""

    @pytest.fixture
    def asked(self, mpesa):
        mpesa.register()
        mpesa.control("organisations", shortcode=PAYBILL, validates=True)
        return mpesa

    def test_is_asked_without_a_balance_and_its_own_number_comes_back(self, asked):
        Bank.validation = {"ResultCode": 0, "ResultDesc": "Accepted", "ThirdPartyTransID": "ours-77"}
        asked.simulate()
        asked.posted()
        (path, question), (last, told) = Bank.posts
        assert (path, last) == ("validate", "confirm")
        assert (question["OrgAccountBalance"], question["ThirdPartyTransID"]) == ("", "")
        assert (told["TransID"], told["ThirdPartyTransID"]) == (question["TransID"], "ours-77")

    @pytest.mark.parametrize("code", [f"C2B0001{n}" for n in range(1, 7)])
    def test_a_rejected_payment_moves_nothing(self, asked, code):
        Bank.validation = {"ResultCode": code, "ResultDesc": "Rejected"}
        asked.simulate()
        assert asked.posted("confirm") == []
        (row,) = asked.truth()["transactions"]
        assert (row["status"], row["result_code"]) == ("Declined", code)
        assert asked.balance(PHONE) == 50_000_00

    @pytest.mark.parametrize(("kind", "told"), [("Completed", 1), ("Cancelled", 0)])
    @pytest.mark.parametrize("answer", [None, b"<html>", b"{}"])
    def test_no_answer_goes_by_the_response_type(self, asked, kind, told, answer):
        asked.register(kind=kind)
        asked.control("switches", validation_seconds="0.2")
        Bank.validation = answer
        asked.simulate()
        assert len(asked.posted("confirm")) == told
        assert asked.balance(PHONE) == 50_000_00 - told * 5_00


def test_a_payment_that_is_too_much_for_the_wallet_is_remembered_as_declined(mpesa):
    mpesa.register()
    mpesa.control("organisations", shortcode=PAYBILL, validates=True)
    mpesa.control("phones", phone=PHONE, balance="4")
    mpesa.simulate()
    assert mpesa.posted("confirm") == []
    (row,) = mpesa.truth()["transactions"]
    assert (row["status"], row["result_code"], mpesa.balance(PHONE)) == ("Declined", "1", 4_00)


def test_a_customer_pays_from_the_phone(mpesa):
    mpesa.register()
    pay = {"shortcode": PAYBILL, "amount": 250, "reference": "A-1", "pin": "1234"}
    receipt = mpesa.web.post(f"/phone/{PHONE}/pay/", json=pay).json()["receipt"]
    (told,) = mpesa.posted("confirm")
    assert (told["TransID"], told["TransAmount"]) == (receipt, "250.00")
    sms = mpesa.web.get(f"/phone/{PHONE}.json").json()["messages"][0]
    assert sms["text"].startswith(f"{receipt} Confirmed. Ksh250.00 sent to KitBank for account A-1")
    assert sms["text"].endswith("New M-PESA balance is Ksh49,750.00.")
    for wrong, code in (({"pin": "1"}, "2001"), ({"shortcode": "999999"}, "SFC_IC0003"), ({"amount": "x"}, "wrong")):
        answer = mpesa.web.post(f"/phone/{PHONE}/pay/", json={**pay, **wrong})
        assert (answer.status_code, answer.json()["result_code"]) == (400, code)


@pytest.mark.parametrize(("bearer", "payer", "business"), [("CUSTOMER", 10, 0), ("BUSINESS", 0, -10), ("NONE", 0, 0)])
def test_the_tariff_is_borne_by_whoever_agreed_to(mpesa, bearer, payer, business):
    mpesa.control("organisations", shortcode=PAYBILL, tariff=bearer)
    mpesa.simulate(Amount=1000)
    mpesa.posted()
    assert mpesa.balance(PHONE) == (49_000 - payer) * 100
    assert mpesa.balance(PAYBILL, "Charges Paid Account") == business * 100


class TestPull:
    """Asking for what was paid."""

    def pull(self, mpesa, **fields):
        body = {
            "ShortCode": PAYBILL,
            "StartDate": "2020-01-01 00:00:00",
            "EndDate": "2099-01-01 00:00:00",
            "OffSetValue": "0",
        }
        return mpesa.post("/pulltransactions/v1/query", {**body, **fields})

    def register(self, mpesa):
        body = {
            "ShortCode": PAYBILL,
            "RequestType": "Pull",
            "NominatedNumber": PHONE,
            "CallBackURL": f"{mpesa.hooks}/pull",
        }
        return mpesa.post("/pulltransactions/v1/register", body).json()

    def test_is_registered_once(self, mpesa):
        assert self.pull(mpesa).status_code == 500
        first, second = self.register(mpesa), self.register(mpesa)
        assert list(first) == ["ResponseRefID", "ResponseStatus", "ShortCode", "ResponseDescription"]
        assert (first["ResponseStatus"], second["ResponseStatus"]) == ("1000", "1001")
        mpesa.control("switches", pull_spaced_keys=True)
        assert "Response Status" in self.register(mpesa)

    def test_finds_c2b_of_two_days_in_a_list_in_a_list(self, mpesa):
        self.register(mpesa)
        assert self.pull(mpesa).json()["Response"] == "[[]]"
        receipt = mpesa.paid()
        mpesa.simulate(Msisdn=OTHER)
        mpesa.b2c()
        mpesa.posted()
        answer = self.pull(mpesa).json()
        assert answer["ResponseCode"] == "1000"
        rows = answer["Response"][0]
        assert len(rows) == 2
        assert rows[0] | {"trxDate": ""} == {
            "transactionId": receipt,
            "trxDate": "",
            "msisdn": 712345908,
            "sender": "MPESA",
            "transactiontype": "c2b-pay-bill-debit",
            "billreference": "ACC-1",
            "amount": "100.00",
            "organizationname": "KitBank",
        }
        assert len(self.pull(mpesa, OffSetValue=1).json()["Response"][0]) == 1
        mpesa.control("clock", forward=48 * 3600 + 5)
        mpesa.sign_in()
        assert self.pull(mpesa).json()["ResponseCode"] == "1001"
        mpesa.control("switches", pull_none="500")
        assert self.pull(mpesa).status_code == 500

    def test_dates_are_read_as_written(self, mpesa):
        self.register(mpesa)
        assert self.pull(mpesa, StartDate="21-11-2026").json()["errorMessage"] == "Bad Request - Invalid StartDate"
