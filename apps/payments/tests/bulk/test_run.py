"""A file of payments is paid once, however it is interrupted, and what cannot be paid comes back."""

from datetime import timedelta
from decimal import Decimal
from unittest.mock import Mock

import pytest

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountNotActive, PayeeLimit
from apps.accounts.models import Account, LimitUse, Transaction
from apps.accounts.queries import holding
from apps.accounts.testing import balance_of, give, kes, make_account, spend
from apps.fraud import operations as fraud
from apps.fraud.models import FlaggedTransaction
from apps.fx import operations as fx
from apps.fx.testing import set_rates
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove
from apps.kernel.testing import deliver_events
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger import verification
from apps.ledger.errors import BooksBusy, InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import tasks
from apps.payments.errors import (
    BatchTooLarge,
    PaymentExpired,
)
from apps.payments.models import BulkPayment, BulkRow, Payment
from apps.payments.testing import approve, begin_payment, bring, carried_on, confirmed, proved, raise_tier
from apps.payments.tests.bulk.firm import Firm, bulk_ops, clearing, people_paid, seen, states
from apps.users.models import StepUpChallenge
from apps.users.testing import make_customer, make_staff


def test_too_little_money_moves_nothing_and_it_goes_on_waiting(firm):
    payees, rows = people_paid(3, "40000")
    bulk = firm.waiting(rows)
    with pytest.raises(InsufficientFunds, match="no code was sent"):
        proved(bulk, "approve", firm.signatory)
    assert not StepUpChallenge.objects.filter(user=firm.signatory).exists()
    give(firm.account, "20000")
    proof = proved(bulk, "approve", firm.signatory)
    spend(firm.account, "20000")
    with pytest.raises(InsufficientFunds):
        bulk_ops.approve(bulk=bulk, challenge_id=proof, by=firm.signatory, at=now())
    bulk.refresh_from_db()
    assert (bulk.status, bulk.decided_by, balance_of(firm.account)) == ("WAITING", None, "100000.00")
    give(firm.account, "20000")
    done = carried_on(bulk_ops.approve(bulk=bulk, challenge_id=proof, by=firm.signatory, at=now()))
    assert (done.status, balance_of(firm.account)) == ("DONE", "0.00")
    assert {balance_of(one) for one in payees} == {"40000.00"}
    assert_books_balance()


def test_a_frozen_payer_and_a_stale_or_too_large_batch_are_refused(firm, settings):
    bulk = firm.waiting(people_paid(1)[1])
    proof = proved(bulk, "approve", firm.signatory)
    accounts.freeze(account=firm.account, by=firm.owner, at=now(), reason="Lost")
    with pytest.raises(AccountNotActive):
        bulk_ops.approve(bulk=bulk, challenge_id=proof, by=firm.signatory, at=now())
    with pytest.raises(PaymentExpired):
        bulk_ops.approve(bulk=bulk, challenge_id=proof, by=firm.signatory, at=now() + timedelta(days=7))
    settings.BULK_MOST_TOTAL_MINOR = 999_99
    with pytest.raises(BatchTooLarge):
        firm.waiting(people_paid(1)[1])
    assert balance_of(firm.account) == "100000.00"


def test_an_account_closed_before_it_runs_is_left_out_and_costs_nothing(firm):
    payees, rows = people_paid(2)
    bulk = firm.waiting(rows)
    accounts.close(account=payees[0], by=payees[0].owner, at=now())
    done = carried_on(approve(bulk, firm.signatory))
    assert states(done) == [("FAILED", "PAYEE_CLOSED"), ("PAID", "")]
    assert (done.status, done.returned, balance_of(firm.account)) == ("PARTLY_FAILED", kes("0"), "99000.00")
    assert_books_balance()


def test_an_account_closed_while_it_runs_fails_alone_and_its_money_comes_back(firm):
    payees, rows = people_paid(3)
    bulk = approve(firm.waiting(rows), firm.signatory)
    accounts.close(account=payees[1], by=payees[1].owner, at=now())
    full = payees[2]
    give(full, "99500")
    assert_books_balance()
    done = carried_on(bulk)
    assert states(done) == [("PAID", ""), ("FAILED", "PAYEE_CLOSED"), ("FAILED", "PAYEE_FULL")]
    assert (done.status, done.returned, clearing()) == ("PARTLY_FAILED", kes("2000"), 0)
    assert balance_of(firm.account) == "99000.00"
    back = Transaction.objects.filter(account=firm.account).latest("pk")
    assert (back.amount_minor, back.description) == (200_000, "Not paid: 2 of July salaries")
    deliver_events()
    assert "not paid: 2" in messages_to(firm.owner.phone)[-1].body
    assert_books_balance()


def test_counts_all_the_currencies_of_who_is_paid_against_what_they_may_hold(firm):
    set_rates(USD="130")
    payees, rows = people_paid(2)
    make_account(payees[0].owner, product="USD_CURRENT", balance="765")  # 99,450 of the 100,000 a first tier may hold
    assert [error for _status, error in states(firm.bring(rows))] == ["PAYEE_FULL", ""]
    (late,), rows = people_paid(1)
    bulk = approve(firm.waiting(rows), firm.signatory)
    make_account(late.owner, product="USD_CURRENT", balance="765")
    assert states(carried_on(bulk)) == [("FAILED", "PAYEE_FULL")]
    assert_books_balance()


def test_a_batch_in_dollars_fills_nobody_above_their_tier_nor_above_what_one_batch_may_be(db, settings):
    set_rates(USD="130")
    payer = make_account(raise_tier(make_customer()), product="USD_CURRENT", balance="5000")
    payees = [make_account(product="USD_CURRENT") for _nth in range(2)]
    rows = [(payees[0].number, "", "800", ""), (payees[1].number, "", "700", "")]
    bulk = bring(payer, rows)
    assert [error for _status, error in states(bulk)] == ["PAYEE_FULL", ""]
    asked = {"challenge_id": proved(bulk, "submit", payer.owner), "by": payer.owner, "leave_out_bad": True}
    settings.BULK_MOST_TOTAL_MINOR = 90_000_00
    with pytest.raises(BatchTooLarge):
        bulk_ops.submit(bulk=bulk, at=now(), **asked)
    settings.BULK_MOST_TOTAL_MINOR = 92_000_00
    bulk = bulk_ops.submit(bulk=bulk, at=now(), **asked)
    give(payees[1], "100")
    done = carried_on(bulk)
    assert ("FAILED", "PAYEE_FULL") in states(done)
    assert (balance_of(payer), balance_of(payees[1])) == ("5000.00", "100.00")
    assert_books_balance()


def test_money_that_cannot_go_back_waits_in_suspense(firm):
    payees, rows = people_paid(1, "100000")
    raise_tier(payees[0].owner)
    bulk = approve(firm.waiting(rows), firm.signatory)
    for one in (payees[0], firm.account):
        accounts.close(account=one, by=one.owner, at=now())
    assert carried_on(bulk).status == "PARTLY_FAILED"
    assert books.balance(ledger.gl("suspense:credits", "KES").id).posted == kes("100000")
    assert_books_balance()


def test_goes_on_where_a_killed_worker_stopped_and_pays_nobody_twice(firm, settings):
    settings.BULK_CHUNK = 2
    payees, rows = people_paid(5)
    bulk = approve(firm.waiting(rows), firm.signatory)
    assert bulk_ops.pay_chunk(bulk_id=bulk.pk, at=now()) == 2  # and then the worker is killed
    assert [balance_of(one) for one in payees] == ["1000.00"] * 2 + ["0.00"] * 3
    assert not bulk_ops.finish(bulk_id=bulk.pk, at=now())
    assert_books_balance()
    tasks.sweep_bulk()
    tasks.sweep_bulk()
    bulk.refresh_from_db()
    assert (bulk.status, [balance_of(one) for one in payees]) == ("DONE", ["1000.00"] * 5)
    assert_books_balance()


def test_a_chunk_that_breaks_half_way_leaves_nothing_of_itself(firm, monkeypatch):
    payees, rows = people_paid(2)
    bulk = approve(firm.waiting(rows), firm.signatory)
    with monkeypatch.context() as broken:
        broken.setattr("apps.payments.operations.bulk.run._note_paid", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bulk_ops.pay_chunk(bulk_id=bulk.pk, at=now())
    assert [balance_of(one) for one in payees] == ["0.00"] * 2
    assert_books_balance()
    assert carried_on(bulk).status == "DONE"
    assert [balance_of(one) for one in payees] == ["1000.00"] * 2


def test_a_first_large_payroll_is_looked_at_and_the_same_again_is_not(firm):
    give(firm.account, "2000000")
    payees, rows = people_paid(6, "95000")
    bulk = approve(firm.waiting(rows), firm.signatory)
    assert (bulk.status, bulk.in_review, balance_of(firm.account)) == ("WAITING", True, "2100000.00")
    with pytest.raises(IllegalMove):
        bulk_ops.cancel(bulk=bulk, by=firm.owner, at=now())
    flag = FlaggedTransaction.objects.get(reference=f"bulk/{bulk.public_id}")
    fraud.clear(flag=flag, note="They called", by=make_staff("COMPLIANCE_OFFICER"), at=now())
    deliver_events()
    assert carried_on(bulk).status == "DONE"
    for one in payees:
        raise_tier(one.owner)
    again = approve(firm.waiting(rows, accept_repeats=True), firm.signatory)
    assert (again.status, again.in_review) == ("RUNNING", False)
    assert_books_balance()


def test_a_batch_that_meets_busy_books_after_a_look_goes_on_waiting(firm, monkeypatch):
    give(firm.account, "2000000")
    bulk = approve(firm.waiting(people_paid(6, "95000")[1]), firm.signatory)
    with monkeypatch.context() as others:
        others.setattr(accounts, "begin_batch", Mock(side_effect=BooksBusy("Another transaction is in the way.")))
        with pytest.raises(BooksBusy):
            bulk_ops.go_on_after_review(bulk=bulk, at=now())
    assert bulk_ops.go_on_after_review(bulk=bulk, at=now()).status == "RUNNING"


def test_what_the_bank_stops_after_a_look_moves_nothing(firm):
    give(firm.account, "2000000")
    bulk = approve(firm.waiting(people_paid(6, "95000")[1]), firm.signatory)
    flag = FlaggedTransaction.objects.get()
    fraud.confirm_fraud(flag=flag, note="Ghosts", by=make_staff("COMPLIANCE_OFFICER"), at=now())
    deliver_events()
    bulk.refresh_from_db()
    assert (bulk.status, balance_of(firm.account)) == ("REJECTED", "2100000.00")
    assert_books_balance()


def test_rows_outside_are_set_aside_and_handed_over_a_few_at_a_time(firm, pigeons):
    _payees, inside = people_paid(1)
    outside = [(f"07990000{nth:02d}", "Njeri", "500", "") for nth in range(5)]
    pigeons.fate = {"+254799000003": "Locked"}
    bulk = firm.waiting([*inside, *outside])
    cost = bulk.fee + bulk.duty
    assert cost.minor > 0
    bulk = carried_on(approve(bulk, firm.signatory))
    assert (bulk.status, seen(firm.account)) == ("RUNNING", ("99000.00", f"{(kes('96500') - cost).amount:f}"))
    assert_books_balance()
    counts = []
    for _round in range(3):
        counts.append(bulk_ops.send_some(bulk_id=bulk.pk, at=now()))
        assert_books_balance()
        assert seen(firm.account)[1] == f"{(kes('96500') - cost).amount:f}" or counts != [2]
        tasks.sweep_payments()
        deliver_events()
    assert counts == [2, 2, 1]
    bulk.refresh_from_db()
    assert bulk.status == "PARTLY_FAILED"
    assert [error for _s, error in states(bulk)].count("NOT_CARRIED") == 1
    each = (cost.minor // 5, 50_000)
    assert holding(firm.account).posted.minor == 9_900_000 - 4 * sum(each)
    assert seen(firm.account)[0] == seen(firm.account)[1]
    assert Payment.objects.filter(status="COMPLETED", bulk_row__bulk=bulk).count() == 4
    assert len(pigeons.sent) == 5
    assert [one.code for one in messages_to(firm.owner.phone)].count("payments.sent") == 0
    assert_books_balance()


def test_freezing_the_account_stops_what_was_not_handed_over_yet(firm, pigeons):
    bulk = approve(firm.waiting([(f"07990000{nth:02d}", "", "500", "") for nth in range(3)]), firm.signatory)
    bulk_ops.send_some(bulk_id=bulk.pk, at=now())
    accounts.freeze(account=firm.account, by=firm.owner, at=now(), reason="Lost")
    tasks.sweep_bulk()
    assert bulk.rows.filter(status="READY").count() == 1
    assert_books_balance()
    accounts.unfreeze(account=Account.objects.get(pk=firm.account.pk), by=firm.owner, at=now())
    tasks.sweep_bulk()
    assert not bulk.rows.filter(status="READY").exists()


def test_a_key_that_the_payer_makes_up_stops_no_batch(firm, pigeons):
    other = Firm()
    first, second = (one.waiting([("0799000000", "", "500", "")]) for one in (firm, other))
    key = f"bulk/{first.public_id}/{first.rows.get().number}"
    begin_payment(firm.account, make_account().number, "1", key=key)
    approve(first, firm.signatory)
    approve(second, other.signatory)
    tasks.sweep_bulk()
    assert not BulkRow.objects.filter(status="READY").exists()
    assert_books_balance()


def test_a_failed_row_gives_no_limit_back_that_was_never_used(firm, pigeons):
    LimitUse.objects.create(user=firm.owner, on_date=now().date(), currency="KES", used_minor=70_000)
    pigeons.fate = {"+254799000000": "Locked"}
    bulk = approve(firm.waiting([("0799000000", "", "500", "")]), firm.signatory)
    tasks.sweep_bulk()
    tasks.sweep_payments()
    deliver_events()
    bulk.refresh_from_db()
    assert bulk.status == "PARTLY_FAILED"
    assert LimitUse.objects.get(user=firm.owner).used_minor == 70_000
    assert balance_of(firm.account) == "100000.00"
    assert_books_balance()


def test_verify_books_sees_a_row_that_was_never_booked(firm):
    done = firm.paid(people_paid(2)[1])
    done.rows.filter(number=2).update(transfer_id=1)
    BulkPayment.objects.filter(pk=done.pk).update(returned_minor=0)
    assert any("is PAID, the books say otherwise" in one.says for one in verification.verify())


def test_verify_books_sees_rows_that_do_not_come_to_what_was_taken(firm):
    done = firm.paid(people_paid(2)[1])
    done.rows.filter(number=2).update(status="FAILED", error="PAYEE_CLOSED")
    found = [one.says for one in verification.verify()]
    assert any("200000 was taken, 100000 is paid" in one for one in found), found


def test_a_batch_that_breaks_stops_no_other(firm, monkeypatch):
    payees, rows = people_paid(2)
    broken, sound = (approve(firm.waiting([row], accept_repeats=True), firm.signatory) for row in rows)
    through = bulk_ops.carry_on

    def breaks(*, bulk_id, at):
        return 1 / 0 if bulk_id == broken.pk else through(bulk_id=bulk_id, at=at)

    monkeypatch.setattr(bulk_ops, "carry_on", breaks)
    tasks.sweep_bulk()
    assert [balance_of(one) for one in payees] == ["0.00", "1000.00"]
    sound.refresh_from_db()
    assert sound.status == "DONE"


@pytest.mark.parametrize("known", [False, True], ids=["never a rate", "only an old one"])
def test_a_currency_without_a_rate_stops_no_shillings_and_counts_as_far_as_it_is_known(firm, known):
    if known:
        set_rates(now() - timedelta(days=400), USD="130")
        fx.record_rates(table={"EUR": Decimal("140")}, source="test", as_of=now(), at=now())  # no dollar any more
    payees, rows = people_paid(2)
    make_account(payees[0].owner, product="USD_CURRENT", balance="764")  # 99,320 of 100,000 at that rate
    done = firm.paid(rows, leave_out_bad=True)
    assert states(done) == [("BAD", "PAYEE_FULL") if known else ("PAID", ""), ("PAID", "")]
    payer = make_account(balance="5000")
    alone = begin_payment(payer, payees[0].number, "1000")
    if known:
        with pytest.raises(PayeeLimit):
            confirmed(alone)
    else:
        assert confirmed(alone).status == "COMPLETED"
    assert balance_of(payees[0]) == ("0.00" if known else "2000.00")
    assert_books_balance()
