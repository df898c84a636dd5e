"""What a person sees, and who may look."""

import re
import smtplib
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from simulators import numbers
from simulators.tests.conftest import KEY

PHONE = "+254712345908"
PAGES = [
    "/",
    "/phone/",
    "/phone/254712345908/",
    "/mail/",
    "/mail/1/",
    "/control/",
    "/control/journal/",
    "/control/mpesa/",
]


def sms(web, text: str, phone: str = PHONE) -> None:
    form = {"username": "sandbox", "to": phone, "message": text, "from": "KITBANK"}
    assert web.post("/africastalking/version1/messaging", data=form, headers=KEY).status_code == 201


def mail(server, to: str = "wanjiku@example.com", text: str = "Habari") -> None:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Your code <b>", "no-reply@kitbank.example", to
    letter.set_content(text)
    with smtplib.SMTP("127.0.0.1", server.settings.mail_port) as line:
        line.send_message(letter)


class Outline(HTMLParser):
    """The parts of a page that tests ask about."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_strict_and_labelled(server, web, path):
    sms(web, "Hello")
    mail(server)
    answer = web.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    outline = Outline()
    outline.feed(answer.text)
    names = [tag for tag, _ in outline.tags]
    assert names.count("h1") == 1
    assert names.count("main") == 1
    assert ("html", {"lang": "en"}) in outline.tags
    labelled = {attrs["for"] for tag, attrs in outline.tags if tag == "label"}
    fields = {attrs["id"] for tag, attrs in outline.tags if tag in {"input", "select", "textarea"}}
    assert fields <= labelled
    for tag, attrs in outline.tags:
        assert "style" not in attrs
        assert not any(name.startswith("on") for name in attrs)
        assert tag != "style"
        assert tag != "script" or attrs.get("src", "").startswith("/static/")


def test_the_phone_shows_the_newest_first(web):
    for text in ("first", "second <b>bold</b>"):
        sms(web, text)
    page = web.get("/phone/0712345908/").text
    assert page.index("second &lt;b&gt;bold") < page.index("first")
    assert "0712 345 908" in page
    assert 'href="/phone/254712345908/"' in page
    feed = web.get("/phone/254712345908.json").json()
    assert feed["phone"] == PHONE
    assert [row["text"] for row in feed["messages"]] == ["second <b>bold</b>", "first"]
    assert web.get("/phone/+254712345908.json").json() == feed
    assert web.get("/phone/0712345908.json").json() == feed


def test_the_phones_script_asks_only_for_news(web):
    sms(web, "first")
    mark = re.search(r'data-mark="(\w+)"', web.get("/phone/254712345908/").text)[1]
    assert web.get(f"/phone/254712345908/messages?seen={mark}").status_code == 204
    sms(web, "second")
    news = web.get(f"/phone/254712345908/messages?seen={mark}")
    assert news.status_code == 200
    assert "second" in news.text
    assert "<html" not in news.text


def test_a_number_may_be_typed_in_any_way(web):
    for typed in ("0712 345 908", "+254712345908", "254-712-345-908", "712345908"):
        answer = web.get("/phone/", params={"number": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, "/phone/254712345908/")
    wrong = web.get("/phone/", params={"number": "<b>"})
    assert "“&lt;b&gt;” is no phone number" in wrong.text
    assert web.get("/phone/nonsense/").status_code == 404
    assert web.get("/phone/nonsense.json").status_code == 404


def test_phones_with_messages_are_listed(web):
    sms(web, "Hello")
    sms(web, "There", "+254722000111")
    page = web.get("/phone/").text
    assert page.index("/phone/254722000111/") < page.index("/phone/254712345908/")


def test_mail_is_listed_newest_first_and_read_as_text(server, web):
    mail(server)
    mail(server, to="otieno@example.com", text="Line one\nüß <script>")
    page = web.get("/mail/").text
    assert page.index("otieno@example.com") < page.index("wanjiku@example.com")
    assert "Your code &lt;b&gt;" in page
    assert "otieno" not in web.get("/mail/", params={"to": "wanjiku@example.com"}).text
    feed = web.get("/mail.json", params={"to": "OTIENO@example.com"}).json()["mails"]
    assert [(row["to"], row["subject"]) for row in feed] == [(["otieno@example.com"], "Your code <b>")]
    one = web.get(f"/mail/{feed[0]['id']}/").text
    assert "üß &lt;script&gt;" in one
    assert "Subject: Your code" in web.get(f"/mail/{feed[0]['id']}/raw").text
    assert web.get("/mail/999/").status_code == 404


def test_scripts_show_on_the_control_page_and_forms_lead_back(web):
    answer = web.post("/control/scripts/", data={"phone": "0712 345 908", "status_code": "403", "final": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/control/")
    assert "403" in web.get("/control/").text
    wrong = web.post("/control/scripts/", data={"phone": "x"})
    assert (wrong.status_code, "That is no phone number." in wrong.text) == (400, True)
    assert web.post("/control/forget/").status_code == 303
    assert web.get("/control/journal.json").json()["entries"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8100"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_other_sites_are_turned_away(web, headers):
    assert web.post("/control/forget/", headers=headers).status_code == 403


def test_unknown_addresses_and_ways(web):
    assert web.get("/nowhere").status_code == 404
    assert web.get("/static/../store.py").status_code == 404
    assert web.get("/static/simulators.css").headers["content-type"].startswith("text/css")
    answer = web.get("/control/forget/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0712345908", PHONE),
        ("712 345 908", PHONE),
        ("+254 712 345 908", PHONE),
        ("+256772345908", "+256772345908"),
        ("", None),
        ("12", None),
        ("07123459089999999", None),
        ("0712345９08", None),
    ],
)
def test_reads_numbers(text, number):
    assert numbers.e164(text) == number


CONTROLS = ["scripts", "balance", "delivery-url", "incoming", "fx", "interbank/plans", "interbank/returns",
            "interbank/sent", "interbank/sent/ask", "interbank/sent/back", "mpesa/plans"]  # fmt: skip


@pytest.mark.parametrize("path", CONTROLS)
@pytest.mark.parametrize("sent", ['"x"', "5", "[{}]", "null", "{"])
def test_a_control_that_is_sent_no_object_refuses_it(web, path, sent):
    answer = web.post(f"/control/{path}/", content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code < 500


@pytest.mark.parametrize("balance", ["NaN", "Infinity", "1e400", "x", None, []])
def test_a_balance_is_a_number_of_shillings(web, balance):
    assert web.post("/control/balance/", json={"balance": balance}).status_code == 400
