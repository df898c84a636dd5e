"""Simulators for the length of a test: free ports, a folder of their own, callbacks only when asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulators.providers.daraja.defaults import Daraja
from simulators.server import Simulators
from simulators.settings import Settings


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Simulators]:
    """Serve from `folder`. Callbacks are due at once and posted by `callbacks.post_due(…house)`, unless
    `callback_poll` (seconds) lets the courier make its rounds.
    """
    kept: dict[str, Any] = {"port": 0, "mail_port": 0, "callback_step": 0.0, "callback_poll": 3600.0}
    kept |= {"daraja": Daraja(callback_delay=0.0), **settings}
    simulators = Simulators(Settings(folder=folder, **kept)).start()
    try:
        yield simulators
    finally:
        simulators.stop()
