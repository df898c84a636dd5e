"""Turning a payment of a business down, taking it back, or stopping it while it is held."""

from datetime import timedelta

import pytest

from apps.accounts import queries
from apps.accounts.signing import SOME, Band
from apps.accounts.testing import balance_of, business_account, make_mandate
from apps.audit_trail.models import AuditLog
from apps.fraud.testing import switch_rule
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to, messages_to
from apps.payments import operations
from apps.payments.errors import NotASignatory
from apps.payments.models import JointPayment, Payment
from apps.payments.tests.joint.hand import ask, proof, sign
from apps.users import operations as people
from apps.users.testing import make_customer, make_member

pytestmark = pytest.mark.django_db


def available_of(account):
    return f"{queries.holding(account).available.amount:f}"


def available(account):
    return (balance_of(account), available_of(account))


@pytest.mark.parametrize("stops", ["maker", "other"])
def test_is_stopped_while_the_first_large_payment_is_held_and_the_others_hear_of_it(
    account, firm, second, payee, stops
):
    joint = sign(sign(ask(account, payee, "20000", by=firm.created_by), firm.created_by), second)
    assert (joint.status, joint.payment.status, available_of(account)) == ("SIGNED", "HELD", "30000.00")
    viewer, unnamed = make_member(firm, "VIEWER"), make_member(firm, "SIGNATORY")
    for who, no in ((viewer, NotASignatory), (unnamed, NotASignatory), (make_customer(), NotFound)):
        assert not operations.may_end_joint(joint=joint, by=who)
        with pytest.raises(no):
            operations.end_joint(joint=joint, by=who, at=now())
    assert available_of(account) == "30000.00"
    by, other = (firm.created_by, second) if stops == "maker" else (second, firm.created_by)
    assert operations.may_end_joint(joint=joint, by=by)
    ended = operations.end_joint(joint=joint, by=by, at=now())
    assert (ended.status, ended.over_by) == ("CANCELLED" if stops == "maker" else "DECLINED", by)
    assert available(account) == ("50000.00", "50000.00")
    with pytest.raises(IllegalMove):
        operations.end_joint(joint=joint, by=by, at=now())
    assert operations.let_go_on(payment=joint.payment, at=now() + timedelta(minutes=1)).status == "CANCELLED"
    assert available(account) == ("50000.00", "50000.00")
    assert AuditLog.objects.get(action=f"payments.joint.{ended.status.lower()}").actor == by
    deliver_events()
    assert "stopped it" in messages_to(str(other.phone))[-1].body
    assert not [one for one in messages_to(str(by.phone)) if one.code == "payments.joint_stopped"]
    assert_books_balance()


def test_is_not_stopped_once_it_went_nor_while_the_bank_looks_at_it(account, firm, second, payee):
    gone = sign(ask(account, payee, "600", by=firm.created_by), firm.created_by)
    with pytest.raises(IllegalMove):
        operations.end_joint(joint=gone, by=second, at=now())
    switch_rule("LARGE_AMOUNT", "amount >= KES 500", "0.6")
    looked_at = ask(account, payee, "700", by=firm.created_by, key="two")
    later = now() + timedelta(seconds=40)  # another code is sent only after a while
    row = operations.challenge_joint(joint=looked_at, by=firm.created_by, at=later, method="SMS")
    people.answer(challenge_id=row.pk, user=firm.created_by, answer=code_sent_to(str(firm.created_by.phone)), at=later)
    operations.sign_joint(joint=looked_at, challenge_id=row.pk, by=firm.created_by, at=later)
    with pytest.raises(IllegalMove):
        operations.end_joint(joint=looked_at, by=second, at=now())
    assert not operations.may_end_joint(joint=JointPayment.objects.get(pk=looked_at.pk), by=second)
    assert available(account) == ("49400.00", "48700.00")


def test_is_turned_down_with_a_reason_or_taken_back_by_its_maker(account, firm, second, payee):
    joint = sign(ask(account, payee, by=firm.created_by), firm.created_by)
    with pytest.raises(NotAllowed):
        operations.end_joint(joint=joint, by=second, at=now())
    assert operations.end_joint(joint=joint, by=second, at=now(), reason="Wrong price").status == "DECLINED"
    with pytest.raises(IllegalMove):
        operations.challenge_joint(joint=JointPayment.objects.get(), by=second, at=now())
    other = ask(account, payee, by=firm.created_by, key="two")
    assert operations.end_joint(joint=other, by=firm.created_by, at=now()).status == "CANCELLED"
    assert set(Payment.objects.values_list("status", flat=True)) == {"CANCELLED"}
    assert balance_of(account) == "50000.00"


def test_who_only_looks_now_does_not_turn_it_down_though_the_mandate_names_them(account, firm, second, payee):
    joint = ask(account, payee, by=firm.created_by)
    people.change_member(member=firm.members.get(user=second), role="VIEWER", by=firm.created_by, at=now())
    with pytest.raises(NotASignatory):
        operations.end_joint(joint=joint, by=second, at=now(), reason="No")
    assert JointPayment.objects.get().status == "WAITING"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("amount", ["2000", "20000"])
def test_the_last_signature_and_a_no_at_once_end_in_one_of_both(firm, second, payee, amount):
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, bands=[Band(None, SOME, 2)])
    joint = sign(ask(account, payee, amount, by=firm.created_by), firm.created_by)
    given = proof(joint, second)
    said = at_once(
        lambda: operations.sign_joint(joint=joint, challenge_id=given, by=second, at=now()),
        lambda: operations.end_joint(joint=joint, by=firm.created_by, at=now()),
    )
    joint.refresh_from_db()
    payment = Payment.objects.get(pk=joint.payment_id)
    if amount == "2000" and joint.status == "SIGNED":
        assert (payment.status, available(account)) == ("COMPLETED", ("48000.00", "48000.00"))
        assert [type(no) for no in refusals(said)] == [IllegalMove]
    else:
        assert (joint.status, payment.status) == ("CANCELLED", "CANCELLED")
        assert available(account) == ("50000.00", "50000.00")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_stopped_by_two_and_let_go_at_once_it_goes_or_comes_back_once(firm, second, payee):
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, bands=[Band(None, SOME, 2)])
    joint = sign(sign(ask(account, payee, "20000", by=firm.created_by), firm.created_by), second)
    said = at_once(
        lambda: operations.end_joint(joint=joint, by=second, at=now()),
        lambda: operations.end_joint(joint=joint, by=firm.created_by, at=now()),
        lambda: operations.let_go_on(payment=joint.payment, at=now()),
    )
    payment = Payment.objects.get(pk=joint.payment_id)
    left = "30000.00" if payment.status == "COMPLETED" else "50000.00"
    assert payment.status in {"COMPLETED", "CANCELLED"}
    assert available(account) == (left, left)
    assert {type(no) for no in refusals(said)} == {IllegalMove}
    assert_books_balance()
