"""A certified relying party that nobody here wrote, npm's `openid-client`, signs in, renews and gives back."""

import pytest

from apps.open_banking.testing import make_key
from bench import openid_client
from kitbank.local import node


@pytest.fixture
def relying_party():
    if node.missing() and not node.install():
        pytest.skip(node.missing())


@pytest.mark.django_db(transaction=True)
def test_openid_client_completes_every_step(relying_party, live_server):
    make_key()
    assert len(openid_client.steps_done(live_server.url)) == openid_client.STEPS
