"""Recalls at the desk: asked for with a second person, and what the other bank answered."""

import pytest

from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.payments.models import BankOrder, PaymentRecall
from apps.payments.tests.banks.conftest import others, payer  # noqa: F401  # fixtures
from apps.payments.tests.banks.orders import sent
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

HOME = "/workbench/other-banks/recalls/"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_asks_and_shows_the_answer(others, payer, language):  # noqa: F811
    payment = sent(payer)
    manager = make_staff("BRANCH_MANAGER")
    client = enter(manager, kitbank_language=language)
    assert HOME in client.get("/workbench/other-banks/").content.decode()
    asked = {"reference": payment.reference, "code": "DUPL", "words": "", "reason": "Called"}
    for wrong in ({"reference": "KNOTHING99"}, {"reason": ""}, {"code": "XXXX"}):
        refused = client.post(HOME, asked | wrong)
        assert (refused.status_code, faults_of(refused.content.decode())) == (422, []), wrong
    answer = client.post(HOME, asked)
    assert answer.headers["Location"] == f"/workbench/approvals/{Approval.objects.get().pk}/"
    PaymentRecall.objects.create(
        order=BankOrder.objects.get(), status="REFUSED", reason="DUPL", answer="NOAS", asked_by=manager,
        allowed_by=manager, asked_at=now(), sent_at=now(), answered_at=now(),
    )  # fmt: skip
    page = client.get(HOME).content.decode()
    assert faults_of(page) == []
    assert "NOAS" in page
    assert enter(make_staff("TELLER")).get(HOME).status_code == 403
