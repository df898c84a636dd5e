"""Refuses a translation catalogue with holes in it, and a compiled one that is not what the text says."""

import ast
import gettext
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FUNCTIONS = frozenset({"_", "_now", "gettext", "gettext_lazy", "gettext_noop"})


@dataclass(slots=True)
class Entry:
    """One message of a .po file."""

    line: int
    is_fuzzy: bool = False
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """As gettext files it: the context, a separator, the message."""
        context = f"{self.texts['msgctxt']}\x04" if "msgctxt" in self.texts else ""
        return context + self.texts["msgid"]

    @property
    def translations(self) -> list[str]:
        """One, or one for each plural form."""
        return [text for name, text in self.texts.items() if name.startswith("msgstr")]


def faults(catalogue: Path) -> list[str]:
    """Everything wrong with one .po file and the .mo file beside it; empty when all is well."""
    entries = [entry for entry in read(catalogue) if entry.texts.get("msgid")]
    found = []
    for entry in entries:
        if entry.is_fuzzy:
            found.append(f"{catalogue}:{entry.line}: fuzzy: {entry.texts['msgid']!r}")
        elif not entry.translations or not all(entry.translations):
            found.append(f"{catalogue}:{entry.line}: not translated: {entry.texts['msgid']!r}")
    return found + _stale(catalogue.with_suffix(".mo"), [entry for entry in entries if not entry.is_fuzzy])


def unknown(sources: Iterable[Path], catalogue: Path) -> list[str]:
    """Sentences that code gives to a gettext function and the catalogue does not have, whatever the function is called
    there: the tool that gathers them knows the usual names alone.
    """
    known = {entry.texts["msgid"] for entry in read(catalogue) if "msgid" in entry.texts}
    return [
        f"{source}:{line}: not in {catalogue.name}: {text!r}"
        for source in sources
        for line, text in _given(ast.parse(source.read_text(encoding="utf-8")))
        if text not in known
    ]


def _given(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def read(catalogue: Path) -> Iterator[Entry]:
    """The live entries of a .po file, the header included; obsolete ones (#~) are left out."""
    entry = Entry(line=1)
    name = ""
    for number, line in enumerate([*catalogue.read_text(encoding="utf-8").splitlines(), ""], start=1):
        found = re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)\s+(".*")$', line)
        starts = line.startswith("#") or (found and found[1] in ("msgctxt", "msgid"))
        if (not line or starts) and "msgstr" in name:
            yield entry
            entry, name = Entry(line=number), ""
        if line.startswith("#,"):
            entry.is_fuzzy = "fuzzy" in line
        elif found:
            name = found[1]
            if name == "msgid":
                entry.line = number
            entry.texts[name] = ast.literal_eval(found[2])
        elif line.startswith('"'):
            entry.texts[name] += ast.literal_eval(line)


def _stale(compiled: Path, entries: list[Entry]) -> list[str]:
    if not compiled.exists():
        return [f"{compiled}: missing; run manage.py compilemessages"]
    with compiled.open("rb") as file:
        catalog: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    held = {key: text for key, text in catalog.items() if key != ""}
    wanted: dict[object, str] = {}
    for entry in entries:
        if not any(entry.translations):
            continue
        if "msgid_plural" in entry.texts:
            wanted |= {(entry.key, form): text for form, text in enumerate(entry.translations)}
        else:
            wanted[entry.key] = entry.translations[0]
    if held != wanted:
        different = {str(key) for key in held.keys() ^ wanted.keys()}
        different |= {str(key) for key in held.keys() & wanted.keys() if held[key] != wanted[key]}
        return [
            f"{compiled}: not what {compiled.stem}.po says about {sorted(different)[:5]}; run manage.py compilemessages"
        ]
    return []
