"""Paying from a business account: as many as the mandate asks sign, and then it is paid once."""

from datetime import timedelta

import pytest

from apps.accounts.errors import NoMandate
from apps.accounts.signing import SOME, Band
from apps.accounts.testing import balance_of, business_account, give, kes, make_account, make_mandate
from apps.fraud.models import FlaggedTransaction
from apps.fraud.testing import switch_rule
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to, messages_to
from apps.payments import operations
from apps.payments.errors import KeyReused, NotASignatory, PaymentExpired
from apps.payments.models import JointPayment, JointSignature, Payment
from apps.payments.tests.joint.hand import ask, make_mandate_of_three, proof, sign
from apps.users import operations as people
from apps.users.errors import StepUpRequired
from apps.users.testing import make_customer, make_member

pytestmark = pytest.mark.django_db


def test_pays_when_the_second_of_two_has_signed(account, firm, second, payee):
    joint = sign(ask(account, payee, by=firm.created_by), firm.created_by)
    assert (joint.status, balance_of(payee)) == ("WAITING", "0.00")
    joint = sign(joint, second)
    assert (joint.status, joint.payment.status) == ("SIGNED", "COMPLETED")
    assert balance_of(payee) == "2000.00"
    assert joint.payment.payer_id == firm.party_id
    assert_books_balance()


def test_pays_a_small_amount_with_one_signature(account, firm, payee):
    assert sign(ask(account, payee, "1000", by=firm.created_by), firm.created_by).status == "SIGNED"
    assert balance_of(payee) == "1000.00"


def test_tells_the_others_who_sign(account, firm, second, payee):
    ask(account, payee, by=firm.created_by)
    deliver_events()
    told = [str(one.body) for one in messages_to(str(second.phone))]
    assert any("waits for your signature" in body and "2,000.00" in body for body in told)
    assert not any("your signature" in str(one.body) for one in messages_to(str(firm.created_by.phone)))


def test_counts_one_person_once(account, firm, payee):
    joint = sign(ask(account, payee, by=firm.created_by), firm.created_by)
    again = operations.sign_joint(joint=joint, challenge_id=None, by=firm.created_by, at=now())
    assert (again.status, JointSignature.objects.count(), balance_of(payee)) == ("WAITING", 1, "0.00")


def test_does_not_count_a_signatory_who_left(account, firm, second, payee):
    third = make_member(firm, "SIGNATORY")
    make_mandate_of_three(firm, second, third)
    joint = sign(ask(account, payee, by=third), third)
    people.remove_member(member=firm.members.get(user=third), by=third, at=now())
    joint = sign(joint, second)
    assert (joint.status, balance_of(payee)) == ("WAITING", "0.00")
    assert sign(joint, firm.created_by).status == "SIGNED"
    assert balance_of(payee) == "2000.00"


def test_is_not_there_for_others_and_only_looked_at_by_viewers(account, firm, second, payee):
    stranger, viewer, unnamed = make_customer(), make_member(firm, "VIEWER"), make_member(firm, "SIGNATORY")
    for who, no in ((stranger, NotFound), (viewer, NotAllowed), (unnamed, NotASignatory)):
        with pytest.raises(no):
            ask(account, payee, by=who)
    joint = ask(account, payee, by=firm.created_by)
    for who, no in ((stranger, NotFound), (viewer, NotASignatory), (unnamed, NotASignatory)):
        with pytest.raises(no):
            operations.challenge_joint(joint=joint, by=who, at=now())
    assert JointPayment.objects.visible_to(viewer).exists()
    assert not JointPayment.objects.visible_to(stranger).exists()


def test_cannot_be_paid_past_its_mandate_by_the_ways_of_people(account, firm, payee):
    with pytest.raises(NotFound):
        operations.start(
            payer=firm.created_by, from_account=account, to=payee.number, amount=kes("10"), key="x", at=now()
        )
    with pytest.raises(NotFound):
        operations.move_between_own(
            owner=firm.created_by, from_account=account, to_account=make_account(firm.created_by),
            amount=kes("10"), key="y", at=now(),
        )  # fmt: skip
    joint = ask(account, payee, by=firm.created_by)
    with pytest.raises(NotFound):
        operations.challenge(payment=joint.payment, by=firm.created_by, at=now())
    assert balance_of(account) == "50000.00"


def test_needs_a_mandate(firm, payee):
    with pytest.raises(NoMandate):
        ask(business_account(firm, balance="100"), payee, "10", by=firm.created_by)
    assert not Payment.objects.exists()


def test_gives_no_signature_without_its_own_proof(account, firm, second, payee):
    one, other = ask(account, payee, by=second), ask(account, payee, by=second, key="two")
    challenge_id = proof(other, second)
    with pytest.raises(StepUpRequired):
        operations.sign_joint(joint=one, challenge_id=challenge_id, by=second, at=now())
    assert not JointSignature.objects.exists()


def test_keeps_waiting_when_the_money_is_not_there_and_pays_once_it_is(account, firm, second, payee):
    joint = sign(ask(account, payee, "60000", by=firm.created_by), firm.created_by)
    with pytest.raises(InsufficientFunds):
        sign(joint, second)
    joint.refresh_from_db()
    assert (joint.status, JointSignature.objects.count(), balance_of(payee)) == ("WAITING", 1, "0.00")
    give(account, "20000")
    later = now() + timedelta(seconds=40)  # another code is sent only after a while
    row = operations.challenge_joint(joint=joint, by=second, at=later, method="SMS")
    people.answer(challenge_id=row.pk, user=second, answer=code_sent_to(str(second.phone)), at=later)
    assert operations.sign_joint(joint=joint, challenge_id=row.pk, by=second, at=later).payment.status == "HELD"


def test_ends_after_three_days(account, firm, second, payee):
    joint = ask(account, payee, by=firm.created_by, at=now() - timedelta(hours=73))
    with pytest.raises(PaymentExpired):
        operations.challenge_joint(joint=joint, by=second, at=now())
    assert (operations.expire_joint(at=now()), operations.expire_joint(at=now())) == (1, 0)
    joint.refresh_from_db()
    assert (joint.status, joint.payment.status) == ("EXPIRED", "CANCELLED")


def test_is_one_payment_for_one_key(account, firm, payee):
    assert ask(account, payee, by=firm.created_by).pk == ask(account, payee, by=firm.created_by).pk
    with pytest.raises(KeyReused):
        ask(account, payee, "3000", by=firm.created_by)


def test_a_payment_that_is_held_waits_for_the_bank_and_asks_nobody_who_cannot_answer(account, firm, second, payee):
    switch_rule("LARGE_AMOUNT", "amount >= KES 500", "0.6")
    joint = ask(account, payee, "600", by=firm.created_by)
    sign(joint, firm.created_by)
    flag = FlaggedTransaction.objects.get()
    assert (Payment.objects.get().status, flag.asks_customer) == ("HELD", False)
    deliver_events()
    told = [one.code for who in (firm.created_by, second) for one in messages_to(who.phone)]
    assert "fraud.was_this_you" not in told


@pytest.mark.django_db(transaction=True)
def test_pays_once_when_two_last_signatures_come_at_once(firm, second, payee):
    third, account = make_member(firm, "SIGNATORY"), business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, third, bands=[Band(None, SOME, 2)])
    joint = sign(ask(account, payee, by=firm.created_by), firm.created_by)
    proofs = {one: proof(joint, one) for one in (second, third)}

    def give_signature(who):
        return operations.sign_joint(joint=joint, challenge_id=proofs[who], by=who, at=now())

    answers = at_once(*(lambda who=who: give_signature(who) for who in proofs))
    assert [type(no) for no in refusals(answers)] == [IllegalMove]
    assert balance_of(payee) == "2000.00"
    assert Payment.objects.filter(status="COMPLETED").count() == 1
    assert_books_balance()
