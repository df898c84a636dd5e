"""What a superuser with the triggers switched off changes is found, and named."""

import pytest
from django.db import connection

from apps.ledger import operations as ledger
from apps.ledger import verification
from apps.ledger.models import Entry
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def books():
    """Sealed, rolled-up books with a hold, a reversal and a snapshot in them."""
    payer, payee = open_wallet(1000), open_wallet()
    for nth in range(1, 6):
        pay(payer, payee, kes(nth))
    fee = ledger.post(
        reference="fee",
        kind="FEE",
        narrative="Fee",
        legs=[ledger.debit(payer, kes(3)), ledger.credit("fees:transfer", kes(3))],
        at=NOON,
    )
    ledger.reverse(transfer_id=fee.transfer_id, reason="Wrong", by=None, at=NOON)
    ledger.hold(reference="h", account=payer, amount=kes(10), at=NOON)
    ledger.roll_up_days()
    ledger.take_snapshots(as_of=NOON.date(), at=NOON)
    ledger.seal_up_to(at=NOON)
    assert_books_balance()
    return payer, payee, fee


def tamper(sql, *params):
    """Change the books as a superuser who switches every trigger off and on again."""
    tables = ("ledger_transfer", "ledger_entry", "ledger_balance", "ledger_hold", "ledger_seal", "ledger_account")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, params)
        assert cursor.rowcount > 0
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def found():
    """Findings by check."""
    findings = {}
    for one in verification.verify():
        findings.setdefault(one.check, []).append(one.says)
    return findings


def test_an_amount(books):
    _payer, _payee, fee = books
    entry = fee.transfer_id * 1000 + 1
    tamper("UPDATE ledger_entry SET amount_minor = amount_minor + 100 WHERE id = %s", entry)
    findings = found()
    assert f"transfer {fee.transfer_id} (fee)" in findings["ledger.transfers_come_to_nothing"][0]
    assert f"entry {entry} " in findings["ledger.running_balances_follow"][0]
    assert {
        "ledger.balances_equal_entries",
        "ledger.rollups_equal_entries",
        "ledger.snapshots_equal_entries",
        "ledger.reversals_mirror",
        "ledger.seals_are_intact",
    } <= set(findings)


def test_a_whole_transfer_made_larger_with_balances_to_match(books):
    payer, payee, _fee = books
    first = Entry.objects.filter(account_id=payee.id).order_by("pk").first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    tamper(
        "UPDATE ledger_entry SET amount_minor = amount_minor + 100 * sign(amount_minor), balance_after = balance_after"
        " WHERE transfer_id = %s",
        first.transfer_id,
    )
    tamper(
        "UPDATE ledger_balance SET posted_minor = posted_minor + CASE account_id WHEN %s THEN 100 ELSE -100 END"
        " WHERE account_id IN (%s, %s)",
        payee.id,
        payee.id,
        payer.id,
    )
    findings = found()
    assert "ledger.balances_equal_entries" not in findings
    assert f"entry {first.pk} of account {payee.id}" in "".join(findings["ledger.running_balances_follow"])
    assert "seal 1 " in findings["ledger.seals_are_intact"][0]


@pytest.mark.parametrize(
    "change",
    [
        "narrative = 'Something else'",
        "reference = reference || 'x'",
        "details = '{\"a\": 1}'",
        "created_at = created_at + interval '1 microsecond'",
        "kind = 'OTHER'",
        "body_hash = ''",
    ],
)
def test_words_and_times_of_a_transfer_are_under_the_seal(books, change):
    tamper(f"UPDATE ledger_transfer SET {change} WHERE reference = 'fee'")
    assert "ledger.seals_are_intact" in found()


def test_an_entry_moved_to_another_account(books):
    _payer, payee, _fee = books
    other = open_wallet()
    entry = Entry.objects.filter(account_id=payee.id).order_by("pk").last()
    tamper("UPDATE ledger_entry SET account_id = %s WHERE id = %s", other.id, entry.pk)
    findings = found()
    assert any(f"account {other.id} " in one for one in findings["ledger.balances_equal_entries"])
    assert any(f"account {payee.id} " in one for one in findings["ledger.balances_equal_entries"])


def test_a_transfer_taken_out_without_a_trace(books):
    _payer, payee, _fee = books
    last = Entry.objects.filter(account_id=payee.id).order_by("pk").last()
    tamper("DELETE FROM ledger_entry WHERE transfer_id = %s", last.transfer_id)
    tamper("DELETE FROM ledger_transfer WHERE id = %s", last.transfer_id)
    amount = abs(last.amount_minor)
    tamper(
        "UPDATE ledger_balance SET posted_minor = posted_minor - %s, seq = seq - 1 WHERE account_id = %s",
        amount,
        payee.id,
    )
    findings = found()
    assert "ledger.seals_are_intact" in findings
    assert "ledger.rollups_equal_entries" in findings


def test_a_transfer_without_its_legs(books):
    tamper("DELETE FROM ledger_entry WHERE transfer_id = (SELECT id FROM ledger_transfer WHERE reference = 'fee')")
    assert "(fee): it has 0 legs" in found()["ledger.transfers_have_their_legs"][0]


def test_a_balance(books):
    payer, _payee, _fee = books
    tamper("UPDATE ledger_balance SET posted_minor = posted_minor + 1 WHERE account_id = %s", payer.id)
    says = found()["ledger.balances_equal_entries"]
    assert len(says) == 1
    assert f"account {payer.id} ({payer.code})" in says[0]


def test_a_running_balance_or_number(books):
    entry = Entry.objects.exclude(seq=None).order_by("pk").first()
    tamper("UPDATE ledger_entry SET seq = seq + 1 WHERE id = %s", entry.pk)
    assert f"entry {entry.pk} " in found()["ledger.running_balances_follow"][0]


def test_a_hold(books):
    payer, _payee, _fee = books
    tamper("UPDATE ledger_hold SET status = 'RELEASED', ended_at = now() WHERE reference = 'h'")
    assert f"account {payer.id} " in found()["ledger.holds_equal_what_is_held"][0]


def test_a_rollup_or_snapshot(books):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_daily_rollup SET amount_minor = amount_minor + 1 WHERE account_id = 4041040")
        cursor.execute("UPDATE ledger_snapshot SET balance_minor = 0 WHERE account_id = 4041040")
    findings = found()
    assert "account 4041040 on 2026-03-02" in findings["ledger.rollups_equal_entries"][0]
    assert "account 4041040 at the end of 2026-03-02" in findings["ledger.snapshots_equal_entries"][0]


@pytest.mark.parametrize("column", ["root", "previous", "chain"])
def test_a_seal(books, column):
    tamper(f"UPDATE ledger_seal SET {column} = sha256({column})")
    assert "seal 1 " in found()["ledger.seals_are_intact"][0]


def test_a_seal_taken_out_of_the_chain(books):
    payer, payee, _fee = books
    for _ in range(2):
        pay(payer, payee, kes(1))
        ledger.seal_up_to(at=NOON)
    tamper("DELETE FROM ledger_seal WHERE block = 2")
    assert "does not follow the one before it" in found()["ledger.seals_are_intact"][0]


def test_an_account_of_another_kind(books):
    payer, _payee, _fee = books
    tamper("UPDATE ledger_account SET currency = 'USD' WHERE id = %s", payer.id)
    findings = found()
    assert f"account {payer.id} " in findings["ledger.locked_accounts_have_a_balance"][0]
    assert "ledger.entries_belong" in findings


def test_an_event_given_up_on(books):
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH e AS (INSERT INTO kernel_outboxevent (name, payload, published_at)"
            " VALUES ('x', '{}', now()) RETURNING id)"
            " INSERT INTO kernel_delivery (event_id, subscriber, status, attempts, next_attempt_at, last_error)"
            " SELECT id, 's', 'PARKED', 8, now(), '' FROM e"
        )
    assert found() == {
        "ledger.nothing_is_parked": ["1 deliveries of the outbox are parked: replay them from the workbench"]
    }
