"""The demo's papers: two wait, one part was asked for again, one customer was approved."""

from collections import Counter
from types import SimpleNamespace

import pytest

from apps.kernel.clock import now
from apps.kyc.models import KycDocument, VerificationWorkflow
from apps.portals.demo.papers import send_papers
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db


def test_leaves_a_queue_with_something_of_each():
    people = [make_customer() for _nth in range(6)]
    households = [SimpleNamespace(account=SimpleNamespace(owner=person)) for person in people]
    assert send_papers(households, officer=make_staff("KYC_OFFICER"), end=now()) == 4
    statuses = Counter(VerificationWorkflow.objects.values_list("status", flat=True))
    assert statuses == {"IN_REVIEW": 2, "WAITING_FOR_CUSTOMER": 1, "APPROVED": 1}
    approved = VerificationWorkflow.objects.select_related("user").get(status="APPROVED")
    assert approved.user.kyc_tier == "TIER_2"
    assert KycDocument.objects.count() == 16
