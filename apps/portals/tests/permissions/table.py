"""matrix.txt: a row for each door, a letter for each kind of person."""

from itertools import groupby
from pathlib import Path

from apps.portals.tests.permissions.people import COLUMNS

MATRIX = Path(__file__).with_name("matrix.txt")
_HEAD = """\
# Who may open which door. Written by test_matrix.py, read by people: a change of this file is a change of rights.
#
#   +  the door opens, whatever is said behind it: done, wrong input, not there, too late
#   -  refused: 401, 403, or sent to sign in
#   .  hidden: 404, though the thing is there for somebody else
#   o  404 for everybody: the bank of the test has no such thing
#   x  the door does not take this method from this person
#
# an nobody signed in     cu the customer whose things they are     st works here, no role     then the roles:
# {roles}
#
# Standard lists of the workbench: see, add, change, delete.
"""
_WIDTH = 96
Rows = dict[tuple[str, str], str]


def read() -> Rows:
    """The letters by address and act."""
    rows: Rows = {}
    for line in MATRIX.read_text().splitlines():
        if not line.startswith("#"):
            route, acts, *letters = line.split()
            rows |= {(route[1:], act): "".join(letters) for act in acts.split(",")}
    return rows


def write(rows: Rows) -> None:
    """All of it; acts of one address that answer alike share a row."""
    roles = ", ".join(f"{short} {name}" for name, short in list(COLUMNS.items())[3:])
    lines = [_HEAD.format(roles=roles) + "#".ljust(_WIDTH) + " ".join(COLUMNS.values())]
    for route, found in groupby(sorted(rows.items()), key=lambda row: row[0][0]):
        alike: dict[str, list[str]] = {}
        for (_route, act), letters in found:
            alike.setdefault(letters, []).append(act)
        for letters, acts in alike.items():
            lines.append(f"/{route} {','.join(acts)} ".ljust(_WIDTH) + "  ".join(letters))
    MATRIX.write_text("\n".join(lines) + "\n")
