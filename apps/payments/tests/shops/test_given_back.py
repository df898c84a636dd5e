"""What shops give back: before they were paid, after, raced, by staff, never more than was paid."""

import pytest

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountNotActive
from apps.accounts.models import Transaction
from apps.accounts.signing import Band
from apps.accounts.testing import balance_of, business_account, give, kes, make_account, make_known, make_mandate
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.ledger.errors import InsufficientFunds, TransferTied
from apps.notifications.testing import messages_to
from apps.payments import operations
from apps.payments.errors import KeyReused, NotRefundable
from apps.payments.models import Refund, Settlement
from apps.payments.testing import begin_payment, confirmed, make_shop
from apps.payments.tests.shops.till import books_hold, give_back, pay_out_now, takings
from apps.users.models import BusinessMember
from apps.users.testing import make_business, make_customer, make_member, make_staff

pytestmark = pytest.mark.django_db


def test_a_refund_before_settlement_comes_from_the_takings(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    row = give_back(payment, "400")
    assert (row.from_takings, takings(), balance_of(payer)) == (True, "600.00", "49400.00")
    line = Transaction.objects.get(transfer_id=row.transfer_id)
    assert (line.merchant, line.mcc, line.txn_type) == ("Duka la Achieng", "5411", "REFUND")
    assert give_back(payment, "400").pk == row.pk
    with pytest.raises(KeyReused):
        give_back(payment, "401")
    with pytest.raises(NotRefundable):
        give_back(payment, "600.01", key="r-2")
    pay_out_now()
    paid = Settlement.objects.get()
    assert [f"{money.amount:f}" for money in (paid.sales, paid.refunds, paid.fee, paid.duty, paid.net)] == [
        "1000.00", "400.00", "6.00", "1.20", "592.80"
    ]  # fmt: skip
    books_hold()


def test_a_day_given_back_in_full_is_settled_with_nothing(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    give_back(payment, "1000")
    payment.refresh_from_db()
    pay_out_now()
    assert (payment.status, Settlement.objects.get().net_minor, takings()) == ("REVERSED", 0, "0.00")
    assert balance_of(shop.settlement_account) == "0.00"
    books_hold()


def test_a_refund_after_settlement_comes_from_the_account_it_was_paid_into(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    pay_out_now()
    row = give_back(payment, "300")
    assert (row.from_takings, balance_of(shop.settlement_account)) == (False, "688.00")
    with pytest.raises(InsufficientFunds):
        give_back(payment, "700", key="r-2")
    give(shop.settlement_account, "12")
    give_back(payment, "700", key="r-2")
    payment.refresh_from_db()
    assert (payment.status, balance_of(payer), balance_of(shop.settlement_account)) == ("REVERSED", "50000.00", "0.00")
    deliver_events()
    books_hold()


def test_a_frozen_shop_gives_nothing_back_by_itself(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    pay_out_now()
    accounts.freeze(account=shop.settlement_account, by=shop.owner, at=now())
    with pytest.raises(AccountNotActive):
        give_back(payment, "300")
    assert not Refund.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_refunds_raced_give_back_no_more_than_was_paid():
    payer, shop = make_account(balance="1000"), make_shop(make_account())
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    results = at_once(*[lambda key=f"r-{nth}": give_back(payment, "600", key=key) for nth in range(4)])
    assert [type(no) for no in refusals(results)] == [NotRefundable] * 3
    assert (balance_of(payer), takings()) == ("600.00", "400.00")
    books_hold()


@pytest.mark.django_db(transaction=True)
def test_a_refund_raced_with_the_settlement_is_inside_it_or_after_it():
    payer, shop = make_account(balance="1000"), make_shop(make_account(balance="500"))
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    assert refusals(at_once(lambda: give_back(payment, "400"), pay_out_now)) == []
    assert balance_of(payer) == "400.00"
    books_hold()


def test_staff_give_back_for_a_shop_by_the_same_rules(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    manager = make_staff("BRANCH_MANAGER")
    done = operations.refund(payment=payment, amount=kes("250"), reason="Complaint", key="k", by=manager, at=now())
    assert (done.status, done.from_takings, takings()) == ("DONE", True, "750.00")
    with pytest.raises(NotRefundable):
        give_back(payment, "751")
    books_hold()


def test_a_shop_hears_what_the_bank_gave_back_of_its_takings_and_not_what_it_did_itself(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    own = give_back(payment, "100")
    manager = make_staff("BRANCH_MANAGER")
    ours = operations.refund(payment=payment, amount=kes("250"), reason="Complaint", key="k", by=manager, at=now())
    deliver_events()
    heard = " ".join(str(one.body) for one in messages_to(shop.settlement_account.owner.phone))
    assert (ours.reference in heard, own.reference in heard) == (True, False)
    paid = " ".join(str(one.body) for one in messages_to(payer.owner.phone))
    assert ours.reference in paid
    assert own.reference in paid


def test_a_signatory_takes_nothing_back_out_of_an_owners_account():
    payer, owner, signer = make_account(balance="1000"), make_customer(), make_customer()
    business, account = make_business(owner), make_account(owner)
    BusinessMember.objects.create(business=business, user=signer, role="SIGNATORY", joined_at=now())
    shop = make_shop(account, business=business, by=signer)
    early, late = (confirmed(begin_payment(payer, shop.till, "400")) for _nth in range(2))
    assert give_back(early, "400", by=signer).from_takings
    pay_out_now()
    with pytest.raises(NotAllowed, match="not yours"):
        give_back(late, "300", by=signer, key="r-2")
    assert (Refund.objects.count(), balance_of(payer)) == (1, "600.00")
    assert give_back(late, "300", by=owner, key="r-3").status == "DONE"
    books_hold()


def test_what_a_business_was_paid_out_is_given_back_as_its_mandate_says():
    payer, owner = make_account(balance="1000"), make_customer()
    business = make_business(owner)
    signer = make_member(business, "SIGNATORY")
    account = business_account(make_known(business))
    shop = make_shop(account, business=business, by=owner)
    payment = confirmed(begin_payment(payer, shop.till, "500"))
    make_mandate(business, owner, signer, bands=[Band(10_000, "ANY"), Band(None, "ALL")])
    pay_out_now()
    with pytest.raises(NotAllowed, match="several signatures"):
        give_back(payment, "101", by=signer)
    assert give_back(payment, "100", by=signer, key="r-2").status == "DONE"
    books_hold()


def test_the_books_alone_take_back_no_sale_and_no_settlement(payer, shop):
    payment = confirmed(begin_payment(payer, shop.till, "1000"))
    pay_out_now()
    transfers = [payment.transfer_id, Transaction.objects.get(txn_type="SETTLEMENT").transfer_id]
    for transfer, words in zip(transfers, ("A shop's sale stands", "A shop was paid out"), strict=True):
        with pytest.raises(TransferTied, match=words):
            ledger.ask_reversal(transfer_id=transfer, reason="Wrong", by=make_staff("ADMIN"), at=now())
    books_hold()
