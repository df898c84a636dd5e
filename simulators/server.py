"""Runs the simulators: the web server, the mail catcher and the courier, together or not at all."""

import socket
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from simulators.callbacks import Courier
from simulators.house import House
from simulators.pages import (
    control,
    fx_control,
    interbank_control,
    mail,
    mpesa_control,
    mpesa_phone,
    phone,
    static,
    ussd_phone,
)
from simulators.providers import (
    africastalking,
    africastalking_airtime,
    africastalking_ussd,
    brs,
    exchangerate,
    iprs,
    metropol,
    obp_bank,
    voice,
)
from simulators.providers.daraja import c2b, prompts, site
from simulators.providers.interbank import sending
from simulators.providers.interbank import site as interbank
from simulators.providers.mail import catcher
from simulators.settings import Settings
from simulators.web import Site

ROUTES = [
    *africastalking.ROUTES,
    *africastalking_airtime.ROUTES,
    *voice.ROUTES,
    *exchangerate.ROUTES,
    *iprs.ROUTES,
    *brs.ROUTES,
    *metropol.ROUTES,
    *obp_bank.ROUTES,
    *site.ROUTES,
    *interbank.ROUTES,
    *interbank_control.ROUTES,
    *mpesa_phone.ROUTES,
    *ussd_phone.ROUTES,
    *mpesa_control.ROUTES,
    *fx_control.ROUTES,
    *phone.ROUTES,
    *mail.ROUTES,
    *control.ROUTES,
    *static.ROUTES,
]
LOOPBACK = "127.0.0.1"


def _free_port() -> int:
    with socket.socket() as door:
        door.bind((LOOPBACK, 0))
        return int(door.getsockname()[1])


class _Server(ThreadingMixIn, WSGIServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Without looking up this machine's name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """The journal has it."""

    def get_environ(self) -> dict[str, Any]:
        """With the line itself, for an answer that is none."""
        return {**super().get_environ(), "simulators.line": self.connection}

    def address_string(self) -> str:
        """The address, without asking who it is."""
        return str(self.client_address[0])


class Simulators:
    """One run; `start` returns when everything listens."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.house = House(settings)
        for provider in (voice, africastalking_airtime, africastalking_ussd, interbank, sending):
            self.house.store.extend(provider.SCHEMA, provider.TABLES)
        self.house.rounds += [prompts.settle, c2b.work, voice.ring, africastalking_airtime.work]
        self.web: WSGIServer | None = None
        self._mail: Any = None
        self._courier: Courier | None = None

    def start(self) -> "Simulators":
        """Listen. A port of 0 is any free one; the settings then say which. Raises OSError for a taken port."""
        self.web = make_server(LOOPBACK, self.settings.port, Site(self.house, ROUTES), _Server, _Quiet)
        self.settings.port = self.web.server_port
        self.settings.mail_port = self.settings.mail_port or _free_port()  # aiosmtpd cannot say which one it got
        try:
            self._mail = catcher(self.house)
            self._mail.start()
        except BaseException:
            self.web.server_close()
            raise
        self._courier = Courier(self.house)
        self._courier.start()
        polls = {"poll_interval": self.settings.stop_poll}
        Thread(target=self.web.serve_forever, kwargs=polls, name="simulators", daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        if self._courier is not None:
            self._courier.stop()
        if self.web is not None:
            self.web.shutdown()
            self.web.server_close()
        if self._mail is not None:
            self._mail.stop(no_assert=True)

    @property
    def address(self) -> str:
        """Where they are reached."""
        return f"http://{LOOPBACK}:{self.settings.port}"
