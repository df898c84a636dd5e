"""What tests on this floor and above may use: people who can be reached, ports that send nothing, codes as sent."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from apps.kernel.money import Money
from apps.notifications import people
from apps.notifications.models import Message
from apps.notifications.ports import Outcome, Result, ports


@dataclass
class Pocket:
    """A port that keeps what it is given and answers as it is told."""

    name: str = "pocket"
    answers: list[Outcome] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def send(self, **letter: Any) -> Outcome:
        """Keep it; answer with the next of `answers`, else as taken."""
        self.sent.append(letter)
        if self.answers:
            return self.answers.pop(0)
        return Outcome(Result.TAKEN, reference=f"{self.name}-{len(self.sent)}-{id(self)}", cost=Money(80, "KES"))


@contextmanager
def pocketed() -> Iterator[tuple[Pocket, Pocket]]:
    """SMS and e-mail go into two pockets instead of out of the house."""
    before = ports.sms, ports.email
    ports.sms, ports.email = Pocket("sms"), Pocket("email")
    try:
        yield ports.sms, ports.email
    finally:
        ports.sms, ports.email = before


@contextmanager
def reachable(*known: people.Recipient) -> Iterator[None]:
    """These people, and nobody else, can be reached."""
    by_id = {person.user_id: person for person in known}
    people.register(by_id.get)
    try:
        yield
    finally:
        people._lookups.pop()


def messages_to(address: str) -> list[Message]:
    """What was written to a phone (E.164) or a mailbox, oldest first."""
    return list(Message.objects.to_address(address).order_by("pk"))


def code_sent_to(address: str) -> str:
    """The newest one-time code written to an address and not sent yet (once sent, nobody can read it).

    Raises LookupError when there is none.
    """
    for message in reversed(messages_to(address)):
        if message.is_secret and message.body and (found := re.search(r"\b\d{6}\b", str(message.body))):
            return found.group()
    raise LookupError(f"no code waits for {address}")
