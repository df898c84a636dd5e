"""Dates of a standing order of a business: paid by the mandate of the day, or not paid and told."""

from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.errors import TooFewSign
from apps.accounts.signing import ALL, ANY, SOME, Band
from apps.accounts.testing import balance_of, business_account, give, kes, make_mandate, sign_mandate
from apps.fraud.testing import switch_rule
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotFound
from apps.ledger import verification
from apps.ledger.testing import assert_books_balance
from apps.payments import operations, rails
from apps.payments.models import JointPayment, JointSignature, Payment
from apps.payments.schedule import Schedule
from apps.payments.tests.joint.hand import ask, make_mandate_of_three
from apps.payments.tests.joint.orders import ask_order, run, sign_order, signed_order, told
from apps.payments.tests.people import on_day
from apps.payments.tests.standing.orders import DAY, Slow, good_friday
from apps.users import operations as people
from apps.users.models import User
from apps.users.testing import make_member

pytestmark = pytest.mark.django_db


def test_is_not_paid_when_one_who_signed_left_until_another_signs_it_again(account, firm, second, payee, start):
    third = make_member(firm, "SIGNATORY")
    make_mandate_of_three(firm, second, third)
    joint = signed_order(account, payee, third, second)
    with pytest.raises(IllegalMove, match="all the signatures"):
        operations.challenge_joint_order(joint=joint, by=firm.created_by, at=now())
    people.remove_member(member=firm.members.get(user=third), by=third, at=now())
    failed = run(joint, on_day(start))
    assert (failed.status, failed.payment, balance_of(payee)) == ("FAILED", None, "0.00")
    assert not Payment.objects.exists()
    assert "Sign the order again" in failed.because
    assert any("Sign the order again" in body and "goes on" in body for body in told(firm.created_by))
    assert sign_order(joint, firm.created_by).order.status == "ACTIVE"
    paid = run(joint, on_day(start + 7 * DAY))
    assert (paid.status, balance_of(payee)) == ("PAID", "2000.00")
    assert {one.user for one in paid.payment.joint.signatures.all()} == {second, firm.created_by}
    assert_books_balance()


def test_is_not_paid_when_the_mandate_asks_for_more_and_says_so_when_too_few_are_left(firm, second, payee, start):
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, bands=[Band(None, ANY)])
    joint = signed_order(account, payee, firm.created_by)
    stricter = accounts.propose_mandate(
        business=firm, signatories=[firm.created_by_id, second.pk], bands=[Band(None, ALL)], by=second, at=now()
    )
    assert sign_mandate(stricter, second).status == "IN_FORCE"
    assert run(joint, on_day(start)).status == "FAILED"
    sign_order(joint, second)
    people.remove_member(member=firm.members.get(user=second), by=second, at=now())
    with pytest.raises(TooFewSign):
        operations.challenge_joint_order(joint=joint, by=firm.created_by, at=now())
    failed = run(joint, on_day(start + 7 * DAY))
    assert failed.status == "FAILED"
    assert "Change the mandate" in failed.because
    assert balance_of(account) == "50000.00"


def test_tells_the_day_before_that_signatures_are_lacking_and_otherwise_what_goes(account, firm, second, payee, start):
    joint = signed_order(account, payee, firm.created_by, second)
    assert operations.tell_of_tomorrow(at=on_day(start - DAY)) == 1
    assert any("tomorrow KES 2,000.00 goes" in body for body in told(firm.created_by))
    run(joint, on_day(start))
    make_mandate(firm, firm.created_by, second, make_member(firm, "SIGNATORY"))
    assert operations.tell_of_tomorrow(at=on_day(start + 6 * DAY)) == 1
    for who in (firm.created_by, second, make_member(firm, "VIEWER")):
        lacks = any("needs another signature" in body for body in told(who))
        assert lacks is (who.pk in {firm.created_by_id, second.pk})
    assert not any(str(start + 7 * DAY) in body and "goes" in body for body in told(firm.created_by))


def test_tries_again_when_the_money_is_short_and_keeps_no_payment_that_was_not_made(
    account, firm, second, payee, start
):
    joint = signed_order(account, payee, firm.created_by, second, amount="60000")
    assert run(joint, on_day(start, 7)).status == "WAITING"
    assert not JointPayment.objects.exists()
    give(account, "20000")
    again = run(joint, on_day(start, 13))
    assert (again.status, again.tries, again.payment.status) == ("UNDER_WAY", 2, "HELD")
    assert again.payment.joint.status == "SIGNED"


def test_a_run_that_is_held_is_stopped_as_any_joint_payment_and_the_order_goes_on(account, firm, second, payee, start):
    joint = signed_order(account, payee, firm.created_by, second, amount="20000")
    held = run(joint, on_day(start))
    assert (held.status, held.payment.status) == ("UNDER_WAY", "HELD")
    operations.end_joint(joint=held.payment.joint, by=second, at=on_day(start))
    held.refresh_from_db()
    joint.order.refresh_from_db()
    assert (held.status, joint.order.status, balance_of(account)) == ("FAILED", "ACTIVE", "50000.00")
    assert joint.order.next_due_on == start + 7 * DAY
    assert_books_balance()


def test_a_run_by_a_rail_waits_for_it_as_peoples_do_and_moves_past_a_day_off(account, firm, second, monkeypatch):
    monkeypatch.setitem(rails._rails, "slow", Slow())
    where = operations.place_outside(
        rail="slow", kind="BILL_PAYMENT", asked={"paybill": "888880", "account": "W-1"}, at=now()
    )
    friday = good_friday()
    joint = operations.ask_joint_order(
        from_account=account, where=where, amount=kes("2000"), schedule=Schedule("ONCE", friday), key="water",
        by=second, at=now(),
    )  # fmt: skip
    for who in (second, firm.created_by):
        joint = sign_order(joint, who)
    assert run(joint, on_day(friday)) is None
    sent = run(joint, on_day(friday + 4 * DAY))  # after the Monday of Easter
    assert (sent.status, sent.payment.status, sent.payment.joint.status) == ("UNDER_WAY", "PENDING", "SIGNED")
    operations.settle(payment=sent.payment, provider_reference="W-9", at=on_day(friday + 4 * DAY, 10))
    sent.refresh_from_db()
    joint.order.refresh_from_db()
    assert (sent.status, joint.order.status) == ("PAID", "DONE")
    assert_books_balance()


def test_a_reader_hears_in_their_own_language_why_a_date_was_not_paid(account, firm, second, payee, start):
    joint = signed_order(account, payee, firm.created_by, second)
    make_mandate(firm, firm.created_by, second, make_member(firm, "SIGNATORY"))
    User.objects.filter(pk=firm.created_by_id).update(language="sw")
    run(joint, on_day(start))
    assert any("hawatoshi" in body and "Agizo lako linaendelea" in body for body in told(firm.created_by))


def test_a_run_obeys_the_screen_and_a_frozen_account(account, firm, second, payee, start):
    joint = signed_order(account, payee, firm.created_by, second)
    accounts.freeze(account=account, by=second, at=now())
    frozen = run(joint, on_day(start))
    assert (frozen.status, frozen.payment, balance_of(payee)) == ("FAILED", None, "0.00")
    accounts.unfreeze(account=account, by=second, at=now())
    switch_rule("LARGE_AMOUNT", "amount >= KES 500", "0.95")
    stopped = run(joint, on_day(start + 7 * DAY))
    assert (stopped.status, balance_of(account)) == ("FAILED", "50000.00")
    assert stopped.payment.status == "FAILED"


def test_what_a_closed_business_left_behind_lapses_and_ends_and_holds_up_nobody_else(firm, payee, start):
    account = business_account(firm)
    make_mandate(firm, firm.created_by)
    running, waiting = (
        signed_order(account, payee, firm.created_by),
        ask_order(account, payee, by=firm.created_by, key="x"),
    )
    paying = ask(account, payee, by=firm.created_by)
    accounts.close(account=account, by=firm.created_by, at=now())
    people.close_business(business=firm, by=firm.created_by, at=now())
    later = now() + timedelta(days=4)
    assert (operations.expire_joint(at=later), operations.expire_joint_orders(at=later)) == (1, 1)
    assert run(running, on_day(start)).status == "FAILED"
    for row in (running.order, waiting.order, paying.payment):
        row.refresh_from_db()
        assert row.status == "CANCELLED"
    with pytest.raises(NotFound):
        operations.end_joint_order(joint=running, by=firm.created_by, at=now())


def test_verify_books_sees_a_date_that_nobody_signed(account, firm, second, payee, start):
    joint = signed_order(account, payee, firm.created_by, second)
    run(joint, on_day(start))
    assert not [one for one in verification.verify() if "unsigned" in one.says]
    JointSignature.objects.all().delete()
    assert [one for one in verification.verify() if "was paid unsigned" in one.says]


def test_signatures_are_counted_for_the_amount_with_what_it_costs(firm, second, payee, start):
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, bands=[Band(kes("2000").minor, ANY), Band(None, SOME, 2)])
    joint = ask_order(account, payee, by=firm.created_by)
    assert joint.total >= joint.order.amount
    assert (sign_order(joint, firm.created_by).status == "SIGNED") is (joint.total <= kes("2000"))
