"""Makers of webhooks, and a server of somebody else's, for tests on this floor."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from apps.gateway import operations
from apps.gateway.models import WebhookEndpoint
from apps.kernel import third_parties
from apps.kernel.clock import now
from apps.kernel.third_parties import Client, Notice
from apps.users.models import User
from apps.users.testing import make_customer

HEARD = "consent.authorised"


class Apps:
    """A directory of apps for tests, in place of the one open banking keeps."""

    def __init__(self) -> None:
        self.clients: dict[UUID, Client] = {}
        self.marks: dict[str, UUID] = {}

    def add(self, owner: User) -> Client:
        """One more app."""
        key = uuid4()
        self.clients[key] = Client(id=key, client_id=f"c{key.hex}", name="Bajeti", owner_id=owner.pk, is_sandbox=True)
        return self.clients[key]

    def of(self, user_id: int) -> list[Client]:
        """Theirs."""
        return [one for one in self.clients.values() if one.owner_id == user_id]

    def named(self, ids: Any) -> dict[UUID, Client]:
        """By id."""
        return {key: self.clients[key] for key in ids if key in self.clients}

    def mark(self, request: Any) -> str:
        """By a header of the tests' own."""
        return str(request.headers.get("X-App", ""))

    def marked(self, marks: Any) -> dict[str, UUID]:
        """The app of a mark."""
        return {mark: self.marks[mark] for mark in marks if mark in self.marks}


@contextmanager
def apps_of_tests() -> Iterator[Apps]:
    """Answer for third parties inside; afterwards as before."""
    before, mine = list(third_parties._directories), Apps()
    third_parties.keep_with(mine)
    try:
        yield mine
    finally:
        third_parties._directories[:] = before


def make_endpoint(apps: Apps, url: str, *, owner: User | None = None) -> WebhookEndpoint:
    """An endpoint of a new app, that hears one event."""
    who = owner or make_customer()
    app = apps.add(who)
    return operations.register(client=app.id, url=url, events=[HEARD], by=who, at=now()).endpoint


def tell(endpoint: WebhookEndpoint, key: str) -> None:
    """Something happened that it hears."""
    notice = Notice(client=endpoint.client, key=key, facts={"consent_id": key})
    operations.tell(event_type=HEARD, notice=notice, at=now())


@dataclass
class Server:
    """A server that answers as told, and remembers what it got: (headers, body)."""

    url: str = ""
    status: int = 200
    answer: bytes = b"thanks"
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None  # until which it says nothing
    drips: bool = False
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def server_of_somebody(certificate: Path | None = None) -> Iterator[Server]:
    """A real server on this machine; over TLS with a file that holds certificate and key."""
    one = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            one.got.append((dict(self.headers), body))
            if one.wait:
                one.wait.wait(30)
            self.send_response(one.status)
            for name, value in one.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for byte in one.answer:
                    self.wfile.write(bytes([byte]))
                    if one.drips and one.wait is None:
                        threading.Event().wait(0.05)
            except OSError:
                return  # the bank hung up, as it should

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            return

    inner = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inner.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        inner.socket = context.wrap_socket(inner.socket, server_side=True, do_handshake_on_connect=False)
    one.url = f"{'https' if certificate else 'http'}://127.0.0.1:{inner.server_port}/hook"
    thread = threading.Thread(target=inner.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield one
    finally:
        if one.wait:
            one.wait.set()
        inner.shutdown()
        inner.server_close()
