"""daraja-sdk-py, an independent client, as far as it goes: nearly everything that the stand-in answers."""

import daraja.client
import pytest
from daraja.client import Mpesa

from simulators.tests.daraja.conftest import KEYS, OTHER, PAYBILL, PHONE, TILL

pytestmark = pytest.mark.usefixtures("_this_machine")


@pytest.fixture
def client(mpesa, credential, monkeypatch):
    monkeypatch.setattr(daraja.client, "get_full_url", lambda _environment, path: f"{mpesa.address}{path}")
    client = Mpesa(
        {
            "consumer_key": KEYS[0],
            "consumer_secret": KEYS[1],
            "passkey": "simulated-passkey",
            "initiator_name": "simulatedapi",
            "security_credential": credential,
            "max_retries": 0,
        }
    )
    yield client
    client.close()


def test_prompts(mpesa, client):
    sent = client.stk_push(
        {
            "BusinessShortCode": int(PAYBILL),
            "TransactionType": "CustomerPayBillOnline",
            "Amount": 100,
            "PartyA": int(PHONE),
            "PartyB": int(PAYBILL),
            "PhoneNumber": int(PHONE),
            "CallBackURL": f"{mpesa.hooks}/stk",
            "AccountReference": "ACC-1",
            "TransactionDesc": "Deposit",
        }
    )
    mpesa.answer(sent.CheckoutRequestID, cancel=True)
    asked = client.stk_query({"BusinessShortCode": PAYBILL, "CheckoutRequestID": sent.CheckoutRequestID})
    assert str(asked.ResultCode) == "1032"


def test_registers_simulates_and_pulls(mpesa, client):
    client.c2b_register_url(
        {
            "ShortCode": PAYBILL,
            "ResponseType": "Completed",
            "ConfirmationURL": f"{mpesa.hooks}/confirm",
            "ValidationURL": f"{mpesa.hooks}/validate",
        }
    )
    client.c2b_simulate(
        {
            "ShortCode": int(PAYBILL),
            "CommandID": "CustomerPayBillOnline",
            "Amount": 5,
            "Msisdn": int(PHONE),
            "BillRefNumber": "A-9",
        }
    )
    (told,) = mpesa.posted("confirm")
    client.pull_transactions_register(
        {"ShortCode": PAYBILL, "NominatedNumber": PHONE, "CallBackURL": f"{mpesa.hooks}/pull"}
    )
    pulled = client.pull_transactions_query(
        {"ShortCode": PAYBILL, "StartDate": "2020-01-01 00:00:00", "EndDate": "2099-01-01 00:00:00"}
    )
    assert [row.transactionId for row in pulled.Response[0]] == [told["TransID"]]


def test_pays_out_and_to_pochi(mpesa, client):
    common = {
        "Amount": 50,
        "PartyA": int(PAYBILL),
        "PartyB": int(PHONE),
        "Remarks": "Refund",
        "QueueTimeOutURL": f"{mpesa.hooks}/timeout",
        "ResultURL": f"{mpesa.hooks}/result",
    }
    first = {"OriginatorConversationID": "sdk-1", "CommandID": "BusinessPayment", **common}
    assert client.b2c(first).ResponseCode == "0"
    assert client.b2pochi({**common, "OriginatorConversationID": "sdk-2"}).ResponseCode == "0"
    assert [body["Result"]["ResultCode"] for body in mpesa.posted("result")] == [0, 0]


def test_asks_reverses_and_pays_businesses(mpesa, client):
    receipt = mpesa.paid()
    common = {
        "Remarks": "A remark",
        "QueueTimeOutURL": f"{mpesa.hooks}/timeout",
        "ResultURL": f"{mpesa.hooks}/result",
    }
    client.transaction_status(
        {"CommandID": "TransactionStatusQuery", "TransactionID": receipt, "PartyA": int(PAYBILL), **common}
    )
    client.account_balance({"CommandID": "AccountBalance", "PartyA": int(PAYBILL), **common})
    client.reversal(
        {
            "CommandID": "TransactionReversal",
            "TransactionID": receipt,
            "Amount": 100,
            "ReceiverParty": int(PAYBILL),
            **common,
        }
    )
    client.business_pay_bill(
        {"Amount": 190, "PartyA": int(PAYBILL), "PartyB": 600000, "AccountReference": "353353", **common}
    )
    assert [str(body["Result"]["ResultCode"]) for body in mpesa.posted("result")] == ["0"] * 4


def test_looks_people_and_organisations_up(mpesa, client):
    found = client.query_org_info({"IdentifierType": 4, "Identifier": 600000})
    assert (found.ResponseMessage, found.OrganizationName) == ("Success", "Umeme Power")
    mpesa.control("phones", phone=OTHER, swapped_on="20-11-2026")
    assert client.swap({"customerNumber": OTHER}).lastSwapDate == "20-11-2026"
    assert client.imsi_query({"customerNumber": PHONE}).lastSwapDate == "01-01-1900"
    who = client.b2c_hakikisha(
        {
            "header": {"requestID": "sdk-1", "timestamp": "20261121140531"},
            "body": {"msisdn": PHONE, "shortcode": PAYBILL},
        }
    )
    assert who.header.status == "200"
    assert who.body.lastName[1:] == "*" * (len(who.body.lastName) - 1)


FAMILY = {"Amount": "100", "PartyA": PAYBILL, "AccountReference": "353353"}


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        ("business_buy_goods", {"PartyB": TILL}),
        ("b2c_account_top_up", {"PartyB": "600996"}),
        ("tax_remittance", {}),
    ],
)
def test_pays_businesses_itself_and_tax(mpesa, client, call, asked):
    told = {"Remarks": "A remark", "QueueTimeOutURL": f"{mpesa.hooks}/timeout", "ResultURL": f"{mpesa.hooks}/result"}
    assert getattr(client, call)({**FAMILY, **asked, **told}).ResponseCode == "0"
    assert [str(body["Result"]["ResultCode"]) for body in mpesa.posted("result")] == ["0"]
    assert mpesa.truth()["transactions"][-1]["cents"] == 100_00


def test_prompts_a_till_and_draws_a_code(mpesa, client):
    asked = {"primaryShortCode": TILL, "receiverShortCode": PAYBILL, "amount": "71", "paymentRef": "R-1"}
    asked |= {"callbackUrl": f"{mpesa.hooks}/express", "partnerName": "KitBank", "RequestRefID": "sdk-1"}
    assert client.b2b_express(asked).code == "0"
    (told,) = mpesa.posted("express")
    assert (told["resultCode"], told["requestId"]) == ("0", "sdk-1")
    code = {"MerchantName": "KitBank", "RefNo": "R-1", "Amount": 10, "TrxCode": "PB", "CPI": PAYBILL}
    assert client.dynamic_qr(code).QRCode.startswith("iVBORw0KGgo")
