"""What tests of the gateway share."""

import pytest

from apps.gateway import traffic
from apps.gateway.testing import apps_of_tests, server_of_somebody


@pytest.fixture
def apps():
    with apps_of_tests() as found:
        yield found


@pytest.fixture
def server():
    with server_of_somebody() as found:
        yield found


@pytest.fixture(autouse=True)
def _nothing_waits():
    traffic.forget()
