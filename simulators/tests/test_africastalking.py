"""Africa's Talking: our stand-in, driven by their own library and by hand."""

import json
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from africastalking.Application import ApplicationService
from africastalking.Service import AfricasTalkingException
from africastalking.SMS import SMSService

from simulators import callbacks
from simulators.providers import africastalking
from simulators.tests.conftest import KEY

PHONE, OTHER = "+254712345908", "+254722000111"
BASE = "/africastalking/version1"


@pytest.fixture
def sdk(server, web):
    """Their library, pointed at us."""
    sms = SMSService("sandbox", "simulated")
    sms._baseUrl = sms._contentUrl = f"{server.address}{BASE}"
    return sms


def post(web, **fields):
    form = {"username": "sandbox", "to": PHONE, "message": "Hello", **fields}
    return web.post(f"{BASE}/messaging", data=form, headers=KEY)


class TestTheirLibrary:
    """What an independent client sees."""

    def test_sends(self, sdk):
        answer = sdk.send("Habari", [PHONE, OTHER], "KITBANK")["SMSMessageData"]
        assert answer["Message"] == "Sent to 2/2 Total Cost: KES 1.6000"
        first = answer["Recipients"][0]
        assert first.pop("messageId").startswith("ATPid_")
        assert first == {"statusCode": 101, "number": PHONE, "status": "Success", "cost": "KES 0.8000"}

    def test_sends_premium(self, sdk):
        answer = sdk.send_premium("Habari", "20880", [PHONE], keyword="go", link_id="x", retry_duration_in_hours=1)
        assert answer["SMSMessageData"]["Recipients"][0]["statusCode"] == 101

    def test_fetches_the_inbox_from_where_it_was(self, sdk, web):
        for text in ("one", "two"):
            web.post("/control/incoming/", json={"phone": "0712 345 908", "text": text})
        rows = sdk.fetch_messages()["SMSMessageData"]["Messages"]
        assert [row["text"] for row in rows] == ["one", "two"]
        assert set(rows[0]) == {"linkId", "text", "to", "id", "date", "from"}
        assert (rows[0]["from"], rows[0]["to"]) == (PHONE, "20880")
        later = sdk.fetch_messages(last_received_id=rows[0]["id"])["SMSMessageData"]["Messages"]
        assert [row["text"] for row in later] == ["two"]

    def test_reads_the_balance_go_down(self, server, sdk):
        application = ApplicationService("sandbox", "simulated")
        application._baseUrl = f"{server.address}{BASE}"
        assert application.fetch_application_data() == {"UserData": {"balance": "KES 5000.00"}}
        sdk.send("x" * 161, [PHONE])
        assert application.fetch_application_data() == {"UserData": {"balance": "KES 4998.40"}}

    def test_is_told_that_its_key_is_wrong(self, server, web):
        stranger = SMSService("sandbox", "wrong")
        stranger._baseUrl = f"{server.address}{BASE}"
        with pytest.raises(AfricasTalkingException, match="The supplied authentication is invalid"):
            stranger.send("Habari", [PHONE])


def test_answers_byte_for_byte(web):
    answer = post(web)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    message_id = answer.json()["SMSMessageData"]["Recipients"][0]["messageId"]
    assert answer.text == (
        '{"SMSMessageData": {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [{"statusCode": 101, '
        f'"number": "{PHONE}", "status": "Success", "cost": "KES 0.8000", "messageId": "{message_id}"}}]}}}}'
    )


def test_refuses_a_wrong_key_in_plain_text(web):
    for headers, username in (({}, "sandbox"), ({"apiKey": "x"}, "sandbox"), (KEY, "somebody")):
        answer = web.post(
            f"{BASE}/messaging", data={"username": username, "to": PHONE, "message": "x"}, headers=headers
        )
        assert (answer.status_code, answer.headers["content-type"]) == (401, "text/plain")
    assert web.get(f"{BASE}/user?username=sandbox").status_code == 401


@pytest.mark.parametrize("numbers", [[PHONE, OTHER], PHONE])
def test_takes_json(web, numbers):
    body = {"username": "sandbox", "message": "Hello", "senderId": "KITBANK", "phoneNumbers": numbers}
    answer = web.post(f"{BASE}/messaging/bulk", json=body, headers=KEY)
    assert answer.status_code == 201
    assert answer.json()["SMSMessageData"]["Recipients"][0]["number"] == PHONE
    assert web.post(f"{BASE}/messaging/bulk", content=b"{", headers=KEY).status_code == 400


def test_sends_to_a_payer_whose_number_m_pesa_hides(web):
    """The counterpart of a C2B confirmation that names its payer by a hash alone."""
    web.post("/phone/254712345908/pay/", json={"shortcode": "174379", "reference": "X", "amount": 10, "pin": "1234"})
    hidden = sha256(b"254712345908").hexdigest()
    body = {
        "username": "sandbox",
        "phoneNumbers": [],
        "maskedNumber": hidden,
        "telco": "Safaricom",
        "message": "Thanks",
    }
    row = web.post(f"{BASE}/messaging/bulk", json=body, headers=KEY).json()["SMSMessageData"]["Recipients"][0]
    assert (row["statusCode"], row["number"], row["cost"]) == (101, hidden, "KES 0.8000")
    assert "Thanks" in [one["text"] for one in web.get(f"/phone/{PHONE}.json").json()["messages"]]
    assert web.post(f"{BASE}/messaging/bulk", json=body | {"telco": "Airtel"}, headers=KEY).status_code == 400


@pytest.mark.parametrize(
    ("phone", "code"), [("0712345908", 403), ("+254", 403), ("+254201234567", 404), ("+254112345908", 101)]
)
def test_numbers_that_are_none_are_refused(web, phone, code):
    assert post(web, to=phone).json()["SMSMessageData"]["Recipients"][0]["statusCode"] == code


@pytest.mark.parametrize("code", sorted(set(africastalking.CODES) - africastalking.TAKEN))
def test_a_refused_recipient_costs_nothing_and_has_no_id(web, code):
    web.post("/control/scripts/", json={"phone": PHONE, "status_code": code})
    answer = post(web).json()["SMSMessageData"]
    assert answer["Recipients"] == [
        {
            "statusCode": code,
            "number": PHONE,
            "status": africastalking.CODES[code],
            "cost": "0",
            "messageId": "None",
        }
    ]
    assert answer["Message"] == "Sent to 0/1 Total Cost: 0"
    assert web.get(f"/phone/{PHONE}.json").json()["messages"] == []


def test_an_empty_purse_refuses(web):
    web.post("/control/balance/", json={"balance": 0.8})
    assert post(web).json()["SMSMessageData"]["Recipients"][0]["statusCode"] == 101
    assert post(web).json()["SMSMessageData"]["Recipients"][0]["statusCode"] == 405


def test_twenty_at_once_never_overdraw_the_purse(server, web):
    web.post("/control/balance/", json={"balance": 8})
    codes = []
    threads = [
        threading.Thread(target=lambda: codes.append(post(web).json()["SMSMessageData"]["Recipients"][0]["statusCode"]))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (codes.count(101), codes.count(405)) == (10, 10)
    assert africastalking.balance(server.house) == 0


def test_a_sender_nobody_registered_is_refused_without_recipients(web):
    answer = post(web, **{"from": "SOMEBODY"})
    assert answer.status_code == 201
    assert answer.json() == {"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}


def test_breaks_as_told(web):
    web.post("/control/scripts/", json={"phone": PHONE, "http_status": 502})
    assert post(web).status_code == 502
    web.post("/control/scripts/", json={"phone": PHONE, "malformed": True})
    with pytest.raises(json.JSONDecodeError):
        post(web).json()
    web.post("/control/scripts/", json={"phone": PHONE, "slow": 0.2})
    assert post(web).elapsed.total_seconds() > 0.2
    web.post("/control/scripts/", json={"phone": PHONE})
    assert post(web).json()["SMSMessageData"]["Recipients"][0]["statusCode"] == 101


@pytest.mark.parametrize(
    "plan",
    [{"status_code": 999}, {"status_code": "x"}, {"final": "Teleported"}, {"callbacks": "SIDEWAYS"}, {"delay": "x"}],
)
def test_refuses_a_plan_it_does_not_know(web, plan):
    answer = web.post("/control/scripts/", json={"phone": PHONE, **plan})
    assert answer.status_code == 400
    assert web.post("/control/scripts/", json={"phone": "nonsense"}).status_code == 400


class Bank(BaseHTTPRequestHandler):
    """A bank that writes down what is posted to it."""

    posts: list[dict[str, str]] = []
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).posts.append(
            {
                "path": self.path,
                "type": self.headers["Content-Type"],
                **{name: values[0] for name, values in parse_qs(body).items()},
            }
        )
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def bank(web):
    Bank.posts, Bank.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), Bank)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/webhooks/africastalking/delivery?token=t"
    assert web.post("/control/delivery-url/", json={"url": url}).status_code == 200
    yield Bank
    server.shutdown()
    server.server_close()


class TestReports:
    """What is posted to the bank afterwards."""

    @pytest.mark.parametrize(
        ("plan", "statuses"),
        [
            ({}, ["Sent", "Submitted", "Success"]),
            ({"callbacks": "OUT_OF_ORDER"}, ["Success", "Submitted", "Sent"]),
            ({"callbacks": "DUPLICATE"}, ["Sent", "Sent", "Submitted", "Submitted", "Success", "Success"]),
            ({"callbacks": "NONE"}, []),
            ({"final": "Failed", "reason": "UserInBlackList"}, ["Sent", "Submitted", "Failed"]),
        ],
    )
    def test_progress_as_planned(self, server, web, bank, plan, statuses):
        web.post("/control/scripts/", json={"phone": PHONE, **plan})
        message_id = post(web).json()["SMSMessageData"]["Recipients"][0]["messageId"]
        callbacks.post_due(server.house)
        assert [found["status"] for found in bank.posts] == statuses
        for found in bank.posts:
            assert found["path"] == "/webhooks/africastalking/delivery?token=t"
            assert found["type"] == "application/x-www-form-urlencoded"
            assert (found["id"], found["phoneNumber"], found["networkCode"]) == (message_id, PHONE, "63902")
            assert found.get("failureReason") == ("UserInBlackList" if found["status"] == "Failed" else None)
        assert callbacks.post_due(server.house) == 0

    def test_a_message_that_fails_never_shows_on_the_phone(self, web, bank):
        web.post("/control/scripts/", json={"phone": PHONE, "final": "AbsentSubscriber"})
        post(web)
        assert web.get(f"/phone/{PHONE}.json").json()["messages"] == []

    def test_are_late_as_planned(self, server, web, bank):
        web.post("/control/scripts/", json={"phone": PHONE, "delay": 60})
        post(web)
        assert callbacks.post_due(server.house) == 0
        assert web.get(f"/phone/{PHONE}.json").json()["messages"] == []

    def test_wait_for_a_bank_that_is_not_there_yet(self, server, web):
        web.post("/control/delivery-url/", json={"url": "http://127.0.0.1:9/x"})
        post(web)
        assert callbacks.post_due(server.house) == 3
        waiting = server.house.store.rows("SELECT * FROM callback WHERE done_at IS NULL")
        assert [row["tries"] for row in waiting] == [1, 1, 1]

    def test_go_to_this_machine_only(self, web):
        assert web.post("/control/delivery-url/", json={"url": "http://example.com/x"}).status_code == 400

    def test_can_be_posted_again_from_the_journal(self, server, web, bank):
        post(web)
        callbacks.post_due(server.house)
        entries = web.get("/control/journal.json").json()["entries"]
        out = next(entry for entry in entries if entry["direction"] == "OUT" and "Success" in entry["body"])
        inward = next(entry for entry in entries if entry["direction"] == "IN")
        answer = web.post(f"/control/journal/{out['id']}/replay/", json={})
        assert answer.json() == {"status": 200, "error": ""}
        assert bank.posts[-1]["status"] == "Success"
        assert len(bank.posts) == 4
        assert web.post(f"/control/journal/{inward['id']}/replay/", json={}).status_code == 404


def test_the_journal_keeps_every_word_but_the_key(web):
    post(web)
    entry = web.get("/control/journal.json?provider=africastalking").json()["entries"][0]
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", f"{BASE}/messaging", 201)
    assert "message=Hello" in entry["body"]
    assert "Recipients" in entry["answer"]
    assert "simulated" not in json.dumps(entry)
