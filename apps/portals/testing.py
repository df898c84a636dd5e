"""What tests of the pages share: a signed-in browser, and what a strict page may not hold."""

import re
from html.parser import HTMLParser

from django.test import Client

from apps.accounts.models import Account
from apps.accounts.testing import kes
from apps.kernel.clock import now
from apps.mpesa.models import Kind, MpesaTransaction
from apps.users.models import User
from apps.users.testing import PASSWORD

_HANDLER = re.compile(r"^on[a-z]+$")


def sign_in(user: User, **cookies: str) -> Client:
    """A browser in which the person has signed in on the page for it."""
    client = Client()
    for name, value in cookies.items():
        client.cookies[name] = value
    answer = client.post("/login", {"login": str(user.phone), "password": PASSWORD})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return client


def make_push(account: Account, amount: str = "500", **fields: object) -> MpesaTransaction:
    """A top-up that was begun, as far as the pages see it."""
    begun = {"kind": Kind.STK_PUSH, "status": "PENDING", "phone": str(account.owner.phone), "created_at": now()}
    row = {
        "user": account.owner,
        "account": account,
        "amount_minor": kes(amount).minor,
        "account_reference": "TABCDEFGHJ",
    }
    return MpesaTransaction.objects.create(**begun | row | fields)


class Strict(HTMLParser):
    """Collects what the content security policy would refuse, and what a screen reader would miss."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.landmarks: list[str] = []
        self.headings = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag."""
        held = dict(attrs)
        self.headings += tag == "h1"
        if held.get("aria-labelledby") and (tag == "section" or held.get("role") == "region"):
            self.landmarks.append(str(held["aria-labelledby"]))
        if held.get("id"):
            self.ids.append(str(held["id"]))
        if tag == "style" or (tag == "script" and not held.get("src")):
            self.faults.append(f"<{tag}> inline")
        for name, value in attrs:
            if name == "style" or _HANDLER.match(name) or (value or "").lstrip().startswith("javascript:"):
                self.faults.append(f"<{tag} {name}={value!r}>")
        if tag == "img" and "alt" not in held:
            self.faults.append("<img> without alt")


def faults_of(page: str) -> list[str]:
    """Everything wrong with a page's source; empty when all is well."""
    reader = Strict()
    reader.feed(page)
    twice = {name for name in reader.ids if reader.ids.count(name) > 1}
    found = reader.faults + [f"id {name!r} twice" for name in sorted(twice)]
    same = {name for name in reader.landmarks if reader.landmarks.count(name) > 1}
    found += [f"two landmarks are called by {name!r}" for name in sorted(same)]
    if reader.headings != 1:
        found.append(f"{reader.headings} h1")
    return found
