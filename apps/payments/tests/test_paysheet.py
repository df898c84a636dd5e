"""A file of payments is read exactly or refused with a reason; nothing in it is guessed, run or unpacked for ever."""

import contextlib
import io
import time
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.payments import bulk_files
from apps.payments.paysheet import BadCell, Bounds, NameMatch, Payee, Unreadable, compare, read_payee, read_sheet
from apps.payments.paysheet.amounts import minor_of_number, minor_of_text
from apps.payments.testing import csv_file, saved, xlsx_file

PHONE, OTHER = "0712345908", "0722000114"


def read(content, **bounds):
    if isinstance(content, str):
        content = content.encode()
    return read_sheet(content, places=2, bounds=Bounds(**bounds) if bounds else None)


def refusal(content, **bounds):
    with pytest.raises(Unreadable) as caught:
        read(content, **bounds)
    return caught.value.code


def repacked(content, change=None, add=None):
    """A workbook with its parts changed or added to."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            part = old.read(one)
            new.writestr(one, change(one, part) if change else part)
        for name, part in (add or {}).items():
            new.writestr(name, part)
    return out.getvalue()


def in_sheet(old, new):
    return lambda name, part: part.replace(old, new) if name.endswith("sheet1.xml") else part


PLAIN = xlsx_file([(PHONE, "Jo", 100, "")])


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1500", 150000), ("1500.5", 150050), ("1,500.50", 150050), ("1 500", 150000), ("1\u202f500.25", 150025),
        ("KES 1,500/=", 150000), ("Ksh.200", 20000), ("0.01", 1), ("1'000'000", 100000000), ("007", 700),
    ],
)  # fmt: skip
def test_reads_amounts_as_people_write_them(text, minor):
    assert minor_of_text(text, 2) == minor


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "MISSING"), ("KES", "MISSING"), ("1e5", "EXPONENT"), ("1.5E+3", "EXPONENT"), ("1,5", "TWO_WAYS"),
        ("1.234", "TWO_WAYS"), ("1.234,50", "TWO_WAYS"), ("12,34,567", "TWO_WAYS"), ("1,500,00", "TWO_WAYS"),
        ("0", "NOT_POSITIVE"), ("0.00", "NOT_POSITIVE"), ("-5", "NOT_POSITIVE"), ("(500)", "NOT_POSITIVE"),
        ("1500.555", "TOO_FINE"), ("9" * 16, "TOO_LARGE"), ("1.5k", "UNREADABLE"), ("NaN", "UNREADABLE"),
        ("Infinity", "UNREADABLE"), ("٥٠٠", "UNREADABLE"), ("1_000", "UNREADABLE"), ("0x10", "UNREADABLE"),
        ("5%", "UNREADABLE"), ("USD 5", "UNREADABLE"), ("1" * 400, "TWO_WAYS"),
    ],
)  # fmt: skip
def test_refuses_amounts_that_are_none_or_could_be_two(text, code):
    with pytest.raises(BadCell) as caught:
        minor_of_text(text, 2)
    assert caught.value.code == f"AMOUNT_{code}"


@given(st.integers(1, 10**14))
def test_every_amount_written_any_usual_way_comes_back_to_the_cent(minor):
    exact = Decimal(minor).scaleb(-2)
    assert {minor_of_text(form, 2) for form in (f"{exact:.2f}", f"{exact:,.2f}", f"KES {exact:,.2f}")} == {minor}


@given(st.integers(1, 10**15))
def test_a_spreadsheets_number_is_the_nearest_cent_or_refused(minor):
    assert minor_of_number(minor / 100, 2) == minor


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_number_is_rounded_to_another_cent(value):
    try:
        minor = minor_of_number(value, 2)
    except BadCell:
        return
    assert abs(Decimal(minor).scaleb(-2) - Decimal(repr(value))) <= Decimal("0.000001")


@given(st.binary(max_size=300))
def test_whatever_the_bytes_it_reads_or_refuses(content):
    with contextlib.suppress(Unreadable):
        read(content)


@given(st.text(max_size=60), st.text(max_size=30))
def test_whatever_the_cells_a_row_is_payable_or_says_why(payee, amount):
    content = csv_file([(payee, "Jo", amount, "")])
    try:
        rows = read(content).rows
    except Unreadable:
        return
    for row in rows:
        assert bool(row.error) == (row.payee is None)
        assert row.error or row.minor > 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_reads_every_encoding_and_separator_a_spreadsheet_writes(encoding, mark):
    text = f"Kiasi{mark}Jina{mark}Simu\r\n1500.50{mark}José{mark}{PHONE}\r\n"
    row = read(text.encode(encoding)).rows[0]
    assert (row.minor, row.name, row.payee) == (150050, "José", Payee("phone", "+254712345908"))


def test_headers_come_in_two_languages_any_order_and_with_company():
    sheet = read(f"Staff No,MSHAHARA,Namba ya Simu,Jina Kamili,Maelezo\n7,100,{PHONE},Jo,Asante\n")
    assert (sheet.rows[0].note, sheet.ignored) == ("Asante", ("Staff No",))


def test_quoted_line_breaks_empty_rows_and_excels_own_first_line_are_read():
    sheet = read(f'sep=;\nphone;name;amount\n;;\n"{PHONE}";"Jo\nAnn";100\n\n{OTHER};B;"1,000"\n')
    assert [(row.name, row.minor) for row in sheet.rows] == [("Jo Ann", 10000), ("B", 100000)]
    assert [row.number for row in read(f'phone,amount\n"{PHONE}\n",1\n{OTHER},2\n').rows] == [2, 4]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"), (b"  \n ", "EMPTY_FILE"), (b",,\n", "NO_ROWS"), (b"phone,amount\n", "NO_ROWS"),
        (b"1,2\n3,4\n", "NO_HEADER"), (b"name,amount\nJo,1\n", "NO_COLUMN"), (b"phone,name\n1,Jo\n", "NO_COLUMN"),
        (b"phone,simu,amount\n1,2,3\n", "TWO_COLUMNS"), (b'phone,amount\n"071,1\n', "BAD_CSV"),
        (b'phone,amount\n"071"x,1\n', "BAD_CSV"), (b"\x89PNG\r\n\x1a\n\0\0\0", "NOT_TEXT"), (b"%PDF\0", "NOT_TEXT"),
        (b"phone,amount\n071\0,1\n", "NOT_TEXT"), ("phone,amount\n1,2".encode("utf-16-le"), "NOT_TEXT"),
        (b"\xff\xfe\0", "NOT_TEXT"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x", "OLD_OR_LOCKED"),
        (b"PK\x03\x04 not a zip", "BAD_WORKBOOK"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_file_of_payments(content, code):
    assert refusal(content) == code


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "@SUM(A1)", "-1+2", "=cmd|'/c calc'!A0", "=HYPERLINK(1)"])
def test_refuses_formulas_wherever_they_stand(cell):
    for row in ((cell, "Jo", "1", ""), (PHONE, cell, "1", ""), (PHONE, "Jo", "1", cell)):
        assert read(csv_file([row])).rows[0].error == "FORMULA"
        assert read(xlsx_file([row])).rows[0].error == "FORMULA"
    assert read(xlsx_file([(PHONE, "Jo", "=1+1", "")])).rows[0].error == "FORMULA"
    assert read(csv_file([(f"+254{PHONE[1:]}", "Jo", "1", "")])).rows[0].error == ""


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((PHONE, "Jo\u202egnp", "1", ""), "TEXT_UNPRINTABLE"), ((PHONE, "J" * 141, "1", ""), "TEXT_TOO_LONG"),
        ((PHONE, "", "1", "n" * 81), "TEXT_TOO_LONG"), (("", "Jo", "1", ""), "PAYEE_MISSING"),
        (("Mama Njeri", "Jo", "1", ""), "PAYEE_UNREADABLE"), (("0712", "", "1", ""), "PAYEE_UNREADABLE"),
        (("٠٧١٢٣٤٥٩٠٨", "", "1", ""), "PAYEE_UNREADABLE"),
    ],
)  # fmt: skip
def test_says_which_cell_of_a_row_is_wrong(row, code):
    assert read(csv_file([row])).rows[0].error == code


def test_reads_workbooks_where_phones_lost_their_nought():
    rows = read(xlsx_file([(712345908, "Jo", 1500.5, ""), ("0722 000 114", "B", "1,000", "x")])).rows
    assert [(row.payee.number, row.minor) for row in rows] == [("+254712345908", 150050), ("+254722000114", 100000)]
    every_end = [*range(712345900, 712345910), *range(254712345900, 254712345910)]
    assert {row.error for row in read(xlsx_file([(one, "", 1, "") for one in every_end])).rows} == {""}


def test_numbers_that_arithmetic_left_nearly_whole_are_whole_and_others_refused():
    rows = read(xlsx_file([(PHONE, "", 0.1 + 0.2, ""), (PHONE, "", 1.005, ""), (PHONE, "", 1e300, "")])).rows
    assert [(row.minor, row.error) for row in rows] == [(30, ""), (None, "AMOUNT_TOO_FINE"), (None, "AMOUNT_TOO_LARGE")]


def test_dates_truth_and_errors_are_no_amounts():
    for value in (date(2026, 1, 1), True, "#N/A"):
        error = read(xlsx_file([(PHONE, "", value, "")])).rows[0].error
        assert error in {"NOT_TEXT_OR_NUMBER", "AMOUNT_UNREADABLE"}


def book(change):
    made = openpyxl.load_workbook(io.BytesIO(PLAIN))
    change(made)
    return saved(made)


def test_refuses_workbooks_that_hide_or_merge_or_hold_more_than_one_sheet():
    assert refusal(book(lambda one: one.worksheets[0].merge_cells("A2:A3"))) == "MERGED_CELLS"
    assert refusal(book(lambda one: setattr(one.worksheets[0].row_dimensions[2], "hidden", True))) == "HIDDEN_ROWS"
    assert refusal(book(lambda one: setattr(one.worksheets[0].column_dimensions["C"], "hidden", True))) == "HIDDEN_ROWS"
    assert refusal(book(lambda one: one.create_sheet("More").append(["0733", 5]))) == "MANY_SHEETS"
    assert len(read(book(lambda one: one.create_sheet("Empty"))).rows) == 1
    beside = book(lambda one: one.create_sheet("More").cell(60, 30, "0733"))
    assert refusal(beside) == "MANY_SHEETS"

    def hide_the_first(one):
        one.create_sheet("Seen")
        one.worksheets[0].sheet_state, one.active = "veryHidden", 1

    assert refusal(book(hide_the_first)) == "HIDDEN_ROWS"


def test_a_row_far_below_the_others_is_neither_paid_nor_left_out_unsaid():
    below = book(lambda one: one.worksheets[0].cell(1_500, 1, OTHER))
    with pytest.raises(Unreadable) as caught:
        read(below)
    assert (caught.value.code, caught.value.facts) == ("FAR_BELOW", {"line": 1_500})
    padding = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (nth, nth) for nth in range(3, 40_000))
    assert len(read(repacked(PLAIN, change=in_sheet(b"</sheetData>", padding + b"</sheetData>"))).rows) == 1


def test_refuses_macros_entities_locks_and_bombs_before_unpacking_them():
    assert refusal(repacked(PLAIN, add={"xl/vbaProject.bin": b"x"})) == "HAS_MACROS"
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert refusal(repacked(PLAIN, change=lambda n, p: bomb if n.endswith("sheet1.xml") else p)) == "BAD_WORKBOOK"
    assert refusal(repacked(PLAIN, add={"xl/media/a.bin": b"\0" * 5_000_000})) == "UNPACKS_TOO_LARGE"
    assert refusal(repacked(PLAIN, add={f"xl/{n}.bin": b"" for n in range(201)})) == "UNPACKS_TOO_LARGE"
    assert refusal(repacked(PLAIN, change=lambda n, p: b"<x" if n.endswith("sheet1.xml") else p)) == "BAD_WORKBOOK"
    assert refusal(PLAIN[: len(PLAIN) // 2]) == "BAD_WORKBOOK"
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as one:
        one.writestr("word/document.xml", "<x/>")
    assert refusal(zipped.getvalue()) == "BAD_WORKBOOK"


def test_does_not_believe_a_sheet_about_its_own_size():
    began = time.perf_counter()
    huge = repacked(PLAIN, change=in_sheet(b'ref="A1:D2"', b'ref="A1:XFD1048576"'))
    assert len(read(huge).rows) == 1
    far = repacked(PLAIN, change=in_sheet(b'<row r="2"', b'<row r="1048576"'))
    far = repacked(far, change=in_sheet(b'"A2"', b'"A1048576"'))
    assert refusal(far) == "FAR_BELOW"
    assert refusal(book(lambda one: one.worksheets[0].cell(2, 16_384, "x"))) == "TOO_WIDE"
    assert time.perf_counter() - began < 5


def test_counts_rows_and_bytes_before_anything_else():
    rows = [(PHONE, "", "1", "")] * 3
    for made in (csv_file(rows), xlsx_file(rows)):
        assert refusal(made, most_rows=2) == "TOO_MANY_ROWS"
        assert len(read(made, most_rows=3).rows) == 3
        assert refusal(made, most_bytes=10) == "FILE_TOO_LARGE"


@pytest.mark.parametrize(
    ("text", "payee"),
    [
        ("till 300584", Payee("till", "300584")), ("Paybill 888880 / W-1201", Payee("paybill", "888880", "W-1201")),
        ("0712 345 908", Payee("phone", "+254712345908")), ("254712345908", Payee("phone", "+254712345908")),
        ("254712345902", Payee("phone", "+254712345902")),  # whose digits hold together as an account's would
    ],
)  # fmt: skip
def test_reads_payees_outside_and_inside(text, payee):
    assert read_payee(text) == payee


@pytest.mark.parametrize(
    ("typed", "held", "match"),
    [
        ("Grace Odhiambo", "Grace Achieng Odhiambo", NameMatch.MATCH), ("ODHIAMBO, grace", "Grace Odhiambo", "MATCH"),
        ("Wanjiku wa Ngugi", "Wanjikũ wa Ngũgĩ", "MATCH"), ("O'Brien Njeri", "OBrien Njeri", "MATCH"),
        ("G. Odhiambo", "Grace Odhiambo", "MATCH"), ("Grace Kamau", "Grace Odhiambo", "CLOSE"),
        ("Peter Kamau", "Grace Odhiambo", "DIFFERENT"), ("", "Grace", "NONE"), ("G", "Grace", "DIFFERENT"),
        ("12345", "Grace", "NONE"),
    ],
)  # fmt: skip
def test_compares_names_as_a_teller_would(typed, held, match):
    assert compare(typed, held) == match


def test_our_own_beginning_of_a_file_is_read():
    assert read(bulk_files.template().content).rows[0].minor == 150050


def test_an_amount_cut_in_two_by_its_own_comma_is_not_read_as_one():
    found = read(b"phone,amount\n%b,1,000\n%b,500,\n" % (PHONE.encode(), PHONE.encode())).rows
    assert [row.error for row in found] == ["TOO_MANY_CELLS", ""]


@pytest.mark.parametrize("phone", ["+254-712-345-908", "+254 (712) 345 908", "+254.712.345.908", "0712-345-908"])
def test_a_phone_is_one_however_people_group_its_digits(phone):
    for file in (csv_file, xlsx_file):
        assert read(file([(phone, "Jo", "5", "")])).rows[0].payee == Payee("phone", "+254712345908")
    assert read(csv_file([(f"{phone}+cmd", "Jo", "5", "")])).rows[0].payee is None
