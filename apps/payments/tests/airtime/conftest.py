"""The provider's stand-in, and an account that pays."""

import pytest

from apps.accounts.testing import make_account
from apps.payments.tests.airtime.gateway import TOKEN, Gateway
from simulators.testing import running


@pytest.fixture
def gateway(tmp_path, settings, live_server):
    with running(tmp_path / "simulators") as server:
        settings.AFRICASTALKING_URL = f"{server.address}/africastalking"
        for what in ("status", "validation"):
            server.house.store.set(
                f"africastalking.airtime_{what}_url",
                f"{live_server.url}/webhooks/africastalking/airtime/{what}?token={TOKEN}",
            )
        yield Gateway(server)


@pytest.fixture
def account(transactional_db):
    return make_account(balance="5000")
