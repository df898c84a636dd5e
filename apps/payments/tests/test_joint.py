"""Paying from a business account: as many as the mandate asks sign, and then it is paid once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.accounts import operations as accounts
from apps.accounts import queries
from apps.accounts.errors import NoMandate
from apps.accounts.signing import ANY, SOME, Band
from apps.accounts.testing import balance_of, business_account, give, kes, make_account, make_mandate, sign_mandate
from apps.audit_trail.models import AuditLog
from apps.fraud.models import FlaggedTransaction
from apps.fraud.testing import switch_rule
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, deliver_events, refusals, until_waiting
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to, messages_to
from apps.payments import operations
from apps.payments.errors import KeyReused, NotASignatory, PaymentExpired
from apps.payments.models import JointPayment, JointSignature, Payment
from apps.payments.testing import approve, bring, make_shop, proved, submit
from apps.payments.tests.bulk.firm import make_business_sole
from apps.users import operations as people
from apps.users.errors import StepUpRequired
from apps.users.testing import make_business, make_customer, make_member

pytestmark = pytest.mark.django_db
TWO_OF = [Band(100_000, ANY), Band(None, SOME, 2)]


@pytest.fixture
def firm():
    return make_business()


@pytest.fixture
def second(firm):
    return make_member(firm, "SIGNATORY")


@pytest.fixture
def account(firm, second):
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, bands=TWO_OF)
    return account


@pytest.fixture
def payee():
    return make_account()


def ask(account, payee, amount="2000", *, by, key="one", at=None):
    return operations.ask_joint(
        from_account=account, to=payee.number, amount=kes(amount), key=key, by=by, at=at or now(), note="Steel"
    )


def proof(joint, by):
    row = operations.challenge_joint(joint=joint, by=by, at=now(), method="SMS")
    people.answer(challenge_id=row.pk, user=by, answer=code_sent_to(str(by.phone)), at=now())
    return row.pk


def sign(joint, by):
    return operations.sign_joint(joint=joint, challenge_id=proof(joint, by), by=by, at=now())


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


def make_mandate_of_three(firm, second, third):
    who = [firm.created_by, second, third]
    mandate = accounts.propose_mandate(
        business=firm, signatories=[one.pk for one in who], bands=[Band(None, SOME, 2)], by=second, at=now()
    )
    for one in who:
        mandate = sign_mandate(mandate, one)


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


def test_opens_a_shop_and_pays_a_batch_from_the_business(account, firm, second, payee):
    shop = make_shop(account, business=firm, by=firm.created_by)
    assert shop.settlement_account_id == account.pk
    bulk = bring(account, [(payee.number, "", "1500", "")], by=firm.created_by, business=firm)
    bulk = submit(bulk)
    assert bulk.status == "WAITING"
    with pytest.raises(NotASignatory):
        approve(bulk, make_member(firm, "SIGNATORY"))
    assert approve(bulk, second).status in {"RUNNING", "DONE"}


def test_wants_a_batch_signed_by_all_three_where_the_mandate_does(firm, second, payee):
    third, account = make_member(firm, "SIGNATORY"), business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, third)
    bulk = submit(bring(account, [(payee.number, "", "1500", "")], by=firm.created_by, business=firm))
    assert approve(bulk, second).status == "WAITING"
    assert approve(bulk, third).status in {"RUNNING", "DONE"}
    assert_books_balance()


def test_a_payment_that_is_held_waits_for_the_bank_and_asks_nobody_who_cannot_answer(account, firm, second, payee):
    switch_rule("LARGE_AMOUNT", "amount >= KES 500", "0.6")
    joint = ask(account, payee, "600", by=firm.created_by)
    sign(joint, firm.created_by)
    flag = FlaggedTransaction.objects.get()
    assert (Payment.objects.get().status, flag.asks_customer) == ("HELD", False)
    deliver_events()
    told = [one.code for who in (firm.created_by, second) for one in messages_to(who.phone)]
    assert "fraud.was_this_you" not in told


def test_a_batch_is_not_asked_for_by_a_signatory_whom_the_mandate_does_not_name(account, firm, second, payee):
    unnamed = make_member(firm, "SIGNATORY")
    bulk = bring(account, [(payee.number, "", "1500", "")], by=firm.created_by, business=firm)
    with pytest.raises(NotASignatory):
        submit(bulk, by=unnamed)
    bulk.refresh_from_db()
    assert (bulk.status, balance_of(payee)) == ("CHECKED", "0.00")


def test_a_sole_traders_batch_is_not_paid_by_one_whom_the_mandate_does_not_name(payee):
    firm = make_business_sole(make_customer())
    account, unnamed = business_account(firm, balance="50000"), make_member(firm, "SIGNATORY")
    make_mandate(firm, firm.created_by, bands=[Band(None, ANY)])
    bulk = bring(account, [(payee.number, "", "1500", "")], by=firm.created_by, business=firm)
    with pytest.raises(NotASignatory):
        submit(bulk, by=unnamed)
    assert balance_of(account) == "50000.00"
    assert submit(bulk).status in {"RUNNING", "DONE"}


def test_does_not_count_who_asked_for_a_batch_and_left(firm, payee):
    third, fourth = make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, third, fourth, bands=[Band(None, SOME, 2)])
    bulk = submit(bring(account, [(payee.number, "", "1500", "")], by=third, business=firm))
    people.remove_member(member=firm.members.get(user=third), by=firm.created_by, at=now())
    assert approve(bulk, fourth).status == "WAITING"
    assert balance_of(account) == "50000.00"
    assert approve(bulk, firm.created_by).status in {"RUNNING", "DONE"}
    assert_books_balance()


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


@pytest.mark.django_db(transaction=True)
def test_a_batch_waits_for_a_removal_that_is_being_made_and_does_not_count_who_left(firm, payee):
    third, fourth = make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, third, fourth, bands=[Band(None, SOME, 2)])
    bulk = submit(bring(account, [(payee.number, "", "1500", "")], by=third, business=firm))
    given = proved(bulk, "approve", fourth)

    def allow():
        try:
            return operations.bulk.approve(bulk=bulk, challenge_id=given, by=fourth, at=now()).status
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            people.remove_member(member=firm.members.get(user=third), by=firm.created_by, at=now())
            said = pool.submit(allow)
            until_waiting()
        assert said.result(timeout=20) == "WAITING"
    assert balance_of(account) == "50000.00"
    assert approve(bulk, firm.created_by).status in {"RUNNING", "DONE"}


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
