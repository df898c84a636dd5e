"""Paying to a member's reference, now or by standing order, as anybody may; and money that comes in for a loan."""

import pytest
from django.db import transaction

from apps.accounts.events import DepositReceived, MoneyCameIn
from apps.accounts.queries import main_account
from apps.accounts.testing import balance_of, give, kes
from apps.chamas import rail, subscribers
from apps.chamas.errors import Invalid
from apps.chamas.models import Contribution, GroupLoan, GroupRepayment, PayIn
from apps.chamas.operations.books import balances
from apps.chamas.testing import make_group, make_person, member_of, open_next
from apps.chamas.tests.test_group_loans import lend, make_loan
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.ledger.testing import assert_books_balance
from apps.payments import operations as payments
from apps.payments.models import PaymentStatus
from apps.payments.operations.carry import queue
from apps.payments.schedule import Schedule
from apps.payments.tests.people import on_day, prove, working_day

pytestmark = pytest.mark.django_db


def test_a_payment_to_a_members_reference_pays_their_dues_whoever_sends_it():
    group = make_group(members=3)
    open_next(group)
    member, friend = member_of(group, "CHAIR"), make_person()
    payment = order_of(friend, member.reference, "1200")
    rail.ChamaRail().send(payment=payment, at=now())
    rail.ChamaRail().ask(payment=payment, at=now())
    payment.refresh_from_db()
    row = PayIn.objects.get()
    assert (payment.status, row.source, row.paid_by) == (PaymentStatus.COMPLETED, "ORDER", friend)
    assert Contribution.objects.get(member=member).status == "PAID"
    assert_books_balance()


def test_a_reference_nobody_has_any_more_gives_the_payer_their_money_back():
    group = make_group(members=4)
    member = member_of(group, "MEMBER")
    friend = make_person()
    payment = order_of(friend, member.reference, "1200")
    type(member).objects.filter(pk=member.pk).update(status="LEFT", left_at=now())
    rail.ChamaRail().send(payment=payment, at=now())
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.FAILED
    assert balance_of(payment.from_account) == "50000.00"
    assert not PayIn.objects.exists()
    with pytest.raises(NotFound):
        payments.find_destination(
            rail="chama", kind="CONTRIBUTION", asked={"reference": member.reference}, amount=kes("1"), at=now()
        )
    assert_books_balance()


def test_a_payment_to_the_reference_of_a_loan_pays_it_back_and_never_too_much():
    loan = lend(make_loan("500", months=1))
    member, friend = loan.member, make_person()
    with pytest.raises(Invalid):
        order_of(friend, loan.reference, "500.01")
    payment = order_of(friend, loan.reference, "500")
    assert payment.payee_name.endswith(loan.group.name)
    rail.ChamaRail().send(payment=payment, at=now())
    rail.ChamaRail().ask(payment=payment, at=now())
    payment.refresh_from_db()
    assert (payment.status, GroupRepayment.objects.get().amount) == (PaymentStatus.COMPLETED, kes("500"))
    assert (GroupLoan.objects.get().status, balances(loan.group)["LOANS"]) == ("PAID", 0)
    assert balance_of(payment.from_account) == "49500.00"
    assert balance_of(member.account) == "49300.00"
    assert_books_balance()


def order_of(payer, reference, amount):
    """A confirmed payment to a reference, its money set aside, as a standing order makes one."""
    there = payments.find_destination(
        rail="chama", kind="CONTRIBUTION", asked={"reference": reference}, amount=kes(amount), at=now()
    )
    payment = payments.start_by_rail(
        payer=payer,
        from_account=main_account(payer),
        rail="chama",
        kind="CONTRIBUTION",
        destination=there,
        amount=kes(amount),
        key="order/1",
        at=now(),
    )
    with transaction.atomic():  # past the proof, which the tests of payments look at
        queue(payment, at=now())
    return payment


def test_a_standing_order_to_the_reference_pays_in_on_its_day_and_once():
    group = make_group(members=3)
    open_next(group)
    member = member_of(group, "CHAIR")
    start, asked = working_day(), {"reference": member.reference}
    where = payments.place_outside(rail="chama", kind="CONTRIBUTION", asked=asked, at=now())
    order = payments.set_up_order(
        owner=member.user,
        from_account=member.account,
        where=where,
        amount=kes("1200"),
        schedule=Schedule("MONTHLY", start, start.day),
        day_off="SAME_DAY",
        key="chama",
        at=now(),
    )
    order = prove(order, now())
    run = payments.pay_order(order_id=order.pk, at=on_day(start))
    payments.hand_over(payment_id=run.payment_id, at=on_day(start))
    assert not payments.hand_over(payment_id=run.payment_id, at=on_day(start))
    run.refresh_from_db()
    assert (run.status, PayIn.objects.get().source) == ("PAID", "ORDER")
    assert Contribution.objects.get(member=member).status == "PAID"
    assert balance_of(member.account) == "48800.00"
    assert_books_balance()


def test_cash_at_a_till_pays_in_and_money_for_a_loan_pays_the_loan_and_leaves_the_rest():
    loan = lend(make_loan("500", months=1))
    member, group = loan.member, loan.group
    give(member.account, "700")
    event = MoneyCameIn(
        account_id=member.account_id, rail="mpesa", receipt="Q1", minor=70_000, currency="KES",
        purpose=f"chama/{loan.reference}",
    )  # fmt: skip
    subscribers.use_money(event)
    subscribers.use_money(event)
    assert GroupRepayment.objects.get().amount == kes("500")
    assert (GroupLoan.objects.get().status, balances(group)["LOANS"]) == ("PAID", 0)
    before = balances(group)["ADVANCE"]
    subscribers.use_cash(
        DepositReceived(
            account_id=member.account_id, cash_id=1, minor=20_000, currency="KES", purpose=f"chama/{member.reference}"
        )
    )
    assert balances(group)["ADVANCE"] - before == 20_000
    subscribers.use_cash(
        DepositReceived(account_id=member.account_id, cash_id=2, minor=1, currency="KES", purpose="chama/GZZZZZZZZZ")
    )
    assert PayIn.objects.filter(source="CASH").count() == 1
    assert_books_balance()
