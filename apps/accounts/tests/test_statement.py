"""A statement adds up, its copies can be checked, and what others hold stays theirs."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext

from apps.accounts import line_files, operations, queries, statements
from apps.accounts.errors import StatementTooLong
from apps.accounts.models import Statement, Transaction, TransactionType
from apps.accounts.rules import DoesNotAddUp
from apps.accounts.testing import give, make_account
from apps.kernel.clock import local_date, now

MARCH = date(2026, 3, 1), date(2026, 3, 31)
DAY = datetime(2026, 3, 9, 9, tzinfo=UTC)


@pytest.fixture
def account(db):
    account = make_account(at=datetime(2026, 1, 5, tzinfo=UTC))
    give(account, "1000", at=datetime(2026, 2, 20, tzinfo=UTC))
    give(account, "250.50", at=DAY)
    give(account, "9.50", at=DAY + timedelta(days=2))
    give(account, "40", at=datetime(2026, 4, 2, tzinfo=UTC))
    return account


def test_opens_with_what_was_there_and_closes_with_what_the_lines_make(account):
    view = queries.statement(account, *MARCH)
    assert (str(view.opening), str(view.closing), len(view.rows)) == ("KES 1,000.00", "KES 1,260.00", 2)
    assert str(view.money_in) == "KES 260.00"


def test_a_month_without_lines_closes_as_it_opens(account):
    view = queries.statement(account, date(2026, 5, 1), date(2026, 5, 31))
    assert view.opening == view.closing
    assert view.rows == ()


def test_payments_written_in_the_other_order_around_midnight_still_add_up(account):
    midnight = datetime(2026, 3, 31, 21, tzinfo=UTC)  # 1 April in Nairobi
    give(account, "5", at=midnight + timedelta(milliseconds=1))
    give(account, "7", at=midnight - timedelta(milliseconds=1))
    march, april = queries.statement(account, *MARCH), queries.statement(account, date(2026, 4, 1), date(2026, 4, 30))
    assert march.closing == april.opening


def test_a_line_changed_behind_the_banks_back_stops_the_statement(account):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_transaction SET amount_minor = amount_minor + 1 WHERE seq = 2")
    with pytest.raises(DoesNotAddUp):
        queries.statement(account, *MARCH)


def test_a_copy_is_genuine_while_the_books_say_the_same_even_after_more_lines_that_day(account):
    row, view = operations.make_statement(
        account=account, from_date=MARCH[0], to_date=MARCH[1], by=account.owner, at=now()
    )
    assert row.seal == view.seal
    give(account, "3", at=datetime(2026, 3, 31, 20, 59, tzinfo=UTC))
    assert queries.check_statement(Statement.objects.get(pk=row.pk)).is_genuine
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_transaction SET description = 'Altered' WHERE seq = 2")
    assert not queries.check_statement(Statement.objects.get(pk=row.pk)).is_genuine


def test_refuses_more_lines_than_a_document_holds(account):
    with pytest.raises(StatementTooLong):
        queries.statement(account, *MARCH, most=1)


def test_csv_carries_the_figures_and_no_formula(account):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_transaction SET description = '=HYPERLINK(1)' WHERE seq = 2")
    row, view = operations.make_statement(
        account=account, from_date=MARCH[0], to_date=MARCH[1], by=account.owner, at=now()
    )
    sheet = list(csv.reader(io.StringIO(statements.csv_of(row, view).decode())))
    assert sheet[1][4] == "1000.00"
    assert sheet[-1][4] == "1260.00"
    assert sheet[2][1] == "'=HYPERLINK(1)"


def test_makes_a_statement_for_each_account_once_on_the_last_day_of_the_month(account):
    assert operations.make_month_statements(day=date(2026, 3, 30), at=now()) == 0
    assert operations.make_month_statements(day=date(2026, 3, 31), at=now()) == 1
    assert operations.make_month_statements(day=date(2026, 3, 31), at=now()) == 0
    assert Statement.objects.get(is_monthly=True).closing_minor == 126_000


def test_a_month_is_stated_of_what_was_open_in_it_on_its_last_day_alone_or_closed_before_that(db):
    late = make_account(balance="10", at=datetime(2026, 3, 31, 9, tzinfo=UTC))
    closed, gone = (make_account(at=datetime(2026, 2, 2, 9, tzinfo=UTC)) for _nth in range(2))
    operations.close(account=closed, by=closed.owner, at=datetime(2026, 3, 1, 9, tzinfo=UTC))
    operations.close(account=gone, by=gone.owner, at=datetime(2026, 2, 28, 9, tzinfo=UTC))
    make_account(at=datetime(2026, 3, 31, 21, tzinfo=UTC))  # 1 April in Nairobi
    assert operations.make_month_statements(day=date(2026, 3, 31), at=now()) == 2
    assert set(Statement.objects.values_list("account", flat=True)) == {late.pk, closed.pk}


@pytest.mark.pdf
def test_pdf_says_the_same_and_leads_to_its_check(account):
    row, view = operations.make_statement(
        account=account, from_date=MARCH[0], to_date=MARCH[1], by=account.owner, at=now()
    )
    flat = text_of(statements.pdf_of(row, view))
    assert "1,260.00" in flat
    assert str(row.pk)[:8] in flat


def text_of(paper):
    from pypdf import PdfReader

    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).replace("\u00a0", " ")


@pytest.mark.pdf
@pytest.mark.parametrize("booked", ["en", "sw"])
@pytest.mark.parametrize("read", ["en", "sw"])
def test_a_line_that_says_its_kind_is_printed_once_in_the_readers_language(db, booked, read):
    account, at = make_account(), now()
    with translation.override(booked):
        give(account, "30", description=str(TransactionType.DEPOSIT.label))
    give(account, "40", description="Rent of May")
    with translation.override(read):
        kind, asked = str(TransactionType.DEPOSIT.label), {"owner": account.owner, "asked": (), "at": at}
        lines = Transaction.objects.filter(account=account)
        paper = text_of(line_files.file_of(lines, kind="pdf", **asked).content)
        assert (paper.count(kind), "Rent of May" in paper) == (2, True)
        sheet = line_files.file_of(lines, kind="csv", for_people=True, **asked).content.decode()
        rows = list(csv.DictReader(io.StringIO(sheet)))
        assert [row[gettext("Kind")] for row in rows] == [kind, kind]
        assert [row[gettext("Description")] for row in rows] == ["Rent of May", ""]
        today = local_date(at)
        made, view = operations.make_statement(account=account, from_date=today, to_date=today, by=account.owner, at=at)
        printed = text_of(statements.pdf_of(made, view))
        assert (kind in printed, "Rent of May" in printed) == (True, True)
