"""Simulators for the length of a test: free ports, a folder of their own, callbacks only when asked for."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import SSLContext
from typing import Any

import httpx

from simulators.providers.daraja.defaults import Daraja
from simulators.server import Simulators
from simulators.settings import Settings


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Simulators]:
    """Serve from `folder`. Callbacks are due at once and posted by `callbacks.post_due(…house)`, unless
    `callback_poll` (seconds) lets the courier make its rounds.
    """
    kept: dict[str, Any] = {"port": 0, "mail_port": 0, "callback_step": 0.0}
    kept |= {"callback_poll": 3600.0, "stop_poll": 0.005}
    kept |= {"daraja": Daraja(callback_delay=0.0), **settings}
    simulators = Simulators(Settings(folder=folder, **kept)).start()
    try:
        yield simulators
    finally:
        simulators.stop()


def client_of(simulators: Simulators, below: str = "") -> httpx.Client:
    """Somebody who looks at their pages and gives them orders, or speaks to one provider `below` their address."""
    return httpx.Client(base_url=simulators.address + below, trust_env=False, timeout=20, verify=_authorities())


@functools.cache
def _authorities() -> SSLContext:
    """Read once: it takes longer than a test."""
    return httpx.create_ssl_context()
