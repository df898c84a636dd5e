"""The page that prompts the till of a shop."""

import re

import pytest

from apps.accounts.testing import make_account
from apps.mpesa.models import MpesaTransaction
from apps.portals.testing import faults_of, sign_in

pytestmark = pytest.mark.django_db


def test_prompts_the_till_and_shows_where_it_stands():
    account = make_account(balance="10")
    browser = sign_in(account.owner)
    assert "/pay/topup/till" in browser.get("/pay/topup").content.decode()
    page = browser.get("/pay/topup/till").content.decode()
    assert faults_of(page) == []
    assert 'name="phone"' not in page
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]
    asked = {"idempotency_key": key, "amount": "1,500", "account": account.pk}
    wrong = browser.post("/pay/topup/till", asked | {"till": "abc"})
    assert (wrong.status_code, faults_of(wrong.content.decode())) == (422, [])
    answer = browser.post("/pay/topup/till", asked | {"till": "300 584"})
    push = MpesaTransaction.objects.get()
    assert (push.till, answer.headers["Location"]) == ("300584", f"/pay/topup/{push.public_id}")
    status = browser.get(answer.headers["Location"]).content.decode()
    assert faults_of(status) == []
    assert "300584" in status
    MpesaTransaction.objects.update(status="CANCELLED", result_code="4001")
    over = browser.get(answer.headers["Location"]).content.decode()
    assert "/pay/topup/till?amount=" in over
    assert faults_of(over) == []
