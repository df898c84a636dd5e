"""What is written on a line, as its reader reads it: a kind's own name, kept in the language of its day, in theirs."""

import functools

from django.conf import settings
from django.utils import translation

from apps.accounts.models import Transaction, TransactionType


def says_its_kind(line: Transaction) -> bool:
    """Whether what was written on a line is its kind again, in whichever language its holder read then."""
    return _kinds_named().get(line.description) == line.txn_type


def written_on(line: Transaction) -> str:
    """What was written on a line beside its kind; empty when that is its kind again."""
    return "" if says_its_kind(line) else line.description


def read_now(description: str) -> str:
    """A description in the language of now when it is no more than the name of a kind; else as it was written."""
    kind = _kinds_named().get(description)
    return description if kind is None else str(TransactionType(kind).label)


@functools.cache
def _kinds_named() -> dict[str, str]:
    """By its name in each language, the kind."""
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(kind.label): kind.value for kind in TransactionType}
    return found
