"""Movements from another bank's file: read row by row, taken whole or not at all unless said otherwise, and once."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import operations
from apps.accounts.rules.imports import Fault, Unreadable, read
from apps.accounts.testing import kes
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.users.testing import make_customer

TODAY = date(2026, 11, 22)


def rows_of(text):
    return read(text if isinstance(text, bytes) else text.encode(), currency="KES", today=TODAY)


def test_columns_are_found_by_name_in_any_order_and_amounts_as_people_write_them():
    rows, faults = rows_of(
        '\ufeffDescription, Amount ,Date,Balance\n Rent  of May ,"-12,500.50",2026-05-02,1\nPay,900,2026-05-01,2\n'
    )
    assert faults == []
    assert [(row.on.day, row.amount, row.description) for row in rows] == [
        (2, -kes("12500.50"), "Rent of May"),
        (1, kes("900"), "Pay"),
    ]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("2026-13-01,5,Tea", "date"),
        ("2026-11-23,5,Tomorrow", "date"),
        (",5,Tea", "date"),
        ("2026-05-01,5.001,Tea", "amount"),
        ("2026-05-01,NaN,Tea", "amount"),
        ("2026-05-01,1e30,Tea", "amount"),
        ("2026-05-01,0,Tea", "amount"),
        ('2026-05-01,"1.500,00",Tea', "amount"),
        ('2026-05-01,"12,5",Tea', "amount"),
        ("2026-05-01,5,Tea\0", "description"),
        ("2026-05-01,,Tea", "amount"),
        ("2026-05-01", "amount"),
        ("2026-05-01,5,", "description"),
        (f"2026-05-01,5,{'x' * 201}", "description"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_line_and_column(line, column):
    rows, faults = rows_of(f"date,amount,description\n2026-05-01,1,Good\n{line}\n")
    assert (len(rows), faults) == (1, [Fault(3, column)])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"date,amount\n2026-05-01,5\n", "columns"),
        (b"", "columns"),
        (b"\xff\xfe\x00d", "no_csv"),
        (b'date,amount,description\n2026-05-01,5,"open\n', "no_csv"),
        (b"date,amount,description\n" + b"2026-05-01,5,Tea\n" * 5_001, "too_many"),
    ],
)
def test_what_is_no_such_file_is_refused_whole(raw, code):
    with pytest.raises(Unreadable, match=code):
        rows_of(raw)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw):
    try:
        rows, faults = rows_of(b"date,amount,description\n" + raw)
    except Unreadable:
        return
    assert all(row.amount and row.description for row in rows)
    assert all(one.column in ("date", "amount", "description") for one in faults)


@pytest.mark.django_db
def test_accounts_of_this_bank_take_nothing():
    with pytest.raises(NotFound):
        operations.import_lines(account=uuid4(), raw=b"", partial=False, by=make_customer(), at=now())
