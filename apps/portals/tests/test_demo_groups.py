"""The demo's groups: months of contributions, one late, turns and a loan decided, one decision that waits."""

from types import SimpleNamespace

import pytest

from apps.accounts.testing import make_account
from apps.chamas import audit
from apps.chamas.models import ChamaGroup, Contribution, Fine, GroupLoan, Investment, Proposal
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.portals.demo.groups import save_together

pytestmark = pytest.mark.django_db


def test_leaves_two_groups_that_kept_their_rules():
    households = [SimpleNamespace(account=make_account()) for _nth in range(28)]
    assert save_together(households[:5], end=now()) == 0
    assert save_together(households, end=now()) > 20
    groups = list(ChamaGroup.objects.order_by("pk"))
    assert [group.members.filter(user=households[0].account.owner).count() for group in groups] == [1, 1]
    assert Contribution.objects.filter(status="LATE").exists() or Contribution.objects.filter(status="DUE").exists()
    assert set(Proposal.objects.values_list("status", flat=True)) == {"OPEN", "CARRIED_OUT"}
    assert GroupLoan.objects.get().status == "ACTIVE"
    assert Investment.objects.get().valuations.get().value_minor == 7_500_00
    assert {fine.why for fine in Fine.objects.all()} <= {"LATE", "ABSENT"}
    assert audit.audit(groups, at=now()) == []
    assert_books_balance()
