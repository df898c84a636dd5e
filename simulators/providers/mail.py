"""The mail catcher: takes every mail, delivers none, shows all.

Addresses that begin with `nobody` do not exist, and those that begin with `busy` are refused for now, so that the
bank's handling of both can be seen.
"""

import email
import json
import time
from email.message import Message
from email.policy import default as modern
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from simulators.house import House

LARGEST = 5 * 1024 * 1024


class Catcher:
    """What aiosmtpd asks for each command."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def handle_RCPT(  # noqa: N802 aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take the recipient, unless scripted by its name."""
        if address.lower().startswith("nobody"):
            return "550 5.1.1 No such mailbox here"
        if address.lower().startswith("busy"):
            return "450 4.2.0 Mailbox busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail."""
        raw = bytes(envelope.content or b"")  # type: ignore[arg-type]
        found = email.message_from_bytes(raw, policy=modern)
        self.house.store.add(
            "mail",
            at=time.time(),
            sender=envelope.mail_from or "",
            recipients=json.dumps(envelope.rcpt_tos),
            subject=str(found.get("Subject", ""))[:300],
            text=_text_of(found),
            raw=raw,
        )
        return "250 Message kept"


def _text_of(found: Message) -> str:
    body: Any = found.get_body(preferencelist=("plain", "html"))  # type: ignore[attr-defined]
    return str(body.get_content()) if body is not None else ""


def catcher(house: House) -> Controller:
    """The SMTP server, not started yet; on this machine's own address only."""
    return Controller(
        Catcher(house), hostname="127.0.0.1", port=house.settings.mail_port, data_size_limit=LARGEST, decode_data=False
    )
