"""What goes back is never more than was paid, is asked by one and, when large, allowed by another."""

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import Transaction
from apps.accounts.testing import balance_of, kes, make_account, spend
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import operations
from apps.payments.errors import KeyReused, NotRefundable
from apps.payments.models import Refund
from apps.payments.tests.test_confirm import begin, pay
from apps.users import operations as people
from apps.users.errors import Connected
from apps.users.testing import bearer, make_staff


@pytest.fixture
def paid(db):
    payer, payee = make_account(balance="50000"), make_account()
    payment = pay(begin(payer, payee.number, kes("1000")))
    return payment, payer, payee


def give_back(payment, amount="1000", *, by=None, key="form-1", reason="Paid twice"):
    return operations.refund(
        payment=payment, amount=kes(amount), reason=reason, key=key, by=by or make_staff("BRANCH_MANAGER"), at=now()
    )


def test_goes_back_in_parts_and_not_a_cent_more(paid):
    payment, payer, payee = paid
    give_back(payment, "400")
    with pytest.raises(NotRefundable):
        give_back(payment, "600.01", key="form-2")
    give_back(payment, "600", key="form-3")
    payment.refresh_from_db()
    assert (payment.status, balance_of(payer), balance_of(payee)) == ("REVERSED", "50000.00", "0.00")
    with pytest.raises(NotRefundable):
        give_back(payment, "1", key="form-4")
    deliver_events()
    assert "sent back" in messages_to(payer.owner.phone)[-1].body
    assert "sent back" in messages_to(payee.owner.phone)[-1].body
    assert_books_balance()


def test_whoever_listens_hears_once_that_all_of_it_is_back(paid):
    payment, payer, _payee = paid
    give_back(payment, "400")
    told = OutboxEvent.objects.filter(name="payments.payment.reversed")
    assert not told.exists()
    give_back(payment, "600", key="form-2")
    said = told.get().payload
    assert (said["payment_id"], said["payer_id"]) == (payment.pk, payer.owner_id)


def test_a_form_sent_twice_is_one_refund(paid):
    payment, payer, _payee = paid
    manager = make_staff("BRANCH_MANAGER")
    first = give_back(payment, "400", by=manager)
    assert give_back(payment, "400", by=manager).pk == first.pk
    with pytest.raises(KeyReused):
        give_back(payment, "401", by=manager)
    assert balance_of(payer) == "49400.00"


def test_a_payee_who_spent_it_is_not_made_a_debtor(paid):
    payment, payer, payee = paid
    pay(begin(payee, payer.number, kes("900")))
    with pytest.raises(InsufficientFunds):
        give_back(payment)
    assert not Refund.objects.exists()
    assert_books_balance()


def test_nothing_goes_back_to_an_account_that_was_closed_and_says_which(paid):
    small, payer, payee = paid
    large = pay(begin(payer, payee.number, kes("20000"), key="large"))
    waiting = give_back(large, "20000", key="waits")
    spend(payer, "29000")
    accounts.close(account=payer, by=payer.owner, at=now())
    for key, payment in (("small", small), ("large", large)):
        with pytest.raises(NotRefundable, match="account that paid is closed"):
            give_back(payment, "500", key=key)
    with pytest.raises(NotRefundable, match="account that paid is closed"):
        approvals.approve(approval=waiting.approval, by=make_staff("BRANCH_MANAGER", limit_minor=10**9), at=now())
    waiting.refresh_from_db()
    assert (waiting.status, balance_of(payee)) == ("WAITING", "21000.00")
    assert_books_balance()


def test_a_large_one_waits_for_a_second_person_and_counts_meanwhile(db):
    payer, payee = make_account(balance="50000"), make_account()
    pay(begin(payer, payee.number, kes("1")))
    payment = pay(begin(payer, payee.number, kes("20000"), key="2"))
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER", limit_minor=100_000_000)
    waiting = give_back(payment, "15000", by=maker)
    assert (waiting.status, balance_of(payer)) == ("WAITING", "29999.00")
    with pytest.raises(NotRefundable):
        give_back(payment, "5001", by=checker, key="x")
    with pytest.raises(NotAllowed):
        approvals.approve(approval=waiting.approval, by=maker, at=now())
    approvals.approve(approval=waiting.approval, by=checker, at=now())
    assert balance_of(payer) == "44999.00"
    again = give_back(payment, "5000", by=maker, key="y")
    assert again.status == "DONE"
    assert_books_balance()


def test_who_is_connected_with_a_side_does_not_allow_a_large_one(db):
    payer, payee = make_account(balance="50000"), make_account()
    pay(begin(payer, payee.number, kes("1")))
    waiting = give_back(pay(begin(payer, payee.number, kes("20000"), key="2")), "15000")
    cousin = make_staff("BRANCH_MANAGER", limit_minor=100_000_000)
    people.declare_connection(staff=cousin, customer=payer.owner, kind="FAMILY", by=cousin, at=now())
    with pytest.raises(Connected):
        approvals.approve(approval=waiting.approval, by=cousin, at=now())
    assert balance_of(payer) == "29999.00"


def test_one_that_is_not_allowed_leaves_the_payment_as_it_was(db):
    payer, payee = make_account(balance="50000"), make_account()
    pay(begin(payer, payee.number, kes("1")))
    payment = pay(begin(payer, payee.number, kes("20000"), key="2"))
    waiting = give_back(payment, "20000")
    boss = make_staff("BRANCH_MANAGER", limit_minor=100_000_000)
    approvals.send_back(approval=waiting.approval, by=boss, at=now(), reason="He kept the goods")
    assert balance_of(payer) == "29999.00"
    assert give_back(payment, "9000", key="z").status == "DONE"


def test_needs_the_right_a_reason_and_someone_elses_payment(paid):
    payment, payer, _payee = paid
    with pytest.raises(NotAllowed):
        give_back(payment, by=make_staff("TELLER"))
    with pytest.raises(NotAllowed):
        give_back(payment, reason=" ")
    with pytest.raises(NotAllowed):
        give_back(payment, by=payer.owner)


def test_staff_refund_by_api_from_a_line(client, paid):
    payment, payer, _payee = paid
    line = Transaction.objects.filter(transfer_id=payment.transfer_id, account=payer).get()
    path = f"/api/v1/admin/transactions/{line.pk}/refund/"
    body = {"amount": {"amount": "250.00", "currency": "KES"}, "reason": "Paid twice"}
    sent = {"content_type": "application/json", "headers": bearer(make_staff("BRANCH_MANAGER"))}
    assert client.post(path, body, **sent).status_code == 201
    assert balance_of(payer) == "49250.00"
    assert client.post(path, body, content_type="application/json", headers=bearer(payer.owner)).status_code == 403
    cash = Transaction.objects.filter(account=payer).order_by("pk").first()
    assert client.post(f"/api/v1/admin/transactions/{cash.pk}/refund/", body, **sent).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_eight_who_refund_at_once_give_it_back_once():
    payer, payee = make_account(balance="5000"), make_account()
    payment = pay(begin(payer, payee.number, kes("1000")))
    staff = [make_staff("BRANCH_MANAGER") for _nth in range(8)]
    tried = at_once(*[lambda one=one, n=n: give_back(payment, by=one, key=f"k{n}") for n, one in enumerate(staff)])
    assert len(refusals(tried)) == 7
    assert (balance_of(payer), balance_of(payee)) == ("5000.00", "0.00")
    assert_books_balance()


def test_cut_into_small_parts_it_still_takes_a_second_person(db):
    payer, payee = make_account(balance="50000"), make_account()
    pay(begin(payer, payee.number, kes("1")))
    payment = pay(begin(payer, payee.number, kes("20000"), key="2"))
    assert give_back(payment, "9000", key="a").status == "DONE"
    assert give_back(payment, "1000.01", key="b").status == "WAITING"
    assert give_back(payment, "1000", key="c").status == "DONE"
    assert give_back(payment, "0.01", key="d").status == "WAITING"
    assert balance_of(payer) == "39999.00"
