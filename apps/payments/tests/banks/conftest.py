"""The other banks beside the bank under test, and somebody with money and checked papers."""

import pytest

from apps.accounts.testing import make_account
from apps.users.models import User
from simulators.testing import client_of, running


class Banks:
    """What a test does at the other banks' side."""

    def __init__(self, server):
        self.web = client_of(server)

    def plan(self, outcome, account="*", reason=""):
        asked = {"account": account, "outcome": outcome, "reason": reason}
        assert self.web.post("/control/interbank/plans/", json=asked).status_code == 200

    def send_back(self, payment, reason="AC04", minor=None):
        asked = {"reference": payment.reference, "reason": reason, "minor": minor}
        assert self.web.post("/control/interbank/returns/", json=asked).status_code == 200


@pytest.fixture
def others(tmp_path, settings):
    with running(tmp_path / "simulators") as server:
        settings.INTERBANK_URLS = {who: f"{server.address}/interbank/{who}" for who in ("pesalink", "bank", "abroad")}
        settings.INTERBANK_KEY = "simulated"
        yield Banks(server)


@pytest.fixture
def payer(transactional_db):
    account = make_account(balance="500000")
    User.objects.filter(pk=account.owner_id).update(kyc_tier="TIER_3")
    account.owner.refresh_from_db()
    return account
