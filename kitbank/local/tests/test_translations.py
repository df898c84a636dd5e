"""A hole in a catalogue is found, whatever its shape."""

import struct
from pathlib import Path

import pytest

from kitbank.local import translations

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
)
WHOLE = (
    HEADER
    + '\nmsgid "Pay"\nmsgstr "Lipa"\n\nmsgctxt "noun"\nmsgid "Order"\nmsgstr "Agizo"\n'
    + '\nmsgid "%d loan"\nmsgid_plural "%d loans"\nmsgstr[0] "mkopo %d"\nmsgstr[1] "mikopo %d"\n'
    + '\nmsgid ""\n"A long "\n"sentence"\nmsgstr ""\n"Sentensi "\n"ndefu"\n\n#~ msgid "Gone"\n#~ msgstr ""\n'
)
COMPILED = {
    "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n",
    "Pay": "Lipa",
    "noun\x04Order": "Agizo",
    "%d loan\0%d loans": "mkopo %d\0mikopo %d",
    "A long sentence": "Sentensi ndefu",
}


def compile_into(file: Path, messages: dict[str, str]) -> None:
    """The .mo format: a header, two tables of lengths and offsets, then the strings."""
    pairs = sorted((key.encode(), text.encode()) for key, text in messages.items())
    offset = 28 + 16 * len(pairs)
    tables: list[bytes] = []
    body = b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), offset + len(body)))
            body += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    file.write_bytes(head + b"".join(tables) + body)


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    file = tmp_path / "django.po"
    file.write_text(WHOLE)
    compile_into(file.with_suffix(".mo"), COMPILED)
    return file


def test_a_whole_catalogue_is_fine(catalogue: Path) -> None:
    assert translations.faults(catalogue) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('msgstr "Lipa"', 'msgstr ""', "not translated: 'Pay'"),
        ('msgstr[1] "mikopo %d"', 'msgstr[1] ""', "not translated: '%d loan'"),
        ('msgid "Pay"', '#, fuzzy\nmsgid "Pay"', "fuzzy: 'Pay'"),
        ('msgstr "Lipa"', 'msgstr "Lipia"', "not what django.po says about ['Pay']"),
    ],
)
def test_finds_the_hole(catalogue: Path, before: str, after: str, fault: str) -> None:
    catalogue.write_text(WHOLE.replace(before, after))
    assert fault in "\n".join(translations.faults(catalogue))


def test_a_catalogue_must_be_compiled(catalogue: Path) -> None:
    catalogue.with_suffix(".mo").unlink()
    assert "missing" in "\n".join(translations.faults(catalogue))


def test_finds_sentences_that_code_says_and_nobody_translated(catalogue: Path, tmp_path: Path) -> None:
    source = tmp_path / "views.py"
    source.write_text('_now("Pay")\n_("Nobody knows this")\nname = "Not a sentence"\nprint("Nor this")\n')
    assert translations.unknown([source], catalogue) == [f"{source}:2: not in django.po: 'Nobody knows this'"]
