"""The phone and the control page, by plain forms."""

import re

import pytest

from simulators.tests.daraja.conftest import OTHER, PAYBILL, PHONE

PAGE = f"/phone/{PHONE}/"


def form_of(page: str, action: str) -> str:
    found = re.search(rf'<form method="post" action="({re.escape(action)}[^"]*)"', page)
    assert found, page
    return found[1]


def test_a_prompt_is_paid_by_a_plain_form(mpesa):
    mpesa.push(Amount=1500)
    page = mpesa.web.get(PAGE).text
    assert "Do you want to pay Ksh1500.00 to KitBank Account no. ACC-1?" in page
    assert "M-PESA balance Ksh 50000.00" in page
    answer = mpesa.web.post(form_of(page, f"/phone/{PHONE}/stk/"), data={"pin": "1234"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?said=0")
    after = mpesa.web.get(answer.headers["location"]).text
    assert "Done." in after
    assert "Enter M-PESA PIN" not in after
    assert "M-PESA balance Ksh 48500.00" in after
    assert "Confirmed. Ksh1,500.00 sent to KitBank for account ACC-1" in after


def test_a_prompt_is_cancelled_by_its_button_even_with_a_pin_typed(mpesa):
    mpesa.push()
    action = form_of(mpesa.web.get(PAGE).text, f"/phone/{PHONE}/stk/")
    answer = mpesa.web.post(action, data={"pin": "1234", "cancel": "1"})
    assert "Request cancelled by user" in mpesa.web.get(answer.headers["location"]).text
    assert mpesa.balance(PHONE) == 50_000_00
    again = mpesa.web.post(action, data={"pin": "1234"})
    assert "no longer waiting" in mpesa.web.get(again.headers["location"]).text


def test_another_phone_cannot_answer(mpesa):
    checkout = mpesa.push().json()["CheckoutRequestID"]
    assert mpesa.answer(checkout, OTHER, pin="1234").status_code == 404
    assert mpesa.answer(checkout, pin="1234").json()["result_code"] == "0"


def test_the_phones_script_learns_of_a_prompt(mpesa):
    mark = re.search(r'data-mark="(\w+)"', mpesa.web.get(PAGE).text)[1]
    assert mpesa.web.get(f"/phone/{PHONE}/messages?seen={mark}").status_code == 204
    mpesa.push()
    assert "Enter M-PESA PIN" in mpesa.web.get(f"/phone/{PHONE}/messages?seen={mark}").text


def test_a_prompt_that_expired_is_gone(mpesa):
    mpesa.push()
    mpesa.control("clock", forward=61)
    assert "Enter M-PESA PIN" not in mpesa.web.get(PAGE).text


def test_a_business_is_paid_by_a_plain_form(mpesa):
    mpesa.register()
    action = form_of(mpesa.web.get(PAGE).text, f"/phone/{PHONE}/pay/")
    answer = mpesa.web.post(action, data={"shortcode": PAYBILL, "reference": "A-1", "amount": "250", "pin": "1234"})
    assert "Done." in mpesa.web.get(answer.headers["location"]).text
    assert mpesa.posted("confirm")[0]["BillRefNumber"] == "A-1"
    wrong = mpesa.web.post(action, data={"shortcode": PAYBILL, "reference": "A-1", "amount": "250", "pin": ""})
    assert "initiator information is invalid" in mpesa.web.get(wrong.headers["location"]).text
    assert mpesa.balance(PHONE) == 49_750_00


def test_a_number_abroad_has_no_wallet(mpesa):
    assert "M-PESA" not in mpesa.web.get("/phone/256772345908/").text
    assert mpesa.web.get("/phone/256772345908.json").json()["mpesa"] == {"wallet": None, "prompt": None}


def test_looking_at_a_phone_makes_no_wallet(mpesa):
    mpesa.web.get("/phone/254733000999/")
    assert mpesa.balance("254733000999") == 0


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("plans", {"subject": "0712 345 908", "callback": "NEVER", "times": "3", "delay": ""}),
        ("switches", {"pending_code": "4999", "callback_delay": ""}),
        ("chaos", {"seed": "7", "rates": "callback NEVER 0.05\r\nsync TIMEOUT 0.01\r\n"}),
        ("phones", {"phone": "0712 345 908", "balance": "12.50", "pin": "", "state": "FROZEN"}),
        ("organisations", {"shortcode": "777777", "name": "New", "kind": "TILL", "head": "777700", "merchant": "5"}),
        ("initiators", {"name": "", "password": "Other#1", "products": ""}),
        ("clock", {"forward": "60"}),
    ],
)
def test_everything_is_turned_by_a_form(mpesa, what, fields):
    answer = mpesa.web.post(f"/control/mpesa/{what}/", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/control/mpesa/")
    assert mpesa.web.get("/control/mpesa/").status_code == 200


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("switches", {"nothing": "1"}),
        ("switches", {"stk_seconds": "-1"}),
        ("chaos", {"seed": "7", "rates": "callback"}),
        ("phones", {"phone": "x"}),
        ("phones", {"phone": "0712345908", "state": "LOST"}),
        ("organisations", {"shortcode": "1"}),
        ("clock", {"forward": "x"}),
    ],
)
def test_what_cannot_be_is_said_on_the_page(mpesa, what, fields):
    answer = mpesa.web.post(f"/control/mpesa/{what}/", data=fields)
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)


def test_the_state_is_to_be_had_as_json(mpesa):
    mpesa.control("plans", subject="b2c", callback="LATE")
    state = mpesa.web.get("/control/mpesa.json").json()
    assert state["switches"]["pending_code"] == "500.001.1001"
    assert state["plans"] == [{"subject": "product:b2c", "plan": '{"callback": "LATE"}'}]
    assert state["chaos"] is None
