"""Voice: our stand-in, driven by their own library; the bank's side answers with XML."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from africastalking.Voice import VoiceService

from simulators import callbacks
from simulators.providers import voice
from simulators.providers.africastalking import NAME
from simulators.tests.conftest import KEY

PHONE, OTHER = "+254712345908", "+254722000111"
BANK = "+254711082000"
SAY = b"<?xml version='1.0'?><Response>%b</Response>" % (b"<Say>Your code: 4, 1, 8 &amp; 2.</Say>" * 2)


@pytest.fixture
def bank(server):
    """Somebody who is asked what to say; what was asked is kept."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            asked.append({name: values[0] for name, values in form.items()})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SAY)

        def log_message(self, *_):
            pass

    httpd = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    server.house.settings.africastalking_voice_url = f"http://127.0.0.1:{httpd.server_port}/voice"
    yield asked
    httpd.shutdown()
    httpd.server_close()


def dial(web, **fields):
    form = {"username": "sandbox", "from": BANK, "to": PHONE, **fields}
    return web.post("/africastalking/voice/call", data=form, headers=KEY)


def test_takes_calls_of_their_library(server, web):
    service = VoiceService("sandbox", "simulated")
    service._baseUrl = f"{server.address}/africastalking/voice"
    answer = service.call(BANK, [PHONE, OTHER])
    assert answer["errorMessage"] == "None"
    assert [entry["status"] for entry in answer["entries"]] == ["Queued", "Queued"]
    assert all(entry["sessionId"].startswith("ATVId_") for entry in answer["entries"])


def test_asks_what_to_say_shows_it_and_tells_when_it_has_ended(server, web, bank):
    session = dial(web).json()["entries"][0]["sessionId"]
    callbacks.post_due(server.house)
    first, last = bank
    assert (first["isActive"], first["sessionId"], first["destinationNumber"]) == ("1", session, PHONE)
    assert (last["isActive"], last["currencyCode"], last["amount"]) == ("0", "KES", "3.0000")
    assert int(last["durationInSeconds"]) > 0
    page = web.get(f"/phone/{PHONE.lstrip('+')}/").text
    assert "Your code: 4, 1, 8 &amp; 2." in page
    assert page.count("Your code") == 1
    assert web.get(f"/phone/{PHONE.lstrip('+')}.json").json()["calls"][0]["state"] == "HEARD"


def test_nobody_picks_up_when_told_so(server, web, bank):
    server.house.store.script(NAME, PHONE, {"final": "AbsentSubscriber"})
    dial(web)
    callbacks.post_due(server.house)
    assert [(row["isActive"], row["durationInSeconds"]) for row in bank] == [("0", "0")]
    assert "Missed call" in web.get(f"/phone/{PHONE.lstrip('+')}/").text


@pytest.mark.parametrize(
    ("code", "status"), [(403, "InvalidPhoneNumber"), (404, "DestinationNotSupported"), (405, "InsufficientCredit")]
)
def test_refuses_in_their_words(server, web, code, status):
    server.house.store.script(NAME, PHONE, {"status_code": code})
    assert dial(web).json()["entries"] == [{"status": status, "phoneNumber": PHONE, "sessionId": "None"}]


def test_wants_its_key_and_its_fields(web):
    form = {"username": "sandbox", "from": BANK, "to": PHONE}
    assert web.post("/africastalking/voice/call", data=form).status_code == 401
    assert dial(web, **{"from": ""}).status_code == 400
    assert dial(web, to="hello").json()["entries"][0]["status"] == "InvalidPhoneNumber"


def test_rings_again_while_nobody_listens_then_gives_up(server, web):
    server.house.settings.africastalking_voice_url = "http://127.0.0.1:9/voice"
    dial(web)
    for _try in range(voice.TRIES + 1):
        server.house.store.change("UPDATE call SET rings_at = 0")
        voice.ring(server.house)
    assert server.house.store.row("SELECT state, words FROM call") == {"state": "HEARD", "words": ""}


@pytest.mark.parametrize("answer", ["", "<Response>", "hello", "<Other><Say>x</Say></Other>", "<Response/>"])
def test_reads_nothing_from_what_says_nothing(answer):
    assert voice.read(answer) == ""
