"""What the simulators' own tests share; none of them needs a database."""

from collections.abc import Iterator

import httpx
import pytest

from simulators.server import Simulators
from simulators.testing import client_of, running

KEY = {"apiKey": "simulated"}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Simulators]:
    with running(tmp_path_factory.mktemp("simulators")) as simulators:
        yield simulators


@pytest.fixture
def web(server) -> Iterator[httpx.Client]:
    """A browser, as far as these tests need one; everything is forgotten first."""
    server.house.store.forget()
    with client_of(server) as client:
        yield client
