"""A payer and a shop."""

import pytest

from apps.accounts.testing import make_account
from apps.payments.testing import make_shop


@pytest.fixture
def payer():
    return make_account(balance="50000")


@pytest.fixture
def shop():
    return make_shop(make_account())
