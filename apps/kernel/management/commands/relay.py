"""Runs the outbox relay: woken by NOTIFY, and by itself every second."""

import signal
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from apps.kernel.events import CHANNEL
from apps.kernel.relay import deliver_due

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Delivers the outbox until stopped."""

    help = "Deliver the outbox until stopped; any number of relays may run."
    stopping = False

    def add_arguments(self, parser: Any) -> None:
        """`--once` delivers what is due and ends."""
        parser.add_argument("--once", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Deliver, sleep until woken, deliver."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self.stopping:
            try:
                if not deliver_due() and not options["once"]:
                    self._sleep_until_woken()
                elif options["once"]:
                    return
            except OperationalError:
                log.warning("relay_lost_database", exc_info=True)
                connection.close()
                signal.sigtimedwait([], 1)

    def _sleep_until_woken(self) -> None:
        connection.ensure_connection()
        raw = connection.connection
        raw.execute(f"LISTEN {CHANNEL}")
        for _notice in raw.notifies(timeout=1.0, stop_after=1):
            break

    def _stop(self, *_: Any) -> None:
        self.stopping = True
