"""An app with a consent to pay, or without one, and how it asks; for tests of everything that pays."""

import json

from django.test import Client

from apps.accounts.testing import balance_of, make_account
from apps.notifications.testing import code_sent_to
from apps.open_banking.models import ThirdPartyApp
from apps.open_banking.names import account_name
from apps.open_banking.testing import give, lodge_payment, make_app, make_token
from apps.open_banking.tests.test_obp import BANK, direct


class Pays:
    """An app with a consent to pay from one account to another, and how it asks."""

    def __init__(self, amount="250", *, balance="1000", consents=True, **wish):
        self.made = make_app()
        self.account, self.payee = make_account(balance=balance), make_account()
        self.id, self.to = str(account_name(self.account.pk)), str(account_name(self.payee.pk))
        self.one = f"{BANK}/accounts/{self.id}"
        if consents:
            self.consent = give(lodge_payment(self.made.app, self.payee, amount, **wish), [self.account])
            self.token = f"Bearer {make_token(self.made.app, self.consent, scope='openid payments')}"
        else:
            ThirdPartyApp.objects.update(allows_direct_login=True)
            given = direct(self.made.app, login=self.account.owner).json()["token"]
            self.token = f"DirectLogin token={given}"

    def body(self, amount="250.00", **changes):
        value = {"currency": "KES", "amount": amount}
        return {"to": {"bank_id": "kitbank.ke", "account_id": self.to}, "value": value, "description": ""} | changes

    def post(self, path, body, **headers):
        text = body if isinstance(body, str) else json.dumps(body)
        return Client().post(path, text, content_type="text/plain", headers={"Authorization": self.token} | headers)

    def get(self, path, token=""):
        return Client().get(path, headers={"Authorization": token or self.token})

    def pay(self, kind="ACCOUNT", body=None, **headers):
        path = f"{self.one}/owner/transaction-request-types/{kind}/transaction-requests"
        return self.post(path, body or self.body(), **headers)

    def answer(self, made, code, kind=None, **headers):
        place = f"{self.one}/owner/transaction-request-types/{kind or made['type']}/transaction-requests"
        body = {"id": made["challenge"]["id"], "answer": code}
        return self.post(f"{place}/{made['id']}/challenge", body, **headers)

    @property
    def code(self):
        return code_sent_to(str(self.account.owner.phone))

    @property
    def moved(self):
        return balance_of(self.payee) != "0.00"


def refusal(response):
    body = response.json()
    assert set(body) == {"code", "message"}, body
    assert body["code"] == response.status_code
    return response.status_code, body["message"][4:9]
