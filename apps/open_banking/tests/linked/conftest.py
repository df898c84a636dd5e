"""Another bank that stands in, a customer, and the way from one to the other."""

import pytest

from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.operations import BankTerms
from apps.open_banking.tests.linked.linking import link
from apps.open_banking.tests.stand_in import BANK, CLIENT, SECRET, stand_in
from apps.users.queries import system_user
from apps.users.testing import make_customer


@pytest.fixture
def there():
    with stand_in() as bank:
        yield bank


@pytest.fixture
def bank(there):
    terms = BankTerms(name="Benki Nyingine", address=there.root, bank_id=BANK, client_id=CLIENT, client_secret=SECRET)
    return operations.keep_other_bank(terms=terms, by=system_user(), at=now())


@pytest.fixture
def user():
    return make_customer()


@pytest.fixture
def linked(bank, there, user):
    return link(bank, there, user)
