"""Standing orders of a business with several people and workers at once."""

from functools import partial

import pytest

from apps.accounts.signing import SOME, Band
from apps.accounts.testing import balance_of, business_account, make_mandate
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance
from apps.payments import operations
from apps.payments.models import JointOrder, JointPayment, Payment, StandingOrder, StandingOrderRun
from apps.payments.tests.joint.orders import ask_order, order_proof, run, sign_order, signed_order
from apps.payments.tests.people import on_day, working_day
from apps.users import operations as people
from apps.users.testing import make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def third(firm):
    return make_member(firm, "SIGNATORY")


@pytest.fixture
def account(firm, second, third):
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, third, bands=[Band(None, SOME, 2)])
    return account


def give(joint, proved, who):
    return operations.sign_joint_order(joint=joint, challenge_id=proved, by=who, at=now())


def test_two_last_signatures_at_once_put_it_in_force_once(account, firm, second, third, payee):
    joint = sign_order(ask_order(account, payee, by=firm.created_by), firm.created_by)
    proofs = {one: order_proof(joint, one) for one in (second, third)}
    answers = at_once(*(partial(give, joint, proofs[who], who) for who in proofs))
    assert [type(no) for no in refusals(answers)] == [IllegalMove]
    joint = JointOrder.objects.select_related("order").get()
    assert (joint.status, joint.order.status, joint.signatures.count()) == ("SIGNED", "ACTIVE", 2)


def test_the_last_signature_and_a_withdrawal_at_once_end_in_nothing_that_runs(account, firm, second, payee):
    joint = sign_order(ask_order(account, payee, by=firm.created_by), firm.created_by)
    proved = order_proof(joint, second)
    withdraw = partial(operations.end_joint_order, joint=joint, by=firm.created_by, at=now())
    said = at_once(partial(give, joint, proved, second), withdraw)
    joint = JointOrder.objects.select_related("order").get()
    assert joint.order.status == "CANCELLED"
    if joint.status == "CANCELLED":
        assert [type(no) for no in refusals(said)] == [IllegalMove]
    else:  # signed first: then its maker stopped it, as any signatory may
        assert (joint.status, refusals(said)) == ("STOPPED", [])
    assert run(joint, on_day(working_day())) is None


def test_a_run_and_a_stop_at_once_pay_once_or_not_at_all(account, firm, second, payee):
    start = working_day()
    joint = signed_order(account, payee, firm.created_by, second)
    stop = partial(operations.end_joint_order, joint=joint, by=second, at=on_day(start))
    assert not refusals(at_once(partial(run, joint, on_day(start)), stop, partial(run, joint, on_day(start))))
    paid = balance_of(payee)
    assert paid in {"0.00", "2000.00"}
    assert StandingOrder.objects.get().status == "CANCELLED"
    assert JointPayment.objects.count() == Payment.objects.count() == int(paid == "2000.00")
    assert StandingOrderRun.objects.filter(status="PAID").count() == int(paid == "2000.00")
    assert_books_balance()


def test_eight_workers_pay_one_date_once(account, firm, second, payee):
    start = working_day()
    joint = signed_order(account, payee, firm.created_by, second)
    assert not refusals(at_once(*[partial(run, joint, on_day(start))] * 8))
    assert (balance_of(payee), JointPayment.objects.count()) == ("2000.00", 1)
    assert_books_balance()


def test_a_run_and_a_signatory_who_leaves_at_once_pay_by_the_mandate_of_the_moment(account, firm, second, payee):
    start = working_day()
    joint = signed_order(account, payee, firm.created_by, second)
    leave = partial(people.remove_member, member=firm.members.get(user=second), by=second, at=now())
    assert not refusals(at_once(partial(run, joint, on_day(start)), leave))
    done = StandingOrderRun.objects.get()
    assert (done.status, balance_of(payee)) in {("PAID", "2000.00"), ("FAILED", "0.00")}
    assert_books_balance()
