"""A member's word that their balance is right: as they saw it, once for a row, beside a ledger that goes on."""

import uuid

import pytest
from django.db import DatabaseError, transaction

from apps.accounts.testing import kes
from apps.chamas import operations
from apps.chamas.models import BalanceConfirmation
from apps.chamas.queries import newest_confirmed
from apps.chamas.testing import make_group, make_person, member_of, open_next, pay_all
from apps.chamas.tests.app import apps_of, money
from apps.kernel.clock import now
from apps.kernel.errors import NotFound

pytestmark = pytest.mark.django_db


def test_a_balance_is_found_right_as_it_was_seen_and_once(client):
    group = make_group(members=4)
    member, app = member_of(group, "MEMBER"), apps_of(client, group)["MEMBER"]
    with pytest.raises(NotFound):
        operations.confirm_balance(group=group, entry=uuid.uuid4(), by=member.user, at=now())
    assert app.get("balance/") == {"funds": {}, "entry": None, "confirmed_at": None}
    pay_all(open_next(group))
    seen = app.get("balance/")
    assert seen["funds"] == {"SAVINGS": money("1000.00"), "WELFARE": money("200.00")}
    operations.contribute(member=member, amount=kes("50"), key="later", by=member.user, at=now())
    assert app.post("balance/", {"entry": seen["entry"]}, 409)["code"] == "conflict"
    newest = newest_confirmed(member)
    for _twice in range(2):
        assert app.post("balance/", {"entry": str(newest.public_id)}, 201)["confirmed_at"] is not None
    row = BalanceConfirmation.objects.get()
    assert (row.amounts["SAVINGS"], row.amounts["ADVANCE"]) == (100_000, 5_000)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        BalanceConfirmation.objects.update(amounts={})
    with pytest.raises(NotFound):
        operations.confirm_balance(group=group, entry=newest.public_id, by=make_person(), at=now())
    operations.contribute(member=member, amount=kes("50"), key="more", by=member.user, at=now())
    assert newest_confirmed(member).confirmed_at is None
