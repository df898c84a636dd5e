"""A client of the M-PESA stand-in, and a bank that writes down what is posted to it."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from simulators import callbacks
from simulators.providers.daraja import credential
from simulators.testing import client_of

PHONE, OTHER = "254712345908", "254722000111"
KEYS = ("simulated-key", "simulated-secret")
PAYBILL, TILL, HEAD = "174379", "300584", "300500"
STAMP = "20261121140531"
PASSWORD = base64.b64encode(f"{PAYBILL}simulated-passkey{STAMP}".encode()).decode()


class Bank(BaseHTTPRequestHandler):
    """Answers validations as told."""

    posts: list[tuple[str, Any]] = []
    validation: Any = {"ResultCode": "0", "ResultDesc": "Accepted"}
    wait = threading.Event()

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert self.headers["Content-Type"] == "application/json"
        try:
            body = json.loads(text)
        except ValueError:
            body = text
        type(self).posts.append((self.path.removeprefix("/hooks/"), body))
        asked = self.path.endswith("validate")
        if asked and self.validation is None:
            self.wait.wait(5)
        answer = self.validation if asked else {"ResultCode": 0, "ResultDesc": "Accepted"}
        payload = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Client:
    """What the tests ask of the stand-in."""

    def __init__(self, server: Any, web: httpx.Client, hooks: str) -> None:
        self.house, self.web, self.hooks = server.house, web, hooks
        self.address = f"{server.address}/daraja"
        self.http = client_of(server, "/daraja")
        self.sign_in()

    def sign_in(self) -> str:
        answer = self.http.get(
            "/oauth/v1/generate?grant_type=client_credentials", auth=("simulated-key", "simulated-secret")
        )
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return str(answer.json()["access_token"])

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.http.post(path, json=body)

    def control(self, what: str, **values: Any) -> dict[str, Any]:
        answer = self.web.post(f"/control/mpesa/{what}/", json=values)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def push_body(self, **fields: Any) -> dict[str, Any]:
        return {
            "BusinessShortCode": int(PAYBILL),
            "Password": PASSWORD,
            "Timestamp": STAMP,
            "TransactionType": "CustomerPayBillOnline",
            "Amount": 100,
            "PartyA": int(PHONE),
            "PartyB": int(PAYBILL),
            "PhoneNumber": int(PHONE),
            "CallBackURL": f"{self.hooks}/stk",
            "AccountReference": "ACC-1",
            "TransactionDesc": "Deposit",
            **fields,
        }

    def push(self, **fields: Any) -> httpx.Response:
        return self.post("/mpesa/stkpush/v1/processrequest", self.push_body(**fields))

    def query(self, checkout: str, **fields: Any) -> httpx.Response:
        body = {"BusinessShortCode": PAYBILL, "Password": PASSWORD, "Timestamp": STAMP, "CheckoutRequestID": checkout}
        return self.post("/mpesa/stkpushquery/v1/query", {**body, **fields})

    def answer(self, checkout: str, phone: str = PHONE, **how: Any) -> httpx.Response:
        return self.web.post(f"/phone/{phone}/stk/{checkout}", json=how)

    def paid(self, **fields: Any) -> str:
        """A prompt, paid; its receipt."""
        checkout = self.push(**fields).json()["CheckoutRequestID"]
        assert self.answer(checkout, str(fields.get("PhoneNumber", PHONE)), pin="1234").json()["result_code"] == "0"
        return next(row["receipt"] for row in self.truth()["pushes"] if row["checkout_id"] == checkout)

    def family(self, **fields: Any) -> dict[str, Any]:
        return {
            "Initiator": "simulatedapi",
            "SecurityCredential": credential.sealed(self.house, "Simulated#1"),
            "Remarks": "A remark",
            "QueueTimeOutURL": f"{self.hooks}/timeout",
            "ResultURL": f"{self.hooks}/result",
            **fields,
        }

    def b2c_body(self, own: str = "own-1", **fields: Any) -> dict[str, Any]:
        body = self.family(
            OriginatorConversationID=own,
            InitiatorName="simulatedapi",
            CommandID="BusinessPayment",
            Amount=200,
            PartyA=PAYBILL,
            PartyB=PHONE,
            Occassion="",
        )
        return {**body, **fields}

    def b2c(self, own: str = "own-1", **fields: Any) -> httpx.Response:
        return self.post("/mpesa/b2c/v3/paymentrequest", self.b2c_body(own, **fields))

    def b2b(self, **fields: Any) -> httpx.Response:
        body = self.family(
            CommandID="BusinessPayBill",
            SenderIdentifierType="4",
            RecieverIdentifierType="4",
            Amount="190",
            PartyA=PAYBILL,
            PartyB="600000",
            AccountReference="353353",
        )
        return self.post("/mpesa/b2b/v1/paymentrequest", {**body, **fields})

    def register(self, version: str = "v2", kind: str = "Completed", shortcode: str = PAYBILL) -> httpx.Response:
        body = {
            "ShortCode": shortcode,
            "ResponseType": kind,
            "ConfirmationURL": f"{self.hooks}/confirm",
            "ValidationURL": f"{self.hooks}/validate",
        }
        return self.post(f"/mpesa/c2b/{version}/registerurl", body)

    def simulate(self, version: str = "v2", **fields: Any) -> httpx.Response:
        body = {
            "ShortCode": PAYBILL,
            "CommandID": "CustomerPayBillOnline",
            "Amount": 5,
            "Msisdn": PHONE,
            "BillRefNumber": "A-9",
        }
        return self.post(f"/mpesa/c2b/{version}/simulate", {**body, **fields})

    def truth(self) -> dict[str, Any]:
        return dict(self.http.get("/truth.json").json())

    def balance(self, owner: str, account: str = "MPESA Account") -> int:
        """In cents."""
        found = [row["cents"] for row in self.truth()["accounts"] if (row["owner"], row["name"]) == (owner, account)]
        return int(found[0]) if found else 0

    def posted(self, *kinds: str) -> list[Any]:
        """What reached the bank, after everything due was posted."""
        callbacks.post_due(self.house)
        return [body for path, body in Bank.posts if not kinds or path in kinds]

    def result(self) -> dict[str, Any]:
        """The one result that was posted."""
        (found,) = self.posted("result")
        return dict(found["Result"])


def parameters(result: dict[str, Any]) -> dict[str, Any]:
    return {row["Key"]: row.get("Value") for row in result["ResultParameters"]["ResultParameter"]}


@pytest.fixture
def bank() -> Iterator[str]:
    Bank.posts, Bank.validation, Bank.wait = [], {"ResultCode": "0", "ResultDesc": "Accepted"}, threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bank)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hooks"
    Bank.wait.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def mpesa(server, web, bank) -> Iterator[Client]:
    """Ends every test with books that balance."""
    client = Client(server, web, bank)
    for what, who in (("phones", {"phone": PHONE}), ("organisations", {"shortcode": PAYBILL})):
        client.control(what, **who)  # met, so that they have their balances
    yield client
    assert client.truth()["sum_of_all_accounts"] == 0
    client.http.close()


@pytest.fixture(name="credential")
def sealed_password(mpesa):
    """The initiator's password as the documents seal it."""
    return mpesa.family()["SecurityCredential"]


@pytest.fixture
def _this_machine(monkeypatch):
    """Clients that ask the environment for a proxy find none for this machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
