"""Runs the stand-ins of outside providers, on this machine only."""

import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from simulators.server import Simulators
from simulators.settings import Settings


class Command(BaseCommand):
    """Serves until stopped."""

    help = "Run the simulators of outside providers until stopped; development and tests only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """`--port` for the pages and providers, `--mail-port` for SMTP."""
        defaults = Settings()
        parser.add_argument("--port", type=int, default=defaults.port)
        parser.add_argument("--mail-port", type=int, default=defaults.mail_port)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve. Refuses with settings that do not allow simulators."""
        if not getattr(settings, "SIMULATORS_ALLOWED", False):
            raise CommandError("These settings are not for simulators: SIMULATORS_ALLOWED is off.")
        simulators = Simulators(Settings(port=options["port"], mail_port=options["mail_port"]))
        try:
            simulators.start()
        except OSError as no:
            raise CommandError(f"The simulators cannot listen: {no}") from no
        stopped = Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopped.set())
        self.stdout.write(f"Simulators at {simulators.address}/ and mail on port {options['mail_port']}.")
        stopped.wait()
        simulators.stop()
