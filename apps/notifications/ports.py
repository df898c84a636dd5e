"""What messages leave by: one port a channel, each with one real adapter."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from apps.kernel.money import Money


class Result(Enum):
    """What came of handing a message to a provider."""

    TAKEN = "TAKEN"  # the provider has it
    AGAIN = "AGAIN"  # it surely does not have it, and may take it later
    REFUSED = "REFUSED"  # it will never take it
    RETURNED = "RETURNED"  # the address does not exist
    UNKNOWN = "UNKNOWN"  # it may have it: never send it twice


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result, the provider's reference and price when it gave them, and what it said.

    `retry_after_seconds` is set when the provider is resting: the try does not count.
    """

    result: Result
    reference: str = ""
    cost: Money | None = None
    error: str = ""
    retry_after_seconds: int | None = None

    def __post_init__(self) -> None:
        """A provider may say what no table can hold; what came of the message is written down all the same."""
        for name in ("reference", "error"):
            said: str = getattr(self, name)
            object.__setattr__(self, name, said.replace("\0", "").encode("utf-8", "ignore").decode())


class SmsPort(Protocol):
    """Sends a text to one phone."""

    name: str

    def send(self, *, phone: str, text: str) -> Outcome:
        """`phone` in E.164. Answers; never raises for what a provider may say."""
        ...


class EmailPort(Protocol):
    """Sends a mail to one address."""

    name: str

    def send(self, *, address: str, subject: str, text: str, reference: str) -> Outcome:
        """`reference` becomes part of the Message-ID. Answers; never raises for what a server may say."""
        ...


class VoicePort(Protocol):
    """Calls one phone; what to say is asked for once somebody has picked up."""

    name: str

    def call(self, *, phone: str, reference: str) -> Outcome:
        """`phone` in E.164, `reference` ours. Answers; never raises for what a provider may say."""
        ...


@dataclass(slots=True)
class Ports:
    """The ports in use; tests and other deployments put their own in."""

    sms: SmsPort | None = None
    email: EmailPort | None = None
    voice: VoicePort | None = None


ports = Ports()
