"""Airtime and USSD: our stand-ins, driven by Africa's Talking's own library and by a bank that a test plays."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from africastalking.Airtime import AirtimeService
from africastalking.Service import AfricasTalkingException

from simulators import callbacks
from simulators.providers import africastalking_airtime
from simulators.tests.conftest import KEY

PHONE = "+254712345908"
BASE = "/africastalking/version1"


class Bank:
    """Answers as a bank would, and remembers what it was told."""

    def __init__(self):
        self.heard, self.says = [], {"validation": '{"status": "Validated"}', "status": "{}", "ussd": "CON Menu"}
        bank = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self):
                what = self.path.rsplit("/", 1)[-1]
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                bank.heard.append((what, self.headers["Content-Type"], body))
                answer = bank.says[what].encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_said):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def told(self, what):
        return [body for name, _kind, body in self.heard if name == what]


@pytest.fixture
def bank(server, web):
    bank = Bank()
    address = f"http://127.0.0.1:{bank.server.server_port}"
    for what in ("airtime_status", "airtime_validation", "ussd"):
        server.house.store.set(f"africastalking.{what}_url", f"{address}/{what.rsplit('_', 1)[-1]}")
    yield bank
    bank.server.shutdown()


@pytest.fixture
def sdk(server, web):
    """Their library, pointed at us."""
    airtime = AirtimeService("sandbox", "simulated")
    airtime._baseUrl = f"{server.address}{BASE}/airtime"
    return airtime


def test_their_library_buys_airtime_once_a_key(sdk, bank, server):
    answer = sdk.send(phone_number=PHONE, amount=100, currency_code="KES", idempotency_key="req-1")
    row = answer["responses"][0]
    assert (answer["errorMessage"], answer["numSent"], answer["totalAmount"]) == ("None", 1, "KES 100.0000")
    assert row.pop("requestId").startswith("ATQid_")
    assert row == {
        "phoneNumber": PHONE,
        "errorMessage": "None",
        "amount": "KES 100.0000",
        "status": "Sent",
        "discount": "KES 4.0000",
    }
    again = sdk.send(phone_number=PHONE, amount=100, currency_code="KES", idempotency_key="req-1")
    assert (again["numSent"], again["responses"]) == (0, [])
    assert again["errorMessage"] != "None"


def test_their_library_is_told_that_its_key_is_wrong(server, web):
    stranger = AirtimeService("sandbox", "wrong")
    stranger._baseUrl = f"{server.address}{BASE}/airtime"
    with pytest.raises(AfricasTalkingException, match="The supplied authentication is invalid"):
        stranger.send(phone_number=PHONE, amount=100, currency_code="KES")


def test_asks_the_bank_first_and_then_tells_it(sdk, bank, server, web):
    name = sdk.send(phone_number=PHONE, amount=50, currency_code="KES")["responses"][0]["requestId"]
    callbacks.post_due(server.house)
    assert json.loads(bank.told("validation")[0]) | {"sourceIpAddress": ""} == {
        "transactionId": name,
        "phoneNumber": PHONE,
        "sourceIpAddress": "",
        "currencyCode": "KES",
        "amount": 50.0,
    }
    told = json.loads(bank.told("status")[0])
    assert (told["status"], told["requestId"], told["value"]) == ("Success", name, "KES 50.0000")
    found = web.get(
        "/africastalking/query/transaction/find", params={"username": "sandbox", "transactionId": name}, headers=KEY
    )
    assert found.json()["data"]["status"] == "Success"


def test_loads_nothing_that_the_bank_did_not_order(sdk, bank, server):
    bank.says["validation"] = '{"status": "Failed"}'
    sdk.send(phone_number=PHONE, amount=50, currency_code="KES")
    callbacks.post_due(server.house)
    assert json.loads(bank.told("status")[0])["status"] == "Failed"


@pytest.mark.parametrize(("order", "times"), [("NONE", 0), ("DUPLICATE", 2)])
def test_tells_as_often_as_it_was_scripted(sdk, bank, server, web, order, times):
    assert web.post("/control/scripts/", json={"phone": PHONE, "callbacks": order}).status_code == 200
    sdk.send(phone_number=PHONE, amount=50, currency_code="KES")
    callbacks.post_due(server.house)
    assert len(bank.told("status")) == times


def test_refuses_one_of_two(sdk, bank, web):
    web.post("/control/scripts/", json={"phone": PHONE, "status_code": 404})
    wanted = [{"phoneNumber": phone, "amount": "20", "currency_code": "KES"} for phone in (PHONE, "+254733000114")]
    rows = sdk.send(recipients=wanted)["responses"]
    assert [(row["status"], row["requestId"] == "None") for row in rows] == [("Failed", True), ("Sent", False)]


def test_dials_as_the_gateway_does(bank, web, server):
    assert web.post(f"/phone/{PHONE}/ussd", json={"code": "*384*5482#"}).json()["goes_on"]
    web.post(f"/phone/{PHONE}/ussd", json={"typed": "3"})
    web.post(f"/phone/{PHONE}/ussd", json={"typed": "4826"})
    steps = [{name: values[-1] for name, values in parse_qs(body).items()} for body in bank.told("ussd")]
    assert [step.get("text", "") for step in steps] == ["", "3", "3*4826"]
    assert len({step["sessionId"] for step in steps}) == 1
    assert set(steps[1]) == {"sessionId", "phoneNumber", "networkCode", "serviceCode", "text"}
    assert (steps[1]["phoneNumber"], steps[1]["networkCode"]) == (PHONE, "63902")
    assert "4826" not in web.get("/control/journal.json").text


def test_posts_the_same_step_again(bank, web):
    web.post(f"/phone/{PHONE}/ussd", json={"code": "*384*5482#"})
    web.post(f"/phone/{PHONE}/ussd", json={"typed": "1"})
    web.post(f"/phone/{PHONE}/ussd", json={"again": True})
    first, second = bank.told("ussd")[1:]
    assert first == second


@pytest.mark.parametrize("answer", ["Hello", "CON " + "x" * 180])
def test_ends_on_what_no_phone_shows(bank, web, answer):
    bank.says["ussd"] = answer
    told = web.post(f"/phone/{PHONE}/ussd", json={"code": "*384*5482#"}).json()
    assert (told["goes_on"], told["screen"]) == (False, "Connection problem or invalid MMI code.")


def test_the_phone_page_dials_without_script(bank, web):
    page = f"/phone/{PHONE.lstrip('+')}/"
    assert "Number to dial" in web.get(page).text
    web.post(f"{page}ussd", data={"code": "*384*5482#"})
    assert "Menu" in web.get(page).text
    assert "Your answer" in web.get(page).text
    bank.says["ussd"] = "END Bye"
    web.post(f"{page}ussd", data={"typed": "1"})
    shown = web.get(page).text
    assert "Bye" in shown
    assert "Your answer" not in shown


def test_an_order_is_loaded_once_whoever_comes_first(sdk, bank, server):
    """A bank is asked once: asked again after the first status, it would say that nothing is open, and be believed."""
    request_id = sdk.send(phone_number=PHONE, amount=100, currency_code="KES")["responses"][0]["requestId"]
    with ThreadPoolExecutor(4) as pool:
        loads = list(pool.map(lambda _nth: africastalking_airtime.load(server.house, request_id), range(4)))
    assert (sorted(loads), len(bank.told("validation"))) == ([False, False, False, True], 1)
    assert server.house.store.row("SELECT state FROM airtime")["state"] == "LOADED"


def test_a_key_counts_once_also_when_its_first_line_was_refused(sdk, bank, server, web):
    web.post("/control/scripts/", json={"phone": PHONE, "status_code": 404})
    wanted = [{"phoneNumber": one, "amount": "10", "currency_code": "KES"} for one in (PHONE, "+254722000111")]
    with ThreadPoolExecutor(4) as pool:
        tries = [
            pool.submit(sdk.send, recipients=[dict(one) for one in wanted], idempotency_key="k") for _nth in "1234"
        ]
        sent = [one.result()["numSent"] for one in tries]
    assert sorted(sent) == [0, 0, 0, 1]
    assert len(server.house.store.rows("SELECT 1 FROM airtime")) == 1


@pytest.mark.parametrize("amount", ["KES 100.005", "KES 100,000", "KES 10 or 20"])
def test_an_amount_that_is_none_is_refused_and_not_cut(bank, web, amount):
    form = {"username": "sandbox", "recipients": json.dumps([{"phoneNumber": PHONE, "amount": amount}])}
    answer = web.post(f"{BASE}/airtime/send", data=form, headers=KEY).json()
    assert (answer["numSent"], answer["responses"][0]["status"]) == (0, "Failed")
