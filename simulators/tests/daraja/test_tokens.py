"""Tokens, error bodies and security credentials."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding

from simulators.tests.daraja.conftest import PAYBILL

TOKEN = "/oauth/v1/generate?grant_type=client_credentials"
KEYS = ("simulated-key", "simulated-secret")


def error(answer):
    body = answer.json()
    assert set(body) == {"requestId", "errorCode", "errorMessage"}
    return answer.status_code, body["errorCode"]


def test_gives_a_token_for_text_3599_seconds(mpesa):
    answer = mpesa.http.get(TOKEN, auth=KEYS)
    assert answer.text == f'{{"access_token": "{answer.json()["access_token"]}", "expires_in": "3599"}}'
    assert answer.headers["content-type"] == "application/json"
    mpesa.control("switches", token_as_integer=True)
    assert mpesa.http.get(TOKEN, auth=KEYS).json()["expires_in"] == 3599


def test_a_wrong_key_gets_an_empty_body(mpesa):
    for keys in (("simulated-key", "x"), ("x", "simulated-secret")):
        answer = mpesa.http.get(TOKEN, auth=keys)
        assert (answer.status_code, answer.content) == (400, b"")


def test_wrong_ways_to_ask_for_a_token_are_named(mpesa):
    assert error(mpesa.http.get(TOKEN)) == (400, "400.008.01")  # the client's own Bearer header
    assert error(mpesa.http.get("/oauth/v1/generate?grant_type=x", auth=KEYS)) == (400, "400.008.02")
    assert error(mpesa.http.post(TOKEN, auth=KEYS)) == (405, "405.001")


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/mpesa/stkpush/v1/processrequest", (404, "404.001.03")),
        ("/mpesa/c2b/v2/registerurl", (400, "400.003.01")),
        ("/mpesa/b2c/v3/paymentrequest", (401, "401.002.01")),
    ],
)
def test_a_new_token_ends_the_former_unless_they_coexist(mpesa, path, refusal):
    former = mpesa.http.headers["Authorization"]
    latest = f"Bearer {mpesa.sign_in()}"
    mpesa.http.headers["Authorization"] = former
    assert error(mpesa.post(path, {})) == refusal
    mpesa.control("switches", tokens_coexist=True)
    mpesa.http.headers["Authorization"] = latest
    mpesa.sign_in()
    mpesa.http.headers["Authorization"] = latest
    assert error(mpesa.post(path, {}))[1] == "400.002.02"


def test_a_token_ends_after_an_hour(mpesa):
    assert error(mpesa.push(Amount=0)) == (400, "400.002.02")
    mpesa.control("clock", forward=3599)
    assert error(mpesa.push()) == (404, "404.001.03")


def test_other_refusals_are_named(mpesa):
    assert error(mpesa.http.get("/mpesa/b2c/v3/paymentrequest")) == (405, "405.001")
    assert error(mpesa.post("/mpesa/nothing", {})) == (404, "404.001.01")
    bad = mpesa.http.post("/mpesa/b2c/v3/paymentrequest", content=b"{", headers={"Content-Type": "application/json"})
    assert error(bad) == (400, "400.002.05")
    del mpesa.http.headers["Authorization"]
    assert error(mpesa.push()) == (404, "404.001.04")


@pytest.mark.parametrize("word", ["mpesa", "M-Pesa", "safaricom", "exec", "cmd", "SQL", "query"])
def test_callback_addresses_keep_to_the_portals_words(mpesa, word):
    answer = mpesa.push(CallBackURL=f"{mpesa.hooks}/{word}")
    assert (error(answer), answer.json()["errorMessage"]) == (
        (400, "400.002.02"),
        "Bad Request - Invalid CallBackURL",
    )
    mpesa.control("switches", strict_urls=False)
    assert mpesa.push(CallBackURL=f"{mpesa.hooks}/{word}").status_code == 200


def sealed(mpesa, password):
    certificate = x509.load_pem_x509_certificate(mpesa.http.get("/certificate.cer").content)
    return base64.b64encode(certificate.public_key().encrypt(password.encode(), padding.PKCS1v15())).decode()


def test_the_certificate_seals_a_credential(mpesa):
    credential = sealed(mpesa, "Simulated#1")
    assert len(credential) == 344
    mpesa.b2c(SecurityCredential=credential)
    assert mpesa.result()["ResultCode"] == 0


def test_five_wrong_credentials_lock_the_initiator(mpesa):
    for number in range(5):
        mpesa.b2c(f"own-{number}", SecurityCredential=sealed(mpesa, "wrong"))
    mpesa.b2c("own-5")
    codes = [body["Result"]["ResultCode"] for body in mpesa.posted("result")]
    assert codes == [2001, 2001, 2001, 2001, 2001, 8006]
    mpesa.control("initiators")
    mpesa.b2c("own-6")
    assert mpesa.posted("result")[-1]["Result"]["ResultCode"] == 0


@pytest.mark.parametrize("credential", ["not base64!", base64.b64encode(b"x" * 256).decode()])
def test_a_credential_that_is_none_is_a_wrong_one(mpesa, credential):
    mpesa.b2c(SecurityCredential=credential)
    result = mpesa.result()
    assert (result["ResultCode"], result["TransactionID"][-7:]) == (2001, "0000000")
    assert "ResultParameters" not in result
    assert mpesa.balance(PAYBILL, "Utility Account") == 5_000_000_00


def test_an_initiator_without_the_role_is_told(mpesa):
    mpesa.control("initiators", products="stk,balance")
    mpesa.b2c()
    assert mpesa.result()["ResultCode"] == 21
    mpesa.b2c("own-2", InitiatorName="nobody")
    assert mpesa.posted("result")[-1]["Result"]["ResultCode"] == 2001
