"""The page with a code for M-Pesa's app."""

import pytest

from apps.accounts.testing import make_account
from apps.mpesa import daraja
from apps.portals.testing import faults_of, sign_in

pytestmark = pytest.mark.django_db


def test_shows_the_code_with_what_it_says_and_its_faults_at_the_field(monkeypatch):
    account = make_account(balance="10")
    monkeypatch.setattr(daraja, "dynamic_qr", lambda **_: b"\x89PNG")
    browser = sign_in(account.owner)
    assert "/pay/qr/mpesa" in browser.get("/pay/qr").content.decode()
    page = browser.get(f"/pay/qr/mpesa?amount=350&account={account.pk}").content.decode()
    assert "data:image/png;base64,iVBORw==" in page
    assert account.number in page
    assert faults_of(page) == []
    wrong = browser.get(f"/pay/qr/mpesa?amount=3.50&account={account.pk}")
    assert (wrong.status_code, faults_of(wrong.content.decode())) == (422, [])
    other = make_account()
    assert browser.get(f"/pay/qr/mpesa?amount=350&account={other.pk}").status_code == 422
