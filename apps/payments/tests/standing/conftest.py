"""Two people, and a bill paid by a rail."""

import pytest

from apps.accounts.testing import kes, make_account
from apps.kernel.clock import now
from apps.payments import operations, rails
from apps.payments.schedule import Schedule
from apps.payments.tests.people import prove, working_day
from apps.payments.tests.standing.orders import Slow
from apps.users.testing import make_customer


@pytest.fixture
def two():
    return make_account(balance="5000"), make_account(make_customer(full_name="Baraka Mwangi"))


@pytest.fixture
def bill(two, monkeypatch):
    payer, _payee = two
    monkeypatch.setitem(rails._rails, "slow", Slow())
    start = working_day()
    place = {"paybill": "888880", "account": "W-1"}
    where = operations.place_outside(rail="slow", kind="BILL_PAYMENT", asked=place, at=now())
    order = operations.set_up_order(
        owner=payer.owner, from_account=payer, where=where, amount=kes("500"),
        schedule=Schedule("MONTHLY", start, start.day), day_off="SAME_DAY", key="bill", at=now(),
    )  # fmt: skip
    return prove(order, now()), start
