"""From which amount on a payment is large: asked by one, allowed by another, from a later day on."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import ProgrammingError, transaction

from apps.accounts import operations, queries
from apps.accounts.errors import BadLargePayment
from apps.accounts.models import LargePaymentFloor
from apps.accounts.testing import kes
from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.kernel.testing import at_once, refusals
from apps.users.testing import make_customer, make_staff

DAY = timedelta(days=1)


def ask(amount="80000", *, by=None, after=1, at=None):
    at = at or now()
    return operations.LARGE_PAYMENT.ask(
        amount=kes(amount) if isinstance(amount, str) else amount,
        valid_from=local_date(at) + after * DAY,
        reason="Prices rose",
        by=by or make_staff("ADMIN"),
        at=at,
    )


def allow(asked, *, by=None, at=None):
    return approvals.approve(approval=asked, by=by or make_staff("SUPER_ADMIN"), at=at or now())


@pytest.mark.django_db
def test_it_takes_two_and_begins_on_its_day():
    today, maker = local_date(now()), make_staff("ADMIN")
    held = queries.large_payment(today)
    asked = ask(by=maker)
    assert (asked.before, asked.after["amount"]) == ({"amount": str(held)}, "KES 80,000.00")
    with pytest.raises(NotAllowed):
        allow(asked, by=maker)
    assert queries.large_payment(today + DAY) == held
    second = make_staff("SUPER_ADMIN")
    allow(asked, by=second)
    assert (queries.large_payment(today), queries.large_payment(today + DAY)) == (held, kes("80000"))
    told = AuditLog.objects.get(action="accounts.large_payment.changed")
    assert (told.actor_id, told.after["minor"]) == (second.pk, 80_000_00)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        LargePaymentFloor.objects.update(amount_minor=1)


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [
    {"amount": "0"}, {"amount": "-5"}, {"amount": "50000"}, {"amount": Money.of("600", "USD")}, {"after": 0},
])  # fmt: skip
def test_what_cannot_be_is_not_asked_for(asked):
    assert queries.large_payment(local_date(now())) == kes("50000")
    with pytest.raises(BadLargePayment, match="Nothing was changed"):
        ask(**asked)
    assert not Approval.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["TELLER", "AUDITOR", "BRANCH_MANAGER", "customer"])
def test_who_does_not_hold_the_right_neither_asks_nor_allows(who):
    person = make_customer() if who == "customer" else make_staff(who)
    with pytest.raises(NotAllowed):
        ask(by=person)
    asked = ask()
    with pytest.raises(NotAllowed):
        allow(asked, by=person)
    assert LargePaymentFloor.objects.count() == 1


@pytest.mark.django_db
def test_allowed_too_late_it_changes_nothing():
    asked = ask()
    with pytest.raises(BadLargePayment, match="tomorrow at the earliest"):
        allow(asked, at=now() + 2 * DAY)
    assert LargePaymentFloor.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_changes_of_one_day_allowed_at_once_leave_one():
    requests, officers = [ask("80000"), ask("90000")], [make_staff("SUPER_ADMIN") for _nth in range(2)]
    acts = [partial(allow, request, by=by) for request, by in zip(requests, officers, strict=True)]
    assert [type(no) for no in refusals(at_once(*acts))] == [BadLargePayment]
    assert LargePaymentFloor.objects.filter(valid_from__gt=local_date(now())).count() == 1
