"""A customer's first week, on the pages: joins, is paid in, sends, reads the receipt, prints a statement."""

import re

import pytest
from django.test import Client

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.accounts.testing import balance_of, kes, make_account, make_teller
from apps.kernel.clock import local_date, now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to, messages_to
from apps.users.models import User
from apps.users.testing import PASSWORD, make_customer

pytestmark = pytest.mark.django_db
PHONE = "+254712345908"


def join(client):
    client.post("/join/phone", {"phone": "0712 345 908"})
    client.post("/join/code", {"code": code_sent_to(PHONE)})
    client.post("/join/you", {"full_name": "Achieng Otieno", "id_number": "28456712", "email": ""})
    answer = client.post("/join/password", {"password": PASSWORD})
    assert answer.headers["Location"] == "/join/done"
    deliver_events()
    return User.objects.with_phone(PHONE).get()


def send(client, to, amount, note=""):
    page = client.get("/pay/send").content.decode()
    asked = {
        "idempotency_key": re.search(r'name="idempotency_key" value="([^"]+)"', page)[1],
        "from_account": re.search(r'<option value="(\d+)"', page)[1],
        "to": to,
        "amount": amount,
        "note": note,
    }
    address = client.post("/pay/send", asked).headers["Location"]
    assert "Wanjiku K." in client.get(address).content.decode()
    return client.post(address, {"code": code_sent_to(PHONE)}).headers["Location"]


def test_from_joining_to_the_statement():
    client = Client()
    user = join(client)
    account = Account.objects.owned_by(user).in_order().first()
    assert account.number[-4:] in client.get("/").content.decode()

    teller, _till = make_teller()
    accounts.deposit_cash(
        account=account, amount=kes("5000"), by_name="Achieng Otieno", key="slip-1", by=teller, at=now()
    )
    deliver_events()
    home = client.get("/").content.decode()
    assert "5,000.00" in home
    assert "Add your first money" not in home

    payee = make_account(make_customer(full_name="Wanjiku Kamau"))
    receipt = send(client, str(payee.owner.phone), "1,290", note="Groceries")
    page = client.get(receipt).content.decode()
    for words in ("Sent", "1,290.00", "Wanjiku K.", "3,710.00", "Groceries", "EAT"):
        assert words in page
    deliver_events()
    assert balance_of(payee) == "1290.00"
    assert any("1,290.00" in str(message.body) for message in messages_to(PHONE))

    line = re.search(r'href="(/money/transactions/\d+)"', page)[1]
    assert "Something wrong?" in client.get(line).content.decode()
    today = local_date(now())
    query = f"from_date={today}&to_date={today}&kind=csv"
    statement = client.get(f"/money/accounts/{account.pk}/statement?{query}").content.decode()
    assert "Opening balance,,,0.00" in statement
    assert "-1290.00,3710.00" in statement
    assert "Closing balance" in statement
    assert_books_balance()
