"""A business is named as a whole wherever it pays or is paid: "Welders L." says nothing to who pays a supplier."""

import pytest

from apps.accounts.testing import business_account, kes
from apps.payments import queries
from apps.payments.models import Payment
from apps.payments.tests.bulk.firm import Firm
from apps.users.testing import make_business

pytestmark = pytest.mark.django_db


@pytest.fixture
def supplier():
    return business_account(make_business())


def test_to_who_checks_a_batch(supplier):
    (row,) = Firm().bring([(supplier.number, "Welders Ltd", "10", "")]).rows.all()
    assert (row.payee_name, row.name_match, row.error) == ("Welders Ltd", "MATCH", "")


def test_to_the_shop_it_paid(supplier):
    taking = queries.Taking(Payment(payer=supplier.owner, amount_minor=1, currency="KES"), kes("0"))
    assert taking.payer == "Welders Ltd"


def test_to_other_banks_that_ask_before_they_pay_it(client, supplier, settings):
    settings.INTERBANK_CALLER_KEY = "the-key"
    asked = {"headers": {"Authorization": "Bearer the-key"}}
    told = client.get("/webhooks/banks/pesalink/names/", {"account": supplier.number}, **asked)
    assert told.json() == {"name": "Welders Ltd"}
