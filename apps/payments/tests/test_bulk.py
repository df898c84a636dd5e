"""A file of payments: what was approved is what is paid, once, by two people, and a refusal moves nothing."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountNotActive, LimitExceeded
from apps.accounts.models import Account, LimitUse, Transaction
from apps.accounts.queries import holding
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.fraud import operations as fraud
from apps.fraud.models import FlaggedTransaction
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger import verification
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import operations, rails, tasks
from apps.payments.errors import (
    BadRowsLeft,
    BatchTooLarge,
    FileRefused,
    KeyReused,
    NothingToPay,
    PaymentExpired,
    RepeatsNotMeant,
    RowsChanged,
    SecondPersonNeeded,
)
from apps.payments.models import BulkPayment, BulkRow, Payment
from apps.payments.rails import Destination
from apps.payments.testing import approve, bring, carried_on, csv_file, proved, raise_tier, submit
from apps.users import operations as users
from apps.users.errors import StepUpRequired
from apps.users.testing import make_business, make_customer, make_member, make_staff

bulk_ops = operations.bulk


class Pigeons:
    """A rail of tests that takes many: each payment is carried as `fate` says."""

    code, settlement = "mpesa", "bank:settlement"

    def __init__(self):
        self.sent, self.fate = [], {}

    def destination(self, *, kind, asked, amount, at):
        return self.read(kind=kind, asked=asked, amount=amount)

    def read(self, *, kind, asked, amount):
        key = next(iter(asked.values()))
        return Destination("M-Pesa", key, f"pigeon/{key}", dict(asked))

    def pace(self):
        return 2

    def arrives(self, kind):
        return "By noon"

    def send(self, *, payment, at):
        self.sent.append(payment.pk)
        because = self.fate.get(next(iter(payment.destination.values())))
        if because:
            operations.fail(payment=payment, because=because, at=at)
        else:
            operations.settle(payment=payment, provider_reference=f"P{payment.pk}", at=at)

    def ask(self, *, payment, at):
        raise AssertionError("nobody is silent here")


@pytest.fixture
def pigeons(monkeypatch):
    flock = Pigeons()
    monkeypatch.setitem(rails._rails, "mpesa", flock)
    return flock


class Firm:
    """A company of an owner, who holds the account, and a signatory."""

    def __init__(self, balance="100000"):
        self.owner = raise_tier(make_customer(full_name="Collins Were"))
        self.account = make_account(self.owner, balance=balance)
        self.business = make_business(self.owner)
        self.signatory = make_member(self.business, "SIGNATORY")

    def bring(self, rows, **more):
        return bring(self.account, rows, business=self.business, **more)

    def waiting(self, rows, **more):
        return submit(self.bring(rows), **more)

    def paid(self, rows, **more):
        return carried_on(approve(self.waiting(rows, **more), self.signatory))


@pytest.fixture
def firm(db):
    return Firm()


def people_paid(count, amount="1000"):
    payees = [make_account() for _nth in range(count)]
    return payees, [(one.owner.phone, one.owner.full_name, amount, "") for one in payees]


def seen(account):
    held = holding(account)
    return f"{held.posted.amount:f}", f"{held.available.amount:f}"


def clearing():
    return books.balance(ledger.gl("bulk:payouts", "KES").id).posted.minor


def states(bulk):
    return list(bulk.rows.order_by("number").values_list("status", "error"))


def test_pays_everyone_once_and_tells_them(firm):
    payees, rows = people_paid(3)
    rows[2] = (payees[2].number, *rows[2][1:2], "2,500.50", "Overtime")
    bulk = firm.waiting(rows)
    assert (bulk.status, bulk.needed, bulk.eyes) == ("WAITING", kes("4500.50"), "MEMBERS")
    assert balance_of(firm.account) == "100000.00"
    bulk = approve(bulk, firm.signatory)
    assert (bulk.status, balance_of(firm.account), clearing()) == ("RUNNING", "95499.50", 450050)
    assert_books_balance()
    bulk = carried_on(bulk)
    assert bulk.status == "DONE"
    assert [balance_of(one) for one in payees] == ["1000.00", "1000.00", "2500.50"]
    assert clearing() == 0
    lines = Transaction.objects.filter(account=firm.account, reference=bulk.reference)
    assert [(one.txn_type, one.amount_minor) for one in lines] == [("SALARY", -450050)]
    line = Transaction.objects.get(account=payees[2])
    assert line.description == "Salary: July salaries, Welders Ltd. Overtime"
    assert (line.txn_type, line.counterparty, line.reference) == ("SALARY", "Welders Ltd", f"{bulk.reference}/4")
    deliver_events()
    told = messages_to(payees[2].owner.phone)
    assert [one.code for one in told] == ["payments.bulk_received"]
    assert "Welders Ltd paid you KES 2,500.50" in told[0].body
    assert messages_to(firm.signatory.phone)[-1].code == "payments.bulk_ended"
    assert AuditLog.objects.filter(action="payments.bulk.approved").count() == 1
    assert_books_balance()


def test_checks_every_row_and_says_what_is_wrong_with_each(firm, monkeypatch):
    monkeypatch.delitem(rails._rails, "mpesa")
    closed, dollars, full = make_account(), make_account(product="USD_CURRENT"), make_account(balance="99500")
    accounts.close(account=closed, by=closed.owner, at=now())
    named = make_account(make_customer(full_name="Grace Achieng Odhiambo"))
    bulk = firm.bring(
        [
            (closed.number, "", "10", ""),
            (dollars.number, "", "10", ""),
            (full.number, "", "600", ""),
            (firm.owner.phone, "", "10", ""),
            ("0799 000 000", "", "10", ""),
            (named.owner.phone, "ODHIAMBO Grace", "10", ""),
            (named.number, "Peter Kamau", "1e3", ""),
            (named.number, "Peter Kamau", "20", "=cmd()"),
            (named.number, "Peter Kamau", "30", ""),
        ]
    )
    assert [error for _status, error in states(bulk)] == [
        "PAYEE_CLOSED", "PAYEE_CURRENCY", "PAYEE_FULL", "OWN_ACCOUNT", "PAYEE_NOT_FOUND", "", "AMOUNT_EXPONENT",
        "FORMULA", "",
    ]  # fmt: skip
    good = bulk.rows.filter(status="READY").order_by("number")
    assert [(one.name_match, one.payee_name, one.is_double) for one in good] == [
        ("MATCH", "Grace A. O.", True),
        ("DIFFERENT", "Grace A. O.", True),
    ]
    assert (bulk.status, bulk.good_count, bulk.bad_count, bulk.total) == ("CHECKED", 2, 7, kes("40"))


def test_bad_rows_and_repetitions_must_be_accepted_by_name(firm):
    payees, rows = people_paid(1)
    bulk = firm.bring([*rows, *rows, ("nonsense", "", "1", "")])
    with pytest.raises(BadRowsLeft):
        submit(bulk)
    with pytest.raises(RepeatsNotMeant):
        firm.waiting([*rows, *rows], leave_out_bad=True)
    done = carried_on(approve(firm.waiting([*rows, *rows], accept_repeats=True), firm.signatory))
    assert (done.status, balance_of(payees[0])) == ("DONE", "2000.00")
    with pytest.raises(RepeatsNotMeant):
        firm.waiting([*rows, *rows])
    with pytest.raises(NothingToPay):
        submit(firm.bring([("nonsense", "", "1", "")]), leave_out_bad=True)
    assert_books_balance()


def test_the_same_file_again_must_be_meant(firm):
    _payees, rows = people_paid(1)
    firm.paid(rows)
    with pytest.raises(RepeatsNotMeant):
        firm.waiting(rows)
    assert firm.waiting(rows, accept_repeats=True).status == "WAITING"


def test_a_form_is_one_batch_and_with_another_file_it_is_refused(firm):
    _payees, rows = people_paid(1)
    first = firm.bring(rows, key="form")
    assert firm.bring(rows, key="form").pk == first.pk
    with pytest.raises(KeyReused):
        firm.bring([(*rows[0][:2], "5", "")], key="form")
    assert BulkPayment.objects.count() == 1


def test_a_file_that_cannot_be_read_leaves_nothing_behind(firm, settings):
    for content in (b"", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", b"phone,amount\n"):
        with pytest.raises(FileRefused):
            firm.bring([], content=content)
    settings.BULK_MOST_ROWS_OF_A_PERSON = 1
    alone = make_account(balance="10")
    with pytest.raises(FileRefused):
        bring(alone, people_paid(2)[1])
    assert not BulkPayment.objects.exists()


def test_members_may_do_what_their_role_allows_and_strangers_see_nothing(firm):
    _payees, rows = people_paid(1)
    viewer, stranger = make_member(firm.business, "VIEWER"), make_customer()
    with pytest.raises(NotAllowed):
        firm.bring(rows, by=viewer)
    with pytest.raises(NotFound):
        firm.bring(rows, by=stranger)
    with pytest.raises(NotFound):
        bring(make_account(stranger), rows, business=firm.business, by=firm.owner)
    with pytest.raises(NotFound):
        bring(firm.account, rows, by=firm.signatory)
    bulk = firm.waiting(rows)
    with pytest.raises(NotAllowed):
        bulk_ops.challenge(bulk=bulk, act="approve", by=viewer, at=now())
    with pytest.raises(NotFound):
        bulk_ops.approve(bulk=bulk, challenge_id=None, by=stranger, at=now())
    with pytest.raises(NotAllowed):
        bulk_ops.approve(bulk=bulk, challenge_id=None, by=firm.owner, at=now())
    assert set(BulkPayment.objects.visible_to(viewer)) == {bulk}
    assert not BulkPayment.objects.visible_to(stranger)
    assert balance_of(firm.account) == "100000.00"


def test_the_holder_of_the_account_is_always_one_of_the_two(firm):
    _payees, rows = people_paid(1)
    third = make_member(firm.business, "SIGNATORY")
    bulk = firm.bring(rows, by=firm.signatory)
    bulk = submit(bulk, by=firm.signatory)
    with pytest.raises(NotAllowed):
        bulk_ops.challenge(bulk=bulk, act="approve", by=third, at=now())
    assert approve(bulk, firm.owner).status == "RUNNING"


def test_the_database_keeps_a_maker_from_deciding(firm):
    bulk = firm.waiting(people_paid(1)[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        BulkPayment.objects.filter(pk=bulk.pk).update(decided_by=firm.owner)


def test_proof_is_bound_to_the_batch_and_what_it_pays(firm):
    rows = people_paid(1)[1]
    one, other = firm.bring(rows), firm.bring(people_paid(1)[1])
    for challenge in (None, proved(other, "submit", firm.owner)):
        with pytest.raises(StepUpRequired):
            bulk_ops.submit(bulk=one, challenge_id=challenge, by=firm.owner, at=now())
    one.refresh_from_db()
    assert one.status == "CHECKED"


@pytest.mark.django_db
def test_a_company_with_one_signer_needs_another_and_a_sole_trader_pays_alone():
    owner = raise_tier(make_customer(), "TIER_2")
    account = make_account(owner, balance="5000")
    payees, rows = people_paid(1)
    with pytest.raises(SecondPersonNeeded):
        submit(bring(account, rows, business=make_business(owner)))
    sole = make_business_sole(owner)
    bulk = submit(bring(account, rows, business=sole))
    assert (bulk.eyes, bulk.status, bulk.decided_by) == ("OWN", "RUNNING", None)
    assert carried_on(bulk).status == "DONE"
    assert balance_of(payees[0]) == "1000.00"
    assert LimitUse.objects.get(user=owner).used_minor == 100_000
    assert_books_balance()


def make_business_sole(owner):
    return users.register_business(name="Mama Mboga", registration_number="BN-7QX4K2P", kind="SOLE", by=owner, at=now())


@pytest.mark.django_db
def test_alone_the_limits_of_the_tier_hold_for_each_and_for_all():
    payer = make_account(balance="200000")
    bulk = bring(payer, people_paid(1, "50000.01")[1])
    assert states(bulk) == [("BAD", "OVER_SINGLE_LIMIT")]
    bulk = bring(payer, people_paid(3, "40000")[1])
    with pytest.raises(LimitExceeded):
        submit(bulk)
    bulk.refresh_from_db()
    assert (bulk.status, balance_of(payer)) == ("CHECKED", "200000.00")
    assert not LimitUse.objects.exists()
    assert_books_balance()


def test_too_little_money_moves_nothing_and_it_goes_on_waiting(firm):
    payees, rows = people_paid(3, "40000")
    bulk = firm.waiting(rows)
    proof = proved(bulk, "approve", firm.signatory)
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


def test_rows_of_a_submitted_batch_cannot_be_changed_added_or_taken_away(firm):
    bulk = firm.waiting(people_paid(1)[1])
    row = bulk.rows.get()
    other = make_account()
    for act in (
        lambda: BulkRow.objects.filter(pk=row.pk).update(amount_minor=1),
        lambda: BulkRow.objects.filter(pk=row.pk).update(to_account=other),
        lambda: BulkRow.objects.filter(pk=row.pk).delete(),
        lambda: BulkRow.objects.create(bulk=bulk, number=99, currency="KES", error="PAYEE_MISSING"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_what_was_tampered_with_behind_the_database_does_not_run(firm):
    bulk = firm.waiting(people_paid(1)[1])
    proof = proved(bulk, "approve", firm.signatory)
    other = make_account()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE payments_bulkrow DISABLE TRIGGER USER")  # as whoever owns the table could
        cursor.execute("UPDATE payments_bulkrow SET to_account_id = %s WHERE bulk_id = %s", [other.pk, bulk.pk])
        cursor.execute("ALTER TABLE payments_bulkrow ENABLE TRIGGER USER")
    with pytest.raises(RowsChanged):
        bulk_ops.approve(bulk=bulk, challenge_id=proof, by=firm.signatory, at=now())
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


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_approve_it_once_and_many_workers_pay_it_once(settings):
    settings.BULK_CHUNK = 1
    firm = Firm()
    third = make_member(firm.business, "OWNER")
    payees, rows = people_paid(4)
    bulk = firm.waiting(rows)
    proofs = {one: proved(bulk, "approve", one) for one in (firm.signatory, third)}
    results = at_once(
        *(
            lambda who=who, proof=proof: bulk_ops.approve(bulk=bulk, challenge_id=proof, by=who, at=now())
            for who, proof in proofs.items()
        )
    )
    assert [type(one) for one in refusals(results)] == [IllegalMove]
    assert balance_of(firm.account) == "96000.00"
    at_once(*[lambda: bulk_ops.carry_on(bulk_id=bulk.pk, at=now())] * 4)
    bulk.refresh_from_db()
    assert (bulk.status, [balance_of(one) for one in payees]) == ("DONE", ["1000.00"] * 4)
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_cancelled_or_approved_never_both():
    firm = Firm()
    bulk = firm.waiting(people_paid(1)[1])
    proof = proved(bulk, "approve", firm.signatory)
    at_once(
        lambda: bulk_ops.approve(bulk=bulk, challenge_id=proof, by=firm.signatory, at=now()),
        lambda: bulk_ops.cancel(bulk=bulk, by=firm.owner, at=now()),
    )
    bulk.refresh_from_db()
    left = {"RUNNING": "99000.00", "CANCELLED": "100000.00"}
    assert balance_of(firm.account) == left[bulk.status]
    assert_books_balance()


def test_can_be_rejected_with_a_reason_or_cancelled_and_then_nothing_happens(firm):
    bulk, other = firm.waiting(people_paid(1)[1]), firm.waiting(people_paid(1)[1])
    with pytest.raises(NotAllowed):
        bulk_ops.reject(bulk=bulk, reason=" ", by=firm.signatory, at=now())
    bulk_ops.reject(bulk=bulk, reason="Wrong month", by=firm.signatory, at=now())
    bulk_ops.cancel(bulk=other, by=firm.owner, at=now())
    for one, status in ((bulk, "REJECTED"), (other, "CANCELLED")):
        one.refresh_from_db()
        assert one.status == status
        with pytest.raises(IllegalMove):
            bulk_ops.approve(bulk=one, challenge_id=None, by=firm.signatory, at=now())
    assert balance_of(firm.account) == "100000.00"


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


def test_the_check_asks_the_same_few_questions_whatever_the_number_of_rows(firm):
    def count(n):
        bulk = firm.bring(people_paid(n)[1])
        with CaptureQueriesContext(connection) as seen_queries:
            bulk_ops.check(bulk=bulk, at=now())
        return len(seen_queries)

    assert count(2) == count(9) <= 16


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


def test_the_file_itself_is_not_kept_but_its_fingerprint_is(firm):
    content = csv_file(people_paid(1)[1])
    bulk = firm.bring([], content=content, file_name=r"C:\Users\x\july.csv")
    assert bulk.file_sha256 == hashlib.sha256(content).hexdigest()
    assert bulk.file_name == "july.csv"
