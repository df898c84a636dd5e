"""Airtime at the desk: what waits is shown with what it says, and one click asks a second person."""

from datetime import timedelta

import pytest

from apps.accounts.testing import kes, make_account
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.payments.models import AirtimeCallback, AirtimeOrder, Payment
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
HOME = "/workbench/airtime/"


@pytest.fixture
def order():
    account, at = make_account(balance="500"), now()
    payment = Payment.objects.create(
        kind="AIRTIME", payer=account.owner, from_account=account, rail="airtime", payee_name="Airtime, Airtel",
        payee_address="0733 ••• 114", amount_minor=kes("100").minor, currency="KES", key="k", reference="KAIRTIME01",
        status="CHECKING", hold_id=1, created_at=at, expires_at=at,
    )  # fmt: skip
    made = AirtimeOrder.objects.create(
        payment=payment, network="Airtel", status="SENT", sent_at=at - timedelta(hours=1)
    )
    AirtimeCallback.objects.create(
        digest="d",
        about=made,
        raw="SECRETRAW",
        received_at=at,
        outcome="DISPUTED",
        why="<i>KES 99</i>",
        request_id="ATQ1",
    )
    return made


@pytest.mark.parametrize("language", ["en", "sw"])
def test_shows_what_waits_without_faults(order, language):
    client = enter(make_staff("BRANCH_MANAGER"), kitbank_language=language)
    page = client.get(HOME).content.decode()
    assert faults_of(page) == []
    assert "KAIRTIME01" in page
    assert "&lt;i&gt;KES 99" in page
    assert "SECRETRAW" not in page


def test_one_click_asks_a_second_person_and_a_missing_reason_is_said(order):
    client = enter(make_staff("BRANCH_MANAGER"))
    address = f"{HOME}{order.payment.public_id}/decide/"
    refused = client.post(address, {"loaded": "yes", "why": ""})
    assert (refused.status_code, Approval.objects.exists()) == (422, False)
    assert faults_of(refused.content.decode()) == []
    answer = client.post(address, {"loaded": "no", "why": "Their console shows Failed"})
    approval = Approval.objects.get()
    assert answer.headers["Location"] == f"/workbench/approvals/{approval.pk}/"
    assert (approval.payload["loaded"], approval.after["loaded"]) == (False, "no")
    assert client.get(answer.headers["Location"]).status_code == 200


def test_others_have_no_door(order):
    client = enter(make_staff("TELLER"))
    assert client.get(HOME).status_code == 403
    assert client.post(f"{HOME}{order.payment.public_id}/decide/", {"loaded": "no", "why": "x"}).status_code == 403
