"""A business of two who sign, its account, and somebody to pay."""

import pytest

from apps.accounts.testing import business_account, make_account, make_mandate
from apps.payments.tests.joint.hand import TWO_OF
from apps.payments.tests.people import working_day
from apps.users.testing import make_business, make_member


@pytest.fixture
def firm():
    return make_business()


@pytest.fixture
def second(firm):
    return make_member(firm, "SIGNATORY")


@pytest.fixture
def account(firm, second):
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, bands=TWO_OF)
    return account


@pytest.fixture
def payee():
    return make_account()


@pytest.fixture
def start():
    return working_day()
