"""Cash whose transfer two of staff take back in the books says so on its slip: nobody counts it as done."""

from functools import partial

import pytest

from apps.accounts.models import CashMovement
from apps.accounts.testing import balance_of, make_account, make_teller
from apps.accounts.tests.test_cash import pay_in, pay_out, till_balance
from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.testing import at_once
from apps.ledger import operations as ledger
from apps.ledger import verification
from apps.ledger.testing import assert_books_balance
from apps.users.testing import make_staff


def asked(cash):
    return ledger.ask_reversal(
        transfer_id=cash.transfer_id, reason="Another's account", by=make_staff("ADMIN"), at=now()
    )


def approved(request, by=None):
    return approvals.approve(approval=request, by=by or make_staff("ADMIN", limit_minor=10_000_00), at=now())


@pytest.mark.django_db
@pytest.mark.parametrize("act", [pay_in, pay_out])
def test_its_slip_says_that_it_was_taken_back(act):
    account, (teller, till) = make_account(balance="1000"), make_teller(cash="600")
    cash = act(account, teller, "500")
    approved(asked(cash))
    cash.refresh_from_db()
    assert (cash.status, balance_of(account), till_balance(till)) == ("REVERSED", "1000.00", "600.00")
    told = AuditLog.objects.get(action="accounts.cash.reversed")
    assert (told.reason, told.customer_id) == ("Another's account", account.owner_id)
    assert act(account, teller, "500").pk == cash.pk, "its form stays used"
    assert_books_balance()


@pytest.mark.django_db
def test_the_audit_of_the_books_finds_a_slip_that_says_otherwise():
    account, (teller, _till) = make_account(), make_teller(cash="0")
    cash = pay_in(account, teller, "500")
    CashMovement.objects.update(status="REVERSED")
    (found,) = verification.verify(["accounts.cash_is_booked"])
    assert cash.receipt in str(found)
    CashMovement.objects.update(status="DONE")
    assert verification.verify(["accounts.cash_is_booked"]) == []
    approved(asked(cash))
    assert verification.verify(["accounts.cash_is_booked"]) == []
    CashMovement.objects.update(status="DONE")
    (found,) = verification.verify(["accounts.cash_is_booked"])
    assert cash.receipt in str(found)


@pytest.mark.django_db(transaction=True)
def test_two_requests_to_take_one_slip_back_do_so_once():
    account, (teller, _till) = make_account(), make_teller(cash="0")
    cash = pay_in(account, teller, "500")
    requests = [asked(cash), asked(cash)]
    officers = [make_staff("ADMIN", limit_minor=10_000_00) for _nth in range(2)]
    acts = [partial(approved, request, by) for request, by in zip(requests, officers, strict=True)]
    at_once(*acts)
    assert balance_of(account) == "0.00"
    assert AuditLog.objects.filter(action="accounts.cash.reversed").count() == 1
    assert_books_balance()
