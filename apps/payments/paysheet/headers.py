"""Which column is which: header words in English or Kiswahili, in any order."""

import re
import unicodedata
from collections.abc import Sequence

from apps.payments.paysheet.refusal import Unreadable

WORDS: dict[str, tuple[str, ...]] = {
    "payee": (
        "payee", "phone", "phone number", "phone no", "mobile", "mobile number", "msisdn", "account", "account number",
        "account no", "to", "recipient", "beneficiary", "beneficiary account", "pay to", "phone or account",
        "mlipwa", "simu", "namba ya simu", "nambari ya simu", "akaunti", "namba ya akaunti", "nambari ya akaunti",
        "simu au akaunti", "mpokeaji", "kwa",
    ),
    "name": (
        "name", "full name", "employee", "employee name", "payee name", "beneficiary name", "recipient name", "names",
        "jina", "jina kamili", "majina", "mfanyakazi", "jina la mfanyakazi", "jina la mlipwa",
    ),
    "amount": (
        "amount", "amount kes", "salary", "net pay", "net salary", "pay", "net", "wage", "wages", "kes",
        "kiasi", "mshahara", "malipo", "pesa", "jumla", "ujira",
    ),
    "note": (
        "note", "notes", "narrative", "reference", "description", "details", "remarks", "purpose", "memo",
        "maelezo", "ujumbe", "rejea", "kumbukumbu", "sababu",
    ),
}  # fmt: skip
_COLUMN = {word: name for name, words in WORDS.items() for word in words}


def tidy(text: str) -> str:
    """A header as it is compared: no case, no accents, no punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def columns(header: Sequence[str]) -> dict[str, int]:
    """Name to place. Raises Unreadable: NO_HEADER, TWO_COLUMNS (the same meaning twice), NO_COLUMN."""
    found: dict[str, int] = {}
    for place, text in enumerate(header):
        name = _COLUMN.get(tidy(text))
        if name is None:
            continue
        if name in found:
            raise Unreadable("TWO_COLUMNS", column=name)
        found[name] = place
    if not found:
        raise Unreadable("NO_HEADER")
    for name in ("payee", "amount"):
        if name not in found:
            raise Unreadable("NO_COLUMN", column=name)
    return found


def known(header: Sequence[str]) -> int:
    """How many columns of a header are known ones."""
    return sum(tidy(text) in _COLUMN for text in header)
