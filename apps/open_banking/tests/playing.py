"""A developer with an app in the sandbox that was let in to one persona, and how it asks."""

from django.test import Client

from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.operations import sandbox
from apps.open_banking.testing import lodge, make_app, make_token

V = "/obp/v5.1.0"
BANK = f"{V}/banks/kitbank.ke"
PRESENT = {"PSU-IP-Address": "41.80.1.9"}


class Plays:
    """A developer with an app in the sandbox that was let in to one persona."""

    def __init__(self, which="wanjiku", **wish):
        self.made = make_app(live=False)
        self.app, self.developer = self.made.app, self.made.app.developer
        self.user = self.developer.user
        self.personas = {one.which: one for one in sandbox.make(developer=self.developer, at=now())}
        self.persona = self.personas[which]
        self.accounts = list(self.persona.accounts.order_by("pk"))
        self.consent = self.given(lodge(self.app, **wish))
        self.token = make_token(self.app, self.consent)
        self.id = str(self.accounts[0].public_id)
        self.one = f"{BANK}/accounts/{self.id}"

    def given(self, consent, *, by=None, code="123456", accounts=None):
        named = [one.public_id for one in accounts or self.accounts]
        operations.claim(consent=consent, by=by or self.user, at=now())
        return sandbox.let_in(consent=consent, accounts=named, code=code, by=by or self.user, at=now())

    def get(self, path, **headers):
        return Client().get(path, headers={"Authorization": f"Bearer {self.token}"} | PRESENT | headers)

    def post(self, path):
        header = {"Authorization": f"Bearer {self.token}"}
        return Client().post(path, "{}", content_type="application/json", headers=header)


def direct(plays, **given):
    word = sandbox.password_of(plays.developer, plays.persona.which)
    asked = {"username": plays.persona.username, "password": word, "consumer_key": plays.app.client_id} | given
    header = ", ".join(f'{name}="{value}"' for name, value in asked.items())
    return Client().post("/my/logins/direct", headers={"DirectLogin": header})
