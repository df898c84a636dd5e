"""The demo's companies: one is known and pays by two signatures, one waits for an officer."""

from types import SimpleNamespace

import pytest

from apps.accounts.models import Mandate
from apps.accounts.testing import make_account
from apps.kernel.clock import now
from apps.kyc.models import VerificationWorkflow
from apps.ledger.testing import assert_books_balance
from apps.payments.models import JointOrder, JointPayment
from apps.portals.demo.companies import found_businesses
from apps.users.models import User
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db


def test_leaves_one_company_known_and_one_in_the_queue():
    people = [make_customer(full_name=name, kyc_tier="TIER_2") for name in ("Ann Akinyi", "Ben Barasa", "Cen Chebet")]
    accounts = [make_account(person) for person in [*people, *(make_customer() for _nth in range(3))]]
    households = [SimpleNamespace(account=account) for account in accounts]
    officer, second = make_staff("KYC_OFFICER"), make_staff("ADMIN")
    assert found_businesses(households, officer=officer, second=second, end=now()) == 1
    assert set(VerificationWorkflow.objects.values_list("status", flat=True)) == {"APPROVED", "IN_REVIEW"}
    assert User.objects.get(full_name="Ziwa Fresh Fish Ltd").kyc_tier == "TIER_3"
    assert Mandate.objects.get().status == "IN_FORCE"
    assert set(JointPayment.objects.values_list("status", flat=True)) == {"SIGNED", "WAITING"}
    rent = JointOrder.objects.select_related("order").get()
    assert (rent.status, rent.order.status, rent.signatures.count()) == ("SIGNED", "ACTIVE", 2)
    assert [run.payment.status for run in rent.order.runs.all()] == ["COMPLETED"]
    assert_books_balance()
