"""Codes for M-Pesa's own app: drawn by M-Pesa, for one's own account, and what is paid by them arrives."""

import pytest

from apps.accounts.errors import LimitExceeded, TakesNoMoney
from apps.accounts.testing import balance_of, kes, make_account, make_deposit
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.http import NoAnswer
from apps.kernel.money import CurrencyMismatch
from apps.ledger.testing import assert_books_balance
from apps.mpesa import daraja, operations
from apps.mpesa.errors import NotWholeShillings, OutsideMpesaLimits
from apps.mpesa.models import MpesaTransaction
from apps.users.testing import bearer, make_customer


def test_what_the_code_says_is_paid_to_the_account(safaricom, account):
    operations.register_addresses()
    code = operations.mpesa_code(account=account, amount=kes("350"), by=account.owner, at=now())
    assert code.png.startswith(b"\x89PNG")
    safaricom.pay("+254722000114", 350, code.account, code.paybill)
    safaricom.tell()
    assert balance_of(account) == "5350.00"
    assert_books_balance()


def test_by_api_for_ones_own_account_alone(safaricom, account, client):
    body = {"account": account.pk, "amount": {"amount": "350.00", "currency": "KES"}}

    def post(headers, **more):
        return client.post("/api/v1/mpesa/qr-codes/", body | more, content_type="application/json", headers=headers)

    shown = post(bearer(account.owner))
    assert shown.status_code == 201, shown.content
    assert (shown.json()["account"], shown.json()["png"][:5]) == (account.number, "iVBOR")
    assert post(bearer(make_customer())).status_code == 404
    assert post(bearer(account.owner), amount={"amount": "1.50", "currency": "KES"}).status_code == 400


@pytest.mark.django_db
def test_refuses_before_m_pesa_is_asked():
    account, stranger = make_account(balance="1000"), make_customer()
    deposit = make_deposit(account)
    for into, amount, by, refusal in (
        (account, kes("10"), stranger, NotFound),
        (account, kes("10.50"), account.owner, NotWholeShillings),
        (account, kes("300000"), account.owner, OutsideMpesaLimits),
        (account, kes("95000"), account.owner, LimitExceeded),
        (deposit, kes("10"), account.owner, TakesNoMoney),
    ):
        with pytest.raises(refusal):
            operations.mpesa_code(account=into, amount=amount, by=by, at=now())


@pytest.mark.parametrize("told", ["", "bm8gcGljdHVyZQ==", "%%%"])
def test_a_picture_that_is_none_is_no_code(monkeypatch, told):
    monkeypatch.setattr(daraja, "call", lambda *_a, **_k: {"QRCode": told})
    with pytest.raises(NoAnswer):
        daraja.dynamic_qr(name="A", reference="1", shillings=1)


@pytest.mark.django_db
def test_nothing_is_asked_of_m_pesa_for_an_account_in_dollars(monkeypatch):
    """The PIN took the money, and it lay in suspense: shillings come onto no such account."""
    owner = make_account(balance="10").owner
    dollars = make_account(owner, product="USD_CURRENT")
    words = {"account": dollars, "amount": kes("100"), "by": owner, "at": now()}
    monkeypatch.setattr("apps.mpesa.daraja.dynamic_qr", lambda **_words: b"\x89PNG")
    for ask in (
        lambda: operations.start_top_up(**words, phone=str(owner.phone), key="form-1"),
        lambda: operations.start_top_up(**words, till="300584", key="form-2"),
        lambda: operations.mpesa_code(**words),
    ):
        with pytest.raises(CurrencyMismatch, match="Choose an account in KES"):
            ask()
    assert not MpesaTransaction.objects.exists()
