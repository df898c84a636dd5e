"""Nothing is paid to whoever left the bank: their accounts close with the profile, and no payment comes between."""

from threading import Thread

import pytest
from django.db import connection, transaction

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountClosed, AccountsOpen
from apps.accounts.models import Account, Product
from apps.accounts.testing import balance_of, kes, make_account, make_deposit, spend
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import at_once, until_waiting
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.payments.errors import PayeeNotFound, ShopOpen
from apps.payments.testing import approve, begin_payment, carried_on, confirmed, make_shop, raise_tier
from apps.payments.tests.banks.incoming import came
from apps.payments.tests.bulk.firm import Firm, states
from apps.users import operations as people
from apps.users.models import User
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make_staff("ADMIN")


def close(person, officer):
    fresh = User.objects.get(pk=person.pk)
    return people.set_status(person=fresh, status="CLOSED", reason="They asked for it", by=officer, at=now())


def proved(payment):
    row = operations.challenge(payment=payment, by=payment.payer, at=now(), method="SMS")
    people.answer(challenge_id=row.pk, user=payment.payer, answer=code_sent_to(str(payment.payer.phone)), at=now())
    return row.pk


def status_of(account):
    return Account.objects.get(pk=account.pk).status


def test_a_payment_begun_before_the_profile_closed_is_refused_and_moves_nothing(officer):
    payer, payee = make_account(balance="5000"), make_account()
    payment = begin_payment(payer, payee.number, "1290")
    close(payee.owner, officer)
    with pytest.raises(AccountClosed) as refused:
        confirmed(payment)
    assert str(refused.value) == "That account is closed. No money moved."
    assert (balance_of(payer), balance_of(payee), status_of(payee)) == ("5000.00", "0.00", "CLOSED")
    with pytest.raises(PayeeNotFound):
        begin_payment(payer, payee.number, "10")
    assert_books_balance()


def test_a_held_payment_comes_back_when_its_payee_left(officer):
    payer, payee = make_account(raise_tier(make_account().owner), balance="50000"), make_account()
    held = confirmed(begin_payment(payer, payee.number, "20000"))
    assert held.status == "HELD"
    close(payee.owner, officer)
    assert operations.let_go_on(payment=held, at=now()).status == "FAILED"
    assert (balance_of(payer), balance_of(payee)) == ("50000.00", "0.00")


def test_other_banks_are_told_that_the_account_is_closed(officer):
    payee = make_account()
    close(payee.owner, officer)
    row = came(payee)
    assert (row.status, row.reason, balance_of(payee)) == ("REFUSED", "AC04", "0.00")


def test_a_row_of_a_batch_is_refused_and_the_others_paid(officer):
    firm, left, stays = Firm(), make_account(), make_account()
    bulk = firm.waiting([(one.owner.phone, one.owner.full_name, "1000", "") for one in (left, stays)])
    close(left.owner, officer)
    done = carried_on(approve(bulk, firm.signatory))
    assert states(done) == [("FAILED", "PAYEE_CLOSED"), ("PAID", "")]
    assert (balance_of(left), balance_of(stays)) == ("0.00", "1000.00")


def test_an_account_that_outlived_its_profile_takes_nothing(officer):
    payer, payee = make_account(balance="5000"), make_account()
    payment = begin_payment(payer, payee.number, "100")
    User.objects.filter(pk=payee.owner_id).update(status="CLOSED")  # as it was closed before accounts closed with it
    with pytest.raises(AccountClosed):
        confirmed(payment)
    assert (came(payee).reason, balance_of(payee), status_of(payee)) == ("AC04", "0.00", "ACTIVE")


def test_every_account_closes_with_the_profile_and_none_is_opened_after(officer):
    first = make_account(balance="100")
    owner = first.owner
    goal = accounts.make_goal(owner=owner, name="Goat", target=kes("5000"), key="goal", at=now())
    with pytest.raises(AccountsOpen):
        close(owner, officer)
    assert {status_of(first), status_of(goal.account)} == {"ACTIVE"}
    spend(first, "100")
    close(owner, officer)
    goal.refresh_from_db()
    assert {status_of(first), status_of(goal.account)} == {"CLOSED"}
    assert goal.closed_at is not None
    with pytest.raises(NotAllowed):  # `owner` is as the request read them before
        accounts.open_account(owner=owner, product=Product.objects.to_open().first(), by=owner, at=now())


def test_a_shop_that_takes_payments_is_closed_first(officer):
    account = make_account()
    shop = make_shop(account)
    with pytest.raises(ShopOpen):
        close(account.owner, officer)
    assert (User.objects.get(pk=account.owner_id).status, status_of(account)) == ("ACTIVE", "ACTIVE")
    operations.close_merchant(merchant=shop, by=account.owner, at=now())
    assert close(account.owner, officer).status == "CLOSED"


def test_money_in_a_deposit_stands_against_it(officer):
    account = make_account(balance="10000")
    make_deposit(account)
    with pytest.raises(AccountsOpen):
        close(account.owner, officer)


@pytest.mark.django_db(transaction=True)
def test_money_and_closing_at_once_end_in_one_of_both(officer):
    for _try in range(6):
        payer, payee = make_account(balance="5000"), make_account()
        payment = begin_payment(payer, payee.number, "100")
        proof, by = proved(payment), payment.payer
        paid, closed = at_once(
            lambda payment=payment, proof=proof, by=by: operations.confirm(
                payment=payment.public_id, challenge_id=proof, by=by, at=now()
            ),
            lambda payee=payee: close(payee.owner, officer),
        )
        came_first = isinstance(closed, AccountsOpen)
        assert isinstance(paid, AccountClosed) != came_first, (paid, closed)
        status = User.objects.get(pk=payee.owner_id).status
        assert (balance_of(payee), status) == (("100.00", "ACTIVE") if came_first else ("0.00", "CLOSED"))
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["a payment", "another bank"])
def test_money_waits_for_a_closing_under_way_and_is_refused(officer, way):
    payer, payee = make_account(balance="5000"), make_account()
    payment = begin_payment(payer, payee.number, "100")
    proof, by, came_of = proved(payment), payment.payer, []

    def pay():
        try:
            if way == "another bank":
                came_of.append(came(payee).reason)
            else:
                operations.confirm(payment=payment.public_id, challenge_id=proof, by=by, at=now())
        except AccountClosed as no:
            came_of.append(type(no).__name__)
        finally:
            connection.close()

    with transaction.atomic():
        close(payee.owner, officer)
        thread = Thread(target=pay)
        thread.start()
        until_waiting()
    thread.join()
    assert came_of == ["AC04" if way == "another bank" else "AccountClosed"]
    assert (balance_of(payer), balance_of(payee)) == ("5000.00", "0.00")
    assert status_of(payee) == "CLOSED"


@pytest.mark.django_db(transaction=True)
def test_an_account_opened_at_that_moment_closes_too_or_is_not_opened(officer):
    for _try in range(6):
        account = make_account()
        owner, product = account.owner, Product.objects.to_open().first()
        at_once(
            lambda owner=owner, product=product: accounts.open_account(
                owner=owner, product=product, by=owner, at=now()
            ),
            lambda owner=owner: close(owner, officer),
        )
        assert User.objects.get(pk=owner.pk).status == "CLOSED"
        assert set(Account.objects.filter(owner=owner).values_list("status", flat=True)) == {"CLOSED"}
