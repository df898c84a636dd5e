"""What the database refuses to anyone who writes by hand, owner of the tables included."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.ledger import operations as ledger
from apps.ledger.errors import BrokenBooks
from apps.ledger.models import Entry, LockedBalance, Transfer
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay, posted_in

pytestmark = pytest.mark.django_db

NEW_TRANSFER = """
INSERT INTO ledger_transfer (id, reference, body_hash, kind, narrative, booked_on, created_at)
VALUES (nextval('ledger_transfer_id'), 'by-hand', '', 'X', '', '2026-03-02', now()) RETURNING id
"""
NEW_ENTRY = """
INSERT INTO ledger_entry (id, transfer_id, leg, account_id, amount_minor, currency, booked_on)
VALUES ({transfer} * 1000 + {leg}, {transfer}, {leg}, {account}, {amount}, '{currency}', '2026-03-02')
"""


def by_hand(sql, *, as_posting=False):
    """Run SQL as the owner of the tables; `as_posting` gives it the mark of the posting functions."""
    with transaction.atomic(), connection.cursor() as cursor:
        if as_posting:
            cursor.execute("SET LOCAL search_path = public, pg_temp, posting")
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None


def sqlstate(sql, **more):
    """How the database refuses it."""
    with pytest.raises(DatabaseError) as no:
        by_hand(sql, **more)
    return no.value.__cause__.sqlstate


@pytest.fixture
def posted():
    payer, payee = open_wallet(100), open_wallet()
    yield payer, payee, pay(payer, payee, kes(10))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert_books_balance()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_transfer SET narrative = 'other'",
        "UPDATE ledger_transfer SET reverses_id = NULL",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer CASCADE",
        "UPDATE ledger_entry SET amount_minor = amount_minor * 2",
        "UPDATE ledger_entry SET balance_after = 0",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "DELETE FROM ledger_balance",
        "TRUNCATE ledger_balance",
        "DELETE FROM ledger_account",
        "UPDATE ledger_account SET currency = 'USD'",
        "UPDATE ledger_account SET kind = 'ASSET'",
        "UPDATE ledger_account SET code = code || 'x'",
        "UPDATE ledger_account SET parent_id = NULL",
        "UPDATE ledger_account SET id = id + 1",
        "UPDATE ledger_balance SET side = -side",
        "DELETE FROM ledger_hold",
        "TRUNCATE ledger_seal",
    ],
)
@pytest.mark.parametrize("as_posting", [False, True])
def test_refuses_to_change_what_is_written(posted, sql, as_posting):
    ledger.hold(reference="h", account=posted[0], amount=kes(1), at=NOON)
    assert sqlstate(sql, as_posting=as_posting) == "KB090"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_balance SET posted_minor = posted_minor + 100",
        "UPDATE ledger_balance SET held_minor = 1",
        "UPDATE ledger_balance SET floor_minor = -1000",
        "UPDATE ledger_balance SET seq = 7",
        "INSERT INTO ledger_balance SELECT 4041040, 'KES', 1, 5, 0, 0, 0, false",
        "UPDATE ledger_account SET is_blocked = true",
        "UPDATE ledger_hold SET status = 'RELEASED'",
        "UPDATE ledger_hold SET captured_minor = 1",
        NEW_TRANSFER,
    ],
)
def test_refuses_to_write_past_the_posting_functions(posted, sql):
    assert sqlstate(sql) == "KB090"


def test_refuses_the_orm_as_well(posted):
    payer, _payee, result = posted
    row = Transfer.objects.get(pk=result.transfer_id)
    row.narrative = "other"
    for act in (
        row.save,
        lambda: Transfer.objects.filter(pk=row.pk).update(narrative="other"),
        lambda: Entry.objects.all()._raw_delete("default"),
        lambda: LockedBalance.objects.filter(pk=payer.id).update(posted_minor=1),
    ):
        with pytest.raises(DatabaseError) as no, transaction.atomic():
            act()
        assert no.value.__cause__.sqlstate == "KB090"


def test_a_replication_role_passes_no_guard_by(posted):
    for sql in ("DELETE FROM ledger_entry", NEW_TRANSFER):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
            may_become_one = cursor.fetchone()[0]  # the scratch cluster lets its tests
            wanted = "KB090" if may_become_one else "42501"
        assert sqlstate(f"SET LOCAL session_replication_role = 'replica'; {sql}") == wanted


def test_refuses_an_entry_added_later(posted):
    payer, payee, result = posted
    for leg, account, amount in ((3, payer.id, 100), (4, payee.id, -100)):
        sql = NEW_ENTRY.format(transfer=result.transfer_id, leg=leg, account=account, amount=amount, currency="KES")
        assert sqlstate(sql) == "KB090"
    both = f"""
        INSERT INTO ledger_entry (id, transfer_id, leg, account_id, amount_minor, currency, booked_on)
        SELECT t.id * 1000 + u.leg, t.id, u.leg, u.account, u.amount, 'KES', t.booked_on
          FROM ledger_transfer t, (VALUES (3, {payer.id}, 100), (4, {payee.id}, -100)) AS u (leg, account, amount)
         WHERE t.id = {result.transfer_id}
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # The transfer of a test is of the test's own transaction: pretend that it is of an earlier one.
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER written_once")
        cursor.execute("UPDATE ledger_transfer SET xact = '3' WHERE id = %s", [result.transfer_id])
        cursor.execute("ALTER TABLE ledger_transfer ENABLE ALWAYS TRIGGER written_once")
    assert sqlstate(both, as_posting=True) == "KB012"


def entries_of_a_new_transfer(*legs):
    """Entries with a new transfer in one statement each, as a posting would write them."""
    rows = ", ".join(
        f"({nth}, {account}, {amount}, '{currency}')" for nth, (account, amount, currency) in enumerate(legs, 1)
    )
    return f"""
        WITH t AS MATERIALIZED (
            INSERT INTO ledger_transfer (id, reference, body_hash, kind, narrative, booked_on, created_at)
            VALUES (nextval('ledger_transfer_id'), 'by-hand', '', 'X', '', '2026-03-02', now()) RETURNING id)
        INSERT INTO ledger_entry (id, transfer_id, leg, account_id, amount_minor, currency, booked_on)
        SELECT t.id * 1000 + u.leg, t.id, u.leg, u.account, u.amount, u.currency, '2026-03-02'
          FROM t, (VALUES {rows}) AS u (leg, account, amount, currency)
    """


@pytest.mark.parametrize(
    ("legs", "state"),
    [
        ([(4041040, 100, "KES"), (4042200, -99, "KES")], "KB010"),
        ([(4041040, 100, "KES"), (8402200, -100, "USD")], "KB010"),
        ([(4041040, 100, "KES")], "KB010"),
        ([(4041040, 0, "KES"), (4042200, 0, "KES")], "KB010"),
        ([(4041040, 5, "KES"), (4042200, -5, "KES"), (4042200, 0, "KES")], "KB010"),
        ([(4041040, 100, "KES"), (8402200, -100, "KES")], "KB011"),
        ([(4041040, 100, "KES"), (4042010, -100, "KES")], "KB011"),
        ([(4041040, 100, "KES"), (4, -100, "KES")], "KB011"),
    ],
)
def test_refuses_entries_that_do_not_hold_together(legs, state):
    assert sqlstate(entries_of_a_new_transfer(*legs), as_posting=True) == state


def one_statement(*entries):
    """New transfers 1 and 2 below those of the sequence, and entries of any shape for them, in one statement."""
    rows = ", ".join(str(entry) for entry in entries)
    return f"""
        WITH t AS MATERIALIZED (
            INSERT INTO ledger_transfer (id, reference, body_hash, kind, narrative, booked_on, created_at)
            SELECT -g, 'by-hand/' || g, '', 'X', '', '2026-03-02', now() FROM generate_series(1, 2) g RETURNING id)
        INSERT INTO ledger_entry (id, transfer_id, leg, account_id, amount_minor, currency, booked_on)
        SELECT u.id, u.transfer, u.leg, u.account, u.amount, 'KES', u.day::date
          FROM (SELECT count(*) FROM t) AS done,
               (VALUES {rows}) AS u (id, transfer, leg, account, amount, day)
    """


DAY = "2026-03-02"


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        # Each by itself comes to something, both together to nothing.
        ([(-999, -1, 1, 4041040, 100, DAY), (-1999, -2, 1, 4042200, -100, DAY)], "KB010"),
        # Ids and legs that are not the transfer's.
        ([(-1000, -1, 0, 4041040, 100, DAY), (-998, -1, 2, 4042200, -100, DAY)], "KB010"),
        ([(0, -1, 1000, 4041040, 100, DAY), (-998, -1, 2, 4042200, -100, DAY)], "KB010"),
        ([(-1001, -1, -1, 4041040, 100, DAY), (-998, -1, 2, 4042200, -100, DAY)], "KB010"),
        ([(-1998, -1, 1, 4041040, 100, DAY), (-998, -1, 2, 4042200, -100, DAY)], "KB010"),
        # Another day than the transfer's, for all of them or for one.
        ([(-999, -1, 1, 4041040, 100, "2026-03-01"), (-998, -1, 2, 4042200, -100, "2026-03-01")], "KB012"),
        ([(-999, -1, 1, 4041040, 100, DAY), (-998, -1, 2, 4042200, -100, "2026-03-03")], "KB012"),
        # One sound transfer beside one that is not there.
        (
            [
                (-999, -1, 1, 4041040, 100, DAY),
                (-998, -1, 2, 4042200, -100, DAY),
                (-8999, -9, 1, 4041040, 5, DAY),
                (-8998, -9, 2, 4042200, -5, DAY),
            ],
            "KB012",
        ),
    ],
)
def test_looks_at_each_transfer_of_a_statement(entries, state):
    assert sqlstate(one_statement(*entries), as_posting=True) == state


def test_no_name_of_the_callers_own_gets_past_a_guard():
    shadows = """
        CREATE SCHEMA evil;
        CREATE FUNCTION evil.current_setting(text) RETURNS text LANGUAGE sql AS
            $$ SELECT 'public, pg_temp, posting' $$;
        CREATE FUNCTION evil.always_no(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$;
        CREATE OPERATOR evil.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.always_no);
        SET LOCAL search_path = evil, pg_catalog, public;
    """
    assert sqlstate(shadows + NEW_TRANSFER) == "KB090"
    entry = NEW_ENTRY.format(transfer=1, leg=1, account=4041040, amount=1, currency="KES")
    assert sqlstate(shadows + entry) == "KB090"


def test_no_temporary_table_stands_in_for_one_of_the_books(posted):
    payer, payee, _result = posted
    with connection.cursor() as cursor:
        for table in ("ledger_balance", "ledger_account", "ledger_transfer", "ledger_entry", "ledger_period"):
            cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL)")
        cursor.execute("INSERT INTO pg_temp.ledger_period VALUES (1, 'x', '2000-01-01', '2100-01-01', 'CLOSED')")
        again = pay(payer, payee, kes(1))
        for table in ("ledger_balance", "ledger_transfer", "ledger_entry"):
            cursor.execute(f"SELECT count(*) FROM pg_temp.{table}")
            assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM public.ledger_entry WHERE transfer_id = %s", [again.transfer_id])
        assert cursor.fetchone() == (2,)
        for table in ("ledger_balance", "ledger_account", "ledger_transfer", "ledger_entry", "ledger_period"):
            cursor.execute(f"DROP TABLE pg_temp.{table}")


def test_refuses_a_balance_of_no_account_and_a_reversal_of_no_transfer():
    balance = "INSERT INTO ledger_balance VALUES (7, 'KES', 1, 0, 0, 0, 0, false)"
    assert sqlstate(balance, as_posting=True) == "23503"
    reversal = (
        "INSERT INTO ledger_transfer (id, reference, body_hash, kind, narrative, booked_on, created_at, reverses_id)"
        " VALUES (nextval('ledger_transfer_id'), 'by-hand', '', 'X', '', '2026-03-02', now(), 1)"
    )
    assert sqlstate(reversal, as_posting=True) == "KB012"


def test_refuses_an_entry_without_a_transfer():
    sql = NEW_ENTRY.format(transfer=10**12, leg=1, account=4041040, amount=100, currency="KES")
    assert sqlstate(sql, as_posting=True) in {"KB010", "KB012"}


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE ledger_balance SET posted_minor = -1", "funds_cover_holds_and_floor"),
        ("UPDATE ledger_balance SET held_minor = -1", "funds_cover_holds_and_floor"),
        ("UPDATE ledger_balance SET held_minor = 999999", "funds_cover_holds_and_floor"),
        ("UPDATE ledger_account SET is_closed = true", "closed_takes_no_entries"),
    ],
)
def test_holds_to_its_constraints_even_for_the_functions(posted, sql, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        by_hand(sql, as_posting=True)


def test_refuses_a_balance_for_a_heading():
    with pytest.raises(IntegrityError, match="only_posting_accounts_lock"):
        by_hand(
            "INSERT INTO ledger_account (code, name, kind, currency, role, mode, owner_reference, is_blocked,"
            " is_closed, opened_at) VALUES ('h', 'H', 'ASSET', 'KES', 'HEADING', 0, '', false, false, now())",
            as_posting=True,
        )


def test_writes_seals_and_period_changes_once(posted):
    ledger.seal_up_to(at=NOON)
    assert sqlstate("UPDATE ledger_seal SET root = ''") == "KB090"
    assert sqlstate("DELETE FROM ledger_seal") == "KB090"


@pytest.mark.django_db(transaction=True)
def test_posts_on_no_old_snapshot():
    payer, payee = open_wallet(100), open_wallet()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(BrokenBooks, match="READ COMMITTED"):
            pay(payer, payee, kes(10))
    assert posted_in(payee) == kes(0)
    assert_books_balance()
