"""One bank for every request of a module: whatever a request does is undone."""

from collections.abc import Iterator

import pytest
import stamina
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from pytest_django.plugin import DjangoDbBlocker

from apps.portals.tests.api.bank import Bank, make_bank


@pytest.fixture(scope="module")
def bank(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Bank]:
    """Its transaction outlives the requests. Providers that do not run here are not tried again."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), stamina.set_testing(True, attempts=1), transaction.atomic():
        yield make_bank()
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
