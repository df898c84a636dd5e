"""Standing orders of a business: in force when as many have signed as its mandate asks, and paid with that."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from apps.accounts.errors import NoMandate
from apps.accounts.testing import balance_of, business_account, kes, make_mandate
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import local_date, now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.ledger.testing import assert_books_balance
from apps.payments import operations
from apps.payments.errors import KeyReused, NotASignatory, PaymentExpired, ToYourself
from apps.payments.models import JointOrder, StandingOrder
from apps.payments.schedule import Schedule
from apps.payments.tests.joint.orders import ask_order, order_proof, run, sign_order, signed_order, told
from apps.payments.tests.people import on_day, working_day
from apps.payments.tests.standing.orders import DAY, statuses
from apps.users.errors import StepUpRequired
from apps.users.testing import make_customer, make_member

pytestmark = pytest.mark.django_db


def test_is_in_force_when_the_second_of_two_has_signed_and_pays_on_its_dates(account, firm, second, payee, start):
    joint = sign_order(ask_order(account, payee, by=firm.created_by), firm.created_by)
    assert (joint.status, joint.order.status) == ("WAITING", "AWAITING_CONFIRMATION")
    assert run(joint, on_day(start)) is None
    joint = sign_order(joint, second)
    assert (joint.status, joint.order.status, balance_of(payee)) == ("SIGNED", "ACTIVE", "0.00")
    paid = run(joint, on_day(start))
    assert (paid.status, balance_of(payee)) == ("PAID", "2000.00")
    assert run(joint, on_day(start, 12)) is None
    made = paid.payment.joint
    assert (made.status, made.over_by, paid.payment.payer) == ("SIGNED", second, firm.party)
    assert [one.user for one in made.signatures.all()] == [firm.created_by, second]
    assert run(joint, on_day(start + 7 * DAY)).status == "PAID"
    assert balance_of(payee) == "4000.00"
    assert_books_balance()


def test_an_amount_that_one_signs_alone_is_in_force_with_one_signature(account, firm, payee, start):
    joint = signed_order(account, payee, firm.created_by, amount="1000")
    assert joint.order.status == "ACTIVE"
    assert run(joint, on_day(start)).status == "PAID"


def test_asks_the_others_to_sign_and_tells_them_and_the_readers_when_it_is_in_force(account, firm, second, payee):
    joint = ask_order(account, payee, by=second)
    assert any("waits for your signature" in body and "every week" in body for body in told(firm.created_by))
    assert not any("waits for your signature" in body for body in told(second))
    for who in (second, firm.created_by):
        sign_order(joint, who)
    for who in (second, firm.created_by):
        assert any("pays itself" in body and firm.name in body for body in told(who))


def test_binds_a_proof_to_its_terms_and_to_one_order(account, firm, second, payee):
    one, other = ask_order(account, payee, by=second), ask_order(account, payee, by=second, key="two")
    proved = order_proof(other, second)
    sms = told(second)[-1]
    assert "2,000.00" in sms
    assert "every week" in sms
    with pytest.raises(StepUpRequired):
        operations.sign_joint_order(joint=one, challenge_id=proved, by=second, at=now())
    assert not one.signatures.exists()


def test_counts_one_person_once_and_one_form_once(account, firm, payee):
    joint = sign_order(ask_order(account, payee, by=firm.created_by), firm.created_by)
    again = operations.sign_joint_order(joint=joint, challenge_id=None, by=firm.created_by, at=now())
    assert (again.status, joint.signatures.count()) == ("WAITING", 1)
    assert ask_order(account, payee, by=firm.created_by).pk == joint.pk
    with pytest.raises(KeyReused):
        ask_order(account, payee, "2001", by=firm.created_by)
    assert StandingOrder.objects.count() == 1


def test_is_not_there_for_others_and_only_looked_at_by_viewers(account, firm, second, payee, start):
    stranger, viewer, unnamed = make_customer(), make_member(firm, "VIEWER"), make_member(firm, "SIGNATORY")
    for who, no in ((stranger, NotFound), (viewer, NotAllowed), (unnamed, NotASignatory)):
        with pytest.raises(no):
            ask_order(account, payee, by=who)
    joint = signed_order(account, payee, firm.created_by, second)
    for who, no in ((stranger, NotFound), (viewer, NotASignatory), (unnamed, NotASignatory)):
        assert not operations.may_end_joint_order(joint=joint, by=who)
        with pytest.raises(no):
            operations.challenge_joint_order(joint=joint, by=who, at=now())
        with pytest.raises(no):
            operations.end_joint_order(joint=joint, by=who, at=now(), reason="x")
        with pytest.raises(no):
            operations.skip_joint_order(joint=joint, due_on=start, by=who, at=now())
    assert JointOrder.objects.visible_to(viewer).exists()
    assert not JointOrder.objects.visible_to(stranger).exists()
    joint.order.refresh_from_db()
    assert (joint.order.status, joint.order.next_due_on) == ("ACTIVE", start)


def test_the_ways_of_people_do_not_reach_it(account, firm, second, payee):
    where = operations.place_here(to=payee.number, owner=firm.party, at=now())
    weekly = Schedule("WEEKLY", working_day())
    more = {"from_account": account, "where": where, "amount": kes("10"), "schedule": weekly, "key": "x", "at": now()}
    with pytest.raises(NotFound):
        operations.set_up_order(owner=firm.created_by, **more)
    order = ask_order(account, payee, by=firm.created_by).order
    for act in (operations.challenge_order, operations.cancel_order, operations.pause_order):
        with pytest.raises(NotFound):
            act(order=order, by=firm.created_by, at=now())
    with pytest.raises(NotFound):
        operations.note_order(order=order, note="Mine", by=firm.created_by, at=now())


def test_the_database_itself_runs_nothing_unsigned_and_changes_nothing_signed(account, firm, second, payee):
    order = sign_order(ask_order(account, payee, by=firm.created_by), firm.created_by).order
    rows = StandingOrder.objects.filter(pk=order.pk)
    with pytest.raises(DatabaseError, match="runs once it was signed"), transaction.atomic():
        rows.update(status="ACTIVE", confirmed_at=now())
    for change in ({"amount_minor": 1}, {"to_account": account}, {"cadence": "DAILY"}, {"owner": second}):
        with pytest.raises(DatabaseError, match="was signed"), transaction.atomic():
            rows.update(**change)
    order.refresh_from_db()
    assert (order.status, order.amount) == ("AWAITING_CONFIRMATION", kes("2000"))


def test_needs_a_mandate_and_somebody_else_to_pay(firm, payee):
    account = business_account(firm, balance="100")
    with pytest.raises(NoMandate):
        ask_order(account, payee, by=firm.created_by)
    make_mandate(firm, firm.created_by)
    with pytest.raises(ToYourself):
        ask_order(account, account, by=firm.created_by)
    assert not StandingOrder.objects.exists()


def test_lapses_after_three_days_or_when_its_first_date_is_over(account, firm, second, payee):
    today = local_date(now())
    later = ask_order(account, payee, by=firm.created_by, schedule=Schedule("MONTHLY", today + 20 * DAY))
    soon = ask_order(account, payee, by=firm.created_by, schedule=Schedule("ONCE", today), key="two")
    assert later.expires_at == later.created_at + timedelta(hours=72)
    assert soon.expires_at == on_day(today + DAY, 0) < now() + timedelta(hours=24)
    assert operations.expire_joint_orders(at=now()) == 0
    with pytest.raises(PaymentExpired):
        operations.challenge_joint_order(joint=soon, by=second, at=soon.expires_at)
    assert operations.expire_joint_orders(at=soon.expires_at) == 1
    assert operations.expire_joint_orders(at=later.expires_at) == 1
    assert operations.expire_joint_orders(at=later.expires_at) == 0
    assert set(JointOrder.objects.values_list("status", "order__status")) == {("EXPIRED", "CANCELLED")}
    with pytest.raises(IllegalMove):
        operations.challenge_joint_order(joint=JointOrder.objects.get(pk=soon.pk), by=second, at=now())


def test_is_taken_back_by_its_maker_or_turned_down_with_a_reason_while_it_waits(account, firm, second, payee, start):
    mine, other = (ask_order(account, payee, by=firm.created_by, key=key) for key in ("one", "two"))
    sign_order(other, firm.created_by)
    with pytest.raises(NotAllowed):
        operations.end_joint_order(joint=other, by=second, at=now())
    assert operations.end_joint_order(joint=mine, by=firm.created_by, at=now()).status == "CANCELLED"
    assert operations.end_joint_order(joint=other, by=second, at=now(), reason="Too much").status == "DECLINED"
    assert set(StandingOrder.objects.values_list("status", flat=True)) == {"CANCELLED"}
    assert run(other, on_day(start)) is None
    assert AuditLog.objects.filter(action="payments.joint_order.declined", customer=firm.party).count() == 1
    assert any("Too much" in body and "Nothing more is paid" in body for body in told(firm.created_by))


def test_any_one_signatory_stops_it_for_good_and_the_others_hear_of_it(account, firm, second, payee, start):
    joint = signed_order(account, payee, firm.created_by, second)
    run(joint, on_day(start))
    assert operations.may_end_joint_order(joint=joint, by=second)
    stopped = operations.end_joint_order(joint=joint, by=second, at=now())
    assert (stopped.status, stopped.over_by, stopped.order.status) == ("STOPPED", second, "CANCELLED")
    assert operations.end_joint_order(joint=joint, by=firm.created_by, at=now()).over_by == second
    assert run(joint, on_day(start + 7 * DAY)) is None
    assert balance_of(payee) == "2000.00"
    assert any(second.full_name.split()[0] in body and "stopped" in body for body in told(firm.created_by))
    with pytest.raises(IllegalMove):
        operations.challenge_joint_order(joint=stopped, by=firm.created_by, at=now())


def test_any_one_signatory_skips_the_next_date_once(account, firm, second, payee, start):
    joint = signed_order(account, payee, firm.created_by, second)
    for _twice in range(2):
        operations.skip_joint_order(joint=joint, due_on=start, by=second, at=now())
    assert run(joint, on_day(start)) is None
    assert run(joint, on_day(start + 7 * DAY)).status == "PAID"
    assert statuses(joint.order) == [(start, "SKIPPED"), (start + 7 * DAY, "PAID")]
    waits = ask_order(account, payee, by=second, key="two")
    with pytest.raises(IllegalMove):
        operations.skip_joint_order(joint=waits, due_on=start, by=second, at=now())


def test_another_amount_is_signed_anew_and_takes_the_place_of_the_old_one(account, firm, second, payee, start):
    old = signed_order(account, payee, firm.created_by, second)
    new = ask_order(account, payee, "3000", by=second, key="more", instead_of=old)
    sign_order(new, second, now() + timedelta(seconds=40))
    old.refresh_from_db()
    assert (old.status, old.order.status) == ("SIGNED", "ACTIVE")
    sign_order(new, firm.created_by, now() + timedelta(seconds=40))
    old = JointOrder.objects.select_related("order").get(pk=old.pk)
    assert (old.status, old.order.status) == ("STOPPED", "CANCELLED")
    assert run(old, on_day(start)) is None
    assert run(new, on_day(start)).status == "PAID"
    assert balance_of(payee) == "3000.00"
    with pytest.raises(IllegalMove, match="replace is over"):
        ask_order(account, payee, "4000", by=second, key="again", instead_of=old)
    assert StandingOrder.objects.count() == 2
