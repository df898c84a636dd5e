"""A move is one guarded UPDATE: what another has moved cannot be moved again."""

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from apps.kernel.approvals import APPROVAL
from apps.kernel.errors import IllegalMove
from apps.kernel.models import Approval
from apps.kernel.states import Moves


def test_knows_what_may_follow():
    moves = Moves({"A": ["B"], "B": ["C"]})
    assert moves.allows("A", "B")
    assert not moves.allows("A", "C")
    assert not moves.allows("C", "A")


@pytest.mark.django_db
def test_the_second_of_two_movers_is_refused_and_changes_nothing():
    people = get_user_model().objects
    maker = people.create_user(full_name="Maker", is_staff=True)
    checker = people.create_user(full_name="Checker", is_staff=True)
    row = Approval.objects.create(
        kind="x", subject="x/1", payload={}, reason="r", maker=maker, created_at=timezone.now()
    )
    stale = Approval.objects.get(pk=row.pk)
    APPROVAL.make(row, "APPROVED", checker=checker, decided_at=timezone.now())
    with pytest.raises(IllegalMove):
        APPROVAL.make(stale, "RETURNED", checker=checker, decided_at=timezone.now())
    assert Approval.objects.get().status == "APPROVED"
    assert stale.status == "PENDING"
