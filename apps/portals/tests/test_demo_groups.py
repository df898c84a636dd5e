"""The demo's groups: months of contributions, one late, turns and a loan decided, one decision that waits; and a
loan that was lost.
"""

from types import SimpleNamespace

import pytest

from apps.accounts.testing import make_account
from apps.chamas import audit, checks
from apps.chamas.models import ChamaGroup, Contribution, Fine, GroupLoan, Investment, Proposal
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.portals.demo.groups import save_together

pytestmark = pytest.mark.django_db


def test_leaves_three_groups_that_kept_their_rules():
    households = [SimpleNamespace(account=make_account()) for _nth in range(28)]
    assert save_together(households[:5], end=now()) == 0
    assert save_together(households, end=now()) > 20
    groups = list(ChamaGroup.objects.order_by("pk"))
    assert [group.members.filter(user=households[0].account.owner).count() for group in groups] == [1, 1, 0]
    assert Contribution.objects.filter(status="LATE").exists() or Contribution.objects.filter(status="DUE").exists()
    assert set(Proposal.objects.values_list("status", flat=True)) == {"OPEN", "CARRIED_OUT"}
    running, lost = GroupLoan.objects.order_by("group")
    assert running.status == "ACTIVE"
    # The 1,000 that was saved pays two per cent of 3,000 for the first month, then principal.
    assert (lost.status, lost.written_off_minor, lost.recovered_minor) == ("WRITTEN_OFF", 2_060_00, 600_00)
    assert Investment.objects.get().valuations.get().value_minor == 7_500_00
    assert {fine.why for fine in Fine.objects.all()} <= {"LATE", "ABSENT"}
    assert audit.audit(groups, at=now()) == []
    assert [found for ask in checks._QUESTIONS.values() for found in checks._findings(ask)] == []
    assert_books_balance()
