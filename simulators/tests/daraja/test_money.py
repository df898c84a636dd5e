"""Money: nothing is made, nothing is lost, nobody is overdrawn; the statement and the truth agree."""

import csv
import io
import json
import threading
import time

import pytest

from simulators import callbacks
from simulators.providers.daraja.defaults import Daraja
from simulators.testing import client_of, running
from simulators.tests.daraja.conftest import OTHER, PAYBILL, PHONE, STAMP, Client

COLUMNS = (
    "Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,"
    "Balance Confirmed,Reason Type,Other Party Info,Linked Transaction ID,A/C No."
)


def at_once(*jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_simultaneous_payments_never_overdraw_a_wallet(mpesa):
    mpesa.control("phones", phone=PHONE, balance="500")
    mpesa.control("switches", rule_17=False)
    pay = {"shortcode": PAYBILL, "amount": 100, "reference": "A", "pin": "1234"}
    codes = []
    at_once(*[lambda: codes.append(mpesa.web.post(f"/phone/{PHONE}/pay/", json=pay).status_code) for _ in range(12)])
    assert (codes.count(200), codes.count(400)) == (5, 7)
    assert mpesa.balance(PHONE) == 0


def test_simultaneous_payouts_with_one_id_pay_once(mpesa):
    codes = []
    at_once(*[lambda: codes.append(mpesa.b2c().status_code) for _ in range(8)])
    assert (codes.count(200), codes.count(500)) == (1, 7)
    assert mpesa.balance(PHONE) == 50_200_00


def test_simultaneous_answers_pay_once(mpesa):
    checkout = mpesa.push().json()["CheckoutRequestID"]
    at_once(*[lambda: mpesa.answer(checkout, pin="1234") for _ in range(8)])
    assert mpesa.balance(PHONE) == 49_900_00
    assert len(mpesa.posted("stk")) == 1


def test_simultaneous_prompts_show_one(mpesa):
    codes = []
    at_once(*[lambda: codes.append(mpesa.push().status_code) for _ in range(8)])
    assert (codes.count(200), codes.count(500)) == (1, 7)


def test_every_account_is_the_sum_of_its_entries(mpesa):
    mpesa.register()
    receipt = mpesa.paid()
    mpesa.simulate(Msisdn=OTHER)
    mpesa.b2c()
    mpesa.b2b()
    mpesa.post(
        "/mpesa/reversal/v1/request",
        mpesa.family(
            CommandID="TransactionReversal",
            TransactionID=receipt,
            Amount=100,
            ReceiverParty=PAYBILL,
            RecieverIdentifierType="11",
        ),
    )
    mpesa.posted()
    store = mpesa.house.store
    assert store.rows("SELECT receipt FROM daraja_entry GROUP BY receipt HAVING sum(cents) <> 0") == []
    first = {(PHONE, "MPESA Account"): 50_000_00, (OTHER, "MPESA Account"): 50_000_00}
    first |= {(PAYBILL, "Utility Account"): 5_000_000_00, (PAYBILL, "Working Account"): 2_000_000_00}
    for (owner, account), start in first.items():
        (moved,) = store.rows(
            "SELECT coalesce(sum(cents), 0) AS cents FROM daraja_entry WHERE owner = ? AND account = ?", owner, account
        )
        assert mpesa.balance(owner, account) == start + moved["cents"]


def test_the_statement_has_every_receipt_of_the_day_in_the_known_columns(mpesa):
    receipt = mpesa.paid()
    mpesa.b2c()
    mpesa.b2b()
    answer = mpesa.http.get(f"/statement/{PAYBILL}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith(COLUMNS + "\r\n")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["Paid In"], row["Withdrawn"], row["Balance"]) for row in rows] == [
        ("100.00", "", "5000100.00"),
        ("", "-200.00", "4999900.00"),
    ]
    assert rows[0] | {"Completion Time": "", "Initiation Time": "", "Details": ""} == {
        "Receipt No.": receipt,
        "Completion Time": "",
        "Initiation Time": "",
        "Details": "",
        "Transaction Status": "Completed",
        "Paid In": "100.00",
        "Withdrawn": "",
        "Balance": "5000100.00",
        "Balance Confirmed": "TRUE",
        "Reason Type": "Pay Bill",
        "Other Party Info": PHONE,
        "Linked Transaction ID": "",
        "A/C No.": "ACC-1",
    }
    everything = mpesa.http.get(f"/statement/{PAYBILL}.csv?account=all").text
    known = {row["receipt"] for row in mpesa.truth()["transactions"]}
    assert {row["Receipt No."] for row in csv.DictReader(io.StringIO(everything))} == known
    assert mpesa.http.get(f"/statement/{PAYBILL}.csv?day=2020-01-01").text.strip() == COLUMNS
    assert mpesa.http.get(f"/statement/{PAYBILL}.csv?day=x").status_code == 400


def test_the_truth_narrows_to_an_owner(mpesa):
    mpesa.paid()
    mpesa.b2c(PartyB=OTHER)
    rows = mpesa.http.get(f"/truth.json?owner={OTHER}").json()["transactions"]
    assert [row["credit_owner"] for row in rows] == [OTHER]


def test_receipts_never_repeat_and_begin_with_the_day(mpesa):
    from simulators.providers.daraja import wire

    at = 1579500000.0  # 20 January 2020
    receipts = {wire.receipt(at, n) for n in range(1, 20_000)}
    assert len(receipts) == 19_999
    assert {one[:3] for one in receipts} == {"OAK"}
    assert wire.no_receipt(at) == "OAK0000000"


def test_a_new_start_keeps_money_prompts_and_due_results(tmp_path, bank):
    settings = {"daraja": Daraja(callback_delay=0.5)}
    with running(tmp_path, **settings) as server:
        first = Client(server, client_of(server), bank)
        first.b2c()
        checkout = first.push(Amount=7).json()["CheckoutRequestID"]
        certificate = first.http.get("/certificate.cer").text
        callbacks.post_due(server.house)
        assert first.posted("result") == []
    time.sleep(0.6)
    with running(tmp_path, **settings) as server:
        second = Client(server, client_of(server), bank)
        assert second.result()["OriginatorConversationID"] == "own-1"
        assert second.http.get("/certificate.cer").text == certificate
        assert second.balance(PHONE) == 50_200_00
        assert second.answer(checkout, pin="1234").json()["result_code"] == "0"
        time.sleep(0.6)
        assert len(second.posted("stk")) == 1


def test_two_hundred_payments_stay_quick(mpesa):
    mpesa.control("plans", answer="PIN")
    start = time.monotonic()

    def many(offset):
        for number in range(offset, 200, 4):
            phone = f"254710{number:06d}"
            assert mpesa.push(PartyA=phone, PhoneNumber=phone).status_code == 200

    at_once(*[lambda offset=offset: many(offset) for offset in range(4)])
    while len(mpesa.posted("stk")) < 200:
        assert time.monotonic() - start < 30
    assert mpesa.balance(PAYBILL, "Utility Account") == 5_000_000_00 + 200 * 100_00


@pytest.mark.parametrize("amount", ["0.005", "-1", "1e3", "x"])
def test_a_balance_is_shillings_and_cents(mpesa, amount):
    assert mpesa.web.post("/control/mpesa/phones/", json={"phone": PHONE, "balance": amount}).status_code == 400
    assert mpesa.balance(PHONE) == 50_000_00


def test_the_journal_hides_the_authorization(mpesa):
    mpesa.push()
    entries = json.dumps(mpesa.web.get("/control/journal.json?provider=daraja").json())
    assert mpesa.http.headers["Authorization"] not in entries
    assert STAMP in entries
