"""A file of payments is read row by row, and what is wrong with any of them is said before anybody allows it."""

import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.accounts.models import Transaction
from apps.accounts.testing import balance_of, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events, print_keys
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import rails
from apps.payments.errors import (
    BadRowsLeft,
    FileRefused,
    KeyReused,
    NothingToPay,
    RepeatsNotMeant,
)
from apps.payments.models import BulkPayment
from apps.payments.testing import approve, bring, carried_on, csv_file, submit
from apps.payments.tests.bulk.firm import (
    bulk_ops,
    clearing,
    people_paid,
    states,
)
from apps.users.testing import make_customer


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


def test_finds_phones_while_the_key_they_are_found_by_is_changed(firm, settings):
    before, rows = people_paid(1)
    print_keys(settings, "new", "old")
    after, more = people_paid(1)
    bulk = carried_on(approve(firm.waiting([*rows, *more]), firm.signatory))
    assert bulk.status == "DONE"
    assert [balance_of(one) for one in (*before, *after)] == ["1000.00", "1000.00"]


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


def test_the_check_asks_the_same_few_questions_whatever_the_number_of_rows(firm):
    def count(n):
        bulk = firm.bring(people_paid(n)[1])
        with CaptureQueriesContext(connection) as seen_queries:
            bulk_ops.check(bulk=bulk, at=now())
        return len(seen_queries)

    assert count(2) == count(9) <= 16


def test_the_file_itself_is_not_kept_but_its_fingerprint_is(firm):
    content = csv_file(people_paid(1)[1])
    bulk = firm.bring([], content=content, file_name=r"C:\Users\x\july.csv")
    assert bulk.file_sha256 == hashlib.sha256(content).hexdigest()
    assert bulk.file_name == "july.csv"
