"""Every marked sentence of every page has its Kiswahili; those of Python are looked for by `make test` itself."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

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
