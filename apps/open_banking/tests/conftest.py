"""What tests of open banking share."""

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from apps.open_banking.testing import make_key

ROOT = "http://127.0.0.1:8000"
_handler = WSGIHandler()


@pytest.fixture
def key(db):
    return make_key()


def _answer(environ, start_response):
    """As Django's own test client: without the signals that would close the connection of the test's transaction."""
    told = (request_started, request_finished)
    for signal in told:
        signal.disconnect(close_old_connections)
    try:
        response = _handler(environ, start_response)
        body = b"".join(response)
        response.close()
    finally:
        for signal in told:
            signal.connect(close_old_connections)
    return [body]


@pytest.fixture(scope="session")
def bank():
    """The whole bank, middlewares and all, for clients that speak HTTP; in this thread, so in this transaction."""
    return httpx.WSGITransport(app=_answer)
