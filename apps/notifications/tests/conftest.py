"""What the tests of notifications share."""

from datetime import timedelta

import pytest

from apps.notifications import messages
from apps.notifications.messages import Message, Text
from apps.notifications.states import AlertType, Channel, Topic
from apps.notifications.testing import pocketed, reachable
from apps.notifications.tests.people import make_person, recipient

TEXTS = {
    ("test.code", "SMS", "en"): Text("", "Code {code} for {who}"),
    ("test.code", "SMS", "sw"): Text("", "Namba {code} ya {who}"),
    ("test.code", "EMAIL", "en"): Text("Your code", "Code {code} for {who}"),
    ("test.money", "SMS", "en"): Text("", "Paid {amount}"),
    ("test.money", "EMAIL", "en"): Text("You paid {amount}", "Paid {amount} by e-mail"),
    ("test.service", "SMS", "en"): Text("", "News about {account}"),
    ("test.service", "EMAIL", "en"): Text("News", "News about {account} by e-mail"),
    ("test.offer", "SMS", "en"): Text("", "An offer"),
    ("test.offer", "EMAIL", "en"): Text("Offer", "An offer by e-mail"),
    ("test.phone_only", "SMS", "en"): Text("", "Only here"),
}


@pytest.fixture
def said(monkeypatch):
    """A few messages of our own, with their texts."""
    monkeypatch.setattr(messages, "_declared", dict(messages._declared))
    ours, files = dict(TEXTS), messages.from_file
    monkeypatch.setattr(messages, "from_file", lambda *place: ours.get(place) or files(*place))
    messages.declare(
        Message(
            "test.code",
            topic=Topic.SECURITY,
            placeholders={"code": "418203", "who": "Wanjiku"},
            is_secret=True,
            good_for=timedelta(minutes=5),
        ),
        Message("test.money", topic=Topic.MONEY, placeholders={"amount": "KES 5.00"}),
        Message("test.service", topic=Topic.SERVICE, placeholders={"account": "***4021"}, alert=AlertType.LOW_BALANCE),
        Message("test.offer", topic=Topic.MARKETING),
        Message("test.phone_only", topic=Topic.SECURITY, channels=(Channel.SMS,)),
    )
    return ours


@pytest.fixture
def person(db, said):
    """Somebody with a phone and a mailbox."""
    somebody = make_person()
    with reachable(recipient(somebody)):
        yield somebody


@pytest.fixture
def pockets():
    """(SMS, e-mail): ports that send nothing."""
    with pocketed() as both:
        yield both
