"""Every marked sentence of every page has its Kiswahili; those of Python are looked for by `make test` itself."""

import gettext
import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation.template import templatize

from apps.accounts.models import Transaction, TransactionType
from apps.portals.customer.lines import shown
from apps.portals.templatetags.kit import day, month_name, short_reference, whole

ROOT = Path(settings.ROOT)
_CALL = re.compile(
    r"""\b(?:_|_lazy|gettext|gettext_lazy|gettext_noop|ngettext)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""",
    re.S,
)


def sources():
    for file in (ROOT / "templates").rglob("*.html"):
        yield file, templatize(file.read_text(), origin=str(file))


def marked():
    for file, text in sources():
        for found in _CALL.findall(text):
            words = (
                found[1:-1]
                .encode()
                .decode("unicode_escape")
                .encode("latin-1", "surrogatepass")
                .decode("utf-8", "replace")
            )
            if words.strip():
                yield file.relative_to(ROOT), words


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_sentence_is_translated(language):
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        held = set(gettext.GNUTranslations(file)._catalog)
    keys = {key[0] if isinstance(key, tuple) else key for key in held}
    missing = {f"{file}: {words}" for file, words in marked() if words not in keys}
    assert not missing, "\n".join(sorted(missing))


def test_finds_what_is_marked():
    words = {text for _file, text in marked()}
    assert {"Send", "Home", "No money moved in this period."} <= words
    assert len(words) > 1000


@pytest.mark.parametrize("month", range(1, 13))
def test_messages_write_a_day_as_the_pages_do(month):
    on = date(2026, month, 9)
    with translation.override("sw"):
        assert date_format(on) == day(on)
        assert MONTHS[month] == month_name(on)


@pytest.mark.parametrize("kind", [TransactionType.FEE, TransactionType.EXCISE_DUTY])
@pytest.mark.parametrize("booked", ["en", "sw"])
@pytest.mark.parametrize("read", ["en", "sw"])
def test_a_line_that_says_no_more_than_its_kind_is_read_once(kind, booked, read):
    with translation.override(booked):
        line = Transaction(txn_type=kind, description=str(kind.label), amount_minor=-3000, currency="KES")
    with translation.override(read):
        row = shown(line)
        assert row.title == str(kind.label)
        assert not row.below
        assert not row.note


def test_a_line_keeps_what_else_was_written_on_it():
    row = shown(Transaction(txn_type=TransactionType.FEE, description="November", amount_minor=-3000, currency="KES"))
    assert row.below == "November"


@pytest.mark.parametrize(
    ("reference", "read"),
    [
        ("K33HQYCB45", "K33HQYCB45"),
        ("payments/6f1c2c8e-1111-4222-8333-444455556666", "6F1C2C8E"),
        ("mpesa/UKNDTXJARO", "UKNDTXJARO"),
        ("auto/2/cash/1", ""),
        ("interest/2026-10-31/18", ""),
        ("auto/2/2026-10-31", ""),
    ],
)
def test_reads_out_only_references_meant_for_people(reference, read):
    assert short_reference(reference) == read


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("0712 ••• 908", "0712\u00a0•••\u00a0908"),
        ("+256 ••• 908", "+256\u00a0•••\u00a0908"),
        ("•••• 0042", "••••\u00a00042"),
        ("Equity Bank Kenya •••• 1234", "Equity Bank Kenya ••••\u00a01234"),
        ("888880, W-1201", "888880, W-1201"),
        (None, ""),
    ],
)
def test_what_is_struck_out_stays_on_one_line_and_other_words_break(address, kept):
    assert whole(address) == kept
