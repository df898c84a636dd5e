"""A statement is read as the portal exports it, and what is none is refused with its line."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mpesa import statement
from apps.mpesa.rules import Unreadable

HEAD = (
    "Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,"
    "Balance Confirmed,Reason Type,Other Party Info,Linked Transaction ID,A/C No."
)


def row(
    receipt="SKL7H2M0QX", paid="", out="", details="Pay Bill", *,
    when="21-11-2026 09:30:00", status="Completed", other="254711",
):  # fmt: skip
    return f'{receipt},{when},{when},"{details}",{status},"{paid}","{out}",0.00,TRUE,Pay Bill,{other},,ROSE'


def sheet(*rows, head=HEAD, end="\r\n"):
    return end.join([head, *rows, ""])


def test_reads_amounts_dates_quotes_and_endings():
    text = "\ufeff" + sheet(
        row(paid="1,500.00", details='A "quoted"" name, Ltd'.replace('"', '""')),
        row("SKL7H2M0QY", out="-500.50", when="2026-11-21 10:00:00"),
    )
    one, two = statement.read(text)
    assert (one.minor, one.reference, one.completed_at.hour) == (150_000, "ROSE", 9)
    assert (two.minor, two.completed_at.date()) == (-50_050, date(2026, 11, 21))
    assert statement.read(text.replace("\r\n", "\n")) == [one, two]


def test_reads_semicolons_and_lines_above_the_heading():
    text = "Short Code;174379\n\n" + HEAD.replace(",", ";") + "\n"
    text += 'SKL7H2M0QX;21-11-2026 09:30:00;;"Pay; Bill";Completed;"1,500.00";;;;;;;ROSE\n'
    assert statement.read(text)[0].minor == 150_000


def test_a_formula_is_data():
    found = statement.read(sheet(row(paid="10", details="=HYPERLINK(1)")))[0]
    assert found.details == "=HYPERLINK(1)"


def test_leaves_out_what_moved_nothing():
    assert statement.read(sheet(row(paid="10", status="Declined"), row(paid="10", status="Pending"))) == []


@pytest.mark.parametrize(
    "text",
    ["", "hello", "Receipt No.,Details\r\n", "\0", HEAD.replace("Paid In", "Paid"), sheet(row("=1+1", paid="10")),
     sheet(row(paid="1,50")), sheet(row(paid="1500,00")), sheet(row(paid="1e3")), sheet(row(paid="NaN")),
     sheet(row(paid="-5")), sheet(row(paid="5", out="5")), sheet(row()), sheet(row(paid="1.005")),
     sheet(row(paid="١٢")), sheet(row(paid="5", when="11/21/2026 09:30")), sheet(row(paid="9" * 30)),
     sheet('SKL7H2M0QX,"never closed'), "x" * (statement.LONGEST + 1)],
)  # fmt: skip
def test_refuses_what_is_none(text):
    with pytest.raises(Unreadable):
        statement.read(text)


@given(st.text(max_size=300))
def test_reads_or_refuses_whatever_comes(text):
    for whole in (text, HEAD + "\n" + text, sheet(row(details=text.replace('"', '""'), paid="1"))):
        try:
            statement.read(whole)
        except Unreadable:
            continue


@given(st.integers(1, 10**12))
def test_amounts_come_back_to_the_cent(minor):
    assert statement.read(sheet(row(paid=f"{minor // 100:,}.{minor % 100:02d}")))[0].minor == minor


def said(*rows, known=None):
    return [(one.moved_minor, one.charge_minor) for one in statement.gather(statement.read(sheet(*rows)), known or {})]


def test_tells_a_charge_from_the_movement_it_is_for():
    move, charge = row(out="-500.00", details="Payment to 2547"), row(out="-9.00", details="Payment to 2547 Charge")
    assert said(move, charge) == said(charge, move) == [(-500_00, 9_00)]
    assert said(charge, known={"SKL7H2M0QX": -500_00}) == [(None, 9_00)]
    assert said(charge) == [(-9_00, 0)], "of a movement nobody knows it is no charge"


def test_a_payment_to_an_account_called_charge_is_none():
    named = row(out="-500.00", details="Pay Bill to 888880 Acc. CHARGE")
    charge = row(out="-9.00", details="Pay Bill to 888880 Acc. CHARGE Charge")
    assert said(named, known={"SKL7H2M0QX": -500_00}) == said(named) == [(-500_00, 0)]
    assert said(charge, named, known={"SKL7H2M0QX": -500_00}) == said(charge, named) == [(-500_00, 9_00)]
    assert said(row(paid="500.00", details="Acc. CHARGE")) == [(500_00, 0)]


def test_a_line_that_comes_twice_counts_once():
    """Where two pages of an export overlap; what moved twice under one receipt has another balance after it."""
    move, charge = row(out="-500.00", details="Payment to 2547"), row(out="-9.00", details="Payment to 2547 Charge")
    assert said(move, charge, move, charge) == [(-500_00, 9_00)]
    assert said(row(paid="70"), row(paid="70")) == [(70_00, 0)]
    assert said(row(paid="70"), row(paid="70").replace("0.00,TRUE", "70.00,TRUE")) == [(140_00, 0)]


@pytest.mark.parametrize("left", range(1, len("SKL7H2M0QY,21-11-2026 09:30:00,21-11-2026 09:30:00,x,Completed,1500")))
def test_half_a_file_is_refused_wherever_it_was_cut(left):
    last = "SKL7H2M0QY,21-11-2026 09:30:00,21-11-2026 09:30:00,x,Completed,1500.00,,0.00,TRUE,Pay Bill,254711,,ROSE"
    with pytest.raises(Unreadable, match="line 3: it was cut short"):
        statement.read(sheet(row(paid="1"), last[:left]).rstrip())


def test_blank_ends_of_the_heading_and_a_line_of_totals_are_no_cut():
    text = sheet(row(paid="1") + ",", "Total,1", head=HEAD + ", ,")
    assert [one.minor for one in statement.read(text)] == [1_00]


def test_a_move_between_own_accounts_moves_nothing():
    assert said(row(paid="70"), row(out="-70")) == [(0, 0)]
