"""A customer at the bank's own page, as far as the browser goes: signed in, choosing, proving."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.users.models import StepUpChallenge, User
from apps.users.testing import PASSWORD


def browser_of(user: User, **options: Any) -> Client:
    """A browser in which this person has signed in."""
    client = Client(**options)
    answer = client.post("/login", {"login": str(user.phone), "password": PASSWORD})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return client


def path_of(address: object) -> str:
    """The part of an absolute address that a test client asks for."""
    parts = urlsplit(str(address))
    return f"{parts.path}?{parts.query}"


def answer_of(response: Any) -> dict[str, str]:
    """The parameters with which a browser was sent back to the app."""
    assert response.status_code == 303, (response.status_code, re.sub(r"<[^>]+>", " ", response.content.decode())[:900])
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def let_in(browser: Client, address: object, *accounts: Account) -> Any:
    """Choose, prove by SMS, allow: the response that leads back."""
    path = path_of(address)
    shown = browser.get(path)
    assert shown.status_code == 200, (shown.status_code, shown.headers)
    chosen = browser.post(path, {"do": "choose", "account": [account.pk for account in accounts]})
    assert chosen.status_code == 303, chosen.content.decode()[:2000]
    assert browser.post(path, {"way": "SMS"}).status_code == 303
    StepUpChallenge.objects.filter(used_at=None).update(answered_at=now())
    return browser.post(path, {"code": "123456"})
