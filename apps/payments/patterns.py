"""What an account at a biller may look like: patterns that staff write, kept so simple that none can be slow.

A pattern is a row of letters, digits, `/`, `-`, escaped signs and classes like `[0-9]` or `[A-Z0-9]`, each perhaps with
a count `{11}`, `{4,8}` or `?`, and `|` between whole alternatives. No groups, no `*` or `+`: with at most two counts
that vary in an alternative and accounts of at most 13 signs, a match looks at some hundred places at worst.
"""

import re

LONGEST = 80
_ATOM = re.compile(
    r"(?:\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9/_. -])+\]|\\d|\\[./_-]|[A-Za-z0-9/_-])"
    r"(?P<count>\{[0-9]{1,2}(?:,[0-9]{1,2})?\}|\?)?",
    re.ASCII,
)


class BadPattern(ValueError):
    """Not a pattern that is taken; the message says why."""


def check_pattern(pattern: str) -> None:
    """Raises BadPattern unless it is simple in the sense above and Python reads it."""
    if not 0 < len(pattern) <= LONGEST:
        raise BadPattern(f"write 1 to {LONGEST} signs")
    for alternative in pattern.split("|"):
        _check(alternative)
    try:
        re.compile(pattern, re.ASCII)
    except re.error as no:
        raise BadPattern(str(no)) from no


def _check(alternative: str) -> None:
    place, varying = 0, 0
    while place < len(alternative):
        atom = _ATOM.match(alternative, place)
        if atom is None:
            raise BadPattern(f"not taken from here on: {alternative[place : place + 10]}")
        varying += "," in (atom["count"] or "") or atom["count"] == "?"
        place = atom.end()
    if not alternative:
        raise BadPattern("an alternative is empty")
    if varying > 2:
        raise BadPattern("at most two counts may vary")


def read_account(text: str) -> str:
    """An account as it is kept: no spaces, capital letters."""
    return "".join(text.split()).upper()
