"""A kill loses neither money nor what was due."""

import base64
import signal
import time

from simulators.tests.daraja.conftest import PAYBILL, PHONE, STAMP, Bank
from simulators.tests.test_process import Process


def test_a_kill_loses_no_money_and_due_results_are_still_posted(tmp_path, bank):
    first = Process(tmp_path)
    token = first.web.get(
        "/daraja/oauth/v1/generate?grant_type=client_credentials", auth=("simulated-key", "simulated-secret")
    ).json()["access_token"]
    first.web.post("/control/mpesa/plans/", json={"answer": "PIN", "delay": 2})
    body = {
        "BusinessShortCode": PAYBILL,
        "Password": base64.b64encode(f"{PAYBILL}simulated-passkey{STAMP}".encode()).decode(),
        "Timestamp": STAMP,
        "TransactionType": "CustomerPayBillOnline",
        "Amount": "100",
        "PartyA": PHONE,
        "PartyB": PAYBILL,
        "PhoneNumber": PHONE,
        "CallBackURL": f"{bank}/stk",
        "AccountReference": "ACC-1",
    }
    sent = first.web.post(
        "/daraja/mpesa/stkpush/v1/processrequest", json=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert sent.status_code == 200
    while not first.web.get("/daraja/truth.json").json()["transactions"]:
        time.sleep(0.05)
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    assert Bank.posts == []

    second = Process(tmp_path)
    try:
        deadline = time.monotonic() + 10
        while not Bank.posts:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        ((_, told),) = Bank.posts
        assert told["Body"]["stkCallback"]["CheckoutRequestID"] == sent.json()["CheckoutRequestID"]
        truth = second.web.get("/daraja/truth.json").json()
        assert truth["sum_of_all_accounts"] == 0
        wallets = [row["cents"] for row in truth["accounts"] if row["owner"] == PHONE]
        assert wallets == [49_900_00]
    finally:
        assert second.end(signal.SIGTERM) == 0
