"""What tests of the pages of loans share: a borrower with a browser, and forms sent as a person sends them."""

import re

from apps.accounts.testing import balance_of
from apps.lending.testing import make_borrower
from apps.notifications.testing import code_sent_to
from apps.portals.testing import faults_of, sign_in

KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"')


class Borrower:
    """Somebody whose money comes in regularly."""

    def __init__(self, **fields):
        self.account = make_borrower(**({"deposits": "20000"} | fields))
        self.user = self.account.owner
        self.browser = sign_in(self.user)

    def offer(self, amount="5000", product="INSTANT", **more):
        """The page of an offer."""
        asked = {"product": product, "amount": amount, "purpose": "STOCK"} | more
        return self.browser.get("/borrow/apply/offer", asked)

    def agree(self, page, **more):
        """The press on its button, with what the page holds."""
        form = page.content.decode().partition('<form method="post" action="/borrow/apply/offer"')[2]
        held = {name: value for name, value in HIDDEN.findall(form) if name != "csrfmiddlewaretoken"}
        return self.browser.post("/borrow/apply/offer", held | {"account": str(self.account.pk), "note": ""} | more)

    def lend(self, amount="5000"):
        """An instant loan by the pages; where it leads."""
        return self.agree(self.offer(amount)).headers["Location"]

    def pay(self, address, **fields):
        """Pay back on the page of the loan."""
        key = KEY.search(self.browser.get(address).content.decode())[1]
        return self.browser.post(f"{address}/pay", {"idempotency_key": key} | fields)

    def prove(self, ask_at, address):
        """Ask for a code and type it."""
        assert self.browser.post(ask_at, {"way": "SMS"}).status_code == 303
        return self.browser.post(address, {"code": code_sent_to(str(self.user.phone))})

    @property
    def balance(self):
        """Of the account."""
        return balance_of(self.account)


def text(answer, status=200):
    """What a person reads of a page that is strict."""
    page = answer.content.decode()
    assert answer.status_code == status, page[:3000]
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
